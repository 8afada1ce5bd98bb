"""Files that keep what was read for the next process, in the user's cache folder; deleting them costs time, no more.

A file that is damaged, of another version or of another user is as good as none, and so is a folder in which others may
write. Nothing here raises for that: without a cache all is read.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator

from tb_versions._version import __version__
from tb_versions.core import storage
from tb_versions.core.user_folders import cache_folder, is_safe, keeps
from tb_versions.errors import TbVersionsError

MOST_BYTES = 256 * 2**20
"""Most bytes that all files together may have, and a file half of them; the longest unused are deleted."""

_FORMAT = f"tb_versions {__version__}, formats 7, python {sys.version_info[0]}.{sys.version_info[1]}\n".encode()
_CHECKSUM = 32
_PATIENCE = 50  # tenths of a second that a writer waits for another


class Cache:
    """Keeps bytes under names."""

    def __init__(self, folder: str) -> None:
        """Touches nothing yet.

        Args:
            folder: Where the files are; it is made when something is stored.
        """
        self._folder = folder

    def load(self, name: str) -> bytes | None:
        """Returns what was stored under a name, as it was stored; None if there is nothing, or nothing sound."""
        path = self._path(name)
        try:
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                if not is_safe(os.fstat(folder)):
                    return None
                data, status = storage.read_in(folder, os.path.basename(path), MOST_BYTES, path)
            finally:
                os.close(folder)
            if keeps():
                os.utime(path, follow_symlinks=False)  # so that the longest unused is known
        except (OSError, TbVersionsError):
            return None
        start = len(_FORMAT) + _CHECKSUM
        if not _is_own(status) or not data.startswith(_FORMAT):
            return None
        content = data[start:]
        return content if hashlib.sha256(content).digest() == data[len(_FORMAT) : start] else None

    def change(self, name: str, changed: Callable[[bytes | None], bytes]) -> None:
        """Replaces what is stored under a name; of two processes one waits for the other.

        Args:
            name: Any text.
            changed: Gets what is stored now, and returns what is to be stored.
        """
        if not keeps():
            return
        with contextlib.suppress(OSError):
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            if is_safe(os.lstat(self._folder)):
                with self._locked() as is_locked:
                    if is_locked:
                        self._store(self._path(name), changed(self.load(name)))

    def _store(self, path: str, content: bytes) -> None:
        if len(content) > MOST_BYTES // 2:
            return
        temporary = f"{path}.{uuid.uuid4().hex}"
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with open(descriptor, "wb") as file:
                file.writelines((_FORMAT, hashlib.sha256(content).digest(), content))
            os.replace(temporary, path)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        self._shrink()

    def _shrink(self) -> None:
        """Deletes the files that were not used for longest, until the rest is small enough."""
        with os.scandir(self._folder) as entries:
            files = [(entry.stat(follow_symlinks=False), entry.path) for entry in entries if entry.name != _LOCK]
        total = 0
        for status, path in sorted(files, key=lambda file: -file[0].st_mtime_ns):
            total += status.st_size
            if total > MOST_BYTES:
                with contextlib.suppress(OSError):
                    os.unlink(path)

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:32])

    @contextlib.contextmanager
    def _locked(self) -> Iterator[bool]:
        """Yields whether no other process writes; waits some seconds for one that does. Raises OSError."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(os.path.join(self._folder, _LOCK), flags, 0o600)
        try:
            yield _lock(descriptor)
        finally:
            os.close(descriptor)


_LOCK = "lock"


def _lock(descriptor: int) -> bool:
    for _ in range(_PATIENCE):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # noqa: PERF203
            time.sleep(0.1)
        else:
            return True
    return False


def _is_own(status: os.stat_result) -> bool:
    return status.st_uid == os.geteuid()


def users_cache() -> Cache | None:
    """Returns the cache of this user; None where it is turned off or there is no place for it."""
    folder = cache_folder()
    return Cache(folder) if folder else None
