"""Moments as milliseconds since 1970 and as people read them, in UTC. Pure."""

from __future__ import annotations

import datetime

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
"""The moment from which milliseconds are counted."""

_MILLISECOND = datetime.timedelta(milliseconds=1)


def milliseconds(time: datetime.datetime) -> int:
    """Returns a time with a zone as milliseconds since the epoch; what is less than one is cut off."""
    return (time - EPOCH) // _MILLISECOND


def moment_of(count: int) -> datetime.datetime:
    """Returns the moment that is so many milliseconds after the epoch; raises OverflowError beyond the calendar."""
    return EPOCH + count * _MILLISECOND


def moment_or_none(count: int) -> datetime.datetime | None:
    """Returns the moment that is so many milliseconds after the epoch; None beyond the calendar."""
    try:
        return moment_of(count)
    except OverflowError:
        return None


def utc_text(count: int) -> str:
    """Returns that moment to the second, with its zone: "2026-11-24 16:05:12 UTC"; beyond the calendar the count."""
    return _text(count, " ", "seconds", " UTC")


def minute_text(count: int) -> str:
    """Returns that moment to the minute, with its zone: "2026-11-24 16:05 UTC"; beyond the calendar the count."""
    return _text(count, " ", "minutes", " UTC")


def iso_text(count: int) -> str:
    """Returns that moment as ISO 8601 in UTC: "2026-11-24T16:05:12.345Z"; beyond the calendar the count."""
    return _text(count, "T", "milliseconds", "Z")


def _text(count: int, separator: str, precision: str, zone: str) -> str:
    try:
        return moment_of(count).replace(tzinfo=None).isoformat(separator, precision) + zone
    except OverflowError:
        return f"{count:,} ms since 1970"
