"""Answers as arrays that can be kept."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tb_versions.core.golden.arrays import parts_of, plain_array
from tb_versions.errors import InvalidManifestError


def test_texts_become_bytes_and_numbers_stay() -> None:
    assert plain_array("y", np.array(["ü", b"a"], object)).tolist() == ["ü".encode(), b"a"]
    assert plain_array("y", np.array([["b"]])).tolist() == [[b"b"]]
    assert plain_array("y", 3.5).dtype == np.float64


def test_a_ragged_tensor_is_its_values_and_where_its_rows_end() -> None:
    value = SimpleNamespace(flat_values=[1, 2, 3], nested_row_splits=([0, 2], [0, 1, 3]))
    assert parts_of("y", value) == {
        "y (values)": [1, 2, 3],
        "y (row splits 1)": [0, 2],
        "y (row splits 2)": [0, 1, 3],
    }


def test_a_sparse_tensor_is_its_parts_in_the_order_of_their_indices() -> None:
    indices, values = np.array([[1, 0], [0, 2], [0, 1]]), np.array([3, 2, 1])
    parts = parts_of("y", SimpleNamespace(indices=indices, values=values, dense_shape=[2, 3]))
    assert [parts[f"y ({name})"].tolist() for name in ("indices", "values")] == [[[0, 1], [0, 2], [1, 0]], [1, 2, 3]]
    assert parts["y (shape)"].tolist() == [2, 3]


def test_a_plain_tensor_is_itself_and_slices_of_a_gradient_are_no_tensor() -> None:
    slices = SimpleNamespace(indices=np.array([1]), values=np.array([[1.0]]), dense_shape=None)
    assert parts_of("y", slices) == {"y": slices}
    with pytest.raises(InvalidManifestError, match="no plain tensor"):
        plain_array("y", slices)
    assert parts_of("y", 3.5) == {"y": 3.5}


def test_a_single_text_keeps_its_zero_bytes() -> None:
    """NumPy takes those at the end of a text for padding."""
    assert plain_array("y", SimpleNamespace(numpy=lambda: b"a\0")).tolist() == b"a\0"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (SimpleNamespace(values=[0]), "no plain tensor"),
        (np.array(["2020-01-01"], "datetime64[s]"), "of datetime64"),
    ],
)
def test_what_can_not_be_kept_is_refused(value: object, why: str) -> None:
    with pytest.raises(InvalidManifestError, match=f'The output "y" is .*{why}'):
        plain_array("y", value)
