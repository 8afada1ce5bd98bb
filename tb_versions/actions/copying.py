"""Copies versions between models folders: from a laptop to a shared disk, from there to production."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as LocalPath

import msgspec

from tb_versions.actions.target import Path, Target, find_target, who
from tb_versions.core import storage
from tb_versions.core.codec import manifest_digest
from tb_versions.core.digest import Progress
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, check_number, shown, visible
from tb_versions.core.object_store import open_store
from tb_versions.errors import (
    InvalidManifestError,
    InvalidQueryError,
    RefusedError,
    VersionDamagedError,
    VersionNotFoundError,
)
from tb_versions.read.reuse.api import here
from tb_versions.read.reuse.registered import OpenRegistry, open_registry, open_remote_registry
from tb_versions.read.reuse.verifying import verify_place
from tb_versions.registry.events import Copied as CopiedEvent
from tb_versions.registry.registry import Draft
from tb_versions.registry.state import State
from tb_versions.write.copying import Source, check_is_elsewhere, copy_to_store, copy_version
from tb_versions.write.remote import RemoteModel

_MOST_HISTORY = 512 * 1024
"""Most bytes of earlier events that travel with a version."""


@dataclass(frozen=True)
class Copied:
    """Where a copied version is.

    Attributes:
        source: The version that was copied.
        reference: The copy.
        folder: Its folder.
        is_new: Whether it was copied now; False if it was there already.
        dry_run: Whether nothing was written because that was asked for. Its number may then be another.
    """

    source: str
    reference: str
    folder: str
    is_new: bool
    dry_run: bool = False

    def __str__(self) -> str:
        if self.dry_run:
            return f"{self.source} would be copied into {os.path.dirname(self.folder)}. Nothing was written."
        return f"{self.source} is {self.reference} in {self.folder}{'' if self.is_new else ' already'}."


def copy(
    reference: Path,
    models_dir: Path | None = None,
    *,
    to: Path,
    number: int | None = None,
    actor: str | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Copied:
    """Copies a version into another models folder.

    Every file is read and compared with the manifest before and after. The manifest comes last, unchanged if the number
    is kept. What the log says of the version goes along, for reading: aliases are not set in the new folder.

    Args:
        reference: As in `promote`.
        models_dir: Folder of models. Not needed for a path.
        to: Folder of models that the version is copied to, or its URL; created if it is missing.
        number: Its number there; by default the one it has, if that is free there, and else the next.
        actor: As in `promote`.
        dry_run: Whether to check the source and write nothing.
        progress: Called with the bytes copied so far and the bytes in all.

    Returns:
        Where it is; the same version copied again is not copied.

    Raises:
        VersionDamagedError: Its files are not what was published.
        VersionExistsError: The number that was asked for is taken.
        RefusedError: The copy was removed there.
        VersionNotFoundError: The copy was deleted there.
        TbVersionsError: As in `promote`; reading or writing failed. The next call goes on from there.
    """
    actor = who(actor)
    target = find_target(reference, models_dir)
    model = target.model
    if number is not None:
        _checked_number(number)
    source = _verified(target)
    goes_to_store = storage.is_remote(to)
    model_folder = None if goes_to_store else _models_folder(to) / model
    if model_folder is not None:
        check_is_elsewhere(target.found.places[0].folder, model_folder)
    where = str(model_folder) if model_folder is not None else f"{os.fspath(to).rstrip('/')}/{model}"
    place = (
        open_remote_registry(model, os.fspath(to)) if goes_to_store else open_registry(model, os.path.abspath(where))
    )
    digest = target.found.manifest_digest
    is_there = model_folder is None or model_folder.is_dir()
    known = _copied_before(place, digest, model_folder, wanted=number) if is_there else None
    if known is not None:
        return Copied(target.found.id, f"{model}:{known}", f"{where}/{known}", is_new=False)
    if dry_run:
        wanted = target.number if number is None else number
        return Copied(target.found.id, f"{model}:{wanted}", f"{where}/{wanted}", is_new=True, dry_run=True)
    if model_folder is None:
        copied = copy_to_store(source, RemoteModel(os.fspath(to), model), number=number, progress=progress)
    else:
        copied = copy_version(source, model_folder, number=number, progress=progress)
    said = _history(target, digest)

    def decide(state: State) -> Draft | None:
        place.seen.check(model, place.registry.log, state.head)
        if state.version(copied.number).copied_from == digest:
            return None
        return Draft(
            kind="copied", said=said, version=copied.number, manifest=manifest_digest(copied.manifest), actor=actor
        )

    place.registry.append(decide)
    place.seen.remember({model: place.registry.state.head})
    return Copied(target.found.id, f"{model}:{copied.number}", os.fspath(copied.folder), copied.is_new)


def _copied_before(place: OpenRegistry, digest: str, folder: LocalPath | None, *, wanted: int | None) -> int | None:
    """The number of the copy of a manifest that is there; None if it was never copied, or not to the wanted number.

    Raises:
        RefusedError: The copy was removed there.
        VersionNotFoundError: Its folder was deleted.
    """
    state = place.state()
    copies = [n for n, known in state.versions.items() if known.copied_from == digest and wanted in (None, n)]
    kept = [n for n in copies if state.version(n).removed is None]
    if folder is None:
        store = open_store(place.folder)
        there = [n for n in kept if store.exists(f"{n}/{MANIFEST_NAME}")]
    else:
        there = [n for n in kept if os.path.lexists(folder / str(n) / MANIFEST_NAME)]
    if there or not copies:
        return there[0] if there else None
    remedy = "Copy it under another number if that is right: number= (--number)."
    removed = state.version(copies[0]).removed
    if removed is not None and not kept:
        raise RefusedError(f"The copy, version {copies[0]}, was removed there by {visible(removed.actor)}. {remedy}")
    raise VersionNotFoundError(f"It was copied to {visible(place.folder)}/{kept[0]}, which is gone. {remedy}")


def _models_folder(to: Path) -> LocalPath:
    text = os.fspath(to)
    if not text or "\0" in text:
        raise InvalidQueryError(f"{shown(text)} is no folder; write . for the current one.")
    return storage.local_path(to)


def _verified(target: Target) -> Source:
    version = target.found
    place = here(version, check=False)
    found = verify_place(version, place)
    differs = [*found.result.changed, *found.result.resized, *found.result.missing]
    if differs:
        raise VersionDamagedError(
            f"{version.id} is not copied: {visible(', '.join(differs[:3]))} is not what its manifest says."
        )
    data = storage.read_capped(LocalPath(place.folder) / MANIFEST_NAME, MANIFEST_LIMIT, within=place.root.path)
    return Source(place.folder, place.root.path, data, found.files, version.number)


def _history(target: Target, digest: str) -> CopiedEvent:
    """What the log says of a version, the newest events as far as they fit."""
    numbers = target.opened.state().version(target.number).events
    kept: list[msgspec.Raw] = []
    size = 0
    for entry in _entries(target, reversed(numbers)):
        size += len(entry)
        if size > _MOST_HISTORY:
            break
        kept.append(msgspec.Raw(entry))
    return CopiedEvent(target.found.id, tuple(reversed(kept)), digest, len(numbers) - len(kept))


def _entries(target: Target, numbers: Iterator[int]) -> Iterator[bytes]:
    for number in numbers:
        yield target.opened.registry.log.entry(number)


def _checked_number(number: int) -> int:
    try:
        return check_number(number)
    except InvalidManifestError as error:
        raise InvalidQueryError(str(error)) from error
