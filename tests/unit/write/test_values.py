"""Values of any library become plain Python values."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pytest

from tb_versions.errors import InvalidManifestError
from tb_versions.write.values import plain_float, plain_number, to_float, to_sequence, to_step, to_time, type_name


def test_steps_are_whole_numbers_of_64_bits() -> None:
    assert to_step(np.array(5), "The step") == 5
    assert to_step(5.0, "The step") == 5
    for value in (5.5, "5", True, math.nan, math.inf):
        with pytest.raises(TypeError):
            to_step(value, "The step")
    with pytest.raises(InvalidManifestError):
        to_step(2**70, "The step")


def test_the_limit_of_a_step_is_that_of_64_bits() -> None:
    assert to_step(2**63 - 1, "The step") == 2**63 - 1
    for value in (2**63, -(2**63)):
        with pytest.raises(InvalidManifestError, match="must fit into 64 bits"):
            to_step(value, "The step")


def test_a_type_is_named_with_its_module_but_for_pythons_own() -> None:
    assert [type_name(value) for value in (3, np.float32(1))] == ["int", "numpy.float32"]


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-23T08:15:00Z", "2026-11-23T09:15:00+01:00", " 2026-11-23T08:15:00z ",
        datetime.datetime(2026, 11, 23, 8, 15, tzinfo=datetime.timezone.utc),
    ],
)  # fmt: skip
def test_a_time_is_in_utc(value: object) -> None:
    assert to_time(value) == datetime.datetime(2026, 11, 23, 8, 15, tzinfo=datetime.timezone.utc)


def test_a_time_without_a_zone_is_local_and_a_date_is_its_first_moment() -> None:
    local = datetime.datetime(2026, 11, 23)  # noqa: DTZ001 - local time is meant
    assert to_time(local.date()) == to_time(local) == to_time("2026-11-23") == local.astimezone()


@pytest.mark.parametrize("value", [3, None, b"2026-11-23"])
def test_what_is_no_time_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="created must be a datetime, a date or a text"):
        to_time(value)
    for beyond in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00"):
        with pytest.raises(InvalidManifestError, match=r"beyond the calendar in UTC, the years 1 to 9999"):
            to_time(beyond)
    with pytest.raises(InvalidManifestError, match='"yesterday" is not a time; write it like'):
        to_time("yesterday")


def test_a_single_value_is_a_sequence_of_one_and_texts_are_single() -> None:
    assert [to_sequence(value) for value in ("ab", b"ab", 3, {"a": 1})] == [("ab",), (b"ab",), (3,), ({"a": 1},)]
    assert [list(to_sequence(value)) for value in ([1, 2], (1, 2), [])] == [[1, 2], [1, 2], []]


MASKED = (
    np.ma.masked, np.ma.masked_invalid([math.nan, math.nan]).mean(), np.ma.array(5.0, mask=True),
    np.ma.array(5, mask=True, dtype="int8"), np.ma.array([1.0], mask=[True])[0],
)  # fmt: skip


@pytest.mark.parametrize("value", MASKED, ids=repr)
def test_a_masked_value_is_no_number(value: object) -> None:
    assert plain_number(value) is None
    assert plain_float(value) is None
    with pytest.raises(TypeError, match=r"The metric must be a number, not a masked value \(Masked"):
        to_float(value, "The metric")


def test_what_a_mask_lets_through_is_a_number() -> None:
    assert [plain_number(value) for value in (np.ma.array(5.0), np.ma.array([1, 2], mask=[0, 1]).sum())] == [5.0, 1]


@pytest.mark.parametrize("value", [np.void(b"12345678"), np.bytes_(b"5"), np.array("5"), np.array(b"5"), np.array(1j)])
def test_bytes_and_texts_that_look_like_numbers_are_none(value: object) -> None:
    assert plain_number(value) is None
    assert plain_float(value) is None


def test_plain_numbers_keep_their_kind() -> None:
    assert plain_number(True) is True
    assert plain_number(np.int8(3)) == 3
    assert isinstance(plain_number(np.int8(3)), int)
    assert plain_number(np.array([3])) is None
