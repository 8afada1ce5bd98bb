"""A log directory without a running TensorBoard: through its data server, or else through its own Python reader."""

from __future__ import annotations

import contextlib
import logging
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

from tb_versions.core.storage import is_remote
from tb_versions.read.curves.data_server import DataServer, DataServerFailedError
from tb_versions.read.curves.run_folders import LOOP, NO_FILE, Problems, run_folders

_UNREADABLE = re.compile(r"While walking log directory: IO error for operation on (.+): (.+) \(os error \d+\)")
_LOOP = re.compile(r"While walking log directory: File system loop found: (.+) points to an ancestor .+")


@contextlib.contextmanager
def reading(logdir: str, problems: Problems, *, every_point: bool = True) -> Iterator[Callable[[], Any]]:
    """Begins to read a log directory; yields a function that waits for the end and returns a DataProvider.

    What is done before the call costs no time:

        with reading("logs", problems) as finish:
            ...  # other work, while the data server reads
            provider = finish()

    Args:
        logdir: A folder of runs, or a URL; "" gives None as the provider.
        problems: Gets what could not be read.
        every_point: Whether it has all points of a scalar, not TensorBoard's sample of 1,000.
    """
    server = _server(logdir, every_point=every_point)

    def finish() -> Any:
        if not logdir:
            return None
        if server is not None:
            with contextlib.suppress(DataServerFailedError):
                provider = server.provider()
                problems.extend(_problem(warning, logdir) for warning in server.warnings)
                return provider
        return provider_of(logdir, problems, every_point=every_point)

    try:
        yield finish
    finally:
        if server is not None:
            server.stop()


def _problem(warning: str, logdir: str) -> tuple[str, str]:
    """What the data server warns of, in the words of `run_folders` and `scan` where those say the same."""
    if found := _UNREADABLE.fullmatch(warning):
        return _shown(found[1], logdir), f"can't be read: {found[2]}."
    if found := _LOOP.fullmatch(warning):
        return _shown(found[1], logdir), LOOP
    return "event files", warning


def _shown(path: str, logdir: str) -> str:
    """A path of the data server's as the user knows it."""
    within = os.path.relpath(path, os.path.abspath(os.path.expanduser(logdir)))
    return os.path.normpath(os.path.join(logdir, within))


def _server(logdir: str, *, every_point: bool) -> DataServer | None:
    if not logdir or is_remote(logdir) or _would_hang(logdir):
        return None
    try:
        return DataServer(logdir, every_point=every_point)
    except DataServerFailedError:
        return None


def _would_hang(logdir: str) -> bool:
    """Whether the data server would open something that never ends, such as a fifo."""
    problems: Problems = []
    for _ in run_folders(os.path.expanduser(logdir), problems):
        pass
    return any(why == NO_FILE for _, why in problems)


def provider_of(logdir: str, unreadable: Problems | None = None, *, every_point: bool = False) -> Any:
    """Returns a DataProvider over everything in a log directory, read once.

    TensorBoard loads TensorFlow here where it is installed, unless `without_tensorflow` was called.

    Args:
        logdir: A folder of runs. A missing one gives a provider without runs.
        unreadable: Gets the (where, why) of folders that can't be searched, and of runs whose event files make
            TensorBoard's reader fail: those are left out.
        every_point: Whether all points of a scalar are kept, not TensorBoard's sample of 1,000.
    """
    from tensorboard.backend.event_processing.data_provider import MultiplexerDataProvider
    from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer

    logging.getLogger("tensorboard").setLevel(logging.ERROR)
    logdir = os.path.expanduser(logdir)

    def empty() -> Any:
        points = 0 if every_point else 1_000
        return EventMultiplexer(
            size_guidance={"scalars": points, "tensors": 10}, tensor_size_guidance={"scalars": points}
        )

    multiplexer = empty()
    if is_remote(logdir):
        multiplexer.AddRunsFromDirectory(logdir)
    elif os.path.isdir(logdir):
        for run, folder in run_folders(logdir, [] if unreadable is None else unreadable):
            multiplexer.AddRun(folder, run)
    paths = dict(multiplexer.RunPaths())
    failures = _read_runs(multiplexer)
    if failures:  # a run that failed once would fail again when it is listed
        multiplexer = empty()
        for run in paths.keys() - failures.keys():
            multiplexer.AddRun(paths[run], run)
        _read_runs(multiplexer)
    if unreadable is not None:
        unreadable += [
            (f"run {run}", f"its event files can't be read: {why}.") for run, why in sorted(failures.items())
        ]
    provider = MultiplexerDataProvider(multiplexer, logdir)
    provider.every_point = every_point  # for CurveReader
    return provider


def _read_runs(multiplexer: Any) -> dict[str, str]:
    """Reads every run; returns why, by run, for those that made TensorBoard's reader fail."""
    failures = {}
    for run in multiplexer.RunPaths():
        try:
            multiplexer.GetAccumulator(run).Reload()
        except Exception as error:  # noqa: BLE001, PERF203 - 15 hostile bytes suffice for a MemoryError
            failures[run] = type(error).__name__
    return failures
