"""What a model answers, as arrays that can be kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_versions.core.golden.file import Array
from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidManifestError


def components(value: Any) -> list[Any]:
    """Returns what TensorFlow makes of a tensor where it takes plain ones only, in its order.

    Of a ragged tensor the values and the row splits, the outermost first; of a sparse one indices, values and shape; of
    all else itself.
    """
    if hasattr(value, "nested_row_splits"):
        return [value.flat_values, *value.nested_row_splits]
    if hasattr(value, "dense_shape") and len(value.indices.shape) == 2:
        return [value.indices, value.values, value.dense_shape]
    return [value]


def parts_of(name: str, value: Any) -> dict[str, Any]:
    """Returns the plain tensors that an output is made of, by name: itself, or the parts of a ragged or sparse tensor.

    A sparse tensor's values come in the order of their indices: which order an operation gives them is no answer.
    """
    parts = components(value)
    if len(parts) == 1:
        return {name: value}
    if hasattr(value, "nested_row_splits"):
        splits = {f"{name} (row splits {level})": each for level, each in enumerate(parts[1:], 1)}
        return {f"{name} (values)": parts[0], **splits}
    indices, values, shape = (np.asarray(each.numpy() if hasattr(each, "numpy") else each) for each in parts)
    order = np.lexsort(indices.T[::-1]) if indices.shape[1] else np.arange(len(indices))
    return {f"{name} (indices)": indices[order], f"{name} (values)": values[order], f"{name} (shape)": shape}


def plain_array(name: str, value: Any) -> Array:
    """Returns a tensor as an array of numbers, or of objects of the class bytes; bfloat16 becomes float32.

    Args:
        name: Of the output.
        value: A tensor, or an array.

    Raises:
        InvalidManifestError: It is no tensor, or of a type that is not kept.
    """
    if hasattr(value, "values") and not hasattr(value, "numpy"):
        raise InvalidManifestError(f"The output {shown(name)} is no plain tensor, and nothing else is kept.")
    try:
        found = value.numpy() if hasattr(value, "numpy") else value
        array = np.asarray(found, object if isinstance(found, bytes) else None)  # else zero bytes at its end are lost
    except (NotImplementedError, TypeError, ValueError) as error:
        raise InvalidManifestError(f"The output {shown(name)} is no plain tensor, and nothing else is kept.") from error
    if array.dtype.kind in "OSU":
        flat = [each.encode() if isinstance(each, str) else bytes(each) for each in array.reshape(-1).tolist()]
        texts = np.empty(len(flat), object)
        texts[:] = flat
        return texts.reshape(array.shape)
    if str(array.dtype).startswith(("bfloat16", "float8")):
        return array.astype(np.float32)
    if array.dtype.kind not in "biufc":
        raise InvalidManifestError(f"The output {shown(name)} is of {array.dtype}, which is not kept.")
    return array
