"""The one reader of curves: the table, comparisons, charts, the command line and exports all ask through it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter

from tb_versions.read.curves.curve import Points, RunPoints, joinable_tags, without_overwritten

SCALARS = "scalars"
"""Plugin name under which TensorBoard serves scalars."""

SAMPLE = 1_000
"""Points of a curve that TensorBoard keeps by default."""

ALL = 2**40
"""Points to ask for where every one is wanted: more than any curve has."""

RUNS_PER_READ = 50
"""Runs whose curves are read at once, with every point; samples are read of 1,000 runs at once."""

_CONTEXT = RequestContext()
_LEAST_POINTS = 200  # enough to tell the noise of a curve


class CurveReader:
    """Reads curves through a DataProvider.

    Attributes:
        provider: The DataProvider, or None.
    """

    def __init__(self, provider: Any, *, kept: int | None = SAMPLE, keep: int = 0) -> None:
        """Reads nothing yet.

        Args:
            provider: A `tensorboard.data.provider.DataProvider`; None where there is no log directory. One that has a
                method `arrays`, as our own have, is asked by that: it takes a RunTagFilter and returns run to tag to
                (steps, wall times, values) with every point, without an object for each.
            kept: Most points of a curve that the provider has, as TensorBoard does; None if it has all.
            keep: Most points that stay in memory for the next one who asks, 20 bytes each; the first come stay.
        """
        self.provider = provider
        self._most_kept = kept
        self._room = keep
        self._kept: dict[str, Mapping[str, Points]] = {}

    @property
    def kept(self) -> int | None:
        """Most points of a curve that the provider has; a curve of so many may have had more. None if it has all."""
        has_all = hasattr(self.provider, "arrays") or getattr(self.provider, "every_point", False)
        return None if has_all else self._most_kept

    @property
    def damaged(self) -> Collection[str]:
        """Where event files are that the provider could not read to their end, as far as it says; see `DataServer`."""
        return getattr(self.provider, "damaged", ())

    def sample(self, points: Points, most: int = ALL) -> int:
        """Returns the number of points of a curve if they may be a sample of it; 0 if it has no others.

        Args:
            points: Of the curve, as they were read.
            most: Most points that were asked for.
        """
        count = len(points.steps)
        return count if count >= min(most, ALL if self.kept is None else self.kept) else 0

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

    def read(
        self, tags: Mapping[str, Sequence[str]], *, most: int = ALL, at_once: int | None = None
    ) -> Iterator[RunPoints]:
        """Yields the curves of some runs at a time; a run without curves is left out.

        Args:
            tags: Run to the tags to read.
            most: Most points of each curve.
            at_once: Runs that are read at once; by default what fits into memory for usual runs.
        """
        runs = [run for run in tags if tags[run]]
        at_once = at_once or (RUNS_PER_READ if most > SAMPLE else 1_000)
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
    """Returns points that came in the order in which they were written, without those that were overwritten.

    Values are in single precision where none of them needs double.
    """
    if values.dtype != np.float32:
        with np.errstate(over="ignore"):
            single = values.astype(np.float32)
        if np.array_equal(single.astype(np.float64), values, equal_nan=True):
            values = single
    wall_times = np.where(np.isfinite(wall_times), wall_times, 0.0)
    return without_overwritten(Points(steps, wall_times, values))
