"""Values of a column, compared to the last bit."""

from __future__ import annotations

from typing import Any

from tb_versions.exports.tables.columns import Column


def same(left: Any, right: Any) -> bool:
    """Equal to the last bit, NaN and the sign of zero too."""
    if isinstance(left, float) and isinstance(right, float):
        return left.hex() == right.hex()
    return type(left) is type(right) and bool(left == right)


def check(column: Column, found: list[Any], wanted: list[Any]) -> None:
    assert len(found) == len(wanted)
    for left, right in zip(found, wanted, strict=True):
        assert same(left, right), (column.name, found, wanted)
