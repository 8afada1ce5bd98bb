"""The right answers to golden inputs, one for each example: whole numbers, which are classes, or texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tb_versions.core.golden.file import Array
from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidManifestError

ONLY_OUTPUT = ""
"""In place of an output's name: labels of the only output that has classes."""


def labels_by_output(given: object) -> dict[str, Array]:
    """Returns labels by the name of the output that they are of.

    Args:
        given: An array, or a mapping from names of outputs to arrays: [examples] or [examples, 1] of whole numbers,
            booleans or texts, or [examples, classes] with a single 1 in each row.

    Raises:
        InvalidManifestError: They are none of these.
    """
    named = given if isinstance(given, Mapping) else {ONLY_OUTPUT: given}
    if not named:
        raise InvalidManifestError("The labels are an empty mapping.")
    return {str(name): _labels(str(name), value) for name, value in named.items()}


def _labels(name: str, value: Any) -> Array:
    what = f"The labels of {shown(name)}" if name else "The labels"
    try:
        array = np.asarray(value.numpy() if hasattr(value, "numpy") else value)
    except (TypeError, ValueError) as error:
        raise InvalidManifestError(f"{what} are no array: {str(error)[:200]}") from error
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and array.dtype.kind in "biuf":
        is_one_hot = bool(np.all((array == 0) | (array == 1)) and np.all(np.count_nonzero(array, axis=1) == 1))
        if not is_one_hot:
            raise InvalidManifestError(f"{what} have two axes, and not a single 1 in each row.")
        array = np.argmax(array, axis=1)
    if array.ndim != 1 or not array.size:
        raise InvalidManifestError(
            f"{what} have the shape {list(array.shape)}, and one label for each example is wanted."
        )
    if array.dtype.kind in "OSU":
        return _texts(what, array)
    if array.dtype.kind not in "biuf" or (array.dtype.kind == "f" and not np.array_equal(array, np.trunc(array))):
        raise InvalidManifestError(f"{what} are no classes: whole numbers or texts are wanted.")
    if array.size and not (array.min() >= -(2**53) and array.max() <= 2**53):
        raise InvalidManifestError(f"{what} are too large.")
    return array.astype("<i8")


def _texts(what: str, array: Array) -> Array:
    flat = array.tolist()
    if not all(isinstance(each, (str, bytes)) for each in flat):
        raise InvalidManifestError(f"{what} are no classes: whole numbers or texts are wanted.")
    texts = np.empty(len(flat), object)
    texts[:] = [each.encode() if isinstance(each, str) else each for each in flat]
    return texts
