"""Copies versions between models folders: from a laptop to a shared disk, from there to production."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path as LocalPath
from typing import Literal

import msgspec

from tb_versions.actions.signing import copy_signatures
from tb_versions.actions.target import Path, Target, find_target, who
from tb_versions.core import storage
from tb_versions.core.codec import decode, json_of, load_json, manifest_digest
from tb_versions.core.digest import Progress
from tb_versions.core.elsewhere import binding, checked_sources
from tb_versions.core.golden.file import FILE_LIMIT, key_of
from tb_versions.core.manifest import (
    MANIFEST_LIMIT,
    MANIFEST_NAME,
    SCHEMA_VERSION,
    USUAL_SCHEMA,
    check_number,
    shown,
    visible,
)
from tb_versions.core.object_store import open_store
from tb_versions.core.references import is_path
from tb_versions.errors import (
    ConflictError,
    InvalidManifestError,
    InvalidQueryError,
    RefusedError,
    VersionDamagedError,
    VersionNotFoundError,
)
from tb_versions.read.catalog import Version, is_in_place
from tb_versions.read.manifests.files_at import elsewhere_of, files_at
from tb_versions.read.reuse.api import here
from tb_versions.read.reuse.finding import find
from tb_versions.read.reuse.golden_outputs import golden_file
from tb_versions.read.reuse.registered import OpenRegistry, open_registry, open_remote_registry
from tb_versions.read.reuse.verifying import verify_place
from tb_versions.registry.events import Copied as CopiedEvent
from tb_versions.registry.registry import Draft
from tb_versions.registry.state import State
from tb_versions.write.copying import Source, alone, check_is_elsewhere, copy_to_store, copy_version, numbered
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
        golden: What became of its golden outputs: "copied", "left out", or "" where it has none.
        signatures: How many of its signatures are kept beside the copy, for whoever checks them there.
        unread_signatures: How many could not be read, and were left out.
    """

    source: str
    reference: str
    folder: str
    is_new: bool
    dry_run: bool = False
    golden: Literal["", "copied", "left out"] = ""
    signatures: int = 0
    unread_signatures: int = 0

    def __str__(self) -> str:
        if self.dry_run:
            return f"{self.source} would be copied into {os.path.dirname(self.folder)}. Nothing was written."
        done = f"{self.source} {'was copied to' if self.is_new else 'is already in'} {self.folder}."
        told = {
            "copied": " So are its golden outputs." if not self.is_new else " So were its golden outputs.",
            "left out": " Its golden outputs, users' data, were left out; with_golden (--with-golden) copies them.",
        }
        return f"{done}{told.get(self.golden, '')}{self._of_signatures()}"

    def _of_signatures(self) -> str:
        told = ""
        if self.signatures:
            told = f" With it: {self.signatures} signature{'s' * (self.signatures != 1)}, not checked here."
        if self.unread_signatures:
            told += f" Left out: {self.unread_signatures} in its folder of signatures that can't be read."
        return told


def copy(
    reference: Path,
    models_dir: Path | None = None,
    *,
    to: Path,
    number: int | None = None,
    actor: str | None = None,
    dry_run: bool = False,
    with_golden: bool = False,
    sources: Mapping[str, Path] | None = None,
    progress: Progress | None = None,
) -> Copied:
    """Copies a version into another models folder.

    Every file is read and compared with the manifest before and after. The manifest comes last, unchanged if the number
    is kept. Of a version whose files lie elsewhere the copy has them beside its manifest. What the log says of the
    version goes along, for reading: aliases are not set in the new folder.

    Args:
        reference: As in `promote`, or the path of a version that lies elsewhere, as adopted ones may: it has no log.
        models_dir: Folder of models. Not needed for a path.
        to: Folder of models that the version is copied to, or its URL; created if it is missing.
        number: Its number there; by default the one it has, if that is free there, and else the next.
        actor: As in `promote`.
        dry_run: Whether to check the source and write nothing.
        with_golden: Whether its golden outputs go along: inputs that its author gave, and answers. Else they are left
            out.
        sources: As in `path`.
        progress: Called with the bytes copied so far and the bytes in all.

    Returns:
        Where it is; the same version copied again is not copied.

    Raises:
        VersionDamagedError: Its files, or its golden outputs, are not what was published.
        NoGoldenOutputsError: They were asked for, and there are none, or they are not here.
        FilesElsewhereError: As in `path`; or it is not known which files it has.
        VersionExistsError: The number that was asked for is taken.
        RefusedError: The copy was removed there.
        VersionNotFoundError: The copy was deleted there.
        ConflictError: Another process is copying the same version there.
        TbVersionsError: As in `promote`; reading or writing failed. The next call goes on from there.
    """
    actor = who(actor)
    with binding(checked_sources(sources)):
        found, target = _located(reference, models_dir)
    if number is not None:
        _checked_number(number)
    goal = _goal(to, found.model)
    if goal.folder is not None:
        check_is_elsewhere(found.places[0].folder, goal.folder)
    source, digest = _verified(found), found.manifest_digest
    golden = decode(source.manifest).golden
    data = golden_file(found, golden) if with_golden else None
    if dry_run:
        known = _copied_before(goal, digest, wanted=number)
        wanted = known if known is not None else found.number if number is None else number
        return goal.copied(found, wanted, is_new=known is None, dry_run=known is None)
    if goal.folder is None:
        _model_in_store(goal, found.model).begin()
    with nullcontext() if goal.folder is None else alone(goal.folder, digest):
        known = _copied_before(goal, digest, wanted=number)
        if known is not None:
            done = goal.copied(found, known, is_new=False)
        else:
            said = CopiedEvent(found.id, (), digest, 0) if target is None else _history(target, digest)
            done = _put(found, source, goal, said=said, number=number, actor=actor, progress=progress)
        copied = int(done.reference.rpartition(":")[2])
        if data is not None:
            _keep_golden(goal, copied, data)
        signatures, unread = 0, 0
        if target is not None:
            manifest = manifest_digest(numbered(source, copied))
            signatures, unread = _copy_signatures(target, goal, copied, manifest=manifest, actor=actor)
        return replace(
            done,
            golden="" if golden is None else "left out" if data is None else "copied",
            signatures=signatures,
            unread_signatures=unread,
        )


def _copy_signatures(target: Target, goal: _Goal, number: int, *, manifest: str, actor: str) -> tuple[int, int]:
    found = copy_signatures(target, goal.opened, number, manifest=manifest, actor=actor)
    goal.opened.seen.remember({target.model: goal.opened.registry.state.head})
    return found


def _keep_golden(goal: _Goal, number: int, data: bytes) -> None:
    """Puts golden outputs beside a copy. Raises ConflictError where others are there; StorageError."""
    store, key = goal.opened.store, key_of(number)
    if not store.create(key, data) and store.read(key, FILE_LIMIT) != data:
        raise ConflictError(
            f"{visible(store.shown)}/{key} is there and is another file, so the golden outputs were not copied. Delete "
            "it and copy the version again."
        )


@dataclass(frozen=True)
class _Goal:
    """Where a copy goes.

    Attributes:
        shown: Folder or URL of the model there.
        folder: The folder; None where it is in an object store.
        opened: Its registry.
    """

    shown: str
    folder: LocalPath | None
    opened: OpenRegistry

    def copied(self, found: Version, number: int, *, is_new: bool, dry_run: bool = False) -> Copied:
        """Returns what is said of a copy."""
        reference = f"{found.model}:{number}"
        return Copied(found.id, reference, f"{self.shown}/{number}", is_new=is_new, dry_run=dry_run)


def _goal(to: Path, model: str) -> _Goal:
    if storage.is_remote(to):
        return _Goal(f"{os.fspath(to).rstrip('/')}/{model}", None, open_remote_registry(model, os.fspath(to)))
    folder = _models_folder(to) / model
    return _Goal(str(folder), folder, open_registry(model, os.path.abspath(folder)))


def _model_in_store(goal: _Goal, model: str) -> RemoteModel:
    return RemoteModel(goal.shown.rpartition("/")[0], model)


def _put(
    found: Version,
    source: Source,
    goal: _Goal,
    *,
    said: CopiedEvent,
    number: int | None,
    actor: str,
    progress: Progress | None,
) -> Copied:
    """Copies the files and notes it in the log there."""
    opened = goal.opened
    if goal.folder is None:
        copied = copy_to_store(source, _model_in_store(goal, found.model), number=number, progress=progress)
    else:
        copied = copy_version(source, goal.folder, number=number, progress=progress)

    def decide(state: State) -> Draft | None:
        opened.check_seen()
        if state.version(copied.number).copied_from == said.source_manifest:
            return None
        manifest = manifest_digest(copied.manifest)
        return Draft(kind="copied", said=said, version=copied.number, manifest=manifest, actor=actor)

    opened.registry.append(decide)
    opened.seen.remember({found.model: opened.registry.state.head})
    return goal.copied(found, copied.number, is_new=copied.is_new)


def _copied_before(goal: _Goal, digest: str, *, wanted: int | None) -> int | None:
    """The number of the copy of a manifest that is there; None if it was never copied, or not to the wanted number.

    Raises:
        RefusedError: The copy was removed there.
        VersionNotFoundError: Its folder was deleted.
    """
    if goal.folder is not None and not goal.folder.is_dir():
        return None
    state = goal.opened.state()
    copies = [n for n, known in state.versions.items() if known.copied_from == digest and wanted in (None, n)]
    kept = [n for n in copies if state.version(n).removed is None]
    if goal.folder is None:
        store = open_store(goal.shown)
        there = [n for n in kept if store.exists(f"{n}/{MANIFEST_NAME}")]
    else:
        there = [n for n in kept if os.path.lexists(goal.folder / str(n) / MANIFEST_NAME)]
    if there or not copies:
        return there[0] if there else None
    remedy = "Copy it under another number if that is right: number= (--number)."
    removed = state.version(copies[0]).removed
    if removed is not None and not kept:
        raise RefusedError(f"The copy, version {copies[0]}, was removed there by {visible(removed.actor)}. {remedy}")
    raise VersionNotFoundError(f"It was copied to {visible(goal.shown)}/{kept[0]}, which is gone. {remedy}")


def _models_folder(to: Path) -> LocalPath:
    text = os.fspath(to)
    if not text or "\0" in text:
        raise InvalidQueryError(f"{shown(text)} is no folder; write . for the current one.")
    return storage.local_path(to)


def _located(reference: Path, models_dir: Path | None) -> tuple[Version, Target | None]:
    """The version that a reference names, and its registry; None where a path leads elsewhere than to its place."""
    if isinstance(reference, os.PathLike) or is_path(reference):
        version = find(reference, models_dir)
        if not is_in_place(version):
            return version, None
    target = find_target(reference, models_dir)
    return target.found, target


def _verified(version: Version) -> Source:
    place = here(version, check=False)
    found = verify_place(version, place)
    listed = {file.path for file in found.files}
    unsafe = [file.path for file in found.result.unsafe if file.path in listed]
    differs = [*found.result.changed, *found.result.resized, *found.result.missing, *unsafe]
    if differs:
        raise VersionDamagedError(
            f"{version.id} is not copied: {visible(', '.join(differs[:3]))} is not what its manifest says."
        )
    data = storage.read_capped(LocalPath(place.folder) / MANIFEST_NAME, MANIFEST_LIMIT, within=place.root.path)
    elsewhere = elsewhere_of(found.manifest)
    if elsewhere is None:
        return Source(place.folder, place.root.path, data, found.files, version.number)
    at, list_at = files_at(place, elsewhere), (place.folder, place.root.path)
    return Source(at.folder, at.within, _with_its_files(data), found.files, version.number, list_at)


def _with_its_files(data: bytes) -> bytes:
    """The manifest of a copy that has its files beside it, where those of the original lie elsewhere."""
    fields = load_json(data)
    schema = SCHEMA_VERSION if fields.get("fileList") or fields.get("file_list") else USUAL_SCHEMA
    fields = {k: v for k, v in fields.items() if k not in ("filesElsewhere", "files_elsewhere", "schema_version")}
    return json_of({**fields, "schemaVersion": schema})


def _history(target: Target, digest: str) -> CopiedEvent:
    """What the log says of a version, the newest events as far as they fit."""
    numbers = target.opened.state().version(target.number).events
    kept: list[msgspec.Raw] = []
    size = 0
    for entry in _entries(target, reversed(numbers)):
        written = msgspec.json.format(entry, indent=1)  # as in the new event, there three levels deeper
        size += len(written) + 3 * written.count(b"\n")
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
