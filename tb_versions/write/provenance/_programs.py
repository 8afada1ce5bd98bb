"""Runs helper programs with a time limit that always holds."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Answer:
    """A program's standard output, and whether it was cut at the limit."""

    output: bytes
    cut: bool = False

    @property
    def text(self) -> str:
        """The output as UTF-8 with replacement."""
        return self.output.decode("utf-8", "replace")


def find_program(name: str) -> str | None:
    """Returns the absolute path of a program on PATH, or None.

    A program found through a relative entry of PATH such as `.` is ignored: the current folder is not trusted.
    """
    found = shutil.which(name)
    return found if found and os.path.isabs(found) else None


def ask(
    command: Sequence[str],
    *,
    timeout: float,
    environment: Mapping[str, str] | None = None,
    limit: int = 8 * _MEGABYTE,
) -> Answer | None:
    """Runs a program with closed input and returns its output.

    Does not raise, and returns in time even if the program can't be killed (a dead network file system).

    Args:
        command: Absolute path of the program, and its arguments. No shell is used.
        timeout: Time limit in seconds.
        environment: The program's whole environment; None means this process's environment.
        limit: Maximum bytes of output; the program is killed when it prints more.

    Returns:
        The output; None if the program can't be started, fails, or takes too long.
    """
    if timeout <= 0:
        return None
    try:
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
    except (OSError, ValueError):
        return None
    return _collect(process, timeout, limit)


def _collect(process: subprocess.Popen[bytes], timeout: float, limit: int) -> Answer | None:
    """Reads in a separate thread: a read from a stuck program can't be interrupted, but a thread can be abandoned."""
    chunks: list[bytes] = []
    codes: list[int] = []

    def read() -> None:
        assert process.stdout is not None
        with process.stdout:
            chunks.append(process.stdout.read(limit + 1))
            if len(chunks[0]) > limit:
                _kill(process)
        codes.append(process.wait())

    reader = threading.Thread(target=read, name="tb_versions-program", daemon=True)
    reader.start()
    reader.join(timeout)
    if reader.is_alive():
        _kill(process)
        return None
    if not chunks:
        return None
    cut = len(chunks[0]) > limit
    return Answer(chunks[0][:limit], cut) if cut or codes == [0] else None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kills the program and its children; it leads a session of its own, so they share its process group."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
