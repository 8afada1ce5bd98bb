"""Runs a part of this package in a process of its own, with limits of time and memory, and without a GPU."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

SECONDS = 120.0
"""Seconds after which the process is stopped, unless told otherwise."""

MEMORY = 8 << 30
"""Bytes of memory with which it is stopped, unless told otherwise."""

_LOOK_S = 0.05
_SPARE = 4 << 30  # TensorFlow reserves more than it uses
_MOST_WRITTEN = 256 << 20
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG", "LD_LIBRARY_PATH", "XLA_FLAGS")
_KEPT_BEGINNINGS = ("LC_", "TF_", "OMP_", "KERAS_")

# The system's own limits hold where memory grows faster than it is looked at. `-I` keeps the current folder and the
# user's variables out of the way: the path of modules is that of the process that starts this one.
_START = """
import resource, sys
memory, written = int(sys.argv[1]), int(sys.argv[2])
for what, most in (("RLIMIT_DATA", memory), ("RLIMIT_FSIZE", written), ("RLIMIT_CORE", 0)):
    limit = getattr(resource, what)
    hard = resource.getrlimit(limit)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(limit, (most, most))
sys.path[:] = sys.argv[3].split("\\n")
import importlib
importlib.import_module(sys.argv[4]).main(sys.argv[5:])
"""


@dataclass(frozen=True)
class Limits:
    """What a process may use.

    Attributes:
        seconds: By the clock on the wall.
        memory: Bytes, of the process and those that it starts.
    """

    seconds: float = SECONDS
    memory: int = MEMORY


def run_limited(module: str, arguments: Sequence[str], limits: Limits) -> str:
    """Runs `main` of a module in a new process until it ends or is stopped.

    The process gets no GPU, and of this one's environment only what says where programs, languages and TensorFlow's
    options are: a model may read files, and so the environment.

    Args:
        module: Dotted name.
        arguments: Of its `main`.
        limits: When it is stopped.

    Returns:
        Why it did not end well, a sentence; "" if it did.
    """
    memory = min(limits.memory, int(psutil.virtual_memory().total * 0.9))
    command = [sys.executable, "-I", "-c", _START, str(memory + _SPARE), str(_MOST_WRITTEN), _path(), module]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        [*command, *arguments], stdin=quiet, stdout=quiet, stderr=quiet, env=_environment(), start_new_session=True
    )
    try:
        why = _watch(process, limits.seconds, memory)
    finally:
        _stop(process)
    if why or process.returncode == 0:
        return why
    if process.returncode < 0:
        name = signal.Signals(-process.returncode).name
        return f"It ended by {name}, as a process does that crashes or gets no more memory."
    return f"It ended with {process.returncode} and said nothing."


def _watch(process: subprocess.Popen[bytes], seconds: float, memory: int) -> str:
    end = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > end:
            return f"It was stopped after {seconds:g} s."
        if _used(process.pid) > memory:
            return f"It was stopped because it used more than {memory / 2**30:.1f} GiB of memory."
        try:
            process.wait(_LOOK_S)
        except subprocess.TimeoutExpired:
            continue
    return ""


def _used(pid: int) -> int:
    """Bytes in memory of a process and of those that it started; 0 where it has ended."""
    try:
        process = psutil.Process(pid)
        return sum(int(each.memory_info().rss) for each in (process, *process.children(recursive=True)))
    except psutil.Error:
        return 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and those that it started, which are a group of their own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):  # all have ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _path() -> str:
    """The folders of modules, without the current one, which may be anybody's."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return "\n".join(dict.fromkeys([package, *(os.path.abspath(each) for each in sys.path if each)]))


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith(_KEPT_BEGINNINGS)}
    return {**kept, "CUDA_VISIBLE_DEVICES": "-1", "HIP_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
