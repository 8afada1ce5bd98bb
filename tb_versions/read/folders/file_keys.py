"""What tells a file from any other, and from itself before it changed."""

from __future__ import annotations

import os
from struct import Struct

_PACKED = Struct("<QQQqq")
_DEVICE = Struct("<Q")

TICK_NS = 2_000_000_000
"""What changed less than this before it was looked at may change again within the same tick of its file system's clock,
and so without a new time. FAT's clock has the longest tick, two seconds."""


def file_key(status: os.stat_result, read_ns: int) -> bytes:
    """Returns what changes whenever a file changes: device, inode, size and times; b"" where a change may not show.

    Args:
        status: Of the file.
        read_ns: When it was read; see `TICK_NS`.
    """
    modified, changed = status.st_mtime_ns, status.st_ctime_ns
    if not 0 < (modified if modified > changed else changed) < read_ns - TICK_NS:
        return b""
    return _PACKED.pack(status.st_dev, status.st_ino, status.st_size, modified, changed)


def device_of(key: bytes) -> int:
    """Returns the device that a key names."""
    (device,) = _DEVICE.unpack_from(key)
    return int(device)
