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


def utc_text(count: int) -> str:
    """Returns that moment to the second, with its zone: "2026-11-24 16:05:12 UTC"; beyond the calendar the count."""
    try:
        return f"{moment_of(count):%Y-%m-%d %H:%M:%S} UTC"
    except OverflowError:
        return f"{count:,} ms since 1970"
