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

SECONDS = 120.0
"""Seconds after which the process is stopped, unless told otherwise."""

MEMORY = 8 << 30
"""Bytes of memory with which it is stopped, unless told otherwise."""

ENDED = "It ended with"
"""How the sentence on a process begins that ended by itself and not well: what it needs does not work there."""

_LOOK_S = 0.05
_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_SPARE = 4 << 30  # TensorFlow reserves more than it uses
_MOST_WRITTEN = 256 << 20
OF_TENSORFLOW = frozenset(
    {
        *("TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS", "TF_USE_LEGACY_KERAS", "TF_DETERMINISTIC_OPS"),
        *("TF_CUDNN_DETERMINISTIC", "TF_FORCE_GPU_ALLOW_GROWTH", "TF_NUM_INTEROP_THREADS", "TF_NUM_INTRAOP_THREADS"),
        *("TF_XLA_FLAGS", "TF_ENABLE_GPU_GARBAGE_COLLECTION", "TF_GPU_ALLOCATOR"),
        *("XLA_FLAGS", "KERAS_BACKEND", "KERAS_HOME", "OMP_NUM_THREADS"),
    }
)
"""Variables that say how TensorFlow works. By name: `TF_TOKEN_…` and `TF_VAR_…` are Terraform's, and secrets."""

_KEPT = OF_TENSORFLOW | {"PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH"}

# The system's own limits hold where memory grows faster than it is looked at. `-I` keeps the current folder and the
# user's variables out of the way: the path of modules is that of the process that starts this one, or that of another
# Python, which gets this package alone: the packages beside it may be built for this one.
_START = """
import importlib.util, resource, sys
memory, written = int(sys.argv[1]), int(sys.argv[2])
for what, most in (("RLIMIT_DATA", memory), ("RLIMIT_FSIZE", written), ("RLIMIT_CORE", 0)):
    limit = getattr(resource, what)
    hard = resource.getrlimit(limit)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(limit, (most, most))
if sys.argv[3]:
    sys.path[:] = sys.argv[3].split("\\n")
package = sys.argv[4]
start = package + "/__init__.py"
spec = importlib.util.spec_from_file_location("tb_versions", start, submodule_search_locations=[package])
sys.modules["tb_versions"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["tb_versions"])
importlib.import_module(sys.argv[5]).main(sys.argv[6:])
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


def run_limited(module: str, arguments: Sequence[str], limits: Limits, *, python: str = "") -> str:
    """Runs `main` of a module in a new process until it ends or is stopped.

    The process gets no GPU, and of this one's environment only what says where programs, languages and TensorFlow's
    options are: a model may read files, and so the environment.

    Args:
        module: Dotted name.
        arguments: Of its `main`.
        limits: When it is stopped.
        python: Another Python than this one, as `interpreter.checked_python` returns it.

    Returns:
        Why it did not end well, a sentence; "" if it did.
    """
    import psutil  # here: the process that is started imports this module, and another Python may not have it

    memory = min(limits.memory, int(psutil.virtual_memory().total * 0.9))
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        limited_command(module, arguments, memory + _SPARE, python=python),
        stdin=quiet,
        stdout=quiet,
        stderr=quiet,
        env=environment(),
        start_new_session=True,
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
    return f"{ENDED} {process.returncode} and said nothing."


def limited_command(module: str, arguments: Sequence[str], memory: int, *, python: str = "") -> list[str]:
    """Returns the command that runs `main` of a module under the system's limits.

    Args:
        module: Dotted name.
        arguments: Of its `main`.
        memory: Most bytes of data that the process may reserve; programs reserve more than they use.
        python: Another Python than this one.
    """
    path = "" if python else _path()
    command = [python or sys.executable, "-I", "-c", _START, str(memory), str(_MOST_WRITTEN), path, _PACKAGE]
    return [*command, module, *arguments]


def _watch(process: subprocess.Popen[bytes], seconds: float, memory: int) -> str:
    end = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > end:
            return f"It was stopped after {seconds:g} s."
        if used_memory(process.pid) > memory:
            return f"It was stopped because it used more than {memory / 2**30:.1f} GiB of memory."
        try:
            process.wait(_LOOK_S)
        except subprocess.TimeoutExpired:
            continue
    return ""


def used_memory(pid: int) -> int:
    """Returns the bytes in memory of a process and of those that it started; 0 where it has ended."""
    import psutil

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
    return "\n".join(dict.fromkeys(os.path.abspath(each) for each in sys.path if each))


def environment() -> dict[str, str]:
    """Returns the environment of such a process."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT}
    return {**kept, "CUDA_VISIBLE_DEVICES": "-1", "HIP_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
