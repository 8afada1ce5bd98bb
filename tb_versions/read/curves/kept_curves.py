"""What stays in memory of the curves of a run, so that appended points can follow: some 500 bytes a run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tb_versions.read.curves import packed_exports
from tb_versions.read.curves.at_export import Export, Lives
from tb_versions.read.curves.curve import TAIL, Curve, Points, essence, is_joinable, summarize, without_overwritten
from tb_versions.read.curves.packed_exports import ExportIndex
from tb_versions.read.curves.records import Scalar
from tb_versions.read.curves.replaced import LatePoint, late_points

_POINT = np.dtype([("curve", "<u2"), ("step", "<i8"), ("time", "<f8"), ("value", "<f4")])
_WHOLE = -1


@dataclass(frozen=True, slots=True)
class KeptCurves:
    """The essence of each curve of a run.

    Attributes:
        tags: Of the curves.
        tails: How many of each curve's kept points are its last ones, one after the other; -1 if these are all.
        points: Of all curves, packed.
        others: Further tags of the run that are no curves of metrics.
        exports: For which the essence was taken, see `packed_exports`.
    """

    tags: tuple[str, ...]
    tails: tuple[int, ...]
    points: bytes
    others: frozenset[str]
    exports: bytes

    @property
    def is_sound(self) -> bool:
        """Whether its parts belong together, as they do unless somebody else has made them."""
        count, rest = divmod(len(self.points), _POINT.itemsize)
        places = np.frombuffer(self.points, _POINT)["curve"] if not rest else np.array([len(self.tags)])
        is_sorted = bool(np.all(places[1:] >= places[:-1])) and (not count or int(places[-1]) < len(self.tags))
        is_whole = not rest and len(self.exports) % packed_exports.ITEM == 0
        return is_whole and is_sorted and len(self.tails) == len(self.tags)

    def curves(self, run: str, exports: Iterable[Export], lives: Lives) -> dict[str, Curve]:
        """Returns the summaries."""
        return {tag: summarize(run, tag, points, exports, lives=lives) for tag, points in self.essences().items()}

    def essences(self) -> dict[str, Points]:
        """Returns what is kept of each curve."""
        return dict(zip(self.tags, self._unpacked(), strict=True))

    def late(self) -> set[LatePoint]:
        """Returns the points that may have replaced what the exports had."""
        exports = list(ExportIndex(self.exports))
        return {one for tag, points in self.essences().items() for one in late_points(tag, points, exports)}

    def answers(self, exports: Iterable[Export]) -> bool:
        """Whether the summaries for some exports follow from what is kept: it needs two points at each or before."""
        new = {export.step for export in exports} - ExportIndex(self.exports).steps
        if not new:
            return True
        first = min(new)
        return all(
            tail == _WHOLE or (tail >= 2 and points.steps[1 - tail] <= first)
            for tail, points in zip(self.tails, self._unpacked(), strict=True)
        )

    def appended(self, scalars: Sequence[Scalar], exports: frozenset[Export]) -> KeptCurves | None:
        """Returns what is kept after some more values; None if that does not follow from what was kept before.

        Args:
            scalars: In the order in which they were written.
            exports: Those that count now; `answers` was true for them.
        """
        new: dict[str, list[Scalar]] = {}
        for scalar in scalars:
            if scalar.tag in self.tags:
                new.setdefault(scalar.tag, []).append(scalar)
            elif scalar.is_first and is_joinable(scalar.tag) and scalar.tag not in self.others:
                return None
        curves = {}
        for tag, tail, points in zip(self.tags, self.tails, self._unpacked(), strict=True):
            more = new.get(tag, ())
            if any(one.value is None for one in more):
                return None  # it overwrites others, and is no point itself
            if more and tail != _WHOLE and min(one.step for one in more) <= points.steps[-tail]:
                return None
            curves[tag] = _followed(points, tail, more)
        return packed(curves, self.others, exports)

    def after(self, scalars: Sequence[Scalar]) -> list[Scalar]:
        """Returns those of some values that are not in the curves yet, where they may end with some of these."""
        last = {tag: points for tag, points in zip(self.tags, self._unpacked(), strict=True) if len(points.steps)}
        missing: dict[str, list[Scalar]] = {}
        for scalar in scalars:
            waiting = missing.setdefault(scalar.tag, [])
            waiting.append(scalar)
            if scalar.tag in last and _is_last(scalar, last[scalar.tag]):
                waiting.clear()
        kept = {id(scalar) for waiting in missing.values() for scalar in waiting}
        return [scalar for scalar in scalars if id(scalar) in kept]

    def _unpacked(self) -> list[Points]:
        rows = np.frombuffer(self.points, _POINT)
        ends = np.searchsorted(rows["curve"], np.arange(len(self.tags)), side="right").tolist()
        return [
            Points(*(rows[name][start:end].copy() for name in ("step", "time", "value")))
            for start, end in zip([0, *ends], ends, strict=False)
        ]


def kept_curves(curves: Mapping[str, Points], others: Iterable[str], exports: frozenset[Export]) -> KeptCurves:
    """Returns what to keep of whole curves."""
    return packed({tag: (points, _WHOLE) for tag, points in curves.items()}, frozenset(others), exports)


def packed(curves: Mapping[str, tuple[Points, int]], others: frozenset[str], exports: frozenset[Export]) -> KeptCurves:
    """Returns the essence of curves, of which so many last points are known without a gap, or all (-1)."""
    tails, rows = [], []
    for number, (points, known) in enumerate(curves.values()):
        is_whole = known == _WHOLE and len(points.steps) <= TAIL
        tail = min(TAIL, len(points.steps) if known == _WHOLE else known)
        kept = points if is_whole else essence(points, exports, tail)
        row = np.empty(len(kept.steps), _POINT)
        row["curve"] = number
        row["step"], row["time"], row["value"] = kept
        rows.append(row)
        tails.append(_WHOLE if is_whole else tail)
    data = np.concatenate(rows).tobytes() if rows else b""
    return KeptCurves(tuple(curves), tuple(tails), data, others, packed_exports.pack(exports))


def _followed(points: Points, tail: int, more: Sequence[Scalar]) -> tuple[Points, int]:
    """The points with others behind them, and how many of the last ones are known without a gap."""
    if not more:
        return points, tail
    times = np.array([one.wall_time for one in more], np.float64)
    joined = Points(
        np.concatenate([points.steps, np.array([one.step for one in more], np.int64)]),
        np.concatenate([points.wall_times, np.where(np.isfinite(times), times, 0.0)]),
        np.concatenate([points.values, np.array([one.value for one in more], np.float32)]),
    )
    left = without_overwritten(joined)
    if tail == _WHOLE:
        return left, _WHOLE
    return left, tail + len(left.steps) - len(points.steps)


def _is_last(scalar: Scalar, points: Points) -> bool:
    if scalar.value is None:
        return False
    same = scalar.step == points.steps[-1] and scalar.wall_time == points.wall_times[-1]
    return bool(same and np.float32(scalar.value).tobytes() == np.float32(points.values[-1]).tobytes())
