"""JSON as it travels: strict, numbers that a browser can hold, and a revision that follows the content. Pure."""

from __future__ import annotations

import hashlib
import math
import re
from typing import Any

import orjson

from tb_versions.core.manifest import visible

SCHEMA_VERSION = 1
"""Schema of every payload but the table's."""

TABLE_SCHEMA_VERSION = 2
"""Schema of the table: 1 had no blocks."""

_EXACT = 2**53
_SURROGATE = re.compile("[\ud800-\udfff]")


def dump(payload: object) -> bytes:
    """Returns strict JSON; NaN and infinities must be texts already."""
    try:
        return orjson.dumps(payload)
    except orjson.JSONEncodeError:  # a file or run whose name is no UTF-8
        return orjson.dumps(without_surrogates(payload))


def without_surrogates(value: Any) -> Any:
    """Returns a value with texts that are no Unicode, such as names of files, spelled out."""
    if isinstance(value, str):
        return visible(value) if _SURROGATE.search(value) else value
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_surrogates(item) for item in value]
    return value


def wire_number(value: float | None) -> float | str | None:
    """Returns a number as it travels: NaN and infinities as texts."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def wire_integer(value: int) -> int | str:
    """Returns an integer as it travels: as text above 2^53, which a browser's numbers can't hold."""
    return value if abs(value) <= _EXACT else str(value)


def revision_of(body: bytes) -> str:
    """Returns the revision of a payload: it changes when, and only when, the content does."""
    return hashlib.sha256(body).hexdigest()[:16]


def with_revision(payload: dict[str, Any]) -> tuple[bytes, str]:
    """Returns the payload's JSON with its `revision` in it, and the revision."""
    body = dump(payload)
    revision = revision_of(body)
    return b'{"revision":"' + revision.encode() + b'",' + body[1:], revision
