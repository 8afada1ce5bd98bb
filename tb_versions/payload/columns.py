"""Columns of some rows of the table: metrics, hyperparameters, labels, and texts by their codes. Pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_versions.payload.wire import wire_number
from tb_versions.read.manifests.goals import KnownGoal
from tb_versions.read.manifests.listed_metrics import ListedMetrics, MetricKind

MAX_COLUMNS = 300
"""Most columns each of metrics, hyperparameters and labels; the rarest are left out and counted."""

LARGE_TABLE = 200
"""With more versions, a column needs at least 2 versions, and 0.1 %, that have it …"""

ALWAYS_SHOWN = 40
"""… unless it is among the most frequent ones of its kind."""

_DIGITS = 9


def coded(texts: Iterable[str]) -> dict[str, Any]:
    """Returns a column of texts that repeat: each text once, and a number per row; -1 for the empty one."""
    values: dict[str, int] = {}
    codes = [values.setdefault(text, len(values)) if text else -1 for text in texts]
    return {"values": list(values), "codes": codes}


def one_or_coded(values: list[str], codes: list[int]) -> str | dict[str, Any]:
    """Returns a coded column, or its one text: most metrics have one source, and a code for each row says no more."""
    return values[0] if len(values) == 1 else {"values": values, "codes": codes}


@dataclass
class Named:
    """The names of some rows' columns, and how many rows have each.

    Attributes:
        metrics: Key to what is said of the metric.
        hyperparameters: Name to number of rows.
        labels: Name to number of rows.
    """

    metrics: dict[str, NamedMetric] = field(default_factory=dict)
    hyperparameters: dict[str, int] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)

    def add_metric(self, kind: MetricKind, rows: int) -> None:
        """Counts rows that have a metric."""
        known = self.metrics.get(kind.key)
        if known is None:
            known = self.metrics[kind.key] = NamedMetric(kind)
        known.add(kind, rows)

    def add(self, others: Named) -> None:
        """Counts other rows too."""
        for key, metric in others.metrics.items():
            known = self.metrics.setdefault(key, NamedMetric(metric.kind))
            known.add(metric.kind, metric.rows)
            known.goals |= metric.goals
        for own, more in ((self.hyperparameters, others.hyperparameters), (self.labels, others.labels)):
            for name, rows in more.items():
                own[name] = own.get(name, 0) + rows


@dataclass
class NamedMetric:
    """A metric's kind, what manifests say is better, and how many rows have it."""

    kind: MetricKind
    goals: set[KnownGoal] = field(default_factory=set)
    rows: int = 0

    def add(self, kind: MetricKind, rows: int) -> None:
        """Counts rows; what an author says of the goal is stronger than what the name suggests."""
        self.rows += rows
        if kind.goal_source == "manifest":
            self.goals.add(kind.goal)
            if self.kind.goal_source != "manifest":
                self.kind = kind

    def payload(self) -> dict[str, Any]:
        """Returns the column's head: `MetricHead` in types.ts."""
        kind = self.kind
        is_disputed = len(self.goals) > 1  # a metric of the same name in another model is another metric
        return {
            **metric_name(kind),
            "goal": "unknown" if is_disputed else kind.goal,
            "goal_source": "unknown" if is_disputed else kind.goal_source,
        }


def metric_name(kind: MetricKind) -> dict[str, Any]:
    """Returns what names a metric's column."""
    return {"key": kind.key, "name": kind.name, "dataset": kind.dataset, "slice": kind.slice}


class _Cells:
    """One metric of some rows."""

    def __init__(self, kind: MetricKind, count: int) -> None:
        self.kind = kind
        self.numbers = np.full(count, np.nan)
        self.codes = np.full(count, -1)
        self.sources: dict[str, int] = {}

    def put(self, rows: NDArray[np.intp], numbers: NDArray[np.float64], source: str) -> None:
        self.numbers[rows] = numbers
        self.codes[rows] = self.sources.setdefault(source, len(self.sources))

    def payload(self) -> dict[str, Any]:
        return {
            **metric_name(self.kind),
            "at_export": wire_numbers(self.numbers, self.codes >= 0),
            "source": one_or_coded(list(self.sources), self.codes.tolist()),
        }


def recorded_metrics(of_rows: Sequence[ListedMetrics | None], kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns the columns of the metrics that manifests have, as far as they are kept.

    Versions of one training have their metrics in one order: their numbers are taken together, not one by one.
    """
    groups, columns = _by_kinds(of_rows), dict[str, _Cells]()
    grouped = b"".join(metrics.values for _, rows in groups for row in rows if (metrics := of_rows[row]) is not None)
    numbers = nine_digits(np.frombuffer(grouped, np.float64))
    start = 0
    for kinds, rows in groups:
        end = start + len(kinds) * len(rows)
        matrix, places, start = numbers[start:end].reshape(len(rows), len(kinds)), np.array(rows), end
        for place, kind in enumerate(kinds):
            if kind.key in kept:
                cells = columns.get(kind.key)
                if cells is None:
                    cells = columns[kind.key] = _Cells(kind, len(of_rows))
                cells.put(places, matrix[:, place], kind.source)
    return [cells.payload() for cells in columns.values()]


def names_of_metrics(of_rows: Sequence[ListedMetrics | None], named: Named) -> None:
    """Counts the rows of each metric that manifests have."""
    for kinds, rows in _by_kinds(of_rows):
        for kind in kinds:
            named.add_metric(kind, len(rows))


def _by_kinds(of_rows: Sequence[ListedMetrics | None]) -> Collection[tuple[tuple[MetricKind, ...], list[int]]]:
    """Rows by the metrics that they have: versions of one training share one tuple of kinds."""
    groups: dict[int, tuple[tuple[MetricKind, ...], list[int]]] = {}
    for row, metrics in enumerate(of_rows):
        if metrics is not None:
            kinds = metrics.kinds
            group = groups.get(id(kinds))
            if group is None:
                group = groups[id(kinds)] = (kinds, [])
            group[1].append(row)
    return groups.values()


def wire_numbers(numbers: NDArray[np.float64], present: NDArray[np.bool_]) -> list[Any]:
    """Returns a column as it travels: NaN and infinities as texts, null where nothing is present."""
    wire: list[Any] = numbers.tolist()
    for row in np.flatnonzero(~np.isfinite(numbers)).tolist():
        wire[row] = wire_number(wire[row]) if present[row] else None
    return wire


def optional_numbers(values: Sequence[float | None]) -> list[Any]:
    """Returns numbers as they travel, nine digits each; None stays."""
    present = np.array([value is not None for value in values], np.bool_)
    numbers = np.array([math.nan if value is None else value for value in values], np.float64)
    return wire_numbers(nine_digits(numbers), present)


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


def value_columns(of_rows: Sequence[Mapping[str, Any]], kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Returns a column for each kept name of the rows' values: their hyperparameters, their labels."""
    distinct, codes = _distinct(of_rows)
    names = dict.fromkeys(name for values in distinct for name in values if name in kept)
    return [{"name": name, "values": _spread([each.get(name) for each in distinct], codes)} for name in names]


def names_of_values(of_rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Returns how many rows have each name."""
    distinct, codes = _distinct(of_rows)
    counts: dict[str, int] = {}
    for values, rows in zip(distinct, np.bincount(codes, minlength=len(distinct)).tolist(), strict=True):
        for name in values:
            counts[name] = counts.get(name, 0) + rows
    return counts


def _distinct(of_rows: Sequence[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], list[int]]:
    """Each object once, and its place for each row: versions of one training share theirs."""
    places: dict[int, int] = {}
    distinct: list[Mapping[str, Any]] = []
    codes = []
    for values in of_rows:
        place = places.get(id(values), -1)
        if place < 0:
            place = places[id(values)] = len(distinct)
            distinct.append(values)
        codes.append(place)
    return distinct, codes


def _spread(values: Sequence[Any], codes: Sequence[int]) -> list[Any]:
    return [values[code] for code in codes]


def most_frequent(rows: Mapping[str, int], count: int) -> Iterator[str]:
    """Yields the names that get a column, in their order.

    In a large table a column that few versions have costs all others a place.

    Args:
        rows: Name to how many versions have it.
        count: Number of versions.
    """
    least = max(2, math.ceil(count / 1_000)) if count > LARGE_TABLE else 0
    if len(rows) <= MAX_COLUMNS and not least:
        yield from rows
        return
    ranked = sorted(rows, key=lambda name: (-rows[name], name))[:MAX_COLUMNS]
    shown = {name for place, name in enumerate(ranked) if place < ALWAYS_SHOWN or rows[name] >= least}
    yield from (name for name in rows if name in shown)
