"""The one reader of curves: the table, comparisons, charts, the command line and exports all ask through it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter

from tb_versions.read.curves import Curve, Points, RunCurves, RunPoints, joinable_tags, summarize

SCALARS = "scalars"
"""Plugin name under which TensorBoard serves scalars."""

SAMPLE = 1_000
"""Points of a curve that TensorBoard keeps by default."""

ALL = 10_000_000
"""Points to ask for where every one is wanted: more than an event file of the usual size holds."""

RUNS_PER_READ = 50
"""Runs whose curves are read at once, with every point; samples are read of 1,000 runs at once."""

_CONTEXT = RequestContext()
_LEAST_POINTS = 200  # enough to tell the noise of a curve
_MAX_FAILURES = 20


class CurveReader:
    """Reads curves through a DataProvider.

    Attributes:
        provider: The DataProvider, or None.
        sampled: Whether it may have left points out.
    """

    def __init__(self, provider: Any, *, sampled: bool = False, keep: int = 0) -> None:
        """Reads nothing yet.

        Args:
            provider: A `tensorboard.data.provider.DataProvider`; None where there is no log directory. One that has a
                method `arrays`, as our own have, is asked by that: it takes a RunTagFilter and returns run to tag to
                (steps, wall times, values) with every point, without an object for each.
            sampled: See above.
            keep: Most points that stay in memory for the next one who asks, 20 bytes each; the first come stay.
        """
        self.provider = provider
        self.sampled = sampled
        self._room = keep
        self._kept: dict[str, Mapping[str, Points]] = {}

    def tags(self, runs: Sequence[str]) -> dict[str, list[str]]:
        """Returns the tags of the scalars of some runs, sorted."""
        return {run: sorted(series) for run, series in self.list(runs).items()}

    def list(self, runs: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
        """Returns run to tag to TensorBoard's `ScalarTimeSeries`."""
        if self.provider is None or not runs:
            return {}
        listed: Mapping[str, Mapping[str, Any]] = self.provider.list_scalars(
            _CONTEXT, experiment_id="", plugin_name=SCALARS, run_tag_filter=RunTagFilter(runs=list(runs))
        )
        return listed

    def read(self, tags: Mapping[str, Sequence[str]], *, most: int = ALL) -> Iterator[RunPoints]:
        """Yields the curves of some runs at a time; a run without curves is left out.

        Args:
            tags: Run to the tags to read.
            most: Most points of each curve.
        """
        runs = [run for run in tags if tags[run]]
        at_once = RUNS_PER_READ if most > SAMPLE else 1_000
        for start in range(0, len(runs), at_once):
            some = runs[start : start + at_once]
            found = self._read(some, tags, most)
            yield {
                run: {tag: found[run][tag] for tag in tags[run] if tag in found[run]} for run in some if run in found
            }

    def read_metrics(self, runs: Sequence[str], *, at_most: int | None = None) -> dict[str, Mapping[str, Points]]:
        """Returns the curves of some runs that can be metrics of versions.

        Args:
            runs: Names.
            at_most: Most points of all curves together, though at least 200 of each and at most TensorBoard's usual
                1,000; None reads every point.
        """
        tags = {run: joinable_tags(of) for run, of in self.list(runs).items()}
        count = sum(map(len, tags.values()))
        most = ALL if at_most is None else min(SAMPLE, max(_LEAST_POINTS, at_most // max(count, 1)))
        return {run: curves for some in self.read(tags, most=most) for run, curves in some.items()}

    def _read(self, runs: Sequence[str], tags: Mapping[str, Sequence[str]], most: int) -> RunPoints:
        kept = {run: self._kept[run] for run in runs if self._kept.get(run, {}).keys() >= set(tags[run])}
        others = [run for run in runs if run not in kept]
        if not others:
            return kept
        asked = RunTagFilter(runs=others, tags=sorted({tag for run in others for tag in tags[run]}))
        read = _points_of(self.provider, asked, most)
        for run, curves in read.items():
            self._keep(run, curves)
        return {**kept, **read}

    def _keep(self, run: str, curves: Mapping[str, Points]) -> None:
        count = sum(len(points.steps) for points in curves.values())
        if run not in self._kept and count <= self._room:
            self._kept[run] = curves
            self._room -= count


def _points_of(provider: Any, asked: RunTagFilter, most: int) -> RunPoints:
    if hasattr(provider, "arrays"):
        return {run: {tag: points_of(*of[tag]) for tag in of} for run, of in provider.arrays(asked).items()}
    series = provider.read_scalars(
        _CONTEXT, experiment_id="", plugin_name=SCALARS, downsample=most, run_tag_filter=asked
    )
    return {run: {tag: _from_data(data) for tag, data in of.items() if data} for run, of in series.items()}


def _from_data(data: Sequence[Any]) -> Points:
    return points_of(
        np.array([int(d.step) for d in data], np.int64),
        np.array([d.wall_time for d in data], np.float64),
        np.array([d.value for d in data], np.float64),
    )


def points_of(steps: NDArray[np.int64], wall_times: NDArray[np.float64], values: NDArray[np.floating[Any]]) -> Points:
    """Returns points sorted by step, their values in single precision where none of them needs double."""
    if values.dtype != np.float32:
        with np.errstate(over="ignore"):
            single = values.astype(np.float32)
        if np.array_equal(single.astype(np.float64), values, equal_nan=True):
            values = single
    wall_times = np.where(np.isfinite(wall_times), wall_times, 0.0)
    if np.any(steps[1:] < steps[:-1]):
        order = np.argsort(steps, kind="stable")
        return Points(steps[order], wall_times[order], values[order])
    return Points(steps, wall_times, values)


class LinkedCurves:
    """Keeps what the table shows of the curves of linked runs; reads only runs that have news, and keeps no points.

    Attributes:
        failures: Run to why it could not be read the last time; it is tried again.
    """

    def __init__(self, reader: CurveReader) -> None:
        """Reads nothing yet."""
        self._reader = reader
        self._news: dict[str, tuple[object, frozenset[int]]] = {}
        self._curves: dict[str, Mapping[str, Curve]] = {}
        self.failures: dict[str, str] = {}

    def refresh(self, exports: Mapping[str, frozenset[int]]) -> tuple[RunCurves, bool]:
        """Reads what is new; an error of listing passes through.

        Args:
            exports: Linked run to the steps of its exports.

        Returns:
            The curves, and whether anything changed.
        """
        before = self._curves
        self._curves = {run: curves for run, curves in before.items() if run in exports}
        self._news = {run: news for run, news in self._news.items() if run in exports}
        self.failures = {}
        listed = self._reader.list(list(exports))
        news = {run: (_latest(listed.get(run, {})), steps) for run, steps in exports.items()}
        stale = [run for run in exports if self._news.get(run) != news[run]]
        for start in range(0, len(stale), RUNS_PER_READ):
            self._read_apart(stale[start : start + RUNS_PER_READ], listed, exports)
        read = [run for run in stale if run not in self.failures]
        self._news.update((run, news[run]) for run in read)
        return dict(self._curves), bool(read) or len(before) != len(self._curves)

    def _read_apart(self, runs: list[str], listed: Mapping[str, Any], exports: Mapping[str, frozenset[int]]) -> None:
        """Reads runs together; if that fails, in halves: one damaged run must not hide the others."""
        try:
            self._read(runs, listed, exports)
        except Exception as error:  # noqa: BLE001 - whatever the provider raises, the other runs stay
            if len(runs) == 1 or len(self.failures) >= _MAX_FAILURES:
                reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
                self.failures.update(dict.fromkeys(runs, reason))
                return
            half = len(runs) // 2
            self._read_apart(runs[:half], listed, exports)
            self._read_apart(runs[half:], listed, exports)

    def _read(self, runs: list[str], listed: Mapping[str, Any], exports: Mapping[str, frozenset[int]]) -> None:
        tags = {run: joinable_tags(listed.get(run, {})) for run in runs}
        read = {run: curves for some in self._reader.read(tags, most=SAMPLE) for run, curves in some.items()}
        for run in runs:
            self._curves[run] = {
                tag: summarize(run, tag, points, exports[run]) for tag, points in read.get(run, {}).items()
            }


def _latest(tags: Mapping[str, Any]) -> object:
    """What changes when a run gets a new point."""
    return tuple(sorted((tag, series.max_step, series.max_wall_time) for tag, series in tags.items()))
