"""What the registries want to be served: the versions that aliases name, and the aliases as labels."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tb_versions._version import __version__
from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import is_model_name, shown, visible
from tb_versions.core.mirror import mirror_of
from tb_versions.errors import InvalidQueryError, VersionNotFoundError
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.registries import Registries
from tb_versions.read.reuse.finding import root_of
from tb_versions.registry.state import Head, State
from tb_versions.serving.config import ServedModel

_MODEL_FILES = frozenset({"saved_model.pb", "variables", "version_manifest.json"})


@dataclass(frozen=True)
class Question:
    """Which models and versions are asked for.

    Attributes:
        models: Names of models; empty for all of the folder.
        without: Names of models that are left out.
        labels: Whether aliases become labels.
        keep: How many earlier holders of each alias stay loaded, so that a rollback need not load them.
        base_path: The models folder as the server sees it; "" for the path that is given.
    """

    models: Sequence[str] = ()
    without: Sequence[str] = ()
    labels: bool = False
    keep: int = 0
    base_path: str = ""


@dataclass(frozen=True)
class Wanted:
    """What is to be served.

    Attributes:
        root: The models folder.
        models: By name; a model of which nothing is served is not among them.
        heads: The last event of each model's log that this was made from, also of models that are not served.
        states: What follows from each log.
        silent: Models that no alias names a version of.
    """

    root: Root
    models: Mapping[str, ServedModel]
    heads: Mapping[str, Head]
    states: Mapping[str, State] = field(repr=False)
    silent: tuple[str, ...] = ()

    def comments(self, first: str) -> list[str]:
        """Returns the lines that say what a configuration was made from; the same for the same state."""
        lines = [f"{first} (tb_versions {__version__}). The state of each model's log that it was made from:"]
        for name in sorted(self.models):
            head = self.heads[name]
            lines.append(f"{name}: event {head.number}, {head.digest}")
        return lines


def wanted(models_dir: str | os.PathLike[str], question: Question) -> Wanted:
    """Returns what is to be served, as the logs say now.

    Args:
        models_dir: Folder of models, `<models>/<model>/<number>/`.
        question: Which models and versions.

    Raises:
        VersionNotFoundError: A model that is asked for is not there.
        DamagedLogError, NewerLogError, RewrittenLogError: The state of a model is not known.
        InvalidQueryError: The question makes no sense.
        TbVersionsError: The folder can't be read.
    """
    if question.keep < 0:
        raise InvalidQueryError("A number of earlier versions to keep can't be negative.")
    root = root_of(models_dir)
    if root.is_remote:
        mirror_of(root.shown).look()
    places = [Place(root, os.path.join(root.path, name)) for name in _names(root, question)]
    known = Registries([root]).refresh(places)
    states = {}
    for place in places:
        found = known.get(place.relative, ())
        for registry in found:
            registry.check_known()
        states[place.relative] = found[0].state if found else State()
    base = question.base_path or (root.shown if root.is_remote else root.path)
    served = {name: _served(name, base, state, question) for name, state in states.items()}
    models = {name: model for name, model in served.items() if model.versions}
    silent = tuple(sorted(states.keys() - models.keys()))
    return Wanted(root, models, {name: state.head for name, state in states.items()}, states, silent)


def _served(name: str, base: str, state: State, question: Question) -> ServedModel:
    labels = {alias: one.version for alias, one in sorted(state.aliases.items())}
    earlier = (
        one.back(back) for one in state.aliases.values() for back in range(1, min(question.keep, len(one.stack)) + 1)
    )
    removed = {number for number, version in state.versions.items() if version.removed}
    kept = {number for number in earlier if number is not None} - removed
    numbers = tuple(sorted(kept | set(labels.values())))
    return ServedModel(name, posixpath.join(base, name), numbers, labels if question.labels else {})


def _names(root: Root, question: Question) -> list[str]:
    there = set(_folders(root.path))
    for name in (*question.models, *question.without):
        if name not in there:
            known = ", ".join(sorted(there)[:8]) or "none"
            raise VersionNotFoundError(f"There is no model {shown(name)} in {visible(root.shown)}; there are {known}.")
    return sorted((set(question.models) or there) - set(question.without))


def _folders(path: str) -> Iterator[str]:
    """Names of folders of models; symlinks are not followed."""
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False) and is_model_name(entry.name) and _is_model(entry.path):
                yield entry.name


def _is_model(folder: str) -> bool:
    """Whether a folder is one of a model, and not a version or something else."""
    if os.path.isdir(os.path.join(folder, PRIVATE_FOLDER)):
        return True
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    return any(name.isascii() and name.isdigit() for name in names) and not _MODEL_FILES.intersection(names)
