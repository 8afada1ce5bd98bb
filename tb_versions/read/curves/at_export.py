"""Which point of a curve was current when a version was exported: the one decision, for tab, comparison and export.

When a training is started again from an earlier step, TensorBoard replaces the old points of a curve by the new ones.
So what is there at the step of an export may come from after the export. The time of a point tells:

- A point that is not newer than the export was there when the version was exported.
- A newer point of an earlier step comes from another life of the run: nobody writes step 7 after exporting step 8, or
  else nobody can tell. What was there before is gone.
- A newer point of the very step of the export is the usual order of a loop that exports first and writes its summary
  next. It is believed for ten seconds, unless the run was started again in between (a new event file), or the same step
  was written before: then it replaced what the export had. That is asked of the event file (`replaced`).
- Where the clock went back before a point, its time tells nothing: it may look older than the export and be newer.
- Where a file of the run is damaged, nobody knows what follows in it: an export from then had points that are lost.
- Nor does the time of a point that was written while two event files of the run were: any of both may have had it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

CLOCKS = 0.1
"""Seconds by which a point may be newer than the export and count as older: clocks differ a little."""

TICK = 0.001
"""Seconds by which the time of an export may be too early: manifests have milliseconds."""

LATE = 10.0
"""Seconds after an export within which the summary of the same step may be written."""

BACK = 10.0
"""Seconds by which a point may be older than one of an earlier step: writers may wait in threads."""

OVERWRITTEN = (
    "not known, because the run's points up to that step are newer than the export: the run was started again, or "
    "they were written later"
)
CLOCK_WENT_BACK = "not known, because the run's clock went back before that step"
MIXED = (
    "not known, because event files of the run with the same curves overlap in time: two programs wrote to it at once, "
    "or the clock went back"
)
REPLACED = "not known, because that step was written again right after the export"
DAMAGED = "not known, because {}"
NO_TIME = "not known, because the manifest does not say when it was exported"


class Export(NamedTuple):
    """When a version was exported from a run.

    Attributes:
        step: Step of the run.
        wall_time: Seconds since 1970 (UTC), or None.
    """

    step: int
    wall_time: float | None


class Replaced(NamedTuple):
    """What a point of the very step of an export replaced that was written a moment after it.

    Attributes:
        tag: Of the curve.
        export: Of a version.
        value: What the export had at its step; None if that is not known.
    """

    tag: str
    export: Export
    value: float | None


class Damage(NamedTuple):
    """A part of a run that can't be read: what follows a damaged record in an event file.

    Attributes:
        file: Name of the file.
        step: Of the last point that was read before; None if there is none.
        since: Time of that point, or of an earlier one if it is not known exactly.
        until: When the last of what was not read was written.
    """

    file: str
    step: int | None
    since: float
    until: float

    @property
    def words(self) -> str:
        """What is wrong, in words that follow "because"."""
        return f"{self.file} is damaged {'from its beginning' if self.step is None else f'behind step {self.step:,}'}"

    def hides(self, export: Export, point: tuple[int, float], last: tuple[int, float]) -> bool:
        """Whether there may have been a later point at an export than the last one that was read.

        Args:
            export: Of a version.
            point: Step and time of that point.
            last: Step and time of the last point of the curve.
        """
        if export.wall_time is None or export.wall_time <= self.since or point[1] > self.until:
            return False
        is_read_beyond = last[0] >= export.step and last[1] <= self.since
        return not is_read_beyond and point[0] != export.step


class Lives(NamedTuple):
    """What the event files of a run tell beside its curves.

    Attributes:
        starts: When each was begun, in seconds since 1970, where there are several; () if that is not known.
        overlaps: From when to when two of them that have the same tags were written at the same time.
        replaced: What is not in the curves any more because the step of an export was written again.
        damages: What could not be read of them.
    """

    starts: tuple[float, ...] = ()
    overlaps: tuple[tuple[float, float], ...] = ()
    replaced: tuple[Replaced, ...] = ()
    damages: tuple[Damage, ...] = ()


ONE_LIFE = Lives()


def verdict(export: Export, steps: Sequence[int], wall_times: Sequence[float], lives: Lives, *, latest: float) -> str:
    """Returns why the last of some points is not known to be the one at an export; "" if it is.

    Args:
        export: Of a version.
        steps: The last two points that are not behind the step of the export, or the only one.
        wall_times: Their times.
        lives: When the event files of the run were written.
        latest: Latest time of any point that is not behind the step of the export.
    """
    if export.wall_time is None:
        return NO_TIME
    if latest > wall_times[-1] + BACK:
        return CLOCK_WENT_BACK
    if any(begin <= wall_times[-1] <= end for begin, end in lives.overlaps):
        return MIXED
    newest = export.wall_time + CLOCKS
    if wall_times[-1] <= newest:
        return ""
    is_late = steps[-1] == export.step and wall_times[-1] <= export.wall_time + LATE
    if is_late and all(time <= newest for time in wall_times[:-1]):
        return OVERWRITTEN if _started_again(export.wall_time, wall_times[-1], lives.starts) else ""
    return OVERWRITTEN


def is_after(export: Export, wall_time: float, *, surely: bool = True) -> bool:
    """Whether a point was written after an export, or may have been: clocks differ a little."""
    return export.wall_time is not None and wall_time > export.wall_time + (CLOCKS if surely else TICK)


def is_late(export: Export, step: int, wall_time: float) -> bool:
    """Whether a point is one of the very step of an export that may have been written up to ten seconds after it."""
    if export.wall_time is None or step != export.step:
        return False
    return is_after(export, wall_time, surely=False) and wall_time <= export.wall_time + LATE


def _started_again(exported: float, written: float, starts: Sequence[float]) -> bool:
    """Whether an event file was begun between an export and a point, in a run that had one before."""
    return any(start <= exported for start in starts) and any(exported < start <= written for start in starts)
