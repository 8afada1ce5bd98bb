"""Temporary folders on the models' own file system, and the removal of those that dead processes left behind.

They are in `<models>/<model>/.versions/tmp`: TensorFlow Serving and the tab never look there, and
creating one does not change the model folder's modification time.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator

from tb_versions.core.layout import SCRATCH
from tb_versions.core.storage import cannot_rename_folders

_DAY = 86_400

_DEAD = ".dead-"
"""Part of the name of a folder that is being removed; any later process that finds one removes it too."""


@contextlib.contextmanager
def scratch_path(model_folder: str) -> Iterator[str]:
    """Yields a unique path where the caller may create a folder; if it is still there at the end, it is removed.

    Folders that dead processes left behind are removed first: at once for processes of this machine, after a day for
    those of other machines.

    Raises:
        OSError: The folder above it can't be created.
    """
    parent = os.path.join(model_folder, SCRATCH)
    os.makedirs(parent, exist_ok=True)
    sweep(model_folder)
    path = os.path.join(parent, new_name())
    try:
        yield path
    finally:
        if os.path.lexists(path):
            shutil.rmtree(path, ignore_errors=True)


def new_name() -> str:
    """Returns a unique name for a temporary folder; it contains what `sweep` needs to find out if its process lives."""
    pid = os.getpid()
    return f"{_machine()}-{pid}-{_own_start(pid)}-{uuid.uuid4().hex[:12]}"


def sweep(model_folder: str) -> int:
    """Removes temporary folders of dead processes.

    A folder is renamed before its files are removed. If its owner is alive after all and renames it into place at the
    same moment, only one of the two renames succeeds: no file of a published version is ever removed.

    Returns:
        Number of removed folders.
    """
    parent = os.path.join(model_folder, SCRATCH)
    removed = 0
    with contextlib.suppress(OSError):
        for name in os.listdir(parent):
            path = os.path.join(parent, name)
            with contextlib.suppress(OSError):
                if _DEAD in name:
                    _remove(path)
                elif _is_abandoned(name, path):
                    _remove(_taken_away(path))
                    removed += 1
    return removed


def _taken_away(path: str) -> str:
    """Renames a dead process's folder; the same path where folders can't be renamed, into their places neither."""
    dead = f"{path}{_DEAD}{uuid.uuid4().hex[:12]}"
    try:
        os.rename(path, dead)
    except OSError as error:
        if cannot_rename_folders(error, dead):
            return path
        raise
    return dead


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:  # a folder
        shutil.rmtree(path, ignore_errors=True)


def _is_abandoned(name: str, path: str) -> bool:
    machine, _, rest = name.partition("-")
    pid, _, rest = rest.partition("-")
    if machine == _machine() and pid.isdigit():
        start = _start_of(int(pid))
        if start is not None:
            return start != rest.partition("-")[0]
    try:
        modified = os.lstat(path).st_mtime
        return _now(os.path.dirname(path)) - modified > _DAY
    except OSError:
        return False


def _now(folder: str) -> float:
    """The time by the clock that stamps files in a folder, maybe a file server's. Raises OSError."""
    path = os.path.join(folder, f"{_DEAD}{uuid.uuid4().hex[:12]}")  # if it is left behind, the next sweep removes it
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        return os.fstat(descriptor).st_mtime
    finally:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            os.unlink(path)


@functools.cache
def _own_start(pid: int) -> str:
    return _start_of(pid) or "0"


def _start_of(pid: int) -> str | None:
    """Start time of a process; "" if there is no such process, None if it can't be known.

    It distinguishes a process from a later one with the same number.
    """
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return ""
    except OSError:
        return None  # another user's
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return fields[19].decode("ascii")
    except (OSError, IndexError, UnicodeDecodeError):
        return _start_without_proc(pid)


def _start_without_proc(pid: int) -> str | None:
    import psutil

    try:
        return str(int(psutil.Process(pid).create_time()))
    except psutil.NoSuchProcess:
        return ""
    except psutil.Error:
        return None


@functools.cache
def _machine() -> str:
    """A digest that identifies this machine (and this container), so that process numbers are compared only within it.

    A digest, because it becomes part of a file name and should not reveal the machine's name.
    """
    parts = [os.uname().nodename]
    with contextlib.suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))
    with contextlib.suppress(OSError), open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        parts.append(file.read().strip())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
