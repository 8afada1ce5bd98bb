"""Finds models below a folder: what lies where, and what is there already. Opens no model.

A manifest beside a model describes a folder, so a model is a folder then: a SavedModel, a checkpoint of orbax, or a
folder with one model's file. Where manifests lie elsewhere, a file that lies loose is a model, too. Symlinks are never
followed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, shown
from tb_versions.core.storage import existing_folder, read_capped
from tb_versions.errors import NotASavedModelError, TbVersionsError
from tb_versions.formats.models import Model, format_of
from tb_versions.read.manifests.files_at import elsewhere_of
from tb_versions.savedmodel import read_saved_model

MAX_DEPTH = 16
"""Levels of folders that are searched."""

_ELSEWHERE = "say --models-dir DIR: then manifests lie there."
_ORBAX = frozenset({"_CHECKPOINT_METADATA", "_METADATA", "checkpoint.orbax"})
_REMAINS = frozenset({"variables", "export.meta", "keras_metadata.pb", "saved_model.pbtxt"})
_OF_A_SAVED_MODEL = frozenset({"variables", "assets", "assets.extra"})
_SHARD = re.compile(r"(.*)-[0-9]{5}-of-[0-9]{5}")


@dataclass
class Found:
    """What a search found.

    Attributes:
        models: What can become versions, in natural order.
        taken: (model, number) of each version that is there, and its folder.
        semantic: (model, semantic version) of those that have one, and its folder.
        elsewhere: (source, path) of files elsewhere that a version has, and that version's folder.
        existing: Folders of versions that are there, and models that are versions already.
        skipped: (where, why) for everything that looks like a model and can't become a version.
        takes_loose: Whether files that lie loose are models.
    """

    models: list[Model] = field(default_factory=list)
    taken: dict[tuple[str, int], str] = field(default_factory=dict)
    semantic: dict[tuple[str, str], str] = field(default_factory=dict)
    elsewhere: dict[tuple[str, str], str] = field(default_factory=dict)
    existing: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    takes_loose: bool = False


def find_models(folders: Sequence[str], *, takes_loose: bool = False) -> Found:
    """Searches folders.

    Args:
        folders: Each a model, or with models somewhere below it.
        takes_loose: Whether each of several files in a folder is a model, as where their manifests lie elsewhere.

    Raises:
        UnreadableFolderError: One does not exist or is no folder.
    """
    found = Found(takes_loose=takes_loose)
    seen: set[str] = set()
    for given in folders:
        folder = str(existing_folder(given, "The folder to adopt"))
        if os.path.realpath(folder) not in seen:
            _search(folder, 0, found, seen)
    return found


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """Returns a key that sorts `v2` before `v10`, and `00000123` as 123."""
    parts = re.split(r"([0-9]+)", text)
    return tuple((0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in parts)


def _search(folder: str, depth: int, found: Found, seen: set[str]) -> bool:
    """Notes what is in a folder and below; returns whether there was any model or version."""
    seen.add(os.path.realpath(folder))
    try:
        files, folders, others = _names(folder)
    except OSError as error:
        found.skipped.append((folder, f"can't be read: {error.strerror}."))
        return False
    found.skipped += [(os.path.join(folder, name), _why_not_plain(os.path.join(folder, name))) for name in others]
    if MANIFEST_NAME in files:
        _note_version(folder, found)
    kind = _kind(files, folders)
    inner = [name for name in folders if not (kind and name in _OF_A_SAVED_MODEL)]
    if kind in ("saved_model", "orbax") and _is_numbered(folder):
        inner = []
    if depth >= MAX_DEPTH and inner:
        found.skipped.append((folder, f"lies more than {MAX_DEPTH} folders deep; what is in it was not searched."))
        inner = []
    below = False
    for name in sorted(inner, key=natural):
        path = os.path.join(folder, name)
        if os.path.realpath(path) not in seen:
            below |= _search(path, depth + 1, found, seen)
    if MANIFEST_NAME in files:
        return True
    return _note(folder, kind, files, found, holds_others=below, has_folders=bool(folders)) or below


def _why_not_plain(path: str) -> str:
    if os.path.islink(path):
        return "is a symlink, and none is followed. Name what it leads to as a folder of its own."
    return "is no plain file, and is not opened."


def _names(folder: str) -> tuple[list[str], list[str], list[str]]:
    """Names of plain files, of folders, and of what else looks like a model, without hidden ones. Raises OSError."""
    files, folders, others = [], [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            elif entry.is_file(follow_symlinks=False):
                files.append(entry.name)
            elif format_of(entry.name) or (entry.is_symlink() and "." not in entry.name):
                others.append(entry.name)
    return sorted(files), folders, sorted(others)


def _kind(files: Sequence[str], folders: Sequence[str]) -> str:
    """What a folder is by the names in it: a format, "remains" of a SavedModel, or ""."""
    if "saved_model.pb" in files:
        return "saved_model"
    if _ORBAX & {*files, *folders}:
        return "orbax"
    return "remains" if _REMAINS & {*files, *folders} else ""


def _note_version(folder: str, found: Found) -> None:
    """Notes a version that is there already."""
    try:
        fields = codec.load_json(read_capped(os.path.join(folder, MANIFEST_NAME), MANIFEST_LIMIT))
        model = str(fields.get("model"))
        found.taken[model, int(fields.get("number", 0))] = folder
        found.existing.append(folder)
        elsewhere = elsewhere_of(fields)
        if elsewhere is not None:
            found.elsewhere[elsewhere.source, elsewhere.path] = folder
        if fields.get("semanticVersion"):
            found.semantic[model, str(fields["semanticVersion"])] = folder
    except (TbVersionsError, OSError, ValueError, TypeError) as error:
        found.skipped.append((folder, f"has a manifest that can't be read: {error}"))


def _note(folder: str, kind: str, files: Sequence[str], found: Found, *, holds_others: bool, has_folders: bool) -> bool:
    """Notes a folder without a manifest; returns whether it is a model."""
    if kind in ("saved_model", "remains"):
        try:
            read_saved_model(folder)
        except NotASavedModelError as error:
            found.skipped.append((folder, _without(str(error), folder)))
            return False
    models = [Model(folder, kind)] if kind else _of_files(folder, files)
    is_alone = not (has_folders or holds_others or any("tfevents" in name for name in files))
    if len(models) == 1 and (is_alone or (kind and not holds_others)):
        found.models += models
        return True
    if found.takes_loose and not kind:
        _note_loose(models, found)
        return bool(models)
    if models:
        found.skipped.append((folder, _why_not_one(models)))
    return len(models) == 1


def _note_loose(models: Sequence[Model], found: Found) -> None:
    """Notes files in a folder that are a model each; the shards of one can't be named by one path."""
    for model in models:
        if _SHARD.fullmatch(os.path.splitext(model.file)[0]):
            shards = "is one of the shards of a model, beside other things. Move them into a folder of their own."
            found.skipped.append((os.path.join(model.folder, model.file), shards))
        else:
            found.models.append(replace(model, is_loose=True))


def _why_not_one(models: Sequence[Model]) -> str:
    """Why the models in a folder can't have a manifest there."""
    if len(models) > 1:
        names = ", ".join(shown(model.file) for model in models[:3]) + (" …" if len(models) > 3 else "")
        loose = f"holds {len(models):,} models as loose files ({names}), and a manifest beside them describes a folder."
        return f"{loose} Move each into a folder of its own, or {_ELSEWHERE}"
    if models[0].file:
        return f"holds more than {shown(models[0].file)}. Move that into a folder of its own, or {_ELSEWHERE}"
    return "holds other models, which a manifest here would hide. Move one of them elsewhere."


def _of_files(folder: str, files: Sequence[str]) -> list[Model]:
    """The models of a folder's files, each with its first file."""
    first = dict(_groups(files)).values()
    return [Model(folder, format_of(file), file) for file in sorted(first, key=natural)]


def _groups(files: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Name of each model, and its first file: shards are one model."""
    for name in reversed(files):
        if format_of(name):
            stem = os.path.splitext(name)[0]
            shard = _SHARD.fullmatch(stem)
            yield (shard[1] if shard else name), name


def _is_numbered(folder: str) -> bool:
    name = os.path.basename(folder)
    return name.isascii() and name.isdigit()


def _without(sentence: str, folder: str) -> str:
    """A sentence that begins with a path, without that."""
    return sentence.removeprefix(f"{folder} ").removeprefix(f"{folder}{os.sep}")
