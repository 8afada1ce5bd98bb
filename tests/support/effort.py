"""How long the searches look, and when a test counts as hung.

A search (Hypothesis, schemathesis, points at which a writer is killed) asks for its number of tries here.
$TB_VERSIONS_EFFORT chooses: "quick" (`make quick`), "usual" (`make test`), or "full" (`make faults`).
"""

from __future__ import annotations

import os
from typing import Final

EFFORT: Final = os.environ.get("TB_VERSIONS_EFFORT") or "usual"
FULL: Final = EFFORT == "full"

HANGS: Final = 1_500
"""Seconds after which a process counts as hung. It is no statement on speed: a slow and busy machine stays below."""

_FACTORS: Final = {"quick": 0.1, "usual": 0.3, "full": 5}
_LEAST: Final = 10


def tries(count: int) -> int:
    """Returns how many tries a search makes that would be thorough with `count` of them.

    Raises:
        KeyError: $TB_VERSIONS_EFFORT names no effort.
    """
    return max(min(count, _LEAST), round(count * _FACTORS[EFFORT]))
