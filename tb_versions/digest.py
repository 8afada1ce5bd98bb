"""Files of a version: what they are, their SHA-256 digests, and how they differ from a manifest.

Only plain files with plain names have a place in a version. Nothing else is ever opened: no symlink is
followed, no fifo waited for, no device read. Empty folders, permissions and times are not part of a version.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import FileIO

from tb_versions.errors import StorageError, TbVersionsError, UnreadableFolderError, UnsafeFileError
from tb_versions.manifest import MANIFEST_NAME, File, hidden_character
from tb_versions.storage import existing_folder

MAX_FILES = 100_000
"""Most files and folders of one version."""

REGISTRY_FOLDER = ".versions"
"""Folder at the top that holds the registry's own files and is outside the digest."""

Progress = Callable[[int, int], None]
"""Called with the bytes hashed so far and the bytes in all, by one thread at a time."""

_UNREADABLE = "unreadable: "
_CHUNK = 256 * 1024
_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, order=True)
class FileEntry:
    """A plain file: POSIX path relative to the version's folder, size in bytes."""

    path: str
    size: int


@dataclass(frozen=True, order=True)
class UnsafeFile:
    """Something in a version's folder that was not opened, or could not be.

    Attributes:
        path: POSIX, relative to the folder; characters that don't print are written as escapes.
        reason: "a symlink", "a fifo", "unreadable: Permission denied" …
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path} ({self.reason})"


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How a folder differs from a manifest's files; every tuple is sorted by path.

    Attributes:
        missing: Paths of the manifest without a file.
        extra: Files that the manifest does not list.
        resized: Files of another size.
        changed: Files of the same size and another digest; always empty if contents were not hashed.
        unsafe: What is no plain readable file with a plain name.
    """

    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    resized: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unsafe: tuple[UnsafeFile, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return any((self.missing, self.extra, self.resized, self.changed, self.unsafe))


def list_files(folder: str | os.PathLike[str]) -> tuple[FileEntry, ...]:
    """Lists the files of a version without opening any.

    The manifest and the folder `.versions`, both at the top, are left out.

    Args:
        folder: A local folder; it may itself be reached through a symlink.

    Returns:
        Entries sorted by path, character by character.

    Raises:
        UnreadableFolderError: The folder, or one in it, is missing or can't be read.
        UnsafeFileError: It holds a symlink, fifo, socket, device, a name with control characters, a
            backslash or invalid UTF-8, or more than 100,000 files and folders.
    """
    files = []
    for entry in _walk(folder):
        if isinstance(entry, UnsafeFile) and entry.reason.startswith(_UNREADABLE):
            raise UnreadableFolderError(f"{entry.path} in {os.fspath(folder)} can't be listed: it is {entry.reason}.")
        if isinstance(entry, UnsafeFile):
            raise UnsafeFileError(
                f"{entry.path} in {os.fspath(folder)} is {entry.reason}; a version holds plain files only. Remove it."
            )
        files.append(entry)
    return tuple(sorted(files))


def digest_files(
    folder: str | os.PathLike[str],
    files: Iterable[FileEntry],
    *,
    progress: Progress | None = None,
    threads: int = 2,
) -> tuple[File, ...]:
    """Computes the SHA-256 digest of each file. Memory is flat: 256 KiB a thread.

    Args:
        folder: The version's folder.
        files: What `list_files` found.
        progress: Told of every 256 KiB; see `Progress`.
        threads: Files hashed at a time; one file is always hashed by one thread.

    Returns:
        Files sorted by path, digests as "sha256:<hex>".

    Raises:
        UnreadableFolderError: A file is gone or can't be opened.
        UnsafeFileError: A symlink, fifo … took a file's place.
        StorageError: A file's size changed since it was listed, or reading failed.
    """
    entries = sorted(files)
    meter = _Meter(progress, sum(entry.size for entry in entries))
    results = _hash_all(folder, entries, meter, threads, stop_at_error=True)
    for result in results:
        if isinstance(result, TbVersionsError):
            raise result
    return tuple(result for result in results if isinstance(result, File))


def version_digest(files: Iterable[File]) -> str:
    r"""Computes the one digest that stands for all files of a version.

    It is the SHA-256 of one line a file, sorted by (path, size, digest); each line is the JSON array
    `["variables/variables.index",239,"sha256:…"]` without spaces, ASCII only (other characters as `\uXXXX`),
    ended by a line feed. So no two different lists have the same bytes, and the order of `files` is of no
    concern. In Python a line is `json.dumps([path, size, digest], separators=(",", ":")) + "\n"`.

    Args:
        files: Every file of the version but its manifest.

    Returns:
        "sha256:<hex>".
    """
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(json.dumps([file.path, file.size, file.digest], separators=(",", ":")).encode() + b"\n")
    return f"sha256:{total.hexdigest()}"


def compare(
    folder: str | os.PathLike[str],
    files: Iterable[File],
    *,
    hash_contents: bool,
    progress: Progress | None = None,
    threads: int = 2,
) -> Changes:
    """Compares a folder with a manifest's files. Paths of the manifest are never opened, only those found.

    Args:
        folder: The version's folder.
        files: The manifest's.
        hash_contents: Whether contents are hashed; else only names and sizes are looked at.
        progress: Told of every 256 KiB; see `Progress`.
        threads: Files hashed at a time.

    Returns:
        What differs; false if nothing does.

    Raises:
        UnreadableFolderError: The folder is missing or no folder.
        UnsafeFileError: It holds more than 100,000 files and folders.
    """
    expected = {file.path: file for file in files}
    found: dict[str, FileEntry] = {}
    unsafe: list[UnsafeFile] = []
    for entry in _walk(folder):
        if isinstance(entry, FileEntry):
            found[entry.path] = entry
        else:
            unsafe.append(entry)
    present = found.keys() | {entry.path for entry in unsafe}
    same_size = [entry for path, entry in found.items() if path in expected and entry.size == expected[path].size]
    changed, unread = _changed(folder, same_size, expected, progress, threads) if hash_contents else ([], [])
    return Changes(
        missing=tuple(sorted(expected.keys() - present)),
        extra=tuple(sorted(found.keys() - expected.keys())),
        resized=tuple(sorted(p for p, e in found.items() if p in expected and e.size != expected[p].size)),
        changed=tuple(sorted(changed)),
        unsafe=tuple(sorted(unsafe + unread)),
    )


def _changed(  # noqa: PLR0917
    folder: str | os.PathLike[str],
    entries: list[FileEntry],
    expected: dict[str, File],
    progress: Progress | None,
    threads: int,
) -> tuple[list[str], list[UnsafeFile]]:
    """Hashes files of the right size; returns the paths that differ and those that can't be read."""
    meter = _Meter(progress, sum(entry.size for entry in entries))
    changed, unread = [], []
    results = _hash_all(folder, entries, meter, threads, stop_at_error=False)
    for entry, result in zip(entries, results, strict=True):
        if isinstance(result, _FileError):
            unread.append(UnsafeFile(entry.path, result.reason))
        elif isinstance(result, File) and result.digest != expected[entry.path].digest:
            changed.append(entry.path)
    return changed, unread


def _walk(folder: str | os.PathLike[str]) -> Iterator[FileEntry | UnsafeFile]:
    """Yields everything below a folder but folders themselves, in no particular order."""
    root = os.fspath(existing_folder(folder, "The version's folder"))
    pending, count = [""], 0
    while pending:
        parent = pending.pop()
        try:
            entries = os.scandir(os.path.join(root, parent))
        except OSError as error:
            yield UnsafeFile(_printable(parent) or ".", f"{_UNREADABLE}{error.strerror}")
            continue
        with entries:
            for entry in entries:
                count += 1
                if count > MAX_FILES:
                    raise UnsafeFileError(f"{root} holds more than {MAX_FILES:,} files and folders.")
                path = f"{parent}/{entry.name}" if parent else entry.name
                found = _look(path, entry)
                if found is not None:
                    yield found
                elif path != REGISTRY_FOLDER and entry.is_dir(follow_symlinks=False):
                    pending.append(path)


def _look(path: str, entry: os.DirEntry[str]) -> FileEntry | UnsafeFile | None:
    """Judges one directory entry; None for a folder and for what is outside the digest."""
    fault = _name_fault(entry.name)
    if fault:
        return UnsafeFile(_printable(path), fault)
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        return UnsafeFile(path, f"{_UNREADABLE}{error.strerror}")
    if stat.S_ISDIR(status.st_mode):
        return None
    if not stat.S_ISREG(status.st_mode):
        return UnsafeFile(path, _kind(status.st_mode))
    return None if path == MANIFEST_NAME else FileEntry(path, status.st_size)


def _name_fault(name: str) -> str | None:
    """Why a name can't be in a manifest, or None."""
    if name.isascii() and name.isprintable() and "\\" not in name:
        return None
    if "\\" in name:
        return "named with a backslash"
    if any("\ud800" <= character <= "\udfff" for character in name):
        return "named in invalid UTF-8"
    return "named with control characters" if hidden_character(name) is not None else None


def _printable(path: str) -> str:
    """The path with control characters and undecodable bytes as escapes."""
    return "".join(c if hidden_character(c) is None else f"\\u{ord(c):04x}" for c in path)


def _kind(mode: int) -> str:
    kinds = (
        (stat.S_ISLNK, "a symlink"),
        (stat.S_ISFIFO, "a fifo"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISBLK, "a device"),
        (stat.S_ISCHR, "a device"),
    )
    return next((name for test, name in kinds if test(mode)), "no plain file")


class _FileError(TbVersionsError):
    """Why one file has no digest; `public` makes the error that callers see."""

    def __init__(self, reason: str, *, kind: type[TbVersionsError]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind

    def public(self, path: str, folder: str | os.PathLike[str]) -> TbVersionsError:
        return self.kind(f"{path} in {os.fspath(folder)} has no digest: it is {self.reason}.")


class _StoppedError(Exception):
    """Another thread failed; the result is of no use any more."""


class _Meter:
    """Adds up hashed bytes over threads, tells a progress function, and carries the order to stop."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.stopped = False
        self._progress = progress
        self._total = total
        self._done = 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        if self.stopped:
            raise _StoppedError
        if self._progress is not None:
            with self._lock:
                self._done += count
                self._progress(self._done, self._total)


_Result = File | TbVersionsError | None


def _hash_all(
    folder: str | os.PathLike[str], entries: Sequence[FileEntry], meter: _Meter, threads: int, *, stop_at_error: bool
) -> list[_Result]:
    """Hashes files, biggest first; a file's result is its digest or its error, in the order of entries."""

    def work(entry: FileEntry) -> _Result:
        try:
            return File(path=entry.path, size=entry.size, digest=_hash(folder, entry, meter))
        except _StoppedError:
            return None
        except _FileError as error:
            meter.stopped = meter.stopped or stop_at_error
            return error.public(entry.path, folder) if stop_at_error else error
        except BaseException:
            meter.stopped = True
            raise

    if threads < 2 or len(entries) < 2:
        return [work(entry) for entry in entries]
    order = sorted(range(len(entries)), key=lambda index: -entries[index].size)
    results: list[_Result] = [None] * len(entries)
    with ThreadPoolExecutor(threads, thread_name_prefix="tb_versions_digest") as pool:
        try:
            for index, result in zip(order, pool.map(work, [entries[i] for i in order]), strict=True):
                results[index] = result
        except BaseException:  # a progress function failed, or the user pressed Ctrl-C: don't finish gigabytes first
            meter.stopped = True
            raise
    return results


def _hash(folder: str | os.PathLike[str], entry: FileEntry, meter: _Meter) -> str:
    try:
        descriptor = os.open(os.path.join(folder, entry.path), _OPEN_FLAGS)
        with open(descriptor, "rb", buffering=0) as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise _FileError(_kind(status.st_mode), kind=UnsafeFileError)
            return f"sha256:{_hash_stream(file, entry.size, meter)}"
    except OSError as error:
        if os.path.islink(os.path.join(folder, entry.path)):
            raise _FileError("a symlink", kind=UnsafeFileError) from error
        raise _FileError(f"{_UNREADABLE}{error.strerror}", kind=UnreadableFolderError) from error


def _hash_stream(file: FileIO, size: int, meter: _Meter) -> str:
    """The hex digest of exactly `size` bytes; `hashlib.file_digest` can neither report, stop nor see a growing file."""
    total, done = hashlib.sha256(), 0
    view = memoryview(bytearray(min(size + 1, _CHUNK)))
    while count := file.readinto(view) or 0:
        done += count
        if done > size:
            break
        total.update(view[:count])
        meter.add(count)
    if done != size:
        raise _FileError(f"{'more' if done > size else 'fewer'} than the {size:,} bytes listed", kind=StorageError)
    return total.hexdigest()
