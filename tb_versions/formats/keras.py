"""Keras 3's archive: a zip file with `config.json`, `metadata.json` and the weights, of which only shapes are read."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from io import FileIO
from typing import Any

import orjson

from tb_versions.core.manifest import SavedModel, Variable, visible
from tb_versions.formats.hdf5 import Hdf5, UnknownFormError
from tb_versions.formats.keras_config import inputs_of
from tb_versions.formats.keras_h5 import told, weights
from tb_versions.savedmodel.wire import WireError

MAX_ENTRIES = 10_000
"""Most files in an archive: Keras writes three, and one for each asset."""

_MAX_DIRECTORY = 4 << 20
_MAX_METADATA = 64 << 10
_MAX_CONFIG = 16 << 20
_END = b"PK\x05\x06"
_END_SIZE, _MAX_COMMENT = 22, 65_535
_WEIGHTS = "model.weights.h5"
_LOCAL = struct.Struct("<4s22xHH")
_ENCRYPTED = 1


def read(file: FileIO) -> tuple[SavedModel | None, str]:
    """Returns inputs and weights of the model in an archive, or None, and the version of Keras that wrote it.

    Raises:
        WireError, ValueError, zipfile.BadZipFile: It is damaged or too large.
    """
    _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        config = _json(archive, "config.json", _MAX_CONFIG)
        metadata = _json(archive, "metadata.json", _MAX_METADATA)
        variables = _weights(file, archive)
    version = metadata.get("keras_version")
    return told(inputs_of(config), variables), visible(version)[:100] if isinstance(version, str) else ""


def _weights(file: FileIO, archive: zipfile.ZipFile) -> list[Variable] | None:
    """The weights, where they are as Keras writes them: in one file, which is not packed; None of any other form."""
    try:
        info = archive.getinfo(_WEIGHTS)
    except KeyError:
        return None
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & _ENCRYPTED:
        return None
    file.seek(info.header_offset)
    head = file.read(_LOCAL.size) or b""
    if len(head) < _LOCAL.size or not head.startswith(b"PK\x03\x04"):
        raise WireError(f"{_WEIGHTS} in it is not where its list of files says")
    *_, name, extra = _LOCAL.unpack(head)
    try:
        hdf5 = Hdf5(file, start=info.header_offset + _LOCAL.size + name + extra, size=info.file_size)
        return weights(list(hdf5.datasets()))
    except UnknownFormError:
        return None


def _check_directory(file: FileIO) -> None:
    """Refuses a list of files that would fill the memory, before Python reads it."""
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


def _json(archive: zipfile.ZipFile, name: str, limit: int) -> dict[str, Any]:
    """A JSON object in an archive; what a file claims to unpack to is not believed."""
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
    value = orjson.loads(data)
    if not isinstance(value, dict):
        raise WireError(f"{name} in it is no JSON object")
    return value
