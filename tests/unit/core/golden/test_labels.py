from __future__ import annotations

import numpy as np
import pytest

from tb_versions.core.golden.file import Asked, read, write
from tb_versions.core.golden.labels import labels_by_output
from tb_versions.errors import InvalidManifestError


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([3, 1, 2], [3, 1, 2]),
        (np.array([[3], [1]], "uint8"), [3, 1]),
        (np.array([1.0, 0.0], "float32"), [1, 0]),
        ([True, False], [1, 0]),
        (np.eye(3)[[2, 0]], [2, 0]),
        (["cat", b"dog"], [b"cat", b"dog"]),
        (np.array(["cat", "dog"]), [b"cat", b"dog"]),
    ],
)
def test_labels_of_every_usual_form_are_one_for_each_example(given: object, wanted: list[object]) -> None:
    assert labels_by_output(given)[""].tolist() == wanted


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([0.5, 1], "no classes"),
        ([float("nan")], "no classes"),
        ([[0.9, 0.1]], "not a single 1"),
        ([[1, 1]], "not a single 1"),
        ([], "has|have the shape"),
        (3, "have the shape"),
        (np.zeros((2, 2, 2)), "have the shape"),
        ([2**60], "too large"),
        ([1j], "no classes"),
        ({}, "empty mapping"),
        ({"y": [0.5]}, 'The labels of "y" are no classes'),
        ([None, "a"], "no classes"),
        ([[1], [1, 2]], "no array"),
    ],
)
def test_what_is_no_label_is_refused_with_a_reason(given: object, words: str) -> None:
    with pytest.raises(InvalidManifestError, match=words):
        labels_by_output(given)


def test_labels_are_kept_in_the_file_and_a_file_without_any_is_as_before() -> None:
    inputs = {"x": np.ones((2, 4), "float32")}
    of = labels_by_output({"y": [1, 0], "name": ["a", "bc"]})
    found = read(write({"serve": Asked(inputs, {}, of)}))["serve"]
    assert found.labels["y"].tolist() == [1, 0]
    assert found.labels["name"].tolist() == [b"a", b"bc"]
    assert b"labels" not in write({"serve": Asked(inputs, inputs)})
    assert read(write({"serve": Asked(inputs, inputs)}))["serve"].labels == {}
