from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.core import scalars
from tb_versions.core.scalars import WrongValueError
from tb_versions.errors import InvalidManifestError

UTC = datetime.timezone.utc


@pytest.mark.parametrize(
    ("value", "number"),
    [("7", 7), (7, 7), (7.0, 7), ("-7", -7), ("007", 7), (str(2**63 - 1), 2**63 - 1), (-(2**63), -(2**63))],
)
def test_an_integer_is_a_number_or_its_digits(value: object, number: int) -> None:
    assert scalars.read_integer(value) == number


@pytest.mark.parametrize(
    "value",
    ["", "x", "1.0", "+1", " 1", "１", 1.5, True, None, [], {}, 2**63, -(2**63) - 1, "9" * 19, "9" * 400, 1e300],
)
def test_anything_else_is_no_integer(value: object) -> None:
    with pytest.raises(WrongValueError, match="must be a 64-bit integer, not"):
        scalars.read_integer(value)


def test_32_bits_have_their_own_limit_and_are_written_as_a_number() -> None:
    assert (scalars.write_integer(7, bits=32), scalars.write_integer(7)) == (7, "7")
    for convert in (scalars.read_integer, scalars.write_integer):
        with pytest.raises(WrongValueError, match="must be a 32-bit integer"):
            convert(2**31, bits=32)
        with pytest.raises(WrongValueError, match="must be a 32-bit integer"):
            convert(-(2**31) - 1, bits=32)
        assert [convert(edge, bits=32) for edge in (-(2**31), 2**31 - 1)] == [-(2**31), 2**31 - 1]


def test_true_and_false_are_nothing_else() -> None:
    assert [scalars.read_bool(value) for value in (True, False)] == [True, False]
    for value in (0, 1, "true", None):
        with pytest.raises(WrongValueError, match="must be true or false"):
            scalars.read_bool(value)


@pytest.mark.parametrize("value", ["nan", "inf", "1", "1e400", "-", "", True, None, [], {}, 10**400])
def test_of_texts_only_three_are_doubles(value: object) -> None:
    assert scalars.read_double("-Infinity") == -math.inf
    with pytest.raises(WrongValueError, match="must be a number"):
        scalars.read_double(value)


@given(st.floats())
def test_a_double_comes_back(value: float) -> None:
    assert repr(scalars.read_double(scalars.write_double(value))) == repr(value)


@given(st.integers(-(2**63), 2**64 - 1) | st.booleans() | st.text(st.characters(exclude_categories=("Cs",))))
def test_a_hyperparameter_comes_back_or_its_digits_do(value: Any) -> None:
    again = scalars.read_scalar(scalars.write_scalar(value))
    assert again == value or again == str(value)
    assert type(again) is type(value) or isinstance(again, str)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (32.0, 32),
        (0.5, 0.5),
        (2**53, 2**53),
        (2.0**53, 2**53),
        (2**53 + 1, str(2**53 + 1)),
        (2**63, str(2**63)),
        (2**64 - 1, str(2**64 - 1)),
        (2**64, 2.0**64),
        (1e20, 1e20),
        (10**30, 1e30),
    ],
)
def test_a_whole_number_of_a_hyperparameter_is_an_integer_where_it_is_exact(value: Any, read: object) -> None:
    assert repr(scalars.read_scalar(value)) == repr(read)


@pytest.mark.parametrize("value", [None, [], {}, [1], 10**400])
def test_a_hyperparameter_is_nothing_else(value: object) -> None:
    with pytest.raises(WrongValueError, match="must be a number"):
        scalars.read_scalar(value)


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_comes_back(value: datetime.datetime) -> None:
    assert scalars.read_time(scalars.write_time(value)) == value


@pytest.mark.parametrize(
    "value",
    ["yesterday", "2026-13-01T00:00:00Z", "2026-11-23", "2026-11-23T08:15:00", 3, [], {}, "0000-01-01T00:00:00Z"],
)
def test_other_times_are_refused(value: object) -> None:
    with pytest.raises(WrongValueError, match="must be a time like 2026-11-23T08:15:00Z, not"):
        scalars.read_time(value)


WRITERS: list[Callable[[Any], object]] = [
    scalars.write_text, scalars.write_integer, scalars.write_double, scalars.write_scalar, scalars.write_time,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS)
def test_what_can_not_be_written_is_refused(write: Callable[[Any], object]) -> None:
    with pytest.raises(WrongValueError, match="must be"):
        write([1])


def test_a_text_that_is_no_unicode_is_not_written() -> None:
    with pytest.raises(WrongValueError, match="must be text that is Unicode"):
        scalars.write_text("\ud800")


def test_an_error_says_where_the_value_is() -> None:
    error = WrongValueError("text, not a list").within("name").within("[3]").within("metrics")
    assert str(error) == "The field metrics[3].name must be text, not a list."
    assert isinstance(error, InvalidManifestError)
    assert str(WrongValueError("text").within('["a\u202e' + "b" * 999).within("labels")).isprintable()
    assert len(str(WrongValueError("text").within("b" * 999))) < 250
