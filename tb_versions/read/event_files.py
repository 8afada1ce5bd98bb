"""Event files without a server, through TensorBoard's own multiplexer."""

from __future__ import annotations

import logging
import os
import sys
import types
from typing import Any


def without_tensorflow() -> None:
    """Makes this process's TensorBoard do without TensorFlow, which costs 3 s and 500 MB only for a file system.

    It is TensorBoard's own switch for builds without TensorFlow, and it can't be undone: for a command's
    own process only, never for a library's caller.
    """
    if "tensorflow" not in sys.modules:
        sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))


def provider_of(logdir: str, unreadable: list[tuple[str, str]] | None = None, *, every_point: bool = False) -> Any:
    """Returns a DataProvider over everything in a log directory, read once.

    TensorBoard loads TensorFlow here where it is installed, unless `without_tensorflow` was called.

    Args:
        logdir: A folder of runs. A missing one gives a provider without runs.
        unreadable: Gets the (where, why) of runs whose event files make TensorBoard's reader fail: those are left out.
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
    if os.path.isdir(logdir) or "://" in logdir:
        multiplexer.AddRunsFromDirectory(logdir)
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
    return MultiplexerDataProvider(multiplexer, logdir)


def _read_runs(multiplexer: Any) -> dict[str, str]:
    """Reads every run; returns why, by run, for those that made TensorBoard's reader fail."""
    failures = {}
    for run in multiplexer.RunPaths():
        try:
            multiplexer.GetAccumulator(run).Reload()
        except Exception as error:  # noqa: BLE001, PERF203 - 15 hostile bytes suffice for a MemoryError
            failures[run] = type(error).__name__
    return failures
