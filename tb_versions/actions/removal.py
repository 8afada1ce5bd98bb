"""Removes versions: one that is named, or all that no rule keeps. What was removed stays known."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path as LocalPath

from tb_versions.actions.keeping import Keep, must_stay, sort_out
from tb_versions.actions.target import Change, Decision, Path, Target, checked_reason, find_target, open_target, who
from tb_versions.core import storage
from tb_versions.core.manifest import MANIFEST_NAME, check_model_name, shown, visible
from tb_versions.core.object_store import ObjectStore, open_store
from tb_versions.errors import (
    InvalidNameError,
    InvalidQueryError,
    InvalidReferenceError,
    RefusedError,
    TbVersionsError,
    VersionNotFoundError,
)
from tb_versions.read.catalog import Catalog, Version, is_in_place
from tb_versions.read.folders.scan import Place
from tb_versions.read.manifests.listing import Listing
from tb_versions.read.reader import open_reader
from tb_versions.read.reuse.finding import find
from tb_versions.registry.events import Removed
from tb_versions.registry.state import State
from tb_versions.write import remote_removal
from tb_versions.write.model_folder import check_model_folder
from tb_versions.write.removal import Emptied, empty_trash, in_trash, is_taken_out, take_out


@dataclass(frozen=True, repr=False)
class Planned:
    """What `prune` does with a version.

    Attributes:
        id: The version.
        number: Its number.
        size: Bytes of its files as its manifest says; None where unknown, 0 where they lie elsewhere and stay.
        why_kept: A phrase, like "holds production"; "" if it is removed.
        change: What was done; None for one that is kept, and in a dry run.
        failure: A sentence where it could not be removed, or not completely.
        is_elsewhere: Whether its files lie elsewhere, where they stay.
    """

    id: str
    number: int
    size: int | None
    why_kept: str = ""
    change: Change | None = None
    failure: str = ""
    is_elsewhere: bool = False

    def __repr__(self) -> str:
        what = self.failure or (
            f"kept: {self.why_kept}" if self.why_kept else "removed" if self.change else "to be removed"
        )
        return f"Planned({self.id!r}, {what!r})"

    @property
    def goes(self) -> bool:
        """Whether it is to be removed, or was."""
        return not self.why_kept


def remove(
    reference: Path,
    models_dir: Path | None = None,
    *,
    reason: str = "",
    actor: str | None = None,
    dry_run: bool = False,
) -> Change:
    """Removes a version: its files move to the trash, its number is never used again.

    Its manifest is kept, so lineage, comparison and history still know it. `prune --empty-trash` deletes the files for
    good; until then they are in `<models>/<model>/.versions/trash/<number>`. Files that lie elsewhere are not touched.

    Args:
        reference: As in `promote`.
        models_dir: Folder of models. Not needed for a path.
        reason: Why, at most 4,096 characters.
        actor: As in `promote`.
        dry_run: Whether to check everything and remove nothing.

    Returns:
        What changed.

    Raises:
        RefusedError: The version holds an alias.
        VersionRemovedError: It was removed before.
        StorageError: The log says that it is removed, but its files could not be moved; `fsck --repair` does.
        TbVersionsError: As in `promote`.
    """
    reason, actor = checked_reason(reason), who(actor)
    target = find_target(reference, models_dir)
    _check_in_place(target.found)
    _check_way(target)

    def decide(state: State) -> Decision:
        for name, alias in state.aliases.items():
            if alias.version == target.number:
                raise RefusedError(
                    f"{target.found.id} is not removed: it holds {name}. Promote another version first, or remove the "
                    f"alias: tb-versions unalias {target.model} --alias {name}"
                )
        return _removal(target, state, by="remove", actor=actor, reason=reason)

    change = target.apply(decide, dry_run=dry_run)
    if not dry_run:
        _take_out(target)
    return change


def prune(
    models: Sequence[str],
    models_dir: Path,
    *,
    keep: Keep,
    reason: str = "",
    actor: str | None = None,
    dry_run: bool = True,
    done: Callable[[Planned], None] = lambda _: None,
) -> list[Planned]:
    """Removes the versions of models that no rule keeps, or says which it would remove.

    Kept are always: what holds an alias or would after a rollback, what was approved, parents of what is kept, and what
    can't be read. Each removal is decided once more upon the newest state of the registry: a version that was promoted
    meanwhile stays.

    Args:
        models: Names of models; none means all.
        models_dir: Folder of models.
        keep: What else is kept.
        reason: Why, at most 4,096 characters.
        actor: As in `promote`.
        dry_run: Whether to plan only, the default.
        done: Called after each version.

    Returns:
        Every version, in the order of models, newest first; with a failure where one could not be removed.

    Raises:
        VersionNotFoundError: There is no such model.
        InvalidQueryError: The metric of `keep`, or its goal, is not known.
        TbVersionsError: The registry of a model is not known, so nothing is removed.
    """
    reason, actor = checked_reason(reason), who(actor)
    catalog = open_reader("", (os.fspath(models_dir),), check=False, curves=False).catalog
    plans = [
        (target, plan) for target in _targets(models, catalog, models_dir) for plan in _plan(target, catalog, keep)
    ]
    pruned = []
    for target, (version, planned) in plans:
        goes = planned.goes and not dry_run
        pruned.append(_carried_out(target, version, planned, actor=actor, reason=reason) if goes else planned)
        done(pruned[-1])
    return pruned


def trash(models: Sequence[str], models_dir: Path) -> dict[str, list[tuple[int, int]]]:
    """Returns number and bytes of each version in the trash, by model.

    Raises:
        TbVersionsError: A trash can't be read; there is no such model.
    """
    found = {
        model: list(remote_removal.in_trash(folder) if isinstance(folder, ObjectStore) else in_trash(folder))
        for model, folder in _folders(models, models_dir)
    }
    return {model: versions for model, versions in found.items() if versions}


def empty(models: Sequence[str], models_dir: Path) -> dict[str, Emptied]:
    """Deletes the files of removed versions for good.

    Returns:
        What was deleted, by model; models without trash are left out.

    Raises:
        TbVersionsError: A trash can't be read; there is no such model.
    """
    found = {
        model: remote_removal.empty_trash(folder) if isinstance(folder, ObjectStore) else empty_trash(folder)
        for model, folder in _folders(models, models_dir)
    }
    return {model: emptied for model, emptied in found.items() if emptied.numbers or emptied.failures}


def remove_for_training(folder: LocalPath | str, *, by: str) -> bool:
    """Removes a version that a training published before, unless the registry keeps it; deletes its files at once.

    Args:
        folder: The version's folder, or its URL.
        by: What asks for it: "keep=3 of run mlp".

    Returns:
        Whether it was removed.

    Raises:
        TbVersionsError: It could not be removed.
    """
    target = find_target(folder, None)

    def decide(state: State) -> Decision:
        why = must_stay(state, target.number)
        if why:
            return Decision(None, f"{target.found.id} stays: it {why}.")
        return _removal(target, state, by=by, actor=who(None), reason="")

    if target.apply(decide).event is None:
        return False
    _take_out(target)
    if storage.is_remote(target.opened.folder):
        remote_removal.empty_trash(_store(target), only=target.number)
    else:
        empty_trash(LocalPath(target.opened.folder), only=target.number)
    return True


@dataclass(frozen=True)
class Finished:
    """Removals that were interrupted, and were tried to the end.

    Attributes:
        numbers: Of the versions that are in the trash now.
        failures: A sentence for each other one: what is in its way.
    """

    numbers: tuple[int, ...]
    failures: tuple[str, ...] = ()


def finish(models_dir: Path, model: str) -> Finished:
    """Moves the files of versions that the log says are removed, where a removal was interrupted.

    Raises:
        TbVersionsError: The registry is not known, or its folder can't be read.
    """
    target = open_target(model, models_dir)
    state = target.opened.state()
    numbers, failures = [], []
    for number, take in _interrupted(target):
        if state.version(number).removed is None:
            continue
        try:
            take()
            numbers.append(number)
        except TbVersionsError as error:  # the others are removed all the same
            failures.append(str(error))
    return Finished(tuple(numbers), tuple(failures))


def _interrupted(target: Target) -> Iterator[tuple[int, Callable[[], object]]]:
    """Number of each version whose files are in their place, and what takes them out of it."""
    if storage.is_remote(target.opened.folder):
        store = _store(target)
        for name in filter(_is_number, store.listed().folders):
            if store.exists(f"{name}/{MANIFEST_NAME}"):
                yield int(name), partial(remote_removal.take_out, store, name, int(name))
        return
    folder = LocalPath(target.opened.folder)
    for name in filter(_is_number, sorted(os.listdir(folder))):
        if not is_taken_out(folder / name):
            yield int(name), partial(take_out, folder / name, int(name))


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) < 20


def _carried_out(target: Target, version: Version, planned: Planned, *, actor: str, reason: str) -> Planned:
    about = replace(target, version=version)
    kept: list[str] = []

    def decide(state: State) -> Decision:
        kept[:] = [why] if (why := must_stay(state, version.number)) else []
        return Decision(None) if kept else _removal(about, state, by="prune", actor=actor, reason=reason)

    try:
        _check_way(about)
        change = about.apply(decide)
        if kept:
            return replace(planned, why_kept=f"{kept[0]} now")
        _take_out(about)
    except TbVersionsError as error:
        return replace(planned, failure=str(error))
    return replace(planned, change=change)


def _removal(target: Target, state: State, *, by: str, actor: str, reason: str) -> Decision:
    if state.version(target.number).removed is not None:  # interrupted: what is left is done now
        return Decision(None, f"{target.found.id} was removed before.")
    listing = target.found.listing
    said = Removed(listing.digest if listing else "", _size(listing), by)
    draft = target.draft("removed", said, actor=actor, reason=reason)
    where = "stay where they are, elsewhere" if _is_elsewhere(listing) else "are in the trash"
    return Decision(draft, f"{target.found.id} is removed; its files {where}.", before=target.number)


def _take_out(target: Target) -> None:
    for place in target.found.places:
        if place.root.is_remote:
            remote_removal.take_out(_store(target), place.relative.rpartition("/")[2], target.number)
        elif os.path.dirname(place.folder) == target.opened.folder:
            take_out(LocalPath(place.folder), target.number)


def _check_way(target: Target) -> None:
    """Raises UnsafeFileError, before the log says anything, where a symlink is in the way of the files."""
    if not storage.is_remote(target.opened.folder):
        check_model_folder(LocalPath(target.opened.folder))


def _store(target: Target) -> ObjectStore:
    """The folder of the model in an object store."""
    return open_store(target.opened.folder)


def _check_in_place(version: Version) -> None:
    if len(version.places) > 1:
        folders = ", ".join(visible(place.shown) for place in version.places)
        raise RefusedError(f"{version.id} is in several folders: {folders}. Say which of them by its path.")


def _targets(models: Sequence[str], catalog: Catalog, models_dir: Path) -> Iterator[Target]:
    for model in models:
        if model not in catalog.by_model:
            catalog.find(model)  # raises
        elif ":" in model or "@" in model:
            raise InvalidReferenceError(f"{shown(model)} is a version; name models, or use: tb-versions remove {model}")
    for model in models or catalog.by_model:
        with suppress(VersionNotFoundError):  # of a model all of whose versions lie elsewhere
            yield open_target(model, models_dir)


def _plan(target: Target, catalog: Catalog, keep: Keep) -> Iterator[tuple[Version, Planned]]:
    state = target.opened.state()
    here = [
        v
        for v in catalog.by_model.get(target.model, ())
        if is_in_place(v) and any(_is_of(p, target) for p in v.places)
        if state.version(v.number).removed is None
    ]
    numbers = [v.number for v in here]
    bad = {v.id for v in here if numbers.count(v.number) > 1}
    found = sort_out(here, state, keep, now_ms=time.time_ns() // 1_000_000, children=_children(catalog), bad=bad)
    for kept in found:
        listing = kept.version.listing
        planned = Planned(kept.version.id, kept.version.number, _size(listing), kept.why)
        yield kept.version, replace(planned, is_elsewhere=_is_elsewhere(listing))


def _is_elsewhere(listing: Listing | None) -> bool:
    return listing is not None and listing.elsewhere is not None


def _size(listing: Listing | None) -> int | None:
    """Bytes that a version has in its folder; None where that is not known."""
    return 0 if _is_elsewhere(listing) else listing.size if listing else None


def _is_of(place: Place, target: Target) -> bool:
    """Whether a version's folder lies in the folder of a target's model."""
    if place.root.is_remote:
        return f"{place.root.shown.rstrip('/')}/{target.model}" == target.opened.folder
    return os.path.dirname(place.folder) == target.opened.folder


def _children(catalog: Catalog) -> Callable[[Version], Iterable[Version]]:
    return lambda version: [child for child, _ in catalog.children.get((version.model, version.number), ())]


def _check_name(model: str) -> None:
    """Raises InvalidQueryError for what is no name but a path, perhaps out of the models folder."""
    try:
        check_model_name(model)
    except InvalidNameError as error:
        raise InvalidQueryError(str(error)) from error


def _folders(models: Sequence[str], models_dir: Path) -> Iterator[tuple[str, LocalPath | ObjectStore]]:
    if storage.is_remote(models_dir):
        store = open_store(models_dir)
        for model in models or store.listed().folders:
            if models:
                _check_name(model)
                open_target(model, models_dir)  # raises, naming the models that there are
            yield model, store.below(model)
        return
    named = models or sorted(entry.name for entry in os.scandir(models_dir) if entry.is_dir(follow_symlinks=False))
    for model in named:
        if models:
            _check_name(model)
        folder = LocalPath(models_dir) / model
        if models and not folder.is_dir():
            find(model, models_dir)  # raises, naming the models that there are
        yield model, folder
