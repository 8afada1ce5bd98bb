"""What a models folder holds already: which versions were imported from where, and which numbers are taken."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tb_versions.core import codec
from tb_versions.core.layout import NUMBERS, PRIVATE_FOLDER, REMOVED
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, VersionManifest, is_model_name
from tb_versions.core.storage import read_capped
from tb_versions.errors import TbVersionsError
from tb_versions.write.numbers import list_numbers, parse_number


@dataclass(frozen=True)
class KnownVersion:
    """A version that was imported before.

    Attributes:
        model: Its name here.
        number: Its number here.
        data: Its manifest's bytes.
        removed: Whether it was removed here.
    """

    model: str
    number: int
    data: bytes
    removed: bool = False

    @cached_property
    def manifest(self) -> VersionManifest:
        """Its manifest. Raises InvalidManifestError where it breaks the schema."""
        return codec.decode(self.data)


@dataclass
class Known:
    """What a models folder holds.

    Attributes:
        versions: By tracker, store and key; the first of several.
        names: Name of the model here, by tracker, store and the model's name there.
        numbers: By model here, numbers that were ever given.
        semantic: By model here, semantic versions in manifests.
        models: Names of all models here.
        sources: Who calls a folder by the name of a source: (tracker, store), by that name.
    """

    versions: dict[tuple[str, str, str], KnownVersion] = field(default_factory=dict)
    names: dict[tuple[str, str, str], str] = field(default_factory=dict)
    numbers: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    semantic: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    models: set[str] = field(default_factory=set)
    sources: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))


def look(models_dir: str) -> Known:
    """Returns what a models folder holds; nothing where it does not exist. Follows no symlink below it.

    Args:
        models_dir: Real path of the folder.

    Raises:
        OSError: It can't be listed.
    """
    known = Known()
    try:
        names = sorted(os.listdir(models_dir))
    except FileNotFoundError:
        return known
    for model in names:
        folder = os.path.join(models_dir, model)
        if is_model_name(model) and not os.path.islink(folder) and os.path.isdir(folder):
            _look_into(model, folder, models_dir, known)
            if known.numbers[model] or not _is_left_over(folder):
                known.models.add(model)
    return known


def _is_left_over(folder: str) -> bool:
    """Whether a model's folder has nothing in it, as after an import in which its only version was refused."""
    has_log = os.path.isdir(os.path.join(folder, PRIVATE_FOLDER, "log"))
    return not has_log and set(os.listdir(folder)) <= {PRIVATE_FOLDER}


def _look_into(model: str, folder: str, models_dir: str, known: Known) -> None:
    if not os.path.islink(os.path.join(folder, PRIVATE_FOLDER)):
        known.numbers[model].update(list_numbers(os.path.join(folder, NUMBERS)))
    for number, path, removed in _manifests(folder):
        known.numbers[model].add(number)
        try:
            data = read_capped(path, MANIFEST_LIMIT, within=models_dir)
            fields = codec.load_json(data)
        except (FileNotFoundError, TbVersionsError):
            continue  # its number is taken all the same
        if not removed:
            known.semantic[model].add(str(fields.get("semanticVersion") or ""))
        _note(KnownVersion(model, number, data, removed), fields, known)


def _manifests(folder: str) -> Iterator[tuple[int, str, bool]]:
    """Number, path of the manifest, and whether it was removed."""
    for name in os.listdir(folder):
        number = parse_number(name)
        if number is not None:
            yield number, os.path.join(folder, name, MANIFEST_NAME), False
    removed = os.path.join(folder, REMOVED)
    if os.path.isdir(removed) and not os.path.islink(removed):
        for name in os.listdir(removed):
            number = parse_number(name.removesuffix(".json"))
            if number is not None:
                yield number, os.path.join(removed, name), True


def _note(version: KnownVersion, fields: dict[str, Any], known: Known) -> None:
    imported, elsewhere = fields.get("imported"), fields.get("filesElsewhere")
    if not isinstance(imported, dict):
        return
    tracker, store, key, model = (str(imported.get(name) or "") for name in ("tracker", "store", "key", "model"))
    before = known.versions.get((tracker, store, key))
    if before is None or (before.removed and not version.removed):
        known.versions[tracker, store, key] = version
    if isinstance(elsewhere, dict) and imported.get("files") == "LINKED":
        known.sources[str(elsewhere.get("source"))].add((tracker, store))
    known.names.setdefault((tracker, store, model), version.model)
