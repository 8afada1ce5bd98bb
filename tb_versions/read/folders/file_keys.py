"""What tells a file from any other, and from itself before it changed."""

from __future__ import annotations

import os
from struct import Struct

_PACKED = Struct("<QQQqq")
_DEVICE = Struct("<Q")
_TICK_NS = 2_000_000_000  # of the coarsest clock of a file system, FAT's


def file_key(status: os.stat_result, read_ns: int) -> bytes:
    """Returns what changes whenever a file changes: device, inode, size and times; b"" where a change may not show.

    Args:
        status: Of the file.
        read_ns: When it was read. What changed within two seconds before may change again in the same tick of its
            file system's clock.
    """
    modified, changed = status.st_mtime_ns, status.st_ctime_ns
    if not 0 < (modified if modified > changed else changed) < read_ns - _TICK_NS:
        return b""
    return _PACKED.pack(status.st_dev, status.st_ino, status.st_size, modified, changed)


def device_of(key: bytes) -> int:
    """Returns the device that a key names."""
    (device,) = _DEVICE.unpack_from(key)
    return int(device)
