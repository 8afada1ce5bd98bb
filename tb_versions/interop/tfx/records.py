"""Files of records as TensorFlow and Beam write them (TFRecord), read whole or refused.

A record is the length of its data (8 bytes, little-endian), a checksum of these, the data, and a checksum of that.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from tb_versions.core.manifest import visible
from tb_versions.core.storage import read_capped
from tb_versions.errors import NotAModelError
from tb_versions.savedmodel.table import masked_crc32c

FILE_LIMIT = 64 * 1024 * 1024
"""Most bytes of one file of records; 20,000 slices of 20 metrics have some 30 MB."""

MOST_FILES = 1_000
"""Most parts that one result is in."""

_HEADER, _FOOTER = 12, 4  # bytes
_SHARD = re.compile(r"-([0-9]{5})-of-([0-9]{5})", re.ASCII)


def read_records(path: str, *, within: str) -> Iterator[bytes]:
    """Yields the data of each record of a file.

    Args:
        path: A plain file.
        within: A folder above it, from which no symlink leads out.

    Raises:
        NotAModelError: The file is damaged: a length or a checksum is wrong, or it is cut off.
        TbVersionsError: It is no plain file, too large, or can't be read.
    """
    data = read_capped(path, FILE_LIMIT, within=within)
    start = 0
    while start < len(data):
        end = start + _HEADER + int.from_bytes(data[start : start + 8], "little") + _FOOTER
        if not _is_sound(data, start, start + 8) or end > len(data):
            raise NotAModelError(f"{visible(path)} is damaged: the record at byte {start:,} is cut off, or no record.")
        if not _is_sound(data, start + _HEADER, end - _FOOTER):
            raise NotAModelError(f"{visible(path)} is damaged: the record at byte {start:,} was altered.")
        yield data[start + _HEADER : end - _FOOTER]
        start = end


def _is_sound(data: bytes, start: int, end: int) -> bool:
    return end + _FOOTER <= len(data) and masked_crc32c(data[start:end]) == int.from_bytes(
        data[end : end + _FOOTER], "little"
    )


def parts_of(folder: str, result: str) -> list[str]:
    """Returns the paths of the files that a result is in, in order, such as `metrics-00000-of-00002.tfrecord`.

    Args:
        folder: The folder of all results.
        result: "metrics" or "validations".

    Returns:
        Nothing where there is no such result. Files without an ending (`metrics`) count: some old releases wrote them.

    Raises:
        NotAModelError: A part is missing, or parts of two writers are there.
        OSError: The folder can't be listed.
    """
    names = [name for name in os.listdir(folder) if _is_part(name, result)]
    names = [name for name in names if name.endswith(".tfrecord")] or names
    if len(names) > MOST_FILES:
        raise NotAModelError(
            f"{visible(folder)} has {len(names):,} files of {result}; at most {MOST_FILES:,} are read."
        )
    shards = [match for name in names if (match := _SHARD.search(name))]
    wholes = {int(match[2]) for match in shards}
    if shards and (len(wholes) > 1 or len(shards) != len(names) or len(shards) != max(wholes)):
        raise NotAModelError(
            f"{visible(folder)} has {len(names):,} files of {result}, of which one says that there are {max(wholes):,}."
            " Copy the folder once more, as a whole."
        )
    if not shards and len(names) > 1:
        raise NotAModelError(f"{visible(folder)} has {len(names):,} files of {result} where there can be one.")
    return [os.path.join(folder, name) for name in sorted(names)]


def _is_part(name: str, result: str) -> bool:
    return re.fullmatch(rf"{result}(?:-[0-9]{{5}}-of-[0-9]{{5}})?(?:\.tfrecord)?", name, re.ASCII) is not None
