"""Paths that tell whose machine it was, by their shapes. Pure; bounded as in `machines`."""

from __future__ import annotations

import re

PATH = "[path]"

_PART = r"[^\s/\\\"'`<>|:;,()\[\]{}]"
_HOMES = r"(?:home|homes|Users|Documents and Settings)"
# A blank belongs to a path only before a capital, and only where the path goes on or all ends: /Users/Jane Doe/x.
_SPACED = rf"{_PART}{{1,255}}(?:(?: [A-Z0-9]{_PART}{{0,255}}){{1,4}}(?=[/\\\"']|\Z))?"
_SLASH = re.compile(r"[/\\]")
_HOME = re.compile(
    rf"(?<![A-Za-z0-9.~/\\\]])(?:file:/{{0,2}}|[A-Za-z]:)?(?:[/\\][\w.-]{{1,64}}){{0,3}}[/\\]{_HOMES}(?:[/\\]{_SPACED}){{1,64}}[/\\]?"
)
_ROOTS_HOME = re.compile(rf"(?<![\w.~/\\-])/root(?![\w.-])(?:/{_SPACED}){{0,64}}/?")
_HOME_ABOVE = re.compile(rf"(?<![\w.~/\\-])(?:\.\./){{1,20}}{_HOMES}(?:/{_SPACED}){{1,64}}/?")
_HOME_REST = re.compile(rf"(?<![\w.])~(?:[A-Za-z_][\w.-]{{0,31}})?(?:[\\/]{_SPACED}){{1,64}}")
_SHARE = re.compile(rf"(?<![\w.~/\\:\])-])//[\w.-]{{1,255}}(?:/{_PART}{{1,255}})+/?")
_POSIX_PATH = re.compile(r"(?<![\w.~/\\:\])-])/(?:[^\s/\"'`<>|:;,()\[\]{}]{1,255}/)+[^\s/\"'`<>|:;,()\[\]{}]{0,255}")
_ROOTED = (
    r"/(?:home|root|Users|data|datasets|mnt|media|tmp|var|opt|srv|usr|etc|scratch|work|workspace|nfs|lustre|gpfs|projects"
    rf"|private|Volumes)(?:/{_PART}{{1,255}})+"
)
_ROOTED_PATH = re.compile(rf"(?<![\w.~/\\:\])-]){_ROOTED}")
_BEHIND_COLON = re.compile(rf"(?<=[A-Za-z0-9_\]]:){_ROOTED}")
_FILE_URL = re.compile(r"(?i)file:/{1,3}[^\s\"'`<>|;,()\[\]{}]{1,1000}")
_WINDOWS_PATH = re.compile(r"(?<![\w])(?:[A-Za-z]:[\\/]|\\\\)[^\s\"'`<>|;,()\[\]{}]{2,1000}")


def without_homes(text: str) -> str:
    """Returns a text without home folders and what is below them, blanks in their names too."""
    for shape in (_HOME, _HOME_ABOVE, _FILE_URL, _ROOTS_HOME) if _SLASH.search(text) else ():
        text = shape.sub(PATH, text)
    return text


def without_paths(text: str) -> str:
    """Returns a text without absolute paths."""
    for shape in (_FILE_URL, _HOME_REST, _SHARE, _POSIX_PATH, _WINDOWS_PATH, _BEHIND_COLON):
        text = shape.sub(PATH, text)
    return text


def without_rooted_paths(name: str) -> str:
    """Returns the name of a run or of a series without paths; `/a/b` may be a name."""
    for shape in (_FILE_URL, _HOME_REST, _ROOTED_PATH, _WINDOWS_PATH):
        name = shape.sub(PATH, name)
    return name
