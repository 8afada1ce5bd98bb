"""How a slice of TFMA is called here: `country:us`, `country:us, hour:3`. Two slices never have one name.

TFMA's own names of crossed slices (`country_X_hour:us_X_3`) can stand for several. Field numbers are those of
metrics_for_slice.proto.
"""

from __future__ import annotations

import json
import math
import re
import struct

from tb_versions.interop.tfx.wire import choice
from tb_versions.savedmodel.wire import BYTES, FIXED32, VARINT, Message, WireError, signed

_SINGLE_SLICE_KEYS = 1  # of SliceKey
_COLUMN, _BYTES, _FLOAT, _INTEGER = 1, 2, 3, 4  # of SingleSliceKey
_BASELINE, _COMPARISON = 1, 2  # of CrossSliceKey

_PLAIN = re.compile(r"[^\W\d](?:[\w /+@%&#'.-]*[\w/+@%&#'.-])?")
_MINUS = " minus "
_SPECIAL = frozenset({"nan", "inf", "-inf"})


def slice_of(message: Message, simple: int, crossed: int) -> str:
    """Returns the name of the slice that a message is about; "" is all of the data.

    What TFMA computes for two slices is the number of the first, its "baseline", minus that of the second:
    `country:us minus country:de`.

    Args:
        message: A MetricsForSlice, or a message like it.
        simple: Number of its field with a SliceKey.
        crossed: Number of its field with a CrossSliceKey.

    Raises:
        WireError: It is damaged.
    """
    chosen = choice(message, frozenset({simple, crossed}))
    if chosen is None:
        return ""
    number, key = chosen
    if number == simple:
        return _name(key)
    names = [_name(part) if part else "" for part in (key.child(_BASELINE), key.child(_COMPARISON))]
    return _MINUS.join(name or "all" for name in names)


def _name(key: Message) -> str:
    return ", ".join(_single(single) for single in key.each(_SINGLE_SLICE_KEYS))


def _single(single: Message) -> str:
    """One column and its value; of several values the last, as parsers take it."""
    single.source.keep(objects=2)
    value = "(none)"
    for number, kind, start, end in single.fields():
        if number == _BYTES and kind == BYTES:
            if end - start > 4_096:
                raise WireError(f"a slice's value of {end - start:,} bytes")
            value = _text(single.source.read(start, end))
        elif number == _FLOAT and kind == FIXED32:
            value = shortest(struct.unpack("<f", single.source.read(start, end))[0])
        elif number == _INTEGER and kind == VARINT:
            value = str(signed(start))
    return f"{_quoted(single.text(_COLUMN))}:{value}"


def _text(data: bytes) -> str:
    try:
        return _quoted(data.decode())
    except UnicodeDecodeError:
        return f"bytes {data.hex()}" if len(data) <= 64 else f"bytes {data[:64].hex()}… of {len(data)}"


def _quoted(text: str) -> str:
    """A text as it is where nothing else looks like that; else in quotes: `us`, but `"3"`, `"a:b"`, `"nan"`."""
    is_plain = _PLAIN.fullmatch(text) and _MINUS not in text and text not in _SPECIAL and not text.startswith("bytes ")
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def shortest(value: float) -> str:
    """Returns the shortest decimal that is this float of 32 bits, always with a point or an exponent: `0.1`, `3.0`."""
    text = f"{value:.9g}"  # always enough
    for digits in range(1, 9):
        shorter = f"{value:.{digits}g}"
        if _as_float(shorter) == value:
            text = shorter
            break
    return text if re.search(r"[.en]", text) else f"{text}.0"


def _as_float(text: str) -> float:
    """The float of 32 bits that a decimal stands for; beyond the largest, infinity."""
    try:
        return float(struct.unpack("<f", struct.pack("<f", float(text)))[0])
    except OverflowError:
        return math.inf
