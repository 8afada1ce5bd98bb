"""Which file systems are known to keep the times of folders, so that a folder with the same time has the same names."""

from __future__ import annotations

import os
from functools import lru_cache

from tb_versions.read.folders.file_keys import TICK_NS

_TICK_NS = 100_000_000  # many times the tick of these
_KEEPING = frozenset({"ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "tmpfs", "overlay"})
"""Local file systems of Linux: what changes a folder changes its time at once, for every process."""


@lru_cache(maxsize=64)
def keeps_times(device: int) -> bool:
    """Returns whether the file system of a device is known to keep the times of folders."""
    return types().get(f"{os.major(device)}:{os.minor(device)}", "") in _KEEPING


def tick_ns(device: int) -> int:
    """Returns nanoseconds in which a folder or file may change twice and get the same time; more than there can be."""
    return _TICK_NS if keeps_times(device) else TICK_NS


@lru_cache(maxsize=1)
def types() -> dict[str, str]:
    """Returns the type of each mounted file system by its device, as Linux has it; nothing elsewhere."""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as file:
            lines = [line.split() for line in file]
    except OSError:
        return {}
    # "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw": any number of fields is before the dash
    return {fields[2]: fields[fields.index("-", 6) + 1] for fields in lines if "-" in fields[6:-1]}
