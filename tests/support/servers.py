"""Real `tensorboard` processes for tests, the demo's test and the bench."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.effort import HANGS
from tests.support.tables import whole

_URL = re.compile(rb"at (http://[^\s]+/) \(Press")


@dataclass
class TensorBoard:
    """A running TensorBoard.

    Attributes:
        url: With a slash at the end, and the path prefix where there is one.
        process: The process, leader of its own group.
        log_file: What it printed.
    """

    url: str
    process: subprocess.Popen[bytes]
    log_file: Path

    @property
    def plugin_url(self) -> str:
        """Where the plugin's routes are, with a slash at the end."""
        return self.url + "data/plugin/versions/"

    @property
    def log(self) -> str:
        """Everything printed so far."""
        return self.log_file.read_text(errors="replace")

    def get(self, path: str) -> bytes:
        """Returns the body of a GET below `url`; raises urllib.error.HTTPError for 4xx and 5xx."""
        with urllib.request.urlopen(self.url + path, timeout=HANGS) as answer:
            body: bytes = answer.read()
        return body

    def get_json(self, path: str) -> Any:
        """Returns the JSON body of a GET below `url`; of a table in blocks each column as one."""
        return whole(json.loads(self.get(path)))

    def stop(self) -> None:
        """Ends the process, its data server too."""
        stop(self.process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends a process that leads its own group, and the group."""
    for number, patience in ((signal.SIGTERM, 5), (signal.SIGKILL, 10)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def start_tensorboard(
    logdir: os.PathLike[str] | str | None,
    *arguments: str,
    log_file: Path,
    python: str = sys.executable,
) -> TensorBoard:
    """Starts `tensorboard` on a port that the system chooses, and returns when it answers.

    Args:
        logdir: Log directory; None where the arguments say it (`--logdir_spec`).
        *arguments: Further flags.
        log_file: Where its output goes.
        python: Interpreter of the environment to run.

    Raises:
        RuntimeError: It ended, or it hangs; the message has its output.
    """
    command = [python, "-m", "tensorboard.main", "--host", "127.0.0.1", "--port", "0", *arguments]
    if logdir is not None:
        command += ["--logdir", os.fspath(logdir)]
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        return TensorBoard(_wait_for_url(process, log_file), process, log_file)
    except BaseException:
        stop(process)
        raise


def _wait_for_url(process: subprocess.Popen[bytes], log_file: Path) -> str:
    end = time.monotonic() + HANGS
    url = None
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        match = _URL.search(log_file.read_bytes())
        url = match[1].decode() if match else None
        if url and _answers(url + "data/plugins_listing"):
            return url
        time.sleep(0.05)
    printed = log_file.read_text(errors="replace")[-4000:]
    state = "ended" if process.poll() is not None else f"did not answer within {HANGS:,} s"
    raise RuntimeError(f"tensorboard {state}. It printed:\n{printed}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def tensorboard(
    logdir: os.PathLike[str] | str | None, *arguments: str, log_file: Path, python: str = sys.executable
) -> Iterator[TensorBoard]:
    """A TensorBoard for the length of a `with` block; see `start_tensorboard`."""
    server = start_tensorboard(logdir, *arguments, log_file=log_file, python=python)
    try:
        yield server
    finally:
        server.stop()
