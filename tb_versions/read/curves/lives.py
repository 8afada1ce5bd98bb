"""When the event files of a run were written: one after the other, or some at the same time.

TensorBoard reads them by name, one after the other, and of points with the same steps keeps those of the last file.
Where two programs write to a run at once, or one goes on where the clock is behind, the times of points do not tell any
more which of them an export had.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tb_versions.errors import StorageError
from tb_versions.read.curves.at_export import CLOCKS, Lives
from tb_versions.read.curves.records import Scalar, last_records, records, scalars
from tb_versions.read.curves.run_files import EventFile, RunFiles

_WINDOW = 64 << 10
"""First and last bytes of a file in which its tags are looked for: most are written again with each step."""


class _Written(NamedTuple):
    """What a file has at its ends: its tags, and the time of its last scalar."""

    tags: frozenset[str]
    end: float


def lives_of(reader: RunFiles | None, files: Sequence[EventFile]) -> Lives:
    """Returns when the event files of a run were written; nothing of a single file.

    Args:
        reader: Reads the files; None if none may be read.
        files: In the order in which TensorBoard reads them.
    """
    if reader is None or len(files) < 2:
        return Lives()
    return Lives(tuple(reader.starts(files)), tuple(_overlaps(reader, files)))


def _overlaps(reader: RunFiles, files: Sequence[EventFile]) -> Iterator[tuple[float, float]]:
    for place, file in enumerate(files):
        changed = file.modified / 1e9
        others = [(other, start) for other in files[place + 1 :] for start in reader.starts([other]) if start < changed]
        written = _written(reader, file) if others else None
        for other, start in others:
            if written and start < written.end - CLOCKS and written.tags & _tags(reader, other):
                yield start, written.end


def _tags(reader: RunFiles, file: EventFile) -> frozenset[str]:
    written = _written(reader, file)
    return written.tags if written else frozenset()


def _written(reader: RunFiles, file: EventFile) -> _Written | None:
    """None if the file has no scalars at its ends, or can't be read."""
    try:
        head = reader.read(file, 0, min(file.size, _WINDOW))
        tail = reader.read(file, file.size - _WINDOW, _WINDOW) if file.size > _WINDOW else b""
    except (StorageError, OSError):
        return None
    first, last = _scalars(record for _, record in records(head)), _scalars(last_records(tail))
    found = [*first, *last]
    return _Written(frozenset(one.tag for one in found), (last or first)[-1].wall_time) if found else None


def _scalars(of: Iterator[bytes]) -> list[Scalar]:
    return [scalar for record in of for scalar in scalars(record) or () if scalar.value is not None]
