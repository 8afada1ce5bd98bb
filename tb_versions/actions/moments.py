"""Moments that people write: without a zone they are UTC, so that one command means one moment everywhere. Pure."""

from __future__ import annotations

import datetime

from tb_versions.core.manifest import shown
from tb_versions.core.times import milliseconds, moment_of
from tb_versions.errors import InvalidQueryError

Moment = str | datetime.datetime


def milliseconds_of(moment: Moment) -> int:
    """Returns a moment as milliseconds since the epoch.

    Args:
        moment: "2026-11-24", "2026-11-24 16:05", "2026-11-24T16:05:12.345Z", "2026-11-24T17:05+01:00" …, or a
            datetime; UTC where it has no zone. A day is its first moment.

    Raises:
        InvalidQueryError: It is none of these.
    """
    return milliseconds(with_zone(moment))


def with_zone(moment: Moment) -> datetime.datetime:
    """Returns a moment as a datetime with a zone; raises as `milliseconds_of`."""
    found = moment if isinstance(moment, datetime.datetime) else _parsed(moment)
    return found if found.tzinfo else found.replace(tzinfo=datetime.timezone.utc)


def moment_text(count: int) -> str:
    """Returns milliseconds since the epoch as `milliseconds_of` reads them again: "2026-11-24 16:05:12.345Z"."""
    try:
        return f"{moment_of(count):%Y-%m-%d %H:%M:%S}.{count % 1_000:03}Z"
    except OverflowError:
        return f"{count:,} ms"


def _parsed(text: str) -> datetime.datetime:
    written = text.strip().upper().removesuffix("Z")
    try:
        found = datetime.datetime.fromisoformat(written)  # Python 3.10 knows no Z, and three or six digits of a second
    except ValueError as error:
        raise InvalidQueryError(
            f"{shown(text)} is no date; write 2026-11-24, 2026-11-24 16:05 or 2026-11-24T16:05:12.345Z. Without a "
            "zone it is UTC."
        ) from error
    is_utc = text.strip()[-1:] in ("Z", "z")
    if is_utc and found.tzinfo:
        raise InvalidQueryError(f"{shown(text)} has two zones.")
    return found
