"""Numbers in a value of TFMA."""

from __future__ import annotations

import struct

import pytest

from tb_versions.interop.tfx.values import NoNumberError, bootstrap_bounds, ends_in, numbers_in
from tb_versions.savedmodel.wire import WireError
from tests.support.savedmodel_bytes import field
from tests.support.tfma_bytes import double, message, single


def array(kind: int, values: bytes, *shape: int) -> bytes:
    sizes = b"".join(field(2, size) for size in shape)
    return field(7, field(1, kind) + sizes + field(kind + 2, values))


def matrix(*numbers: tuple[int, float]) -> bytes:
    return field(5, field(1, b"".join(double(number, value) for number, value in numbers)))


def test_a_double_is_its_number_and_an_empty_one_is_zero() -> None:
    assert numbers_in(message(single(0.1))) == {"": 0.1}
    assert numbers_in(message(field(1, b""))) == {"": 0.0}


def test_a_bounded_value_is_its_value_and_only_bootstrapped_bounds_are_an_interval() -> None:
    bounds = field(1, double(1, 0.1)) + field(2, double(1, 0.9)) + field(3, double(1, 0.5))
    assert numbers_in(message(field(2, bounds))) == {"": 0.5}
    assert bootstrap_bounds(message(field(2, bounds + field(4, 2)))) == (0.1, 0.9)
    for other in (bounds, bounds + field(4, 1)):
        assert bootstrap_bounds(message(field(2, other))) == (None, None)
    with pytest.raises(NoNumberError, match="intervals without a value"):
        numbers_in(message(field(2, field(1, double(1, 0.1)))))


def test_a_mean_of_samples_stands_for_no_value() -> None:
    with pytest.raises(NoNumberError, match="intervals without a value"):
        numbers_in(message(field(9, field(1, double(1, 0.3)))))


def test_cutoffs_are_told_apart() -> None:
    pairs = field(1, field(1, 3) + double(2, 0.25)) + field(1, field(1, 10))
    assert numbers_in(message(field(4, pairs))) == {"cutoff 3": 0.25, "cutoff 10": 0.0}


def test_numbers_that_early_releases_did_not_write_are_not_taken_for_zero() -> None:
    found = numbers_in(message(matrix((1, 0.3), (5, 7.0))))
    assert found["threshold 0.3, false negatives"] == 0.0
    assert "threshold 0.3, F1" not in found
    assert numbers_in(message(matrix((1, 0.3), (21, 0.5))))["threshold 0.3, F1"] == 0.5


def test_ends_of_intervals_in_confusion_matrices_are_those_of_counts() -> None:
    ends = ends_in(message(matrix((1, 0.5), (5, 7.0), (6, 0.875), (7, 0.5), (20, 0.1))))
    assert {name.partition(", ")[2] for name in ends} == {
        "false negatives",
        "true negatives",
        "false positives",
        "true positives",
    }
    assert ends_in(None) == ends_in(message(field(6, b"text"))) == {}


def test_elements_of_arrays_are_told_apart_and_one_element_is_its_number() -> None:
    assert numbers_in(message(array(4, struct.pack("<2f", 1.5, 2.5), 2))) == {"[0]": 1.5, "[1]": 2.5}
    assert numbers_in(message(array(5, struct.pack("<d", 0.1), 1))) == {"": 0.1}
    six = array(2, bytes(range(6)), 2, 3)
    assert list(numbers_in(message(six))) == ["[0,0]", "[0,1]", "[0,2]", "[1,0]", "[1,1]", "[1,2]"]


def test_an_array_of_another_shape_is_damaged_and_one_of_texts_has_no_number() -> None:
    with pytest.raises(WireError, match=r"an array of shape \[3\] with 2 elements"):
        numbers_in(message(array(2, b"\1\2", 3)))
    with pytest.raises(NoNumberError, match="arrays of texts"):
        numbers_in(message(array(1, b"x", 1)))
    with pytest.raises(NoNumberError, match="more than 1,000 numbers"):
        numbers_in(message(array(2, bytes(1_001), 1_001)))


@pytest.mark.parametrize(
    ("number", "what"), [(3, "could not convert"), (6, "texts"), (10, "messages"), (11, "classes")]
)
def test_what_is_no_number_says_what_it_is(number: int, what: str) -> None:
    with pytest.raises(NoNumberError, match=what):
        numbers_in(message(field(number, b"")))
    with pytest.raises(NoNumberError, match="empty values"):
        numbers_in(message(b""))
