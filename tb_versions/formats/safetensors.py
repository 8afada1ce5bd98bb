"""safetensors: a length, a JSON header that names every tensor, and their bytes, which are not read."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from io import FileIO
from typing import Any

import orjson

from tb_versions.core.manifest import SavedModel, Shape, Variable, visible
from tb_versions.savedmodel import MAX_VARIABLES
from tb_versions.savedmodel.wire import WireError

_MAX_HEADER = 16 << 20
_MAX_INT64 = 2**63 - 1


def read(file: FileIO) -> SavedModel:
    """Returns the tensors of a file.

    Raises:
        WireError, ValueError: It is damaged.
    """
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > size - 8:
        raise WireError("its header reaches beyond its end")
    if length > _MAX_HEADER:
        raise WireError(f"its header has {length:,} bytes, and at most {_MAX_HEADER:,} are read")
    header = orjson.loads(_all(file, length))
    if not isinstance(header, dict):
        raise WireError("its header is no JSON object")
    header.pop("__metadata__", None)
    return summed([_variable(name, tensor, size - 8 - length) for name, tensor in header.items()])


def joined(shards: Iterable[SavedModel]) -> SavedModel:
    """Returns what the shards of a model say together."""
    every = list(shards)
    variables = sorted((variable for shard in every for variable in shard.variables), key=lambda v: v.name)
    return SavedModel(
        variables=tuple(variables[:MAX_VARIABLES]),
        variables_omitted=sum(s.variables_omitted for s in every) + max(0, len(variables) - MAX_VARIABLES),
        parameter_count=min(sum(shard.parameter_count for shard in every), _MAX_INT64),
    )


def summed(variables: list[Variable]) -> SavedModel:
    """Returns variables with the sum of their elements."""
    count = sum(math.prod(v.shape.dimensions) for v in variables if v.shape is not None)
    variables.sort(key=lambda variable: variable.name)
    return SavedModel(
        variables=tuple(variables[:MAX_VARIABLES]),
        variables_omitted=max(0, len(variables) - MAX_VARIABLES),
        parameter_count=min(max(count, 0), _MAX_INT64),
    )


def _all(file: FileIO, length: int) -> bytes:
    data = file.read(length) or b""
    if len(data) < length:
        raise WireError("its header is cut off")
    return data


def _variable(name: str, tensor: Any, room: int) -> Variable:
    if not isinstance(tensor, dict):
        raise WireError("its header has a tensor that is no object")
    shape, dtype, place = tensor.get("shape"), tensor.get("dtype"), tensor.get("data_offsets")
    if not isinstance(shape, list) or len(shape) > 64 or not all(_is_size(size) for size in shape):
        raise WireError("its header has a tensor without a shape")
    if not isinstance(place, list) or len(place) != 2 or not all(_is_size(at) and at <= room for at in place):
        raise WireError("a tensor in it reaches beyond its end")
    return Variable(
        name=visible(name)[:1_024],
        dtype=_DTYPES.get(dtype, visible(dtype)[:64]) if isinstance(dtype, str) else "",
        shape=Shape(dimensions=tuple(shape)),
    )


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_INT64


_DTYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U8": "uint8",
    "BOOL": "bool",
}
