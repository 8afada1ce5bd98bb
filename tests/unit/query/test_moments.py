from __future__ import annotations

import math
import time
from collections.abc import Iterator

import pytest

from tb_versions.query.moments import Span, parse_date, parse_number, parse_size

NOW = 1795431600000.0  # 2026-11-23T11:00Z
HOUR = 3_600_000
DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Berlin: the days on which the clock changes are 23 and 25 hours long."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


def length(text: str) -> float:
    span = parse_date(text, NOW)
    assert span
    return span.end - span.start + 1


def test_a_day_is_as_long_as_it_is() -> None:
    assert length("2026-11-23") == DAY
    assert length("2026-03-29") == 23 * HOUR
    assert length("2026-10-25") == 25 * HOUR
    assert length("2026-02") == 28 * DAY
    assert length("2028-02") == 29 * DAY
    assert length("2026") == 365 * DAY
    assert length("today") == length("yesterday") == DAY


def test_the_last_day_of_the_calendar_is_a_day() -> None:
    assert length("9999-12-31") == DAY
    assert length("9999") == 365 * DAY


def test_a_moment_is_local_unless_it_names_a_zone() -> None:
    local, utc = parse_date("2026-11-23T12:00", NOW), parse_date("2026-11-23T12:00Z", NOW)
    assert local == Span(NOW, NOW)
    assert utc == parse_date("2026-11-23 13:00", NOW) == parse_date("2026-11-23T06:30:00-05:30", NOW)
    assert utc == Span(NOW + HOUR, NOW + HOUR)
    assert parse_date("2026-11-23T12:00:01.2345", NOW) == Span(NOW + 1_234, NOW + 1_234)


def test_ago_counts_back_from_now() -> None:
    for text, ago in (("7d", 7 * DAY), ("1.5h", 1.5 * HOUR), ("10min", HOUR / 6), ("10m", HOUR / 6), ("1w", 7 * DAY)):
        assert parse_date(text, NOW) == Span(NOW - ago, NOW - ago)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-13", "2026-00", "2026-02-29", "2026-1-1", "0099", "2026-11-23T24:00", "2026-11-23T10:00+24:00",
     "2026-11-23T10:00 PM", "٢٠٢٦", "7", "7y", "2026-11-23\n", "9" * 4000 + "d"],
)  # fmt: skip
def test_what_is_no_date_is_none(text: str) -> None:
    assert parse_date(text, NOW) is None


def test_sizes_have_units() -> None:
    assert [parse_size(text) for text in ("10", "10B", "1.5kB", "1 MB", "1GiB")] == [10, 10, 1500, 1e6, 2**30]
    assert [parse_size(text) for text in ("", "MB", "10XB", "-1MB", "1e3MB")] == [None] * 5


def test_numbers_are_decimal() -> None:
    assert [parse_number(text) for text in ("1", "-1.5", ".5", "1.", "1e-3", "1E400")] == [
        1,
        -1.5,
        0.5,
        1,
        0.001,
        math.inf,
    ]
    assert parse_number("-inf") == -math.inf
    assert math.isnan(parse_number("-NaN") or 0)
    assert [parse_number(text) for text in ("", ".", "1,000", "1_000", "0x10", "١", "1e", "e1", "1 ")] == [None] * 9
