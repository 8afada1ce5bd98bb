"""What a model answers, as arrays that can be kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from tb_versions.core.golden.file import Array
from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidManifestError


def plain_array(name: str, value: Any) -> Array:
    """Returns a tensor as an array of numbers, or of objects of the class bytes; bfloat16 becomes float32.

    Args:
        name: Of the output.
        value: A tensor, or an array.

    Raises:
        InvalidManifestError: It is ragged, sparse or of a type that is not kept.
    """
    if hasattr(value, "values") and not hasattr(value, "numpy"):
        raise InvalidManifestError(f"The output {shown(name)} is no plain tensor, and nothing else is kept.")
    if any(hasattr(value, part) for part in ("row_splits", "dense_shape")):
        raise InvalidManifestError(f"The output {shown(name)} is ragged or sparse, which is not kept.")
    try:
        array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
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
