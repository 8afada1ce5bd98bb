"""Temporary paths on the models' own file system, and what dead processes left of theirs.

They live in `<models>/<model>/.versions/tmp`: TensorFlow Serving and the tab never look there, and
creating one leaves the model folder's modification time alone.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator

from tb_versions.write.numbers import PRIVATE_FOLDER

_DAY = 86_400

_DEAD = ".dead-"
"""In the name of what is being removed; whoever finds it later removes it too."""


@contextlib.contextmanager
def scratch_path(model_folder: str) -> Iterator[str]:
    """Gives a path of the caller's own, for a folder to make there; what is left of it at the end is removed.

    What processes that died left behind is removed first: those of this machine at once, those of
    other machines after a day.

    Raises:
        OSError: The folder around it can't be created.
    """
    parent = os.path.join(model_folder, PRIVATE_FOLDER, "tmp")
    os.makedirs(parent, exist_ok=True)
    sweep(model_folder)
    path = os.path.join(parent, new_name())
    try:
        yield path
    finally:
        if os.path.lexists(path):
            shutil.rmtree(path, ignore_errors=True)


def new_name() -> str:
    """Returns a new name for a temporary folder, which tells later whether its process still lives."""
    pid = os.getpid()
    return f"{_machine()}-{pid}-{_own_start(pid)}-{uuid.uuid4().hex[:12]}"


def sweep(model_folder: str) -> int:
    """Removes temporary folders of dead processes.

    A folder is renamed before it is emptied: of its owner's rename into place and this one only one can succeed,
    so that nothing is ever removed from a published version, whatever was thought of its owner.

    Returns:
        How many were removed.
    """
    parent = os.path.join(model_folder, PRIVATE_FOLDER, "tmp")
    removed = 0
    with contextlib.suppress(OSError):
        for name in os.listdir(parent):
            path = os.path.join(parent, name)
            with contextlib.suppress(OSError):
                if _DEAD in name:
                    _remove(path)
                elif _is_litter(name, path):
                    dead = f"{path}{_DEAD}{uuid.uuid4().hex[:12]}"
                    os.rename(path, dead)
                    _remove(dead)
                    removed += 1
    return removed


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:  # a folder
        shutil.rmtree(path, ignore_errors=True)


def _is_litter(name: str, path: str) -> bool:
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
    """The time by the clock that stamps the files in a folder, which may be another machine's. Raises OSError."""
    path = os.path.join(folder, f"{_DEAD}{uuid.uuid4().hex[:12]}")  # of use to nobody should it stay
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
    """When a process started; "" where there is no such process, None where it can't be known.

    Tells a living process from a later one of the same number.
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
    """Tells process numbers of this machine (and of this container) from those of others; hides its name."""
    parts = [os.uname().nodename]
    with contextlib.suppress(OSError):
        parts.append(os.readlink("/proc/self/ns/pid"))
    with contextlib.suppress(OSError), open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        parts.append(file.read().strip())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
