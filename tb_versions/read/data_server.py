"""Event files without a server of TensorBoard's, through its fast data server: every point, complete.

TensorBoard's Python reader takes 82 s for five million scalars, its data server 2.3 s, but the server answers
while it still reads. Started with `--reload once --verbose` it says on its standard error when it has finished,
and only then it is asked. docs/decisions/0008 has the measurements.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.errors import StorageError

_STARTED = "Starting load cycle"
_FINISHED = "Finished load cycle"
_START_SECONDS = 10.0
_WARNING = re.compile(r"\[\S+ (?:WARN|ERROR) [^]]*\] (.*)")
_MOST_WARNINGS = 20
_ANSWER_LIMIT = 256 << 20


class DataServerFailedError(StorageError):
    """The data server is not there, does not suit this log directory, or died while it read."""


@contextlib.contextmanager
def data_server(logdir: str, warnings: list[str], meanwhile: Iterable[None] = ()) -> Iterator[Any]:
    """Gives a DataProvider over everything in a local log directory, with every point of every scalar.

    Args:
        logdir: A local folder of runs.
        warnings: Gets what the server had to say of files that it could not read to their end.
        meanwhile: Other work in small steps, as many of them as there is time for while the server reads.

    Raises:
        DataServerFailedError: Before anything is given.
    """
    binary = _binary()
    with tempfile.TemporaryDirectory(prefix="tb-versions-") as folder:
        port_file = os.path.join(folder, "port")
        process = _start(binary, os.path.abspath(os.path.expanduser(logdir)), port_file)
        try:
            _wait(process, warnings, iter(meanwhile))
            yield _provider(_port(port_file))
        finally:
            _stop(process)


def _binary() -> str:
    from tensorboard.data import server_ingester

    try:
        found = server_ingester.get_server_binary()
    except server_ingester.NoDataServerError as error:
        raise DataServerFailedError(str(error)) from error
    return str(found.path)


def _start(binary: str, logdir: str, port_file: str) -> subprocess.Popen[str]:
    command = [
        binary,
        f"--logdir={logdir}",
        "--reload=once",
        "--samples-per-plugin=scalars=all",
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
        raise DataServerFailedError(f"TensorBoard's data server can't be started: {error.strerror}.") from error


def _wait(process: subprocess.Popen[str], warnings: list[str], meanwhile: Iterator[None]) -> None:
    """Returns once the server has read every file; what it says is read to its end, for a full pipe would stop it."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(process, lines), name="data-server-log", daemon=True).start()
    patience: float | None = _START_SECONDS  # a server of other words must not be waited for without end
    while (line := _next(lines, patience, meanwhile)) is not None:
        if _FINISHED in line:
            return
        if _STARTED in line:
            patience = None
        warning = _WARNING.match(line)
        if warning and len(warnings) < _MOST_WARNINGS:
            warnings.append(visible(warning[1].strip())[:300])
    raise DataServerFailedError("TensorBoard's data server ended, or said nothing, while it read.")


def _listen(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    assert process.stderr is not None
    with process.stderr as said:
        for line in said:
            lines.put(line)
    lines.put(None)


def _next(lines: queue.SimpleQueue[str | None], patience: float | None, meanwhile: Iterator[None]) -> str | None:
    while lines.empty() and next(meanwhile, "done") is None:
        pass
    try:
        return lines.get(timeout=patience)
    except queue.Empty:
        return None


def _port(port_file: str) -> int:
    try:
        with open(port_file, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError) as error:
        raise DataServerFailedError("TensorBoard's data server named no port.") from error


def _provider(port: int) -> Any:
    import grpc
    from tensorboard.data import grpc_provider

    address = f"localhost:{port}"
    channel = grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", _ANSWER_LIMIT)])
    return grpc_provider.GrpcDataProvider(address, grpc_provider.make_stub(channel))


def _stop(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):
        process.stdin.close()  # --die-after-stdin
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
