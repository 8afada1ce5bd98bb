from __future__ import annotations

import datetime

import pytest

from tb_versions.core.times import EPOCH, iso_text, milliseconds, minute_text, moment_of, moment_or_none, utc_text


@pytest.mark.parametrize("count", [0, 1, -1, 1_764_000_000_123, -62_135_596_800_000])
def test_a_moment_is_as_many_milliseconds_as_it_was_made_of(count: int) -> None:
    assert milliseconds(moment_of(count)) == count


def test_what_is_less_than_a_millisecond_is_cut_off() -> None:
    assert milliseconds(EPOCH + datetime.timedelta(microseconds=1_999)) == 1


def test_a_time_beyond_the_calendar_is_no_error() -> None:
    assert utc_text(10**18) == "1,000,000,000,000,000,000 ms since 1970"
    assert utc_text(0) == "1970-01-01 00:00:00 UTC"


LAST = 253_402_300_799_999
BEYOND = (LAST + 1, -62_135_596_800_001, 2**63 - 1, -(2**63), 10**400)


def test_the_ends_of_the_calendar_are_written_with_four_digits_of_the_year() -> None:
    assert iso_text(LAST) == "9999-12-31T23:59:59.999Z"
    assert iso_text(-62_135_596_800_000) == "0001-01-01T00:00:00.000Z"
    assert minute_text(-62_135_596_800_000) == "0001-01-01 00:00 UTC"
    assert utc_text(-1) == "1969-12-31 23:59:59 UTC"


@pytest.mark.parametrize("count", BEYOND)
def test_a_time_that_others_wrote_is_a_text_whatever_it_is(count: int) -> None:
    assert iso_text(count) == minute_text(count) == utc_text(count) == f"{count:,} ms since 1970"
    assert moment_or_none(count) is None
