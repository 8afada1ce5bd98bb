"""What could not be read of the event files of a run: behind a damaged record TensorBoard reads no further.

A file that is only cut in its last record is none of that: a writer may be in the middle of it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

from tb_versions.errors import StorageError
from tb_versions.read.curves.at_export import Damage
from tb_versions.read.curves.curve import Points
from tb_versions.read.curves.records import is_damaged, last_sound
from tb_versions.read.curves.run_files import EventFile, RunFiles

_WINDOW = 64 << 10
"""Last bytes of a file in which its last record is looked for."""


def damages_of(
    reader: RunFiles, files: Sequence[EventFile], damaged: Collection[str], curves: Mapping[str, Points]
) -> tuple[Damage, ...]:
    """Returns what could not be read of a run.

    Args:
        reader: Reads the files.
        files: Of the run, in the order in which they were read.
        damaged: Where files are that could not be read to their end.
        curves: The curves of the run, as they were read.
    """
    return tuple(_damage(reader, files, file, curves.values()) for file in files if file.path in damaged)


def grown(reader: RunFiles, files: Sequence[EventFile], damages: Iterable[Damage]) -> tuple[Damage, ...]:
    """Returns what could not be read of a run whose files have grown since."""
    by_name = {file.name: file for file in files}
    return tuple(one._replace(until=max(one.until, _end(reader, by_name[one.file]))) for one in damages)


def _damage(reader: RunFiles, files: Sequence[EventFile], file: EventFile, curves: Iterable[Points]) -> Damage:
    until = _end(reader, file)
    read = [_last_until(points, until) for points in curves]
    since, step = max((one for one in read if one), default=(-math.inf, None))
    if _are_others_meanwhile(reader, files, file, until):
        since = -math.inf  # what was read last may be from another file
    return Damage(file.name, step, since, until)


def _last_until(points: Points, until: float) -> tuple[float, int] | None:
    """The time and step of the latest point that is not newer than a time."""
    import numpy as np

    times = np.where(points.wall_times <= until, points.wall_times, -np.inf)
    if not len(times) or not np.isfinite(times.max()):
        return None
    return float(times.max()), int(points.steps[int(times.argmax())])


def _are_others_meanwhile(reader: RunFiles, files: Sequence[EventFile], file: EventFile, until: float) -> bool:
    """Whether another file of the run was written when a damaged one was."""
    place = files.index(file)
    begun = next(iter(reader.starts([file])), -math.inf)
    is_before = any(_end(reader, other) > begun for other in files[:place])
    return is_before or any(start < until for start in reader.starts(files[place + 1 :]))


def _end(reader: RunFiles, file: EventFile) -> float:
    """When a file may have been written last: the time of its last record, or its own if it ends in damage."""
    start = max(0, file.size - _WINDOW)
    try:
        data = reader.read(file, start, file.size - start)
    except (StorageError, OSError):
        return math.inf
    end, time = last_sound(data)
    return max(time, file.modified / 1e9) if end < 0 or is_damaged(data[end:]) else time
