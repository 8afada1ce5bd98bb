"""What makes a run the run that it is, whatever its folder is called: its first event file.

Writers give each event file a name of its own and begin it with a record that holds the time in microseconds. Both stay
as they are while the run goes on, and when its folder is moved or copied. The identity is a digest, which tells neither
the host's name nor a path.
"""

from __future__ import annotations

import hashlib
import heapq
import math
import os
import re
import stat
import struct
import sys

from msgspec import Struct

from tb_versions.core.manifest import is_digest

_LOOKED_INTO = 8
"""Most event files of a folder that are looked into: the first may be empty, as those of the profiler are."""

_LONGEST = 4_096
"""Most bytes of a first record that count; those of all known writers have less than 100."""

_USUAL = 256
_HEADER = struct.Struct("<QI")  # of a TFRecord: its length and that number's checksum
_DIGITS = re.compile("([0-9]{1,18})", re.ASCII)
_EVENT_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC


class FirstFile(Struct, frozen=True, gc=False):
    """The first event file of a run that has an event.

    Attributes:
        name: Of the file.
        inode: Of the file.
        identity: "sha256:<hex>" over the file's name and first record.
        began: Time of that record, seconds since the epoch.
    """

    name: str
    inode: int
    identity: str
    began: float = math.inf


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
        names = [name for name in os.listdir(folder) if is_event_file(name)]
    except OSError:
        return None
    first = names if len(names) < 2 else heapq.nsmallest(_LOOKED_INTO, names)
    for at, name in enumerate(first):
        found = _look(name, folder)
        if found is not None:
            # TensorFlow's names end in the number of the writer, and its first records have whole seconds: of two that
            # begin in one second, `….10.v2` is sorted before `….9.v2`, which is the older one.
            same = [_look(other, folder) for other in first[at + 1 :] if _second(other) == _second(name)]
            return min(filter(None, (found, *same)), key=_age)
    return None


def _age(file: FirstFile) -> tuple[float, list[str | int]]:
    """When a file began, and its name with the numbers in it as numbers."""
    return file.began, [int(part) if part.isdecimal() else part for part in _DIGITS.split(file.name)]


def _second(name: str) -> str:
    """The time in an event file's name, like `1764430000`."""
    return name.partition("tfevents.")[2].partition(".")[0]


def _look(name: str, folder: int) -> FirstFile | None:
    try:
        descriptor = os.open(name, _EVENT_FILE, dir_fd=folder)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        beginning = _beginning(descriptor) if stat.S_ISREG(status.st_mode) else b""
    except OSError:
        return None
    finally:
        os.close(descriptor)
    if not beginning:
        return None
    digest = hashlib.sha256(os.fsencode(name) + b"\0" + beginning).hexdigest()
    return FirstFile(name, status.st_ino, f"sha256:{digest}", _wall_time(beginning[8:]))


def _wall_time(record: bytes) -> float:
    """The time in a record, its first field; infinity if it is none or not first."""
    time = struct.unpack_from("<d", record, 1)[0] if len(record) > 8 and record[0] == 0x09 else math.nan
    return math.inf if math.isnan(time) else float(time)


def _beginning(descriptor: int) -> bytes:
    """The length of the first record and what of it counts; b"" where there is none, or it is still being written."""
    data = os.read(descriptor, _USUAL)
    if len(data) < _HEADER.size:
        return b""
    length = _HEADER.unpack_from(data)[0]
    whole = _HEADER.size + min(length, _LONGEST)
    if len(data) < whole:
        data += os.read(descriptor, whole - len(data))
    return data[:8] + data[_HEADER.size : whole] if len(data) >= whole > _HEADER.size else b""


def short_identity(identity: str) -> str:
    """Returns the first 16 digits of an identity, one object for all that are equal; "" for what is none.

    A catalog holds many thousands. Whoever can write a manifest can copy an identity into it; a longer one would not
    be safer.
    """
    return sys.intern(identity[7:23]) if identity and is_digest(identity) else ""
