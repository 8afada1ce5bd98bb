"""Compares JSON of an export with the expected JSON, apart from what only the exporting machine could mask. Pure."""

from __future__ import annotations

import re
from typing import Any, Literal

from tb_versions.exports.redaction.fields import is_formal
from tb_versions.privacy.machines import HOST, USER

Verdict = Literal["same", "unlike", "other"]
"""Equal ("same"); texts differ, as they do if other rules masked them ("unlike"); a number, digest or time differs,
which no rule changes ("other")."""

_MOST_ALIKE = 1_000  # names that are tried for one that the export may have masked

_NUMBERED = re.compile(r" \([0-9]{1,9}\)\Z")  # names that became one by redaction: "[path] (2)"


def compare(found: Any, expected: Any) -> Verdict:
    """Returns how JSON of an export agrees with the expected JSON.

    Args:
        found: JSON of an export; untrusted.
        expected: JSON made here, of the manifest on disk.
    """
    if isinstance(found, dict) and isinstance(expected, dict):
        return _objects(found, expected)
    if isinstance(found, list) and isinstance(expected, list):
        if len(found) != len(expected):
            return "unlike"
        return _worst([compare(one, other) for one, other in zip(found, expected, strict=True)])
    if found == expected and type(found) is type(expected):
        return "same"
    if isinstance(found, str) and isinstance(expected, str) and _same_text(found, expected):
        return "same"
    return "other" if _is_fixed(found) and _is_fixed(expected) else "unlike"


def _objects(found: dict[str, Any], expected: dict[str, Any]) -> Verdict:
    rest = {name: value for name, value in expected.items() if name not in found}
    verdicts: list[Verdict] = []
    for name, value in found.items():
        if name in expected:
            verdicts.append(compare(value, expected[name]))
            continue
        alike = rest if len(rest) <= _MOST_ALIKE else ()
        match = next((other for other in alike if _same_text(name, other)), None)
        verdicts.append("unlike" if match is None else compare(value, rest.pop(match)))
    return _worst([*verdicts, *(["unlike"] if rest else [])])


def _worst(verdicts: list[Any]) -> Verdict:
    return "other" if "other" in verdicts else "unlike" if "unlike" in verdicts else "same"


def _is_fixed(value: Any) -> bool:
    """Whether redaction leaves a value as it is: a number, or a text that the format requires."""
    return isinstance(value, (int, float, bool)) or (isinstance(value, str) and is_formal(value))


def _same_text(found: str, expected: str) -> bool:
    """Whether two texts are equal, where `[host]` and `[user]` are any word: each machine masks its own names too."""
    if found == expected:
        return True
    if HOST not in found and USER not in found and not _NUMBERED.search(found):
        return False
    some, others = (re.findall(r"[^\s/]+|[\s/]+", _NUMBERED.sub("", text)) for text in (found, expected))
    return len(some) == len(others) and all(
        one == other or HOST in one or USER in one for one, other in zip(some, others, strict=True)
    )
