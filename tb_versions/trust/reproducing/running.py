"""Runs the command of a stranger, which the user has seen and allowed: without what the environment keeps secret.

That is no sandbox: it can do what the user can. It does not get the user's variables and home folder unasked.
"""

from __future__ import annotations

import contextlib
import os
import signal
import site
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tb_versions.core.limited import OF_TENSORFLOW
from tb_versions.core.manifest import visible
from tb_versions.errors import NoAnswerError
from tb_versions.write.homes import PUBLISH_BELOW

SECONDS = 86_400.0
"""When the command is stopped, unless told otherwise."""

PASSED = (OF_TENSORFLOW - {"KERAS_HOME"}) | {
    *("PATH", "TMPDIR", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"),
    *("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "CUBLAS_WORKSPACE_CONFIG", "HIP_VISIBLE_DEVICES"),
    *("NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
}
"""Variables of the user's that the command gets."""

_LAST = 2_000


@dataclass(frozen=True)
class Ran:
    """What came of the command.

    Attributes:
        seconds: How long it ran.
        why: Why it did not end well, a sentence; "" if it did.
        last: The last lines of its output.
    """

    seconds: float
    why: str = ""
    last: str = ""


def environment_of(
    folder: str, *, python: str, variables: Mapping[str, str], passed: Iterable[str] = (), is_current: bool = False
) -> dict[str, str]:
    """Returns the variables that the command gets.

    Args:
        folder: Below which it may publish; its home is in it.
        python: Path of its Python.
        variables: That the record asks for.
        passed: More of the user's own, by name, because the user said so.
        is_current: Whether its Python is that of this process, whose modules it is to find.
    """
    names = {*PASSED, *passed, *(("PYTHONPATH",) if is_current else ())}
    kept = {name: os.environ[name] for name in names if name in os.environ}
    own = {"HOME": os.path.join(folder, "home"), "PYTHONUNBUFFERED": "1", PUBLISH_BELOW: folder}
    if is_current:
        own["PYTHONUSERBASE"] = site.getuserbase()
    kept["PATH"] = os.pathsep.join(filter(None, [os.path.dirname(python), kept.get("PATH", os.defpath)]))
    return {**own, **kept, **variables, PUBLISH_BELOW: folder}


def run_command(
    command: Sequence[str], *, folder: str, environment: Mapping[str, str], log: str, seconds: float = SECONDS
) -> Ran:
    """Runs a command until it ends or is stopped, with those that it started.

    Args:
        command: Path of the program, and its arguments; no shell is used.
        folder: Where it runs.
        environment: All of its variables.
        log: File to make, with its output.
        seconds: When it is stopped.

    Raises:
        NoAnswerError: It can't be started.
    """
    start = time.monotonic()
    with open(log, "xb") as output:
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise NoAnswerError(f"{visible(command[0])} can't be started: {error}.") from error
        why = ""
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            why = f"It was stopped after {seconds:g} s."
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # all have ended
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if not why and process.returncode:
        code = process.returncode
        why = f"It ended with {code}." if code > 0 else f"It ended by {signal.Signals(-code).name}."
    return Ran(time.monotonic() - start, why, _last(log) if why else "")


def _last(log: str) -> str:
    with open(log, "rb") as output:
        output.seek(max(0, os.fstat(output.fileno()).st_size - _LAST))
        lines = output.read(_LAST).decode("utf-8", "replace").splitlines()
    return "\n".join(visible(line) for line in lines[-20:])
