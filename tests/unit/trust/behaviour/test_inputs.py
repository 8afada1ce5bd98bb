from __future__ import annotations

import numpy as np
import pytest

from tb_versions.core.golden.file import Asked
from tb_versions.core.golden.labels import labels_by_output
from tb_versions.errors import InvalidManifestError
from tb_versions.trust.behaviour.inputs import joined, shared_inputs
from tests.unit.trust.behaviour.test_pairing import IMAGE, taking

NAMES = {"x": "y"}
ANY = (taking(x=IMAGE), taking(y=IMAGE))


def texts(*values: str) -> np.ndarray:  # type: ignore[type-arg]
    made = np.empty(len(values), object)
    made[:] = [each.encode() for each in values]
    return made


def test_an_example_that_repeats_an_earlier_one_does_not_count() -> None:
    shared = shared_inputs(Asked({"x": np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]])}), NAMES)
    assert shared.counted is not None
    assert shared.counted.tolist() == [True, True, False]
    assert shared.of_second.keys() == {"y"}
    of_texts = shared_inputs(Asked({"x": texts("a", "b", "a", "ab")}), NAMES)
    assert of_texts.counted is not None
    assert of_texts.counted.tolist() == [True, True, False, True]


def test_examples_of_both_are_asked_one_after_the_other_and_equal_ones_once() -> None:
    first = shared_inputs(Asked({"x": np.array([[1.0], [2.0]])}, {}, labels_by_output([0, 1])), NAMES)
    second = shared_inputs(Asked({"x": np.array([[2.0], [3.0]])}), NAMES)
    both = joined(first, second, ANY)
    assert both is not None
    assert both.inputs["x"].tolist() == [[1.0], [2.0], [2.0], [3.0]]
    assert both.counted is not None
    assert both.counted.tolist() == [True, True, False, True]
    labels = both.labels_of("output_0", "")
    assert labels is not None
    assert labels.values.tolist() == [0, 1, 0, 0]
    assert labels.known.tolist() == [True, True, False, False]
    assert both.labelled == ("",)


def test_labels_of_two_kinds_are_no_labels() -> None:
    first = shared_inputs(Asked({"x": np.array([[1.0]])}, {}, labels_by_output([0])), NAMES)
    second = shared_inputs(Asked({"x": np.array([[2.0]])}, {}, labels_by_output(["cat"])), NAMES)
    both = joined(first, second, ANY)
    assert both is not None
    assert both.labels_of("") is None


@pytest.mark.parametrize("other", [np.ones((2, 5)), np.ones((2, 4), "float32"), np.float64(3)])
def test_examples_that_do_not_go_together_are_not_joined(other: np.ndarray) -> None:  # type: ignore[type-arg]
    first = shared_inputs(Asked({"x": np.ones((2, 4))}), NAMES)
    assert joined(first, shared_inputs(Asked({"x": other}), NAMES), ANY) is None


def test_a_model_that_takes_a_fixed_number_of_examples_gets_no_more() -> None:
    first = shared_inputs(Asked({"x": np.ones((2, 4))}), NAMES)
    assert joined(first, first, (taking(x=("float32", (2, 4))), ANY[1])) is None


def test_as_many_labels_as_examples_are_wanted() -> None:
    with pytest.raises(InvalidManifestError, match="There are 3 labels for 2 examples"):
        shared_inputs(Asked({"x": np.ones((2, 4))}, {}, labels_by_output([0, 1, 2])), NAMES)
    with pytest.raises(InvalidManifestError, match="no common number"):
        shared_inputs(Asked({"x": np.ones((2, 4)), "z": np.ones(3)}, {}, labels_by_output([0, 1])), NAMES)
    with pytest.raises(InvalidManifestError, match="at most 100,000"):
        shared_inputs(Asked({"x": np.zeros(100_001, "uint8")}), NAMES)
