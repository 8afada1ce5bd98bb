"""SHA-256 digests of files, and the one digest of a version."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import FileIO

from tb_versions.core.digest.files import UNREADABLE, FileEntry, kind_of
from tb_versions.core.digest.lists import line_of
from tb_versions.core.manifest import File
from tb_versions.core.storage import open_folder
from tb_versions.errors import StorageError, TbVersionsError, UnreadableFolderError, UnsafeFileError

Progress = Callable[[int, int], None]
"""Called with the bytes hashed so far and the bytes in all, by one thread at a time."""

_CHUNK = 256 * 1024
_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


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
        progress: Called every 256 KiB; see `Progress`.
        threads: Files hashed at a time; one file is always hashed by one thread.

    Returns:
        Files sorted by path, digests as "sha256:<hex>".

    Raises:
        UnreadableFolderError: A file is gone or can't be opened.
        UnsafeFileError: A symlink, fifo … took a file's place.
        StorageError: A file's size changed since it was listed, or reading failed.
    """
    entries = sorted(files)
    meter = Meter(progress, sum(entry.size for entry in entries))
    results = hash_all(folder, entries, meter, threads, stop_at_error=True)
    for result in results:
        if isinstance(result, TbVersionsError):
            raise result
    return tuple(result for result in results if isinstance(result, File))


def version_digest(files: Iterable[File]) -> str:
    r"""Computes the digest of a version from those of its files.

    It is the SHA-256 of one line a file, sorted by (path, size, digest); each line is the JSON array
    `["variables/variables.index",239,"sha256:…"]` without spaces, ASCII only (other characters as `\uXXXX`),
    ended by a line feed. So no two different lists have the same bytes, and the order of `files` does not
    matter. In Python a line is `json.dumps([path, size, digest], separators=(",", ":")) + "\n"`.

    Args:
        files: Every file of the version but its manifest.

    Returns:
        "sha256:<hex>".
    """
    total = hashlib.sha256()
    for file in sorted(files):
        total.update(line_of(file))
    return f"sha256:{total.hexdigest()}"


class FileError(TbVersionsError):
    """Why a file has no digest; `public` makes the error that callers see."""

    def __init__(self, reason: str, *, kind: type[TbVersionsError]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind = kind

    def public(self, path: str, folder: str | os.PathLike[str]) -> TbVersionsError:
        """Returns the error with the path in its message."""
        return self.kind(f"{path} in {os.fspath(folder)} has no digest: it is {self.reason}.")


class _StoppedError(Exception):
    """Another thread failed; nobody will use the result."""


class Meter:
    """Counts hashed bytes over all threads, calls the progress function, and can stop all threads."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.stopped = False
        self._progress = progress
        self._total = total
        self._done = 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        """Notes hashed bytes."""
        if self.stopped:
            raise _StoppedError
        if self._progress is not None:
            with self._lock:
                self._done += count
                self._progress(self._done, self._total)


Result = File | TbVersionsError | None
"""A digest, an error, or None for a file that was not reached because another one failed."""


def hash_all(
    folder: str | os.PathLike[str],
    entries: Sequence[FileEntry],
    meter: Meter,
    threads: int,
    *,
    stop_at_error: bool,
    within: str | os.PathLike[str] | None = None,
) -> list[Result]:
    """Hashes files, biggest first; a file's result is its digest or its error, in the order of entries."""

    def work(entry: FileEntry) -> Result:
        try:
            return File(path=entry.path, size=entry.size, digest=_hash(folder, entry, meter, within))
        except _StoppedError:
            return None
        except FileError as error:
            meter.stopped = meter.stopped or stop_at_error
            return error.public(entry.path, folder) if stop_at_error else error
        except BaseException:
            meter.stopped = True
            raise

    if threads < 2 or len(entries) < 2:
        return [work(entry) for entry in entries]
    order = sorted(range(len(entries)), key=lambda index: -entries[index].size)
    results: list[Result] = [None] * len(entries)
    with ThreadPoolExecutor(threads, thread_name_prefix="tb_versions_digest") as pool:
        try:
            for index, result in zip(order, pool.map(work, [entries[i] for i in order]), strict=True):
                results[index] = result
        except BaseException:  # a progress function failed, or the user pressed Ctrl-C: don't finish gigabytes first
            meter.stopped = True
            raise
    return results


def _hash(folder: str | os.PathLike[str], entry: FileEntry, meter: Meter, within: str | os.PathLike[str] | None) -> str:
    path = os.path.join(folder, entry.path)
    try:
        descriptor = _open(path, within or folder)
    except UnsafeFileError as error:
        raise FileError("below a symlink", kind=UnsafeFileError) from error
    except OSError as error:
        if os.path.islink(path):
            raise FileError("a symlink", kind=UnsafeFileError) from error
        raise FileError(f"{UNREADABLE}{error.strerror}", kind=UnreadableFolderError) from error
    with open(descriptor, "rb", buffering=0) as file:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise FileError(kind_of(mode), kind=UnsafeFileError)
        return f"sha256:{_hash_stream(file, entry.size, meter)}"


def _open(path: str, within: str | os.PathLike[str]) -> int:
    parent, name = os.path.split(path)
    descriptor = open_folder(parent, within=within)
    try:
        return os.open(name, _OPEN_FLAGS, dir_fd=descriptor)
    finally:
        os.close(descriptor)


def _hash_stream(file: FileIO, size: int, meter: Meter) -> str:
    """The hex digest of exactly `size` bytes; `hashlib.file_digest` can neither report, stop nor see a growing file."""
    total, done = hashlib.sha256(), 0
    view = memoryview(bytearray(min(size + 1, _CHUNK)))
    while count := _read(file, view):
        done += count
        if done > size:
            break
        total.update(view[:count])
        meter.add(count)
    if done != size:
        raise FileError(f"{'more' if done > size else 'fewer'} than the {size:,} bytes listed", kind=StorageError)
    return total.hexdigest()


def _read(file: FileIO, view: memoryview) -> int:
    try:
        return file.readinto(view) or 0
    except OSError as error:
        raise FileError(f"{UNREADABLE}{error.strerror}", kind=StorageError) from error
