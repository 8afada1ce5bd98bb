"""The order of versions by one column: absent values last, numbers before texts. Pure."""

from __future__ import annotations

import math

from tb_versions.query.columns import Column


def is_empty(column: Column, row: int) -> bool:
    """Whether a version comes last, ascending and descending: it has no value, or NaN."""
    value = None if column.is_absent(row) else True if column.lists is not None else column.cells[row]
    return value is None or (isinstance(value, float) and math.isnan(value))


def sort_key(column: Column, row: int) -> tuple[int, float, str]:
    """Returns what orders a version that is not empty: numbers before texts; texts without regard to case."""
    value = ", ".join(column.lists[row]) if column.lists is not None else column.cells[row]
    return (0, float(value), "") if isinstance(value, (int, float)) else (1, 0.0, str(value).casefold())
