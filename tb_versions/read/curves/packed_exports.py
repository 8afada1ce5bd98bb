"""The exports from a run, packed: a run may have thousands. Pure."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from tb_versions.read.curves.at_export import Export

ITEM = 16
"""Bytes of an export."""


def pack(exports: Iterable[Export]) -> bytes:
    """Returns exports as bytes, equal for equal exports: their steps in order, then their times, NaN for None."""
    in_order = sorted(exports, key=_order)
    times = [math.nan if export.wall_time is None else export.wall_time for export in in_order]
    return array("q", [export.step for export in in_order]).tobytes() + array("d", times).tobytes()


def _order(export: Export) -> tuple[int, bool, float]:
    return export.step, export.wall_time is None, export.wall_time or 0.0


class ExportIndex:
    """Finds exports in what `pack` returned."""

    __slots__ = ("_steps", "_times", "packed")

    def __init__(self, packed: bytes) -> None:
        """Keeps the bytes."""
        self.packed = packed
        middle = len(packed) // 2
        self._steps = memoryview(packed)[:middle].cast("q")
        self._times = memoryview(packed)[middle:].cast("d")

    def __len__(self) -> int:
        return len(self._steps)

    def __iter__(self) -> Iterator[Export]:
        for step, time in zip(self._steps, self._times, strict=True):
            yield Export(step, None if math.isnan(time) else time)

    def find(self, export: Export) -> int:
        """Returns the place of an export, or -1."""
        place = bisect_left(self._steps, export.step)
        while place < len(self._steps) and self._steps[place] == export.step:
            time = self._times[place]
            if time == export.wall_time or (export.wall_time is None and math.isnan(time)):
                return place
            place += 1
        return -1

    @property
    def steps(self) -> set[int]:
        """Their steps."""
        return set(self._steps)
