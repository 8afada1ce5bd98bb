"""Paths that tell whose machine it was, by their shapes. Pure; every pattern is bounded and starts behind a border."""

from __future__ import annotations

import re

PATH = "[path]"

_PART = r"[^\s/\\\"'`<>|:;,()\[\]{}]"
_HOMES = r"(?:home|homes|Users|Documents and Settings)"
# A blank belongs to a path only before a capital, and only where the path goes on or all ends: /Users/Jane Doe/x.
_SPACED = rf"{_PART}{{1,255}}(?:(?: [A-Z0-9]{_PART}{{0,255}}){{1,4}}(?=[/\\\"']|\Z))?"
_START = r"(?<![\w.~/\\:\])-])"
_IN_HOMES = (
    re.compile(
        rf"(?<![A-Za-z0-9.~/\\\]])(?:file:/{{0,2}}|[A-Za-z]:)?(?:[/\\][\w.-]{{1,64}}){{0,3}}[/\\]{_HOMES}"
        rf"(?:[/\\]{_SPACED}){{1,64}}[/\\]?"
    ),
    re.compile(rf"(?<![\w.~/\\-])(?:\.\./){{1,20}}{_HOMES}(?:/{_SPACED}){{1,64}}/?"),
)
_FILE_URL = re.compile(r"(?i)file:/{1,3}[^\s\"'`<>|;,()\[\]{}]{1,1000}")
_ROOTS_HOME = re.compile(rf"(?<![\w.~/\\-])/root(?![\w.-])(?:/{_SPACED}){{0,64}}/?")
_HOME_REST = re.compile(rf"(?<![\w.])~(?:[A-Za-z_][\w.-]{{0,31}})?(?:[\\/]{_SPACED}){{1,64}}")
_WINDOWS = re.compile(r"(?<![\w])(?:[A-Za-z]:[\\/]|\\\\)[^\s\"'`<>|;,()\[\]{}]{2,1000}")
_SHARE = re.compile(rf"{_START}//[\w.-]{{1,255}}(?:/{_PART}{{1,255}})+/?")
_POSIX = re.compile(rf"{_START}/(?:[^\s/\"'`<>|:;,()\[\]{{}}]{{1,255}}/)+[^\s/\"'`<>|:;,()\[\]{{}}]{{0,255}}")
_ROOTED = (
    r"/(?:home|root|Users|data|datasets|mnt|media|tmp|var|opt|srv|usr|etc|scratch|work|workspace|nfs|lustre|gpfs|projects"
    rf"|private|Volumes)(?:/{_PART}{{1,255}})+"
)
_IN_TEXT = (
    *_IN_HOMES,
    _FILE_URL,
    _ROOTS_HOME,
    _HOME_REST,
    _SHARE,
    _POSIX,
    _WINDOWS,
    re.compile(rf"(?<=[\w\]]:){_ROOTED}"),
)
_IN_NAME = (*_IN_HOMES, _FILE_URL, _ROOTS_HOME, _HOME_REST, _WINDOWS, re.compile(_START + _ROOTED))


def without_paths(text: str, *, is_name: bool = False) -> str:
    """Returns a text without absolute paths and home folders.

    Args:
        text: Any text.
        is_name: Whether it is the name of a run or of a series: then `/a/b` may be a part of it and stays.
    """
    if "/" in text or "\\" in text:
        for shape in _IN_NAME if is_name else _IN_TEXT:
            text = shape.sub(PATH, text)
    return text
