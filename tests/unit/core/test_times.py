from __future__ import annotations

import datetime

import pytest

from tb_versions.core.times import EPOCH, milliseconds, moment_of, utc_text


@pytest.mark.parametrize("count", [0, 1, -1, 1_764_000_000_123, -62_135_596_800_000])
def test_a_moment_is_as_many_milliseconds_as_it_was_made_of(count: int) -> None:
    assert milliseconds(moment_of(count)) == count


def test_what_is_less_than_a_millisecond_is_cut_off() -> None:
    assert milliseconds(EPOCH + datetime.timedelta(microseconds=1_999)) == 1


def test_a_time_beyond_the_calendar_is_no_error() -> None:
    assert utc_text(10**18) == "1,000,000,000,000,000,000 ms since 1970"
    assert utc_text(0) == "1970-01-01 00:00:00 UTC"
