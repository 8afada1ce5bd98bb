"""Leaves points of curves out so that they look the same: keeps the least and greatest value of each part. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from tb_versions.payload import wire_number
from tb_versions.read.curves.curve import Points

METHOD = "min-max"

_EXACT = 2**53


def thinned(points: Points, most: int, exports: Iterable[int] = ()) -> Points:
    """Returns a curve with at most `most` points, and those at exports.

    It keeps the first and the last point; the least and the greatest value of each of some equally long parts; NaN and
    infinities (if there are very many, some of them); and for each export the point at its step, or else the last one
    before it. With `most=10`, a curve of 1,000 points keeps its two ends and both extremes of four parts.

    Args:
        points: By ascending step.
        most: Most points, not counting those at exports; 0 keeps all.
        exports: Steps of exports.
    """
    count = len(points.steps)
    if not most or count <= most:
        return points
    kept = np.zeros(count, np.bool_)
    kept[[0, -1]] = True
    # At least one part is left for numbers: the greatest and the least of all matter more than NaN.
    kept[_spread(np.flatnonzero(~np.isfinite(points.values)), min(most // 4, most - 4))] = True
    room = most - int(kept.sum())
    if room >= 2:
        kept[_extremes(points.values, room // 2)] = True
    kept[at_steps(points.steps, exports)] = True
    return Points(points.steps[kept], points.wall_times[kept], points.values[kept])


def at_steps(steps: NDArray[np.int64], exports: Iterable[int]) -> NDArray[np.intp]:
    """Returns the position of the last point at or before each step; a step before the first point has none."""
    positions = np.searchsorted(steps, np.array(sorted(set(exports)), np.int64), side="right") - 1
    return positions[positions >= 0]


def _spread(positions: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """At most `most` of the positions, evenly chosen."""
    if len(positions) <= most:
        return positions
    return positions[np.linspace(0, len(positions) - 1, max(most, 0)).astype(np.intp)]


def _extremes(values: NDArray[np.floating[Any]], parts: int) -> NDArray[np.intp]:
    """Returns the positions of the least and the greatest number of each part; of equal ones the first."""
    count = len(values)
    starts = np.linspace(0, count, parts + 1).astype(np.intp)
    width = int(np.diff(starts).max())
    positions = starts[:-1, None] + np.arange(width)[None, :]
    inside = positions < starts[1:, None]
    table = values[np.minimum(positions, count - 1)]
    usable = inside & np.isfinite(table)
    least = np.where(usable, table, np.inf).argmin(axis=1)
    greatest = np.where(usable, table, -np.inf).argmax(axis=1)
    rows = np.flatnonzero(usable.any(axis=1))
    return np.unique(np.concatenate((positions[rows, least[rows]], positions[rows, greatest[rows]])))


def is_portable(points: Points) -> bool:
    """Whether a browser's numbers can hold every step."""
    return not len(points.steps) or bool(np.abs(points.steps[[0, -1]]).max() <= _EXACT)


def series(tag: str, points: Points, *, sampled: bool) -> dict[str, Any]:
    """Returns a curve as it travels; docs/export-format.md says how."""
    return {
        "tag": tag,
        "steps": _differences(points.steps),
        "wall_times": _differences(_milliseconds(points.wall_times)),
        "values": _numbers(points.values),
        "sampled": sampled,
    }


def _milliseconds(seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.rint(np.clip(seconds * 1000, -_EXACT, _EXACT)).astype(np.int64)


def _differences(numbers: NDArray[np.int64]) -> Sequence[int]:
    differences: list[int] = np.diff(numbers, prepend=np.int64(0)).tolist()
    return differences


def _numbers(values: NDArray[np.floating[Any]]) -> list[Any]:
    """Numbers whose shortest texts give the values back; orjson writes a float32 with as few digits as it needs."""
    written = orjson.dumps(np.ascontiguousarray(values), option=orjson.OPT_SERIALIZE_NUMPY)
    numbers: list[Any] = orjson.loads(written)
    for position in np.flatnonzero(~np.isfinite(values)):
        numbers[position] = wire_number(float(values[position]))
    return numbers
