"""The event files of a run, where they may be read: below an allowed folder, whatever symlinks say."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from typing import NamedTuple

from tb_versions.core import storage
from tb_versions.errors import StorageError
from tb_versions.read.curves.records import first_wall_time
from tb_versions.read.folders.roots import Roots

EVENT_FILE = "tfevents"
"""What TensorBoard looks for in the name of a file."""

_FIRST = 64 << 10
"""Bytes in which the first record of a file is looked for."""


class EventFile(NamedTuple):
    """An event file as it was when it was looked at.

    Attributes:
        name: Its name in the run's folder; TensorBoard reads a run's files in the order of their names.
        path: Where it really is, without symlinks.
        identity: Device and inode: another one means another file of that name.
        size: In bytes.
        modified: In nanoseconds since 1970.
        changed: Its change time (ctime), as well; nobody can set that back.
    """

    name: str
    path: str
    identity: tuple[int, int]
    size: int
    modified: int
    changed: int


class RunFiles:
    """Finds the event files of runs below the allowed folders, and reads parts of them."""

    def __init__(self, roots: Roots) -> None:
        """Looks at nothing yet."""
        self._folders = roots.run_folders
        self._allowed = [os.path.realpath(root.path) for root in roots.allowed]
        self._found: dict[str, str] = {}
        self._begun: dict[tuple[str, tuple[int, int]], float | None] = {}

    @property
    def name(self) -> str:
        """What tells this log directory from others."""
        return os.pathsep.join(f"{prefix}:{os.path.realpath(folder)}" for prefix, folder in self._folders)

    def of(self, run: str, *, again: bool = False) -> tuple[EventFile, ...]:
        """Returns the event files of a run by name; () if not all of them may be read, or it is not known where.

        Args:
            run: Its name.
            again: Whether to look into the folder that was found the last time, in a third of the time. It does not
                notice a new symlink on the way there; `read` does.
        """
        if again and run in self._found:
            return self._in(self._found[run])
        found = [(real, files) for real in self._folders_of(run) if (files := self._in(real))]
        self._found.pop(run, None)
        if len(found) != 1:
            return ()
        self._found[run], files = found[0]
        return files

    def starts(self, files: Sequence[EventFile]) -> list[float]:
        """Returns when files were begun, in seconds since 1970: the time of their first record."""
        return [time for file in files if (time := self._start(file)) is not None]

    def read(self, file: EventFile, offset: int, size: int) -> bytes:
        """Returns some bytes of a file.

        Raises:
            StorageError, OSError: It can't be read, or is another file by now.
        """
        folder, name = os.path.split(file.path)
        above = storage.open_folder(folder, within=self._root_of(folder))
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=above)
        finally:
            os.close(above)
        try:
            now = os.fstat(descriptor)
            if not stat.S_ISREG(now.st_mode) or (now.st_dev, now.st_ino) != file.identity:
                raise StorageError(f"{file.name} was replaced while it was read.")
            return os.pread(descriptor, size, offset)
        finally:
            os.close(descriptor)

    def _start(self, file: EventFile) -> float | None:
        key = (file.path, file.identity)
        if key not in self._begun:
            try:
                self._begun[key] = first_wall_time(self.read(file, 0, _FIRST))
            except (StorageError, OSError):
                return None
        return self._begun[key]

    def _folders_of(self, run: str) -> list[str]:
        folders = []
        for prefix, folder in self._folders:
            if not prefix or run == prefix or run.startswith(prefix + "/"):
                folders.append(os.path.join(folder, run[len(prefix) :].lstrip("/")))
        return [real for folder in folders if "\0" not in folder and self._root_of(real := os.path.realpath(folder))]

    def _in(self, folder: str) -> tuple[EventFile, ...]:
        try:
            with os.scandir(folder) as entries:
                found = [self._file(entry) for entry in entries if EVENT_FILE in entry.name]
        except OSError:
            return ()
        files = [file for file in found if isinstance(file, EventFile)]
        return () if None in found else tuple(sorted(files))

    def _file(self, entry: os.DirEntry[str]) -> EventFile | bool | None:
        """The file; False for what TensorBoard does not read either; None for what only TensorBoard may read."""
        path = entry.path
        if entry.is_symlink():
            path = os.path.realpath(path)
            if not self._root_of(path):
                return None
        there = os.stat(path, follow_symlinks=False)
        if not stat.S_ISREG(there.st_mode):
            return False
        return EventFile(
            entry.name, path, (there.st_dev, there.st_ino), there.st_size, there.st_mtime_ns, there.st_ctime_ns
        )

    def _root_of(self, path: str) -> str:
        inside = (root for root in self._allowed if path == root or path.startswith(root.rstrip(os.sep) + os.sep))
        return next(inside, "")
