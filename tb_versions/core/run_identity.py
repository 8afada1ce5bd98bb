"""What makes a run the run that it is, whatever its folder is called: its first event file.

Writers give each event file a name of its own and begin it with a record that holds the time in microseconds. Both stay
as they are while the run goes on, and when its folder is moved or copied. The identity is a digest, which tells neither
the host's name nor a path.
"""

from __future__ import annotations

import hashlib
import heapq
import os
import stat
import struct

from msgspec import Struct

_LOOKED_INTO = 8
"""Most event files of a folder that are looked into: the first may be empty, as those of the profiler are."""

_LONGEST = 4_096
"""Most bytes of a first record that count; those of all known writers have less than 100."""

_HEADER = struct.Struct("<QI")  # of a TFRecord: its length and that number's checksum
_EVENT_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


class FirstFile(Struct, frozen=True, gc=False):
    """The first event file of a run that has an event.

    Attributes:
        name: Of the file.
        inode: Of the file.
        identity: "sha256:<hex>" over the file's name and first record.
    """

    name: str
    inode: int
    identity: str


def is_event_file(name: str) -> bool:
    """Whether TensorBoard takes a file of this name for an event file; it reads those of a run sorted by name."""
    return "tfevents" in name


def identity_in(folder: str) -> str:
    """Returns the identity of the run in a local folder; "" where it has no event yet, or can't be read."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (OSError, ValueError):
        return ""
    try:
        first = first_file(descriptor)
    finally:
        os.close(descriptor)
    return first.identity if first else ""


def first_file(folder: int) -> FirstFile | None:
    """Returns the first event file of a run.

    Args:
        folder: Descriptor of the run's folder. No symlink in it is followed, and only plain files are read.

    Returns:
        The file; None where no file has an event, or none can be read.
    """
    try:
        with os.scandir(folder) as entries:
            names = heapq.nsmallest(_LOOKED_INTO, [entry.name for entry in entries if is_event_file(entry.name)])
        return next(filter(None, (_look(name, folder) for name in names)), None)
    except OSError:
        return None


def _look(name: str, folder: int) -> FirstFile | None:
    try:
        descriptor = os.open(name, _EVENT_FILE, dir_fd=folder)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        data = os.read(descriptor, _HEADER.size + _LONGEST) if stat.S_ISREG(status.st_mode) else b""
    except OSError:
        return None
    finally:
        os.close(descriptor)
    if len(data) < _HEADER.size:
        return None
    length, _ = _HEADER.unpack_from(data)
    record = data[_HEADER.size :][:length]
    if not record or len(record) < min(length, _LONGEST):
        return None  # still being written
    digest = hashlib.sha256(os.fsencode(name) + b"\0" + struct.pack("<Q", length) + record).hexdigest()
    return FirstFile(name, status.st_ino, f"sha256:{digest}")
