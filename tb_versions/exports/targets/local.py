"""Writes files and folders on this machine in one step: a reader sees the old one or the new one, never a part."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from tb_versions.core import storage
from tb_versions.errors import ExportExistsError, ExportTooLargeError, StorageError, TbVersionsError
from tb_versions.exports.contents.material import Files
from tb_versions.exports.own_files import OwnFiles, read_own_file

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def too_large(most: int) -> str:
    """Returns a sentence about an export that has more bytes than are allowed."""
    return f"The export is larger than the {most:,} bytes that are allowed (--max-size). Export less, or allow more."


def write_local_file(path: str, chunks: Iterable[bytes], *, force: bool, most: int | None) -> int:
    """Writes a temporary file in the same folder, flushes it, and renames it; returns its size in bytes.

    Args:
        path: Absolute path.
        chunks: Content.
        force: Whether a file that is there is replaced.
        most: Most bytes, or None.

    Raises:
        ExportExistsError: The file exists by now.
        ExportTooLargeError, StorageError: It can't be written; nothing is left.
    """
    temporary = _beside(path)
    with _without_new_parents(path), _cleaning(path, lambda: _remove_file(temporary)):
        _make_parents(path)
        size = _write(temporary, chunks, most)
        if force:
            os.replace(temporary, path)
        else:
            _move_to_absent(temporary, path)
        storage.fsync_folder(os.path.dirname(path))
    return size


def write_local_folder(folder: str, files: Files, *, own_files: OwnFiles | None, most: int | None) -> int:
    """Writes a temporary folder next to it and renames that; returns the size of all files in bytes.

    If the folder exists, new files are added to the old ones first, then the one file that names all others is
    replaced, then files that only the old export had are removed. Other files are never touched.

    Args:
        folder: Absolute path.
        files: What it holds; the file that names all others comes last.
        own_files: Returns the files of an export that is there and may be replaced; None where nothing may be there.
        most: Most bytes, or None.

    Raises:
        ExportExistsError: There is something by now, or a file that is not ours is in the way.
        ExportTooLargeError, StorageError: It can't be written; nothing is left.
    """
    temporary = _beside(folder)
    with _without_new_parents(folder), _cleaning(folder, lambda: shutil.rmtree(temporary, ignore_errors=True)):
        _make_parents(folder)
        os.mkdir(temporary)
        size, names = _write_files(temporary, files, most)
        storage.fsync_tree(temporary)
        if own_files is None or not os.path.isdir(folder) or not os.listdir(folder):
            _move_folder(temporary, folder, names)
        else:
            _replace_export(temporary, folder, names, own_files)
        storage.fsync_folder(os.path.dirname(folder))
    return size


def _make_parents(path: str) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)


@contextlib.contextmanager
def _without_new_parents(path: str) -> Iterator[None]:
    """Removes the folders that were made above a path if writing fails."""
    missing, parent = list[str](), os.path.dirname(path)
    while not os.path.lexists(parent):
        missing.append(parent)
        parent = os.path.dirname(parent)
    try:
        yield
    except BaseException:
        for folder in missing:
            with contextlib.suppress(OSError):  # another program uses it by now
                os.rmdir(folder)
        raise


def _beside(path: str) -> str:
    return os.path.join(os.path.dirname(path), f".{os.path.basename(path)[:100]}.tmp-{uuid.uuid4().hex}")


@contextlib.contextmanager
def _cleaning(target: str, clean: Callable[[], None]) -> Iterator[None]:
    """Cleans up in any case, and turns an error of the system into one of ours."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StorageError(
                f"{target} can't be written: the disk is full, or a limit is reached. Nothing is left."
            ) from error
        raise StorageError(f"{target} can't be written: {error.strerror or error}. Nothing is left.") from error
    finally:
        clean()


def _remove_file(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def _write(path: str, chunks: Iterable[bytes], most: int | None, before: int = 0) -> int:
    size = before
    descriptor = os.open(path, _NEW, 0o666)
    with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
        for chunk in chunks:
            size += len(chunk)
            if most is not None and size > most:
                raise ExportTooLargeError(too_large(most))
            file.write(chunk)
        file.flush()
        os.fsync(descriptor)
    return size


def _write_files(folder: str, files: Files, most: int | None) -> tuple[int, list[str]]:
    size, names = 0, []
    for name, chunks in files:
        path = os.path.join(folder, *_parts(name))
        os.makedirs(path if name.endswith("/") else os.path.dirname(path), exist_ok=True)
        if not name.endswith("/"):
            size = _write(path, chunks, most, size)
            names.append(name)
    return size, names


def _parts(name: str) -> list[str]:
    parts = name.rstrip("/").split("/")
    if any(part in ("", ".", "..") or "\\" in part or "\0" in part for part in parts):
        raise StorageError(f"An export can't hold a file called {name!r}.")
    return parts


def _move_to_absent(temporary: str, path: str) -> None:
    try:
        os.link(temporary, path)
    except FileExistsError as error:
        raise ExportExistsError(f"{path} exists by now; force (--force) replaces an export.") from error
    except OSError:  # no hard links here
        if os.path.lexists(path):
            raise ExportExistsError(f"{path} exists by now; force (--force) replaces an export.") from None
        os.rename(temporary, path)


def _move_folder(temporary: str, folder: str, names: Sequence[str]) -> None:
    try:
        os.rename(temporary, folder)  # over an empty folder too
    except OSError as error:
        if storage.cannot_rename_folders(error, folder):
            for name in names:  # the file that makes it whole comes last
                _move_into(temporary, folder, name)
            return
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise ExportExistsError(f"{folder} exists by now.") from error
        raise


def _replace_export(temporary: str, folder: str, names: Sequence[str], own_files: OwnFiles) -> None:
    old = _own(folder, own_files)
    _check_free(folder, names, old)
    for name in names[:-1]:
        _move_into(temporary, folder, name)
    _move_into(temporary, folder, names[-1])
    for name in old:
        if name not in names:
            _remove_file(os.path.join(folder, name))
            with contextlib.suppress(OSError):  # not empty
                os.rmdir(os.path.dirname(os.path.join(folder, name)))


def _own(folder: str, own_files: OwnFiles) -> list[str]:
    """The files of the export that is there; none where there is none that can be read."""
    try:
        return own_files(partial(read_own_file, folder), folder)
    except TbVersionsError:
        return []


def _check_free(folder: str, names: Sequence[str], old: Sequence[str]) -> None:
    for name in names:
        path = os.path.join(folder, name)
        if name not in old and os.path.lexists(path):
            raise ExportExistsError(
                f"{path} is in the way, and no export put it there; remove it or choose another folder."
            )
        parent = os.path.dirname(path)
        if os.path.islink(parent) or (os.path.lexists(parent) and not os.path.isdir(parent)):
            raise ExportExistsError(f"{parent} is in the way: it is no folder.")


def _move_into(temporary: str, folder: str, name: str) -> None:
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.replace(os.path.join(temporary, name), path)
    storage.fsync_folder(os.path.dirname(path))
