"""By how much two numbers differ, in the same words in Python and in the page: both read one file."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import orjson

from tb_versions.core.amounts import amount_text
from tests.support.goldens import check_golden

VALUES = (0.0, 0.00001, 0.1, 0.3, 0.5, 0.983, 0.966, 0.99, 0.9999, 1.0, 1.7, 12.5, 1000.0, -0.5, 1e15, 1e308)
GOALS = ("max", "min", "unknown")


def told() -> dict[str, list[Any]]:
    """Goal to pairs of values and the words."""
    pairs = [pair for pair in itertools.permutations(VALUES, 2) if pair[0] <= 1000 or pair[1] >= 1000]
    return {goal: [[base, value, amount_text(base, value, goal)] for base, value in pairs] for goal in GOALS}


def test_amounts_are_as_agreed(update_goldens: bool) -> None:
    check_golden(Path(__file__).parent / "amounts.json", orjson.dumps(told()), update=update_goldens)
