from __future__ import annotations

import datetime

import pytest

import tb_versions as tbv
from tb_versions.actions.moments import milliseconds_of, moment_text

NOON = 1_795_435_200_000


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23 12:00",
        "2026-11-23T12:00",
        "2026-11-23T12:00:00Z",
        "2026-11-23t12:00:00.000z",
        "2026-11-23 12:00:00.000Z",
        "2026-11-23T13:00+01:00",
        " 2026-11-23 07:00-05:00 ",
    ],
)
def test_one_moment_is_written_in_many_ways(text: str) -> None:
    assert milliseconds_of(text) == NOON


def test_without_a_zone_it_is_utc_and_a_day_begins_with_it() -> None:
    assert milliseconds_of("2026-11-23") == NOON - 12 * 3_600_000
    assert milliseconds_of(datetime.datetime(2026, 11, 23, 12)) == NOON  # noqa: DTZ001 - that is the question
    assert milliseconds_of(datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.timezone.utc)) == NOON


@pytest.mark.parametrize("ms", [0, 1, NOON + 345, -1, 253_402_300_799_999])
def test_what_is_shown_is_read_again(ms: int) -> None:
    assert milliseconds_of(moment_text(ms)) == ms


@pytest.mark.parametrize("text", ["", "now", "12:00", "2026-13-01", "2026-11-23T12:00+01:00Z", "\u0663"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(tbv.InvalidQueryError, match=r"no date|two zones"):
        milliseconds_of(text)
