"""Checks the arguments of the Python API. Pure."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidQueryError

_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,3})?)\s*([kKmMgG]?)(i?)[bB]?")
_UNITS = {"": 0, "k": 1, "m": 2, "g": 3}


def texts(name: str, given: object) -> tuple[str, ...]:
    """Returns a list of texts.

    Args:
        name: The argument, for messages.
        given: Its value.

    Raises:
        InvalidQueryError: It is a single text, or not a list of texts.
    """
    if isinstance(given, str):
        raise InvalidQueryError(f"{name} takes a list: {name}=[{given!r}].")
    if not isinstance(given, Iterable):
        raise InvalidQueryError(f"{name} takes a list of texts, not {shown(given)}.")
    found = tuple(given)
    for one in found:
        if not isinstance(one, str):
            raise InvalidQueryError(f"{name} takes a list of texts; {shown(one)} is not a text.")
    return found


def paths(given: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[str]:
    """Returns a list of paths, given one or several."""
    return [os.fspath(path) for path in ([given] if isinstance(given, (str, os.PathLike)) else given)]


def text(name: str, given: object) -> str:
    """Returns a text; raises InvalidQueryError for anything else."""
    if not isinstance(given, str):
        raise InvalidQueryError(f"{name} takes a text, not {shown(given)}.")
    return given


def count(name: str, given: object) -> int:
    """Returns an integer from 0 up; raises InvalidQueryError for anything else."""
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise InvalidQueryError(f"{name} takes a number from 0 up, like 200, not {shown(given)}.")
    return given


def size(name: str, given: object) -> int:
    """Returns bytes: "15MB" is 15,000,000, "15MiB" 15,728,640; raises InvalidQueryError for anything else."""
    if not isinstance(given, str):
        return count(name, given)
    match = _SIZE.fullmatch(given.strip())
    if match is None:
        raise InvalidQueryError(f"{name} is written like 15MB, not {shown(given)}.")
    base = 1_024 if match[3] else 1_000
    return int(float(match[1]) * base ** _UNITS[match[2].lower()])


def number(text: str) -> float | None:
    """Returns the number that a text is, as JSON and Python write it; None if it is none.

    NaN and infinities are numbers: "nan", "-inf". Digits of other scripts and underscores are none, although float()
    takes "1_0" for 10.
    """
    if not text.isascii() or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None
