"""Rows of a comparison: one fact each, with a cell per member. Pure."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tb_versions.core.amounts import significant
from tb_versions.core.manifest import visible

GROUPS = {
    "metrics": "Metrics",
    "slices": "Slices",
    "hyperparameters": "Hyperparameters",
    "signature": "Signature",
    "graph": "Graph and weights",
    "data": "Data",
    "code": "Code",
    "environment": "Environment",
    "hardware": "Hardware",
    "files": "Files and sizes",
    "labels": "Labels",
    "lineage": "Lineage",
}
"""Groups in the order in which they are shown."""

MOST_ROWS = 2_000
"""Most metrics, hyperparameters, seeds, packages, datasets, signatures and labels that get a row, each."""

FIRST_SLICES = 10
"""Slices of each metric that are shown at first: those that lose most."""

_LONGEST = 200

Value = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Cell:
    """What one member says of a fact.

    Attributes:
        text: For people.
        value: For machines; None where `absent`.
        absent: The member has nothing to say: no such hyperparameter, no such signature.
        known: False if it is not known what the member says: a run has no signature, an environment was not recorded.
            Such a cell is not a difference.
        verdict: One word against the baseline, by the row's group; "" where there is nothing to judge.
        reasons: Sentences behind the verdict.
        details: More for machines, by the row's group.
    """

    text: str
    value: Value = None
    absent: bool = False
    known: bool = True
    verdict: str = ""
    reasons: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


ABSENT = Cell("–", absent=True)
UNKNOWN = Cell("not known", absent=True, known=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One fact, as all members say it.

    Attributes:
        group: Key of `GROUPS`.
        key: Unique within the group.
        cells: One for each member, in their order.
        differs: Whether the known cells say different things.
        caution: A sentence why the cells must not simply be compared, or "".
        details: More for machines, by the group.
    """

    group: str
    key: str
    label: str
    cells: tuple[Cell, ...]
    differs: bool
    caution: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def cell(value: Value, text: str | None = None, **more: Any) -> Cell:
    """Returns a cell; hidden characters are spelled out. None and "" are absent."""
    if value is None or value == "":
        return ABSENT
    shown = value if isinstance(value, str) else number_text(value)
    return Cell(visible(shown if text is None else text), visible(value) if isinstance(value, str) else value, **more)


def row(group: str, key: str, label: str, *, cells: Iterable[Cell], caution: str = "", **details: Any) -> Row:
    """Returns a row; it differs if its known cells say different things."""
    found = tuple(cells)
    return Row(group, visible(key), visible(label), found, differ(found), caution, details)


def first(keys: Collection[str], group: str, left_out: Counter[str] | None) -> Iterator[str]:
    """Returns the keys that get a row, and counts the others in `left_out`."""
    if left_out is not None:
        left_out[group] += max(0, len(keys) - MOST_ROWS)
    return islice(keys, MOST_ROWS)


def differ(cells: Sequence[Cell]) -> bool:
    """Whether the known cells say different things."""
    return len({_identity(c) for c in cells if c.known}) > 1


def _identity(of: Cell) -> tuple[str, object]:
    value = of.value
    if of.absent:
        return "absent", None
    if isinstance(value, float) and math.isnan(value):
        return "number", "NaN"
    return ("number" if type(value) in (int, float) else type(value).__name__), value


def line_text(row: Row, cell: Cell) -> str:
    """Returns a cell on one line, with its verdict: for tables without colours and tooltips."""
    if row.group in ("metrics", "slices"):
        judgement = cell.details.get("judgement")
        return (
            " · ".join(part for part in (cell.text, *cell.reasons[:1], judgement) if part) if judgement else cell.text
        )
    if row.group in ("signature", "graph") and cell.verdict and cell.verdict != cell.text:
        return cell.verdict + (f" ({some(cell.reasons, 3)})" if cell.reasons else "")
    return cell.text if len(cell.text) <= _LONGEST else cell.text[: _LONGEST - 1] + "…"


def worst_slices(rows: Sequence[Row]) -> list[Row]:
    """Returns the rows of a group that are shown at first: of slices some of each metric, of other groups all."""
    shown: Counter[tuple[object, object]] = Counter()
    kept = []
    for each in rows:
        metric = each.details.get("name"), each.details.get("dataset")
        shown[metric] += 1
        if each.group != "slices" or shown[metric] <= FIRST_SLICES:
            kept.append(each)
    return kept


def label_text(row: Row) -> str:
    """Returns a row's label, with an arrow if higher or lower is better, and whether that is a guess."""
    arrow = {"max": " ↑", "min": " ↓"}.get(str(row.details.get("goal")), "")
    is_guess = bool(arrow) and row.details.get("goal_source") == "inferred"
    return row.label + arrow + (" guessed" if is_guess else "")


def caution_of(row: Row) -> str:
    """Returns what a row's caution is about: of slices it is about all slices of the metric."""
    if row.group != "slices" or "name" not in row.details:
        return row.label
    where = f" [{row.details['dataset']}]" if row.details["dataset"] else ""
    return f"slices of {row.details['name']}{where}"


def is_empty(of: Row) -> bool:
    """Whether no member says anything about the fact."""
    return all(found.absent for found in of.cells)


def number_text(value: float | bool) -> str:
    """Returns a number or bool for people: five significant digits, integers with thousands separated."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if math.isnan(value):
        return "NaN"
    return significant(value).replace("inf", "∞")


def bytes_text(size: int) -> str:
    """Returns a size for people: "2.1 MB"."""
    amount, units = float(size), ["B", "kB", "MB", "GB", "TB"]
    while amount >= 1000 and len(units) > 1:
        amount, units = amount / 1000, units[1:]
    return f"{amount:.3g} {units[0]}" if units[0] != "B" else f"{size} B"


def some(names: Sequence[str], at_most: int = 5) -> str:
    """Returns the first names, and how many more there are: "a, b and 3 more"."""
    rest = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {rest:,} more" if rest > 0 else "")


def short_text(lines: Iterable[str]) -> str:
    """Returns 16 hexadecimal digits of a long list's SHA-256: they are equal only for equal lists."""
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def short_digest(digest: str) -> str:
    """Returns the first 12 hexadecimal digits of "sha256:…"."""
    return digest.rpartition(":")[2][:12]
