"""Starts a TensorBoard process, and measures its start, answers and memory."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.figures import Sample
from bench.make_data import OUT, ROOT

PLUGIN = "/data/plugin/versions/"


@dataclass(frozen=True)
class Answer:
    """An answer, and how long it took from the connection to the last byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sample: Sample


@dataclass
class Server:
    """A running TensorBoard.

    Attributes:
        answered: `time.perf_counter()` at its first answer.
        start: Seconds from its start to its first answer, and the CPU seconds that it used.
    """

    process: psutil.Popen
    port: int
    answered: float = 0.0
    start: Sample = field(default_factory=lambda: Sample(0))

    @property
    def url(self) -> str:
        """Address, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, *, etag: str | None = None, body: bytes | None = None) -> Answer:
        """Asks, accepting gzip as browsers do; the body stays as it came. CPU is the server's."""
        headers = {"Accept-Encoding": "gzip", **({"If-None-Match": etag} if etag else {})}
        if body is not None:
            headers["Content-Type"] = "application/json"
        cpu, wall = self.cpu(), time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            connection.request("GET" if body is None else "POST", path, body=body, headers=headers)
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        sample = Sample(time.perf_counter() - wall, self.cpu() - cpu)
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, data, sample)

    def cpu(self) -> float:
        """CPU seconds of the process so far, all its threads (in steps of 10 ms)."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Resident bytes of the process; its data server, which is not ours, is left out."""
        return int(self.process.memory_info().rss)

    def peak(self) -> int:
        """Most resident bytes it ever had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024


@contextmanager
def tensorboard(
    logdir: Path, *arguments: str, plugins: str = "with", tensorflow: bool = False, wait: float = 180
) -> Iterator[Server]:
    """Runs a TensorBoard for a `with` block, which begins at its first answer.

    Args:
        logdir: Log directory.
        *arguments: Further flags.
        plugins: See `bench.launch`.
        tensorflow: Whether TensorFlow is there to be loaded.
        wait: Most seconds until it answers.
    """
    port = _free_port()
    command = [sys.executable, "-m", "bench.launch", plugins, *(["tensorflow"] if tensorflow else [])]
    command += ["--logdir", str(logdir), "--host", "127.0.0.1", "--port", str(port), *arguments]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
    with (OUT / "tensorboard.log").open("wb") as log:
        began = time.perf_counter()
        process = psutil.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(process, port)
    try:
        _wait(server, began + wait)
        server.answered = time.perf_counter()
        server.start = Sample(server.answered - began, server.cpu())
        yield server
    finally:
        _stop(process)


def _wait(server: Server, until: float) -> None:
    while time.perf_counter() < until and server.process.poll() is None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if server.get("/data/plugins_listing").status == 200:
                return
        time.sleep(0.003)
    printed = (OUT / "tensorboard.log").read_text(errors="replace")[-3000:]
    raise RuntimeError(f"TensorBoard does not answer. It printed:\n{printed}")


def _stop(process: psutil.Popen) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(psutil.TimeoutExpired, subprocess.TimeoutExpired):
            process.wait(5)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
