"""Whether a version's folders hold the names that they were seen to hold: asked of their times, without listing them.

A file that appears in a folder or vanishes changes the folder's time; one that is cut off or grows does not, so each
file is asked for its size all the same. Of file systems whose folder times stand still, or are told late, nothing is
believed: only of those that are known to keep them.
"""

from __future__ import annotations

import os
import stat
from functools import lru_cache
from struct import Struct

from tb_versions.read.folders.file_keys import TICK_NS
from tb_versions.read.folders.file_systems import keeps_times
from tb_versions.read.manifests.listed_files import ListedFiles, layout_of

_MOST_FOLDERS = 16
_PACKED = Struct("<QQqq")


def folder_times(above: int, name: str, files: ListedFiles, *, before: int | None = None) -> bytes:
    """Returns what changes when a name appears in one of a version's folders or vanishes; b"" where that is not known.

    Args:
        above: Descriptor of a folder.
        name: Path of the version's folder there.
        files: What the version's manifest lists.
        before: Nanoseconds since 1970; whatever changed less than `TICK_NS` before has no times. None where all is
            compared with times that were taken so.

    Raises:
        OSError: A folder is not there.
    """
    folders = _folders_of(files)
    if folders is None:
        return b""
    packed = b""
    for inner in folders:
        status = os.stat(name + inner, dir_fd=above, follow_symlinks=False)
        modified, changed = status.st_mtime_ns, status.st_ctime_ns
        if not (stat.S_ISDIR(status.st_mode) and keeps_times(status.st_dev)):
            return b""
        if before is not None and not 0 < max(modified, changed) < before - TICK_NS:
            return b""
        packed += _PACKED.pack(status.st_dev, status.st_ino, modified, changed)
    return packed


def is_as_seen(above: int, name: str, files: ListedFiles, seen: bytes) -> bool:
    """Whether a version's folders hold exactly the listed files, as they did when these were the folders' times.

    Args:
        above: As of `folder_times`.
        name: As of `folder_times`.
        files: As of `folder_times`.
        seen: What `folder_times` returned before the folders were listed, and all was as the manifest says.

    Raises:
        OSError: Something is not there.
    """
    if not seen or folder_times(above, name, files) != seen:
        return False
    for path, size in zip(files.paths, files.sizes, strict=True):
        status = os.stat(f"{name}/{path}", dir_fd=above, follow_symlinks=False)
        if status.st_size != size or not stat.S_ISREG(status.st_mode):
            return False
    return True


@lru_cache(maxsize=1_024)
def _folders_of(files: ListedFiles) -> tuple[str, ...] | None:
    """The folders that hold the files, as "" and "/variables"; None where they are odd, or many."""
    if layout_of(files) is None:
        return None
    folders = {""}
    for path in files.paths:
        parts = path.split("/")
        folders.update("/" + "/".join(parts[:end]) for end in range(1, len(parts)))
    return tuple(sorted(folders)) if len(folders) <= _MOST_FOLDERS else None
