"""What was appended to the event files of a run since they were read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tb_versions.read.curves.records import FOOTER, HEADER, Scalar, is_damaged, masked_crc32c, places, records, scalars
from tb_versions.read.curves.run_files import EventFile, RunFiles

MOST = 1 << 20
"""Most appended bytes of a file that are read here, in Python: some 0.2 s. The data server reads more."""

_WINDOW = 64 << 10
"""Last bytes of a file in which the end of its last record is looked for."""


@dataclass(frozen=True, slots=True)
class Appended:
    """New values.

    Attributes:
        scalars: In the order in which they were written.
        offset: End of the last whole record of the last file.
    """

    scalars: list[Scalar]
    offset: int


def appended(
    reader: RunFiles, before: Sequence[EventFile], now: Sequence[EventFile], *, mark: bytes, offset: int
) -> Appended | None:
    """Returns what was appended to a run's files; None if the run has to be read as a whole.

    Args:
        reader: Reads the files.
        before: The files as they were.
        now: As they are.
        mark: The last bytes of the last file, as it was.
        offset: End of the last record that was read from that file; -1 if not known.

    Raises:
        StorageError, OSError: A file can't be read.
    """
    if not is_grown(reader, before, now, mark=mark):
        return None
    old, last = before[-1], now[len(before) - 1]
    if offset < 0:
        start = max(0, old.size - _WINDOW)
        offset = boundary(reader.read(last, start, old.size - start), is_begin=not start)
        if offset < 0:
            return None
        offset += start
    found: list[Scalar] = []
    for file in now[len(before) - 1 :]:
        end = _values(reader, file, offset, found)
        if end < 0:
            return None
        offset = 0 if file is not now[-1] else end
    return Appended(found, offset)


def is_grown(reader: RunFiles, before: Sequence[EventFile], now: Sequence[EventFile], *, mark: bytes) -> bool:
    """Returns whether nothing happened to a run's files but that something was appended; as `appended`."""
    old = before[-1]
    if list(now[: len(before) - 1]) != list(before[:-1]) or len(now) < len(before):
        return False  # TensorBoard reads a run's files one after the other: only the last one may grow
    last = now[len(before) - 1]
    if (last.name, last.identity) != (old.name, old.identity) or last.size < old.size:
        return False
    if last.size == old.size and last.modified != old.modified:
        return False
    return reader.read(last, old.size - len(mark), len(mark)) == mark


def _values(reader: RunFiles, file: EventFile, offset: int, found: list[Scalar]) -> int:
    """Adds the values behind an offset; returns the end of the last record, or -1 if they are too many.

    A record that is cut off is where reading goes on the next time: a writer may be in the middle of it.
    """
    data = reader.read(file, offset, min(file.size - offset, MOST))
    end = 0
    for after, record in records(data):
        values = scalars(record)
        if values is None:
            return -1
        found += values
        end = after
    if is_damaged(data[end:]):
        return -1  # the data server says so, too, and reads no further
    is_all = len(data) == file.size - offset
    return offset + end if is_all or not (end or _is_large(data)) else -1


def _is_large(data: bytes) -> bool:
    """Whether a record begins here that is only too long."""
    if len(data) < HEADER or masked_crc32c(data[:8]) != int.from_bytes(data[8:HEADER], "little"):
        return False
    return int.from_bytes(data[:8], "little") > len(data) - HEADER - FOOTER


def boundary(data: bytes, *, is_begin: bool) -> int:
    """Returns the end of the last whole record in the last bytes of a file; -1 if there is none.

    Args:
        data: The bytes.
        is_begin: Whether a record begins with the first of them.
    """
    if is_begin:
        return max((end for end, _ in records(data)), default=0)
    furthest, seen = -1, set[int]()
    for start in places(data):  # a record may hold what looks like records
        if start not in seen:
            ends = [start + end for end, _ in records(data[start:])]
            seen.update(ends)
            furthest = max([furthest, *ends])
    return furthest
