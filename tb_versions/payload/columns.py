"""Columns of the table: metrics, hyperparameters, labels, and texts by their codes. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_versions.payload.wire import wire_integer, wire_number
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.goals import KnownGoal
from tb_versions.read.listed_metrics import MetricKind
from tb_versions.read.values import MetricValue, metric_values

MAX_COLUMNS = 300
"""Most columns each of metrics, hyperparameters and labels; the rarest are left out and counted."""

LARGE_TABLE = 200
"""With more versions, a column needs at least 2 versions, and 0.1 %, that have it …"""

ALWAYS_SHOWN = 40
"""… unless it is among the most frequent ones of its kind."""

_DIGITS = 9


def coded(texts: Iterable[str]) -> dict[str, Any]:
    """Returns a column of texts that repeat: each text once, and a number per row."""
    codes, values = codes_of(texts)
    return {"values": values, "codes": codes}


def codes_of(texts: Iterable[str]) -> tuple[list[int], list[str]]:
    """Returns equal numbers for equal texts, -1 for the empty one; and the texts in the order of their numbers."""
    values: dict[str, int] = {}
    codes = [values.setdefault(text, len(values)) if text else -1 for text in texts]
    return codes, list(values)


class _MetricColumn:
    """One metric's values and the rows that have them; `joined` where a row's run has a curve for it."""

    __slots__ = ("goals", "joined", "kind", "rows", "sources", "values")

    def __init__(self, kind: MetricKind) -> None:
        self.kind = kind
        self.goals: set[KnownGoal] = set()
        self.rows: list[int] = []
        self.values: list[float | None] = []
        self.sources: list[str] = []
        self.joined: dict[int, MetricValue] = {}

    def add(self, row: int, kind: MetricKind, value: float | None) -> None:
        if kind.goal_source == "manifest":
            self.goals.add(kind.goal)
            if self.kind.goal_source != "manifest":
                self.kind = kind
        self.rows.append(row)
        self.values.append(value)
        self.sources.append(kind.source)


def metric_columns(catalog: Catalog) -> tuple[list[dict[str, Any]], int]:
    """Returns the columns of metrics, and how many rare metrics are left out."""
    columns: dict[str, _MetricColumn] = {}
    for row, version in enumerate(catalog.versions):
        if not any(catalog.curves.get(run.name) for run in version.runs):
            for metric in version.listing.metrics if version.listing else ():
                _column_of(columns, metric.kind).add(row, metric.kind, metric.value)
            continue
        for value in metric_values(version, catalog.curves):
            column = _column_of(columns, value.kind)
            column.add(row, value.kind, value.at_export)
            if value.curve:
                column.joined[row] = value
    kept = _most_frequent(columns, lambda key: len(columns[key].rows), len(catalog.versions))
    # What an author recorded comes before what only the curves have.
    kept.sort(key=lambda key: all(source == "run" for source in columns[key].sources))
    count = len(catalog.versions)
    return [_metric_column(columns[key], count) for key in kept], len(columns) - len(kept)


def _column_of(columns: dict[str, _MetricColumn], kind: MetricKind) -> _MetricColumn:
    column = columns.get(kind.key)
    if column is None:
        column = columns[kind.key] = _MetricColumn(kind)
    return column


def _metric_column(column: _MetricColumn, count: int) -> dict[str, Any]:
    rows, kind, joined = column.rows, column.kind, column.joined
    is_disputed = len(column.goals) > 1  # a metric of the same name in another model is another metric
    wire: dict[str, Any] = {
        "key": kind.key,
        "name": kind.name,
        "dataset": kind.dataset,
        "slice": kind.slice,
        "goal": "unknown" if is_disputed else kind.goal,
        "goal_source": "unknown" if is_disputed else kind.goal_source,
        "at_export": _spread(_rounded(column.values), rows, count),
        "source": coded(_spread(column.sources, rows, count, absent="")),
    }
    if joined:
        at, values = list(joined), list(joined.values())
        wire["best"] = _spread(_rounded([v.best.value if v.best else None for v in values]), at, count)
        wire["best_step"] = _spread([wire_integer(v.best.step) if v.best else None for v in values], at, count)
        wire["last"] = _spread(_rounded([v.last.value if v.last else None for v in values]), at, count)
        wire["regret"] = _spread([v.regret for v in values], at, count)
    return wire


def _spread(values: Sequence[Any], rows: Sequence[int], count: int, *, absent: Any = None) -> list[Any]:
    if len(rows) == count:
        return list(values)
    column = [absent] * count
    for row, value in zip(rows, values, strict=True):
        column[row] = value
    return column


def _rounded(values: list[float | None]) -> list[Any]:
    """Nine significant digits, NaN and infinities as texts; a whole column at once."""
    array = nine_digits(np.array([math.nan if value is None else value for value in values], dtype=np.float64))
    rounded: list[Any] = array.tolist()
    for position in np.flatnonzero(~np.isfinite(array)):
        rounded[position] = None if values[position] is None else wire_number(rounded[position])
    return rounded


def nine_digits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns numbers rounded to nine significant digits, as they travel; NaN and infinities stay."""
    rounded = values.copy()
    finite = np.isfinite(values) & (values != 0)
    exponent = np.zeros_like(values)
    with np.errstate(all="ignore"):
        exponent[finite] = _DIGITS - 1 - np.floor(np.log10(np.abs(values[finite])))
        # Powers of ten up to 22 are exact doubles: outside, numbers travel as they are.
        usual = finite & (np.abs(exponent) <= 22)
        scale = 10.0 ** np.abs(exponent[usual])
        down = exponent[usual] >= 0
        part = values[usual]
        rounded[usual] = np.where(down, np.round(part * scale) / scale, np.round(part / scale) * scale)
    return rounded


def value_columns(versions: Sequence[Version], of: Callable[[Version], Any]) -> tuple[list[dict[str, Any]], int]:
    """Returns a column for each name, and how many rare names are left out.

    Args:
        versions: The rows.
        of: Gives a version's values by name: its hyperparameters, its labels.
    """
    columns: dict[str, tuple[list[int], list[Any]]] = {}
    for row, version in enumerate(versions):
        for name, value in of(version).items():
            rows, values = columns.setdefault(name, ([], []))
            rows.append(row)
            values.append(value)
    kept = _most_frequent(columns, lambda name: len(columns[name][0]), len(versions))
    wire = [{"name": name, "values": _spread(columns[name][1], columns[name][0], len(versions))} for name in kept]
    return wire, len(columns) - len(kept)


def _most_frequent(columns: dict[str, Any], frequency: Callable[[str], int], count: int) -> list[str]:
    """The columns that are shown: in a large table a column that few versions have costs all others a place."""
    least = max(2, math.ceil(count / 1_000)) if count > LARGE_TABLE else 0
    if len(columns) <= MAX_COLUMNS and not least:
        return list(columns)
    ranked = sorted(columns, key=lambda key: (-frequency(key), key))[:MAX_COLUMNS]
    shown = {key for place, key in enumerate(ranked) if place < ALWAYS_SHOWN or frequency(key) >= least}
    return [key for key in columns if key in shown]
