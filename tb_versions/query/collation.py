"""The order of words, the same as in the browser: "layer10" comes after "layer9".

The browser has the Unicode collation of CLDR. This is its order for ASCII and for letters with accents; other
scripts follow by code point, which is nearly it.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_BEFORE_DIGITS = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
_ASCII = {char: place for place, char in enumerate(_BEFORE_DIGITS)}
_OTHER_SYMBOL, _NUMBER, _LETTER = 100, 101, 102
_IGNORED = frozenset({"Cc", "Cf", "Cs"})

Weight = tuple[int, int]
Key = tuple[tuple[Weight, ...], tuple[tuple[int, ...], ...], tuple[bool, ...]]


def compare(a: str, b: str) -> int:
    """Returns -1, 0 or 1: numbers by value, then letters, then accents, then small before capital letters."""
    left, right = key(a), key(b)
    return (left > right) - (left < right)


@lru_cache(maxsize=4_096)
def key(text: str) -> Key:
    """Returns what orders a text among others."""
    primary: list[Weight] = []
    accents: list[list[int]] = []
    capitals: list[bool] = []
    for is_number, group in itertools.groupby(unicodedata.normalize("NFD", text), _is_digit):
        if is_number:
            primary.append((_NUMBER, _value(group)))
            accents.append([])
            capitals.append(False)
            continue
        for char in group:
            category = unicodedata.category(char)
            if category == "Mn" and accents:
                accents[-1].append(ord(char))
            elif category not in _IGNORED:
                primary.append(_weight(char, category))
                accents.append([])
                capitals.append(char != char.lower())
    return tuple(primary), tuple(map(tuple, accents)), tuple(capitals)


def _is_digit(char: str) -> bool:
    return unicodedata.decimal(char, None) is not None


def _value(digits: Iterable[str]) -> int:
    # 254 digits: as many as the browser takes for one number.
    return int("".join(str(unicodedata.decimal(digit)) for digit in digits)[:254])


def _weight(char: str, category: str) -> Weight:
    if char in _ASCII:
        return _ASCII[char], 0
    if category[0] in "PSZ":
        return _OTHER_SYMBOL, ord(char)
    return _LETTER, ord(char.lower()[0])
