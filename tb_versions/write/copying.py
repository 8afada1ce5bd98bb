"""Copies a version into another models folder: every file compared by digest, the manifest last.

Files gather in `.versions/copying/<digest>`; an interrupted copy goes on from there. Then one rename gives the folder
its number, as when a version is published.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tb_versions.core import codec, digest
from tb_versions.core.digest import Progress
from tb_versions.core.layout import COPYING
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_NAME, File, visible
from tb_versions.core.storage import fsync_folder, fsync_tree, open_folder
from tb_versions.errors import ConflictError, StorageError, VersionDamagedError, VersionExistsError
from tb_versions.write import numbers
from tb_versions.write.filling import holds, local_scratch
from tb_versions.write.model_folder import check_model_folder
from tb_versions.write.placement import make_folder, move
from tb_versions.write.publish import storage_errors
from tb_versions.write.remote import RemoteModel

_CHUNK = 4 * 2**20


@dataclass(frozen=True)
class Source:
    """A version that is copied; its files were compared with its manifest.

    Attributes:
        folder: Its folder.
        within: An allowed folder above, below which no symlink is followed.
        manifest: Its manifest's bytes.
        files: What the manifest lists.
        number: Its number.
        list_at: Folder of the list of files, and its allowed folder, where the files lie elsewhere.
    """

    folder: str
    within: str
    manifest: bytes
    files: Sequence[File]
    number: int
    list_at: tuple[str, str] | None = None


@dataclass(frozen=True)
class Copied:
    """Where a version is now.

    Attributes:
        folder: Its new folder, or its URL.
        number: Its number there.
        manifest: Its manifest's bytes there: the same where the number is.
        is_new: Whether it was copied now; False if it was there already.
    """

    folder: Path | str
    number: int
    manifest: bytes
    is_new: bool


def copy_version(
    source: Source, model_folder: Path, *, number: int | None = None, progress: Progress | None = None
) -> Copied:
    """Copies a version; the same version copied twice is one.

    Args:
        source: The version.
        model_folder: `<models>/<model>` of the copy; created if it is missing.
        number: Its number there; None keeps the one it has where that is free, and else takes the next.
        progress: Called with the bytes copied so far and the bytes in all.

    Raises:
        VersionExistsError: The number that was asked for is taken.
        VersionDamagedError: A file changed while it was copied.
        UnsafeFileError: A symlink is in the way.
        StorageError: Writing failed; the next call goes on from there.
    """
    check_model_folder(model_folder)
    folder = os.fspath(model_folder)
    with storage_errors():
        wanted = source.number if number is None else number
        there = model_folder / str(wanted)
        if holds(os.fspath(there), numbered(source, wanted)):
            return Copied(there, wanted, numbered(source, wanted), is_new=False)
        if number is not None and numbers.is_taken(folder, number):
            raise VersionExistsError(f"{folder} has or had a version {number}; choose another number, or none.")
        make_folder(model_folder)
        numbers.prepare(folder)
        built = model_folder / COPYING / codec.manifest_digest(source.manifest)[7:39]
        _unlink_links(built)
        os.makedirs(built, exist_ok=True)
        _gather(source, built, progress)
        fsync_tree(built, own_names=False)
        check_model_folder(model_folder)  # once more: copying may have taken hours
        return _place(source, built, model_folder, number)


def copy_to_store(
    source: Source, model: RemoteModel, *, number: int | None = None, progress: Progress | None = None
) -> Copied:
    """Copies a version into an object store, its manifest last; raises as `copy_version`.

    Args:
        source: The version.
        model: Where it goes.
        number: As in `copy_version`.
        progress: Called with the bytes uploaded so far and the bytes in all.
    """
    with storage_errors():
        wanted = source.number if number is None else number
        if model.manifest(wanted) == numbered(source, wanted):
            return Copied(f"{model.shown}/{wanted}", wanted, numbered(source, wanted), is_new=False)
        with local_scratch() as built:  # only what the manifest lists, as it was compared
            os.mkdir(built)
            _gather(source, Path(built), None)
            taken, data = model.put_copy(
                built, partial(numbered, source), wanted=wanted, other=number is None, progress=progress
            )
    return Copied(f"{model.shown}/{taken}", taken, data, is_new=True)


@contextlib.contextmanager
def alone(model_folder: Path, manifest: str) -> Iterator[None]:
    """Keeps others from copying the same version to the same place: both would use one folder, and two numbers.

    Where a file system has no locks, nothing keeps them.

    Args:
        model_folder: `<models>/<model>` of the copy; created if it is missing.
        manifest: Digest of the manifest that is copied.

    Raises:
        ConflictError: Another process is copying it.
        UnsafeFileError: A symlink is in the way.
        StorageError: Writing failed.
    """
    check_model_folder(model_folder)
    path = model_folder / COPYING / f"{manifest[7:39]}.lock"
    with storage_errors():
        make_folder(model_folder)
        numbers.prepare(os.fspath(model_folder))
        os.makedirs(path.parent, exist_ok=True)
        descriptor = _locked(path)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            os.unlink(path)
        os.close(descriptor)


def _locked(path: Path) -> int:
    """Opens and locks a file; raises ConflictError where another process has. Raises OSError."""
    while True:  # ends: each round means that another process was done with it
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            folder = path.parents[2]
            raise ConflictError(
                f"Another process is copying this version to {folder} now; copy it again when that is done."
            ) from error
        except OSError:
            return descriptor
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)


def _place(source: Source, built: Path, model_folder: Path, number: int | None) -> Copied:
    folder = os.fspath(model_folder)
    while True:  # ends: each round takes another number, or raises
        wanted = source.number if number is None else number
        if not numbers.claim(folder, wanted):
            if number is not None:
                raise VersionExistsError(f"Another writer took the number {number} in {folder}.")
            wanted = numbers.reserve(folder)
        data = numbered(source, wanted)
        target = model_folder / str(wanted)
        try:
            if move(os.fspath(built), os.fspath(target), data):
                shutil.rmtree(built, ignore_errors=True)  # what is left where folders can't be renamed
                fsync_folder(model_folder)
                return Copied(target, wanted, data, is_new=True)
        except BaseException:
            numbers.release(folder, wanted)
            raise


def numbered(source: Source, number: int) -> bytes:
    """The manifest with another number; fields that this version does not know stay."""
    if number == source.number:
        return source.manifest
    return codec.json_of({**codec.load_json(source.manifest), "number": str(number)})


def _unlink_links(built: Path) -> None:
    """Deletes symlinks where files will gather: they may have been put there to lead elsewhere. Raises OSError."""
    if built.is_symlink():
        os.unlink(built)
    for parent, folders, files in os.walk(built):
        for name in (*folders, *files):
            path = os.path.join(parent, name)
            if os.path.islink(path):
                os.unlink(path)


def _gather(source: Source, built: Path, progress: Progress | None) -> None:
    """Copies what is not there yet, and compares all of it with the manifest."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(built / MANIFEST_NAME)  # of a copy that was killed before its folder was renamed
    done, total = 0, sum(file.size for file in source.files)
    beside = replace(source, folder=source.list_at[0], within=source.list_at[1]) if source.list_at else source
    for _ in range(2):  # what an interrupted copy left damaged is copied once more
        for file in source.files:
            target = built / file.path
            if not _has_size(target, file.size):
                _copy_file(source, file.path, target, partial(_tell, progress, done, total))
            done += file.size
        with contextlib.suppress(FileNotFoundError):
            _copy_file(beside, FILE_LIST_NAME, built / FILE_LIST_NAME, lambda _: None)
        changes = digest.compare(built, source.files, hash_contents=True)
        for path in (*changes.changed, *changes.resized, *changes.extra):
            os.unlink(built / path)
        if not (changes.changed or changes.resized or changes.missing or changes.unsafe):
            return
        done = 0
    named = visible(", ".join((*changes.changed, *changes.resized, *changes.missing, *map(str, changes.unsafe))[:3]))
    raise VersionDamagedError(
        f"{named or 'A file'} in {source.folder} is not what its manifest says, or changed while it was copied. "
        "Nothing was put in place; verify the version and copy it again."
    )


def _tell(progress: Progress | None, before: int, total: int, count: int) -> None:
    if progress is not None:
        progress(min(before + count, total), total)


def _has_size(path: Path, size: int) -> bool:
    return path.is_file() and not path.is_symlink() and path.stat().st_size == size


def _copy_file(source: Source, relative: str, target: Path, counted: Callable[[int], None]) -> None:
    """Copies one file under a temporary name, then renames it. Raises OSError."""
    parent, name = os.path.split(os.path.join(source.folder, relative))
    above = open_folder(parent, within=source.within)
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=above)
    finally:
        os.close(above)
    os.makedirs(target.parent, exist_ok=True)
    temporary = target.with_name(f".tmp-{uuid.uuid4().hex}")
    try:
        with open(descriptor, "rb", buffering=0) as read, open(temporary, "xb", buffering=0) as written:
            done = 0
            while chunk := read.read(_CHUNK):
                written.write(chunk)
                done += len(chunk)
                counted(done)
        os.replace(temporary, target)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(temporary)


def check_is_elsewhere(folder: str, model_folder: Path) -> None:
    """Raises StorageError where a version would be copied into the folder that it is in."""
    if os.path.realpath(os.path.dirname(folder)) == os.path.realpath(model_folder):
        raise StorageError(f"{folder} is in {model_folder} already; name another models folder.")
