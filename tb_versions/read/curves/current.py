"""Which point of a curve was current at each export from its run, packed: a run may have thousands of exports. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.packed_exports import ExportIndex, pack


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a curve and its step."""

    step: int
    value: float


Current = Point | str | None
"""The point; a sentence if that is not known; None if there was no point yet."""


class CurrentPoints(Mapping[Export, Current]):
    """Each export to the point that was current then: 16 bytes each, and one index for all curves of a run."""

    __slots__ = ("_index", "_others", "_steps", "_values")

    def __init__(self, exports: frozenset[Export], current: Callable[[Export], Current]) -> None:
        """Asks `current` for each export."""
        self._index = _index(exports)
        self._steps, self._values = array("q"), array("d")
        self._others: dict[int, str | None] = {}
        for place, export in enumerate(self._index):
            point = current(export)
            if isinstance(point, Point):
                self._steps.append(point.step)
                self._values.append(point.value)
            else:
                self._steps.append(0)
                self._values.append(0.0)
                self._others[place] = point

    def __getitem__(self, export: Export) -> Current:
        place = self._index.find(export)
        if place < 0:
            raise KeyError(export)
        return self._others[place] if place in self._others else Point(self._steps[place], self._values[place])

    def __iter__(self) -> Iterator[Export]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)

    def __eq__(self, other: object) -> bool:
        """Whether all points are the same; NaN is NaN."""
        return self._contents == other._contents if isinstance(other, CurrentPoints) else super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(dict(self))

    @property
    def _contents(self) -> tuple[object, ...]:
        return self._index.packed, self._others, self._steps.tobytes(), self._values.tobytes()


@lru_cache(maxsize=1)  # the curves of a run come one after the other
def _index(exports: frozenset[Export]) -> ExportIndex:
    """One object for all curves of a run."""
    return ExportIndex(pack(exports))
