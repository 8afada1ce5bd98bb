"""Every point of every curve of some runs, as arrays: from the data server at once, from any DataProvider else."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter

from tb_versions.core.storage import is_remote
from tb_versions.read.curves import SCALARS, Series, joinable_tags
from tb_versions.read.data_server import DataServerFailedError, data_server
from tb_versions.read.event_files import provider_of

CONTEXT = RequestContext()

ALL = 10_000_000
"""Points asked for of a curve: more than an event file of the usual size holds."""

RUNS_PER_READ = 50
"""Runs whose curves are read at once."""

MOST_KEPT = 8_000_000
"""Points that stay in memory, some 160 MB: the table, the comparison and the curves each need all of them."""


class Points(NamedTuple):
    """A curve, by ascending step.

    Attributes:
        steps: int64, shape (n,).
        wall_times: float64, shape (n,), seconds since 1970 (UTC); 0 for what is no number.
        values: float32 as event files have it, or float64 where a value is no float32; shape (n,).
    """

    steps: NDArray[np.int64]
    wall_times: NDArray[np.float64]
    values: NDArray[np.floating[Any]]


PointsOf = Mapping[str, Mapping[str, Points]]
"""Run to tag to points."""


@dataclass(frozen=True)
class Events:
    """What the event files hold.

    Attributes:
        provider: A DataProvider; None where there is no log directory.
        sampled: Whether it may have left points out already.
    """

    provider: Any
    sampled: bool = False
    _kept: dict[str, Mapping[str, Points]] = field(default_factory=dict, init=False, repr=False)
    _room: list[int] = field(default_factory=lambda: [MOST_KEPT], init=False, repr=False)

    def runs(self) -> tuple[str, ...]:
        """Every run, in TensorBoard's order, which decides the colours: by the time of the first event."""
        if self.provider is None:
            return ()
        runs = self.provider.list_runs(CONTEXT, experiment_id="")
        first = {run.run_name: math.inf if run.start_time is None else run.start_time for run in runs}
        return tuple(sorted(first, key=lambda name: (first[name], name)))

    def tags(self, runs: Sequence[str]) -> dict[str, list[str]]:
        """The scalar tags of some runs, sorted."""
        if self.provider is None:
            return {}
        asked = RunTagFilter(runs=list(runs))
        listed = self.provider.list_scalars(CONTEXT, experiment_id="", plugin_name=SCALARS, run_tag_filter=asked)
        return {run: sorted(tags) for run, tags in listed.items()}

    def read(self, tags: Mapping[str, Sequence[str]]) -> Iterator[PointsOf]:
        """Gives the curves, some runs at a time; a run without curves is left out.

        Args:
            tags: Run to the tags that are read.
        """
        runs = [run for run in tags if tags[run]]
        for start in range(0, len(runs), RUNS_PER_READ):
            some = runs[start : start + RUNS_PER_READ]
            found = self._curves(some, tags)
            yield {
                run: {tag: found[run][tag] for tag in tags[run] if tag in found[run]} for run in some if run in found
            }

    def series(self, runs: Sequence[str]) -> dict[str, dict[str, Series]]:
        """The curves of some runs that can be metrics, as comparisons take them."""
        tags = {run: joinable_tags(of) for run, of in self.tags(runs).items()}
        return {
            run: {
                tag: Series(tuple(points.steps.tolist()), tuple(points.values.tolist())) for tag, points in of.items()
            }
            for some in self.read(tags)
            for run, of in some.items()
        }

    def _curves(self, runs: Sequence[str], tags: Mapping[str, Sequence[str]]) -> PointsOf:
        """Those that were kept, and the others read; the first that there is room for are kept from then on."""
        kept = {run: self._kept[run] for run in runs if self._kept.get(run, {}).keys() >= set(tags[run])}
        others = [run for run in runs if run not in kept]
        if not others:
            return kept
        asked = sorted({tag for run in others for tag in tags[run]})
        read = (_served if hasattr(self.provider, "_stub") else _provided)(self.provider, others, asked)
        for run, curves in read.items():
            count = sum(len(points.steps) for points in curves.values())
            if run not in self._kept and count <= self._room[0]:
                self._kept[run] = curves
                self._room[0] -= count
        return {**kept, **read}


@contextlib.contextmanager
def open_events(logdir: str, problems: list[tuple[str, str]], meanwhile: Iterable[None] = ()) -> Iterator[Events]:
    """Gives everything in a log directory, read once and complete.

    Args:
        logdir: A folder of runs, or a URL; "" has no runs.
        problems: Gets (where, why) of what could not be read.
        meanwhile: Other work, of which some is done while the event files are read.
    """
    with contextlib.ExitStack() as stack:
        warnings: list[str] = []
        try:
            if is_remote(logdir):
                raise DataServerFailedError("It reads local folders only.")
            provider = stack.enter_context(data_server(logdir, warnings, meanwhile))
        except DataServerFailedError:
            provider = provider_of(logdir, problems, every_point=True)
        problems += [("event files", warning) for warning in warnings]
        yield Events(provider)


def _served(provider: Any, runs: Sequence[str], tags: Sequence[str]) -> PointsOf:
    """Through the data server's own answer, whose arrays are packed: its provider makes an object of each point."""
    from tensorboard.data.proto import data_provider_pb2

    request = data_provider_pb2.ReadScalarsRequest(experiment_id="")
    request.plugin_filter.plugin_name = SCALARS
    request.run_tag_filter.runs.names.extend(runs)
    request.run_tag_filter.tags.names.extend(tags)
    request.downsample.num_points = ALL
    answer = provider._stub.ReadScalars(request)
    return {run.run_name: {tag.tag_name: _packed(tag.data) for tag in run.tags} for run in answer.runs}


def _packed(data: Any) -> Points:
    count = len(data.step)
    return _points(
        np.fromiter(data.step, np.int64, count),
        np.fromiter(data.wall_time, np.float64, count),
        np.fromiter(data.value, np.float32, count),
    )


def _provided(provider: Any, runs: Sequence[str], tags: Sequence[str]) -> PointsOf:
    asked = RunTagFilter(runs=list(runs), tags=list(tags))
    if hasattr(provider, "arrays"):  # our own, of an exported experiment
        return {run: {tag: _exact(*of[tag]) for tag in of} for run, of in provider.arrays(asked).items()}
    series = provider.read_scalars(CONTEXT, experiment_id="", plugin_name=SCALARS, downsample=ALL, run_tag_filter=asked)
    return {run: {tag: _listed(data) for tag, data in of.items() if data} for run, of in series.items()}


def _listed(data: Sequence[Any]) -> Points:
    return _exact(
        np.array([int(d.step) for d in data], np.int64),
        np.array([d.wall_time for d in data], np.float64),
        np.array([d.value for d in data], np.float64),
    )


def _exact(steps: NDArray[np.int64], wall_times: NDArray[np.float64], values: NDArray[np.float64]) -> Points:
    """Single precision where no value needs double."""
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    is_single = np.array_equal(single.astype(np.float64), values, equal_nan=True)
    return _points(steps, wall_times, single if is_single else values)


def _points(steps: NDArray[np.int64], wall_times: NDArray[np.float64], values: NDArray[np.floating[Any]]) -> Points:
    wall_times = np.where(np.isfinite(wall_times), wall_times, 0.0)
    if np.any(steps[1:] < steps[:-1]):
        order = np.argsort(steps, kind="stable")
        return Points(steps[order], wall_times[order], values[order])
    return Points(steps, wall_times, values)


def batched(events: Events, tags: Mapping[str, Sequence[str]], told: Callable[[int], None]) -> Iterator[PointsOf]:
    """As `Events.read`; tells how many runs were read so far."""
    done = 0
    for curves in events.read(tags):
        yield curves
        done += RUNS_PER_READ
        told(min(done, len(tags)))
