"""Parses dates, sizes and numbers of a filter."""

from __future__ import annotations

import calendar
import datetime
import math
import re
from typing import NamedTuple

_AGO = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(s|min|m|h|d|w)")
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]"
    r"([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_SIZE = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)[ \u00a0]?([a-z]{0,3})", re.IGNORECASE | re.ASCII)
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})(?:e[+-]?[0-9]{1,4})?", re.IGNORECASE | re.ASCII
)
_WORD = re.compile(r"([+-]?)(?:inf|infinity|(nan))", re.IGNORECASE | re.ASCII)
_UNITS = {"s": 1e3, "m": 60e3, "min": 60e3, "h": 3600e3, "d": 86_400e3, "w": 7 * 86_400e3}
_BYTES = {"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12}
_BYTES |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_DAY_MS = 86_400_000
_EARLIEST = 100


class Span(NamedTuple):
    """First and last millisecond since the epoch; a day is a span, so "= 2026-11-01" means within that day."""

    start: float
    end: float


def parse_date(text: str, now: float) -> Span | None:
    """Returns the span that a date means, or None; times without a zone are local.

    Args:
        text: "7d" (the moment seven days ago), "today", "2026", "2026-11", "2026-11-01", "2026-11-01T12:30".
        now: Milliseconds since the epoch.
    """
    if ago := _AGO.fullmatch(text):
        at = now - float(ago[1]) * _UNITS[ago[2]]
        return Span(at, at)
    if text in ("today", "yesterday"):
        day = datetime.datetime.fromtimestamp(now / 1000).date()  # noqa: DTZ006 - local time is meant
        return _day(day if text == "today" else day - datetime.timedelta(days=1))
    if date := _DAY.fullmatch(text):
        return _calendar(int(date[1]), date[2], date[3])
    moment = _MOMENT.fullmatch(text)
    return _moment(moment) if moment else None


def _calendar(year: int, month: str | None, day: str | None) -> Span | None:
    first, last = (int(month), int(month)) if month else (1, 12)
    if year < _EARLIEST or not 1 <= first <= 12:
        return None
    length = calendar.monthrange(year, last)[1]
    if day and not 1 <= int(day) <= length:
        return None
    start = datetime.date(year, first, int(day or 1))
    return Span(_day(start).start, _day(datetime.date(year, last, int(day or length))).end)


def _day(day: datetime.date) -> Span:
    start = _local(day)
    if day == datetime.date.max:
        return Span(start, start + _DAY_MS - 1)
    return Span(start, _local(day + datetime.timedelta(days=1)) - 1)


def _local(day: datetime.date) -> float:
    return datetime.datetime(day.year, day.month, day.day).timestamp() * 1000  # noqa: DTZ001 - local time is meant


def _moment(found: re.Match[str]) -> Span | None:
    try:
        moment = datetime.datetime.combine(
            datetime.date.fromisoformat(found[1]), datetime.time(int(found[2]), int(found[3]), int(found[4] or 0))
        )
        at = moment.replace(tzinfo=_zone(found[6])).timestamp() * 1000
    except (ValueError, OverflowError):
        return None
    if moment.year < _EARLIEST:
        return None
    at += int((found[5] or "0").ljust(3, "0")[:3])
    return Span(at, at)


def _zone(text: str | None) -> datetime.tzinfo | None:
    if text is None:
        return None
    if text == "Z":
        return datetime.timezone.utc
    hours, minutes = int(text[1:3]), int(text[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError(text)
    offset = datetime.timedelta(hours=hours, minutes=minutes)
    return datetime.timezone(-offset if text[0] == "-" else offset)


def parse_size(text: str) -> float | None:
    """Returns bytes: "10MB" is 10,000,000, "10MiB" 10,485,760."""
    found = _SIZE.fullmatch(text)
    unit = _BYTES.get(found[2].lower()) if found else None
    return float(found[1]) * unit if found and unit else None


def parse_number(text: str) -> float | None:
    """Returns a number: "1e-3", "-inf", "nan"; "1,000" is none."""
    if _NUMBER.fullmatch(text):
        return float(text)
    word = _WORD.fullmatch(text)
    if word is None:
        return None
    if word[2]:
        return math.nan
    return -math.inf if word[1] == "-" else math.inf
