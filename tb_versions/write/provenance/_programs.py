"""Runs a helper program without ever waiting for it longer than allowed."""

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
    """What a program printed: its standard output, and whether that was cut at the limit."""

    output: bytes
    cut: bool = False

    @property
    def text(self) -> str:
        """The output as UTF-8 with replacement."""
        return self.output.decode("utf-8", "replace")


def find_program(name: str) -> str | None:
    """Absolute path of a program on PATH, or None.

    One that would come from the current folder (PATH with `.`) is not taken: the folder may be anybody's.
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
    """Runs a program with closed input and returns what it printed.

    Does not raise, and returns in time even if the program can't be killed (a dead network file system).

    Args:
        command: Absolute path of the program, and its arguments; no shell.
        timeout: Most seconds until the answer.
        environment: The program's whole environment; None is this process's.
        limit: Most bytes of output; the program is stopped there.

    Returns:
        None if it can't be started, fails, or takes too long.
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
    """Reads in a thread of its own: a read from a stuck program can't be interrupted, only left behind."""
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
    """Kills the program and what it started (it leads a session of its own)."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
