"""The canonical bytes of values: the same on every machine for equal values, different for different values.

Each function yields the bytes to hash, part by part. Values follow a JSON line with their type and shape, so that no
two different inputs have the same bytes: [1, 2] and [[1], [2]] differ in that line.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidManifestError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd


def framed(*values: object) -> bytes:
    """A description as one JSON line; its end is unambiguous, so it can't be confused with the bytes that follow."""
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def array_parts(array: Any) -> Iterator[tuple[bytes | memoryview, int | None]]:
    """Yields bytes to hash, each with the length of its array's first axis; None for a scalar, -1 for a container."""
    if isinstance(array, Mapping):
        for key in sorted(array, key=_by_type_and_text):
            yield framed("key", *_by_type_and_text(key)), -1
            yield from array_parts(array[key])
        yield framed("mapping", len(array)), -1
    elif isinstance(array, (list, tuple)):
        for part in array:
            yield from array_parts(part)
        yield framed("sequence", len(array)), -1
    else:
        values = _as_array(array)
        rows = int(values.shape[0]) if values.ndim else None
        for part in _value_parts(values):
            yield part, rows


def _by_type_and_text(key: Hashable) -> tuple[str, str]:
    """A sort key by type and text: 1 and "1" are different keys."""
    return type(key).__name__, str(key)


def _as_array(value: Any) -> npt.NDArray[Any]:
    import numpy as np

    if isinstance(value, np.ma.MaskedArray):
        raise InvalidManifestError("A masked array can't be digested: fill it first, array.filled(value).")
    if not hasattr(value, "__array__"):
        raise InvalidManifestError(
            f"A value of type {type(value).__name__} is not an array; convert it first, numpy.asarray(value)."
        )
    array = np.asarray(value)
    _check_dtype(array.dtype)
    return array


def _check_dtype(dtype: np.dtype[Any]) -> None:
    """Refuses types whose values are not in the array (objects) or have different bytes on other machines."""
    if dtype.hasobject:
        raise InvalidManifestError(
            f"An array of {shown(str(dtype))} can't be digested: it holds references, not values. "
            'Convert it first, array.astype("U") for text.'
        )
    if dtype.base.itemsize > {"g": 8, "G": 16}.get(dtype.base.char, dtype.base.itemsize):
        raise InvalidManifestError(f"An array of {dtype} can't be digested: its bytes differ between machines.")
    for name in dtype.names or ():
        _check_dtype(dtype[name])


def _value_parts(array: npt.NDArray[Any]) -> Iterator[bytes | memoryview]:
    """The canonical bytes of an array: description, then values. A structured array is described field by field."""
    import numpy as np

    if array.dtype.names is not None:
        yield framed("record", array.shape, array.dtype.names)
        for name in array.dtype.names:
            yield from _value_parts(array[name])
        return
    little = array.astype(array.dtype.newbyteorder("<"), order="C", copy=False)
    yield framed("array", _type_name(little.dtype), little.shape)
    if little.size and little.dtype.itemsize:
        yield np.ascontiguousarray(little).reshape(-1).view(np.uint8).data


def _type_name(dtype: np.dtype[Any]) -> str:
    """NumPy's code like `<f4`, with the name for types of other packages: NumPy calls bfloat16 just `<V2`."""
    return dtype.str if dtype.kind != "V" or dtype.isbuiltin == 0 else f"{dtype.str} {dtype.name}"


def frame_parts(df: pd.DataFrame) -> Iterator[bytes | memoryview]:
    """The canonical bytes of a DataFrame: names and types of columns and index, then 64 bits per value by column."""
    columns = [(*_by_type_and_text(label), _column_type(df.iloc[:, i])) for i, label in enumerate(df.columns)]
    index = [(*_by_type_and_text(label), str(kind)) for label, kind in _levels(df.index)]
    yield framed("dataframe", len(df), columns, index, [_by_type_and_text(label) for label in df.columns.names])
    yield from _hashed(df.index, "the index")
    for position, label in enumerate(df.columns):
        yield from _hashed(df.iloc[:, position], f"the column {shown(str(label))}")


def _column_type(column: Any) -> str:
    return f"{column.dtype} ordered" if getattr(column.dtype, "ordered", False) else str(column.dtype)


def _levels(index: Any) -> list[tuple[Hashable, object]]:
    """Name and type of each level of an index."""
    kinds = index.dtypes if index.nlevels > 1 else [index.dtype]
    return list(zip(index.names, kinds, strict=True))


def _hashed(values: Any, what: str) -> Iterator[bytes | memoryview]:
    import pandas as pd

    try:
        hashes = pd.util.hash_pandas_object(values, index=False).to_numpy()
    except TypeError as error:
        raise InvalidManifestError(
            f"A DataFrame can't be digested: {what} holds values without a stable hash ({error}). Convert it to text."
        ) from error
    yield from _value_parts(hashes)


def element_parts(element: Any) -> Iterator[bytes | memoryview]:
    """The canonical bytes of a dataset's element: its tensors in TensorFlow's order, ragged and sparse ones by part."""
    import tensorflow as tf

    for tensor in tf.nest.flatten(element, expand_composites=True):
        if not hasattr(tensor, "numpy") or tensor.dtype in (tf.variant, tf.resource):
            raise InvalidManifestError(
                "An element of the dataset holds something that is not a plain tensor, such as another dataset; "
                "digest the dataset before window() and similar steps."
            )
        yield from _tensor_parts(tensor.numpy())


def _tensor_parts(value: Any) -> Iterator[bytes | memoryview]:
    """The canonical bytes of one tensor. Strings arrive as `bytes`, alone or in an object array."""
    import numpy as np

    array = np.asarray(value, dtype=object) if isinstance(value, bytes) else np.asarray(value)
    if array.dtype != object:
        yield from _value_parts(array)
        return
    yield framed("strings", array.shape)
    for text in array.reshape(-1).tolist():
        yield framed(len(text))
        yield text
