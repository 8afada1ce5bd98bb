"""Zip files that may be hostile: their list of files is checked before Python reads it, and members are read capped."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from io import FileIO
from typing import Any

import orjson

from tb_versions.savedmodel.wire import WireError

MAX_ENTRIES = 10_000
"""Most files in an archive: Keras writes three, and one for each asset; PyTorch one for each tensor."""

_MAX_DIRECTORY = 4 << 20
_END = b"PK\x05\x06"
_END_SIZE, _MAX_COMMENT = 22, 65_535


def check_directory(file: FileIO) -> None:
    """Refuses a list of files that would fill the memory, before Python reads it.

    Raises:
        WireError: It is too long, or the file is no archive.
    """
    size = os.fstat(file.fileno()).st_size
    file.seek(max(0, size - _END_SIZE - _MAX_COMMENT))
    tail = file.read(_END_SIZE + _MAX_COMMENT)
    place = tail.rfind(_END)
    if place < 0 or place + _END_SIZE > len(tail):
        raise WireError("it is no zip file")
    entries, directory = struct.unpack_from("<HI", tail, place + 10)
    if entries > MAX_ENTRIES or directory > _MAX_DIRECTORY:
        raise WireError(f"it lists more than {MAX_ENTRIES:,} files")
    file.seek(0)


def read_member(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """Returns the content of a file in an archive; what it claims to unpack to is not believed.

    Raises:
        WireError: There is no such file, it is larger than the limit, or it can't be unpacked.
    """
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise WireError(f"it holds no {name}") from None
    if info.file_size > limit:
        raise WireError(f"{name} in it unpacks to {info.file_size:,} bytes, and at most {limit:,} are read")
    try:
        with archive.open(info) as packed:
            data = packed.read(limit + 1)
    except (zlib.error, RuntimeError, EOFError) as error:
        raise WireError(f"{name} in it can't be unpacked") from error
    if len(data) > limit:
        raise WireError(f"{name} in it unpacks to more than {limit:,} bytes")
    return data


def read_head(archive: zipfile.ZipFile, name: str, size: int) -> bytes:
    """Returns at most so many bytes of a file in an archive.

    Raises:
        WireError: It can't be unpacked.
    """
    try:
        with archive.open(name) as packed:
            return packed.read(size)
    except (zlib.error, RuntimeError, EOFError) as error:
        raise WireError(f"{name} in it can't be unpacked") from error


def read_json(archive: zipfile.ZipFile, name: str, limit: int) -> dict[str, Any]:
    """Returns a JSON object in an archive; raises as `read_member`, and ValueError where it is no JSON."""
    value = orjson.loads(read_member(archive, name, limit))
    if not isinstance(value, dict):
        raise WireError(f"{name} in it is no JSON object")
    return value
