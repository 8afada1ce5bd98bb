"""Event files without a server of TensorBoard's, through its fast data server: every point, complete.

TensorBoard's Python reader takes 82 s for five million scalars, its data server 2.3 s, but the server answers
while it still reads. Started with `--reload once --verbose` it says on its standard error when it has finished,
and only then it is asked. docs/decisions/0008 and 0010 have the measurements.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_versions.core.manifest import visible
from tb_versions.errors import StorageError
from tb_versions.read.curves.curve_reader import ALL, SCALARS

_STARTED = "Starting load cycle"
_FINISHED = "Finished load cycle"
_START_SECONDS = 10.0
_WARNING = re.compile(r"\[\S+ (?:WARN|ERROR) [^]]*\] (.*)")
_UNREAD = re.compile(r"(?:Read error in|Failed to open event file) (.*)")
_MOST_WARNINGS = 20
_ANSWER_LIMIT = 256 << 20


MEMORY = 4 << 30
"""Most bytes of memory of one data server; above that it ends. Some nine million points of one run need so many."""


class DataServerFailedError(StorageError):
    """The data server does not suit this log directory, or died while it read."""


class NoDataServerError(DataServerFailedError):
    """The data server is not there, or can't be started."""


class DataServer:
    """TensorBoard's data server over a local log directory: it reads while this process does other work.

    Attributes:
        warnings: What it had to say of files that it could not read to their end; complete once `provider` returned.
        damaged: Where these files are, without symlinks; other paths may be among them.
    """

    def __init__(self, logdir: str, *, every_point: bool = True) -> None:
        """Starts the server; `stop` must be called.

        Args:
            logdir: A local folder of runs.
            every_point: Whether all points of a scalar are kept, not TensorBoard's sample of 1,000.

        Raises:
            NoDataServerError: It can't be started.
        """
        self.warnings: list[str] = []
        self.damaged: set[str] = set()
        self._every_point = every_point
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tb-versions-"))
            self._port_file = os.path.join(folder, "port")
            self._process = _start(
                _binary(), os.path.abspath(os.path.expanduser(logdir)), self._port_file, every_point=every_point
            )
            stack.callback(_stop, self._process)
            _limit_memory(self._process.pid)
            # Its log is read to its end: a full pipe would stop it.
            listening = (self._process, self._lines)
            threading.Thread(target=_listen, args=listening, name="data-server-log", daemon=True).start()
            self._stack = stack.pop_all()

    def provider(self) -> Any:
        """Waits until every file was read; returns a DataProvider with every point of every scalar.

        Raises:
            DataServerFailedError: The server died, or says other words than those we know.
        """
        patience: float | None = _START_SECONDS  # a server of other words must not be waited for without end
        while (line := self._next(patience)) is not None:
            if _FINISHED in line:
                channel = _channel(_port(self._port_file))
                self._stack.callback(channel.close)
                provider = _provider(channel, every_point=self._every_point)
                provider.damaged = self.damaged  # for who asks whether a curve was read to its end
                return provider
            if _STARTED in line:
                patience = None
            warning = _WARNING.match(line)
            if warning and (unread := _UNREAD.match(warning[1])):
                self.damaged |= _paths_in(unread[1])
            if warning and len(self.warnings) < _MOST_WARNINGS:
                self.warnings.append(visible(warning[1].strip())[:300])
        raise DataServerFailedError("TensorBoard's data server ended, or said nothing, while it read.")

    def _next(self, patience: float | None) -> str | None:
        try:
            return self._lines.get(timeout=patience)
        except queue.Empty:
            return None

    def stop(self) -> None:
        """Ends the server."""
        self._stack.close()


def _paths_in(said: str) -> set[str]:
    """What may be the path in "path: reason", without symlinks: both may have colons."""
    parts = said.rstrip().split(": ")
    return {os.path.realpath(": ".join(parts[:count])) for count in range(1, len(parts))}


def _binary() -> str:
    from tensorboard.data import server_ingester

    try:
        found = server_ingester.get_server_binary()
    except server_ingester.NoDataServerError as error:
        raise NoDataServerError(str(error)) from error
    return str(found.path)


def _start(binary: str, logdir: str, port_file: str, *, every_point: bool) -> subprocess.Popen[str]:
    command = [
        binary,
        f"--logdir={logdir}",
        "--reload=once",
        *(["--samples-per-plugin=scalars=all,images=1,audio=1,histograms=1,text=1"] if every_point else []),
        "--checksum",  # a damaged number must not be shown; TensorBoard's Python reader checks too
        "--port=0",
        f"--port-file={port_file}",
        "--die-after-stdin",
        "--verbose",
    ]
    # RUST_LOG would decide what it says, even as an empty text.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RUST_LOG")}
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
            errors="replace",
        )
    except OSError as error:
        raise NoDataServerError(f"TensorBoard's data server can't be started: {error.strerror}.") from error


def _limit_memory(pid: int) -> None:
    """Where the system can: a file that says that a record has a terabyte, or has too many points, ends the server."""
    if sys.platform == "linux":
        import resource

        with contextlib.suppress(OSError):
            resource.prlimit(pid, resource.RLIMIT_DATA, (MEMORY, MEMORY))


def _listen(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    assert process.stderr is not None
    with process.stderr as said:
        for line in said:
            lines.put(line)
    lines.put(None)


def _port(port_file: str) -> int:
    try:
        with open(port_file, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError) as error:
        raise DataServerFailedError("TensorBoard's data server named no port.") from error


def _channel(port: int) -> Any:
    import grpc

    return grpc.insecure_channel(f"localhost:{port}", options=[("grpc.max_receive_message_length", _ANSWER_LIMIT)])


def _provider(channel: Any, *, every_point: bool) -> Any:
    from tensorboard.data import grpc_provider
    from tensorboard.data.provider import RunTagFilter

    stub = grpc_provider.make_stub(channel)

    class EveryPoint(grpc_provider.GrpcDataProvider):  # type: ignore[misc] # TensorBoard has no types
        """TensorBoard's provider, and the server's answer with packed arrays: the provider makes objects of each."""

        def arrays(self, asked: Any) -> dict[str, dict[str, tuple[NDArray[Any], NDArray[Any], NDArray[Any]]]]:
            """Returns run to tag to steps, wall times and values of every point."""
            answer = stub.ReadScalars(_request(asked))
            return {run.run_name: {tag.tag_name: _arrays(tag.data) for tag in run.tags} for run in answer.runs}

        def scalar_tags(self, runs: Sequence[str]) -> dict[str, list[str]]:
            """Returns run to the tags of its scalars, also those that are not listed because no value was read."""
            request = _request(RunTagFilter(runs=runs))
            request.downsample.num_points = 0
            return {run.run_name: [tag.tag_name for tag in run.tags] for run in stub.ReadScalars(request).runs}

    return (EveryPoint if every_point else grpc_provider.GrpcDataProvider)("localhost", stub)


def _request(asked: Any) -> Any:
    from tensorboard.data.proto import data_provider_pb2

    request = data_provider_pb2.ReadScalarsRequest(experiment_id="")
    request.plugin_filter.plugin_name = SCALARS
    request.run_tag_filter.runs.names.extend(asked.runs)
    if asked.tags is not None:
        request.run_tag_filter.tags.names.extend(asked.tags)
    request.downsample.num_points = ALL
    return request


def _arrays(data: Any) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    count = len(data.step)
    return (
        np.fromiter(data.step, np.int64, count),
        np.fromiter(data.wall_time, np.float64, count),
        np.fromiter(data.value, np.float32, count),
    )


def _stop(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()  # --die-after-stdin
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
