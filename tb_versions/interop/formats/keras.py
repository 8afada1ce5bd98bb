"""Keras 3's archive: a zip file with `config.json`, `metadata.json` and the weights, the texts are read."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from io import FileIO
from typing import Any

import orjson

from tb_versions.core.manifest import MetaGraph, SavedModel, Shape, Signature, Tensor, visible
from tb_versions.savedmodel.wire import WireError

MAX_ENTRIES = 10_000
"""Most files in an archive: Keras writes three, and one for each asset."""

_MAX_DIRECTORY = 4 << 20
_MAX_METADATA = 64 << 10
_MAX_CONFIG = 16 << 20
_END = b"PK\x05\x06"
_END_SIZE, _MAX_COMMENT = 22, 65_535
_MAX_INPUTS = 100


def read(file: FileIO) -> tuple[SavedModel | None, str]:
    """Returns the inputs that an archive names, or None, and the version of Keras that wrote it.

    Raises:
        WireError, ValueError, zipfile.BadZipFile: It is damaged or too large.
    """
    _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        config = _json(archive, "config.json", _MAX_CONFIG)
        metadata = _json(archive, "metadata.json", _MAX_METADATA)
    version = metadata.get("keras_version")
    inputs = tuple(_inputs(config))[:_MAX_INPUTS]
    told = SavedModel(meta_graphs=(MetaGraph(signatures=(Signature(key="call", inputs=inputs),)),)) if inputs else None
    return told, visible(version)[:100] if isinstance(version, str) else ""


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


def _inputs(config: dict[str, Any]) -> Iterator[Tensor]:
    """The input layers of a model's configuration; else the shape that it was built for."""
    found = list(_layers(config))
    if found:
        yield from found
        return
    build = config.get("build_config")
    shape = _shape(build.get("input_shape")) if isinstance(build, dict) else None
    if shape is not None:
        yield Tensor(name="input", shape=shape)


def _layers(config: dict[str, Any]) -> Iterator[Tensor]:
    inner = config.get("config")
    layers = inner.get("layers") if isinstance(inner, dict) else None
    for layer in layers if isinstance(layers, list) else ():
        own = layer.get("config") if isinstance(layer, dict) else None
        if not isinstance(own, dict) or layer.get("class_name") != "InputLayer":
            continue
        shape = _shape(own.get("batch_shape", own.get("batch_input_shape")))
        dtype, name = own.get("dtype"), own.get("name")
        yield Tensor(
            name=visible(name)[:256] if isinstance(name, str) else "",
            dtype=visible(dtype)[:64] if isinstance(dtype, str) else "",
            shape=shape,
        )


def _shape(value: object) -> Shape | None:
    if not isinstance(value, list) or len(value) > 64:
        return None
    sizes = [-1 if size is None else size for size in value]
    if not all(isinstance(size, int) and not isinstance(size, bool) and -1 <= size < 2**63 for size in sizes):
        return None
    return Shape(dimensions=tuple(sizes))
