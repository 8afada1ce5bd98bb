"""Sample inputs as arrays that a model takes; what it would not take is refused with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tb_versions.core.manifest import Shape, Tensor, shown
from tb_versions.errors import InvalidManifestError
from tb_versions.write.values import described

DTYPES = {
    "float32": ("DT_FLOAT", np.float32),
    "float64": ("DT_DOUBLE", np.float64),
    "float16": ("DT_HALF", np.float16),
    "int8": ("DT_INT8", np.int8),
    "int16": ("DT_INT16", np.int16),
    "int32": ("DT_INT32", np.int32),
    "int64": ("DT_INT64", np.int64),
    "uint8": ("DT_UINT8", np.uint8),
    "uint16": ("DT_UINT16", np.uint16),
    "uint32": ("DT_UINT32", np.uint32),
    "uint64": ("DT_UINT64", np.uint64),
    "bool": ("DT_BOOL", np.bool_),
}
"""Types of inputs for which samples are taken: TensorFlow's name of the enum, and NumPy's type."""


def fitted(value: Any, wanted: Tensor) -> np.ndarray[Any, Any]:
    """Returns a value as an array that an input takes; texts are an array of objects of the class bytes.

    Args:
        value: An array, a tensor, or lists of numbers or texts.
        wanted: The input.

    Raises:
        InvalidManifestError: The model could not take it.
    """
    if ", " in wanted.tensor:
        raise InvalidManifestError(f"The input {shown(wanted.name)} is ragged or sparse, for which nothing is written.")
    array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    if wanted.dtype == "string":
        texts = np.empty(array.size, object)
        texts[:] = [_bytes_of(each, wanted.name) for each in array.reshape(-1).tolist()]
        array = texts.reshape(array.shape)
    else:
        array = _converted(array, wanted)
    _check_shape(array.shape, wanted)
    return array


def _bytes_of(value: object, name: str) -> bytes:
    if isinstance(value, (str, bytes)):
        return value.encode() if isinstance(value, str) else value
    raise InvalidManifestError(f"The input {shown(name)} takes strings, not {described(value)}.")


def _converted(array: np.ndarray[Any, Any], wanted: Tensor) -> np.ndarray[Any, Any]:
    if wanted.dtype not in DTYPES:
        raise InvalidManifestError(f"For inputs of {wanted.dtype}, like {shown(wanted.name)}, nothing is written.")
    kind = np.dtype(DTYPES[wanted.dtype][1])
    is_whole = array.dtype.kind in "iub" and kind.kind in "iu"
    if not is_whole and not np.can_cast(array.dtype, kind, "same_kind"):
        raise InvalidManifestError(f"The input {shown(wanted.name)} takes {wanted.dtype}, not {array.dtype}.")
    converted = array.astype(kind)
    if is_whole and not np.array_equal(converted, array):
        raise InvalidManifestError(f"A value for the input {shown(wanted.name)} does not fit into {wanted.dtype}.")
    return converted


def _check_shape(shape: Sequence[int], wanted: Tensor) -> None:
    known = wanted.shape or Shape(unknown_rank=True)
    if known.unknown_rank:
        return
    fits = len(shape) == len(known.dimensions) and all(
        size in (-1, given) for size, given in zip(known.dimensions, shape, strict=True)
    )
    if not fits:
        text = ", ".join("any" if size == -1 else str(size) for size in known.dimensions)
        raise InvalidManifestError(f"The input {shown(wanted.name)} has the shape [{text}], not {list(shape)}.")
