"""What stood at the step of an export where a point of the very step was written a moment after it.

Most loops that export first write a step's summary next: then that point is the first one of its step, and belongs to
the export. But it may also have replaced a point of the same step that the export had. TensorBoard's data server keeps
the newer of two such points and does not say that there was another one. The event file has both.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from tb_versions.errors import StorageError
from tb_versions.read.curves.at_export import ONE_LIFE, Export, Lives, Replaced, is_after, is_late
from tb_versions.read.curves.curve import Points
from tb_versions.read.curves.damage import damages_of
from tb_versions.read.curves.lives import lives_of
from tb_versions.read.curves.records import Scalar, begin_of_records, scalars, time_of, unchecked_records
from tb_versions.read.curves.run_files import EventFile, RunFiles

WHOLE = 1 << 20
"""Most bytes of a file that are looked through from its beginning. Of a larger one, a part around the point is."""

_WINDOW = 64 << 10
"""Bytes in which a record is looked for, to know the time there."""

_FEW = 20
"""Records of which the latest time is taken."""

_AROUND = 256 << 10
"""Bytes before and behind the place of a point that are looked through for it, and for an older one of its tag."""


class LatePoint(NamedTuple):
    """A point of the very step of an export that is a little newer.

    Attributes:
        tag: Of its curve.
        export: Of a version.
        written: Its time.
    """

    tag: str
    export: Export
    written: float


def late_points(tag: str, points: Points, exports: Iterable[Export]) -> set[LatePoint]:
    """Returns the points of a curve that may have replaced what exports had.

    Args:
        tag: Of the curve.
        points: The curve, or the essence of it.
        exports: Of versions from its run.
    """
    import numpy as np

    asked = [export for export in exports if export.wall_time is not None]
    if not asked or not len(points.steps):
        return set()
    steps = np.array([export.step for export in asked], np.int64)
    found = np.minimum(np.searchsorted(points.steps, steps), len(points.steps) - 1)
    written = zip(asked, points.steps[found].tolist(), points.wall_times[found].tolist(), strict=True)
    return {LatePoint(tag, export, time) for export, step, time in written if is_late(export, step, time)}


def told_by(
    reader: RunFiles | None,
    files: Sequence[EventFile],
    curves: Mapping[str, Points],
    exports: Iterable[Export],
    *,
    damaged: Collection[str] = (),
) -> Lives:
    """Returns what the event files of a run tell beside its curves.

    Args:
        reader: Reads the files; None if none may be read.
        files: Of the run.
        curves: Tag to curve.
        exports: Of versions from the run.
        damaged: Where files are that could not be read to their end.
    """
    exports = list(exports)
    late = {one for tag, points in curves.items() for one in late_points(tag, points, exports)}
    if reader is None:
        return ONE_LIFE
    return lives_of(reader, files)._replace(
        replaced=replaced(reader, files, late), damages=damages_of(reader, files, damaged, curves)
    )


def replaced(reader: RunFiles, files: Sequence[EventFile], late: Iterable[LatePoint]) -> tuple[Replaced, ...]:
    """Returns what points replaced; nothing for those that are the first of their step, or that are not found.

    Args:
        reader: Reads the files.
        files: Of a run.
        late: The points.
    """
    left = set(late)
    found: list[Replaced] = []
    for file in reversed(files):
        if not left:
            break
        for one, answer in _in_file(reader, file, left.copy()):
            left.discard(one)
            found += [answer] if answer else []
    return tuple(sorted(found))


def _in_file(
    reader: RunFiles, file: EventFile, late: Iterable[LatePoint]
) -> Iterable[tuple[LatePoint, Replaced | None]]:
    """Each of the points that a file has, and what it replaced."""
    opened = _File(reader, file)
    by_part: dict[tuple[int, int], list[LatePoint]] = defaultdict(list)
    try:
        for one in late:
            by_part[opened.part_around(one.written)].append(one)
        for part, some in by_part.items():
            written = opened.written(part, {one.tag for one in some})
            for one in some:
                place = _place_of(one, written[one.tag])
                if place is not None:
                    yield one, _before(one, written[one.tag][: place + 1])
    except (StorageError, OSError):
        return


def _place_of(late: LatePoint, written: Sequence[Scalar]) -> int | None:
    places_of = [
        place for place, one in enumerate(written) if (one.step, one.wall_time) == (late.export.step, late.written)
    ]
    return places_of[-1] if places_of else None


def _before(late: LatePoint, written: Sequence[Scalar]) -> Replaced | None:
    """What the last of some values of a tag replaced; None if nothing of its step."""
    export = late.export
    older = []
    for one in reversed(written[:-1]):
        if one.step < export.step:
            break
        older.append(one)
    if not older:
        return None
    had = next((one for one in older if not is_after(export, one.wall_time)), None)
    near = [one for one in (written[-1], *older) if is_after(export, one.wall_time, surely=False)]
    is_known = had and had.step == export.step and all(is_after(export, one.wall_time) for one in near)
    return Replaced(late.tag, export, had.value if had and is_known else None)


class _File:
    """Parts of an event file, found by time: what a run writes comes in the order of time."""

    def __init__(self, reader: RunFiles, file: EventFile) -> None:
        self._reader = reader
        self._file = file
        self._times: dict[int, float | None] = {}

    def part_around(self, wall_time: float) -> tuple[int, int]:
        """Where a part begins and ends that has what was written then, if the file has it."""
        if self._file.size <= WHOLE:
            return 0, self._file.size
        blocks = range(0, self._file.size, _AROUND)
        place = bisect_left(blocks, True, key=lambda offset: self._is_behind(offset, wall_time))
        offset = blocks[max(place - 1, 0)]
        return max(0, offset - _AROUND), min(self._file.size, offset + 2 * _AROUND)

    def _is_behind(self, offset: int, wall_time: float) -> bool:
        if offset not in self._times:
            self._times[offset] = self._time_at(offset)
        time = self._times[offset]
        return time is None or time > wall_time

    def _time_at(self, offset: int) -> float | None:
        """The latest time of the first records that begin behind an offset: one may have none, or an odd one."""
        data = self._reader.read(self._file, offset, _WINDOW)
        few = islice(unchecked_records(data[begin_of_records(data) :]), _FEW)
        return max(filter(None, map(time_of, few)), default=None)

    def written(self, part: tuple[int, int], tags: set[str]) -> dict[str, list[Scalar]]:
        """The values of some tags in a part, in the order in which they were written."""
        start, end = part
        data = self._reader.read(self._file, start, end - start)
        names = [tag.encode() for tag in tags]
        found: dict[str, list[Scalar]] = {tag: [] for tag in tags}
        for record in unchecked_records(data[begin_of_records(data) if start else 0 :]):
            if any(name in record for name in names):
                for scalar in scalars(record) or ():
                    if scalar.tag in found:
                        found[scalar.tag].append(scalar)
        return found
