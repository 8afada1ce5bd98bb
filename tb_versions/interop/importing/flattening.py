"""Nested values, as JSON and YAML have them, as one level of numbers, bools and texts. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from tb_versions.core.manifest import Scalar

MOST_VALUES = 10_000
"""Most values of one document; what is behind them is left out."""

_MOST_LEVELS = 50
_MOST_TEXT = 100_000


def read_json(text: str) -> Any:
    """Returns what JSON says, NaN and Infinity included.

    Raises:
        ValueError: It is no JSON, or nested too deeply.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def flatten(value: Any, prefix: str = "") -> dict[str, Scalar]:
    """Returns values by their names, those of the levels above before a dot; a list is one text, null is left out.

        {"opt": {"lr": 0.1, "betas": [0.9, 0.99]}}    opt.lr: 0.1    opt.betas: "[0.9, 0.99]"

    Args:
        value: Dicts, lists, texts, numbers, bools and None.
        prefix: Name of the value itself.
    """
    found: dict[str, Scalar] = {}
    for name, scalar in _leaves(value, prefix, 0):
        found.setdefault(name, scalar)
        if len(found) >= MOST_VALUES:
            break
    return found


def numbers(values: Mapping[str, Any]) -> dict[str, float]:
    """Returns the values that are numbers; a bool is none."""
    found = {}
    for name, value in values.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found[name] = _float(value)
    return found


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _leaves(value: Any, name: str, level: int) -> Iterator[tuple[str, Scalar]]:
    if isinstance(value, Mapping) and level < _MOST_LEVELS:
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key), level + 1)
    elif isinstance(value, (bool, int, float, str)):
        yield name, value
    elif value is not None:
        yield name, _text(value)


def _text(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)[:_MOST_TEXT]
    except (ValueError, RecursionError):
        return str(type(value).__name__)
