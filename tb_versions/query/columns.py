"""The table's columns as a filter sees them: those of the payload that the page gets."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

Role = Literal["version", "state", "run", "count", "size", "date", "text", "list"]
Cell = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        id: "created", "m:val_loss", "best:val_loss", "last:val_loss", "hp:optimizer", "label:team".
        title: As its header says.
        role: What its values are; "count" for any number.
        numbers: Whether every cell is a number or None.
        cells: One value per version; None where absent.
        lists: One list of texts per version instead, or None.
    """

    id: str
    title: str
    role: Role
    numbers: bool
    cells: Sequence[Cell]
    lists: Sequence[Sequence[str]] | None = None

    def is_absent(self, row: int) -> bool:
        """Whether a version has nothing here."""
        return not self.lists[row] if self.lists is not None else self.cells[row] is None


@dataclass(frozen=True, slots=True)
class Table:
    """The columns of one payload by id, in the table's order."""

    payload: Mapping[str, Any]
    columns: Mapping[str, Column]


def table_of(payload: Mapping[str, Any]) -> Table:
    """Returns the columns of a versions payload."""
    columns = [
        *_fixed(payload),
        *(column for metric in payload["metrics"] for column in _metric(metric)),
        *(_values("hp", source) for source in payload["hyperparameters"]),
        *(_values("label", source) for source in payload["labels"]),
    ]
    return Table(payload, {column.id: column for column in columns})


def _fixed(payload: Mapping[str, Any]) -> list[Column]:
    c, runs = payload["columns"], payload["runs"]
    all_runs = [[runs[index] for index in indexes] for indexes in c["runs"]]
    return [
        _numbers("version", "Version", c["number"], role="version"),
        _texts("model", "Model", decoded(c["model"])),
        _lists("alias", "Aliases", c["aliases"]),
        _texts("state", "Files", decoded(c["state"]), role="state"),
        # All linked runs count, not only the one the version was exported from.
        _lists("run", "Run", all_runs, role="run"),
        _numbers("step", "Step", c["step"]),
        _numbers("created", "Created", c["created"], role="date"),
        _numbers("size", "Size", c["size"], role="size"),
        _numbers("parameters", "Parameters", c["parameters"]),
        _texts("digest", "Digest", c["digest"]),
        _texts("framework", "Framework", decoded(c["framework"])),
        _lists("parent", "Parents", c["parents"]),
        _texts("description", "Description", c["description"]),
    ]


def _metric(metric: Mapping[str, Any]) -> list[Column]:
    parts = (("m", "at_export"), ("best", "best"), ("last", "last"))
    return [
        _numbers(f"{prefix}:{metric['key']}", metric["key"], metric[part]) for prefix, part in parts if part in metric
    ]


def _values(prefix: str, source: Mapping[str, Any]) -> Column:
    identity, title, cells = f"{prefix}:{source['name']}", source["name"], source["values"]
    if all(cell is None or (isinstance(cell, (int, float)) and not isinstance(cell, bool)) for cell in cells):
        return _numbers(identity, title, cells)
    return _texts(identity, title, cells)


def _numbers(identity: str, title: str, cells: Sequence[Any], *, role: Role = "count") -> Column:
    # Integers above 2^53, NaN and infinities arrive as texts.
    return Column(identity, title, role, True, [None if cell is None else float(cell) for cell in cells])


def _texts(identity: str, title: str, cells: Sequence[Cell], *, role: Role = "text") -> Column:
    return Column(identity, title, role, False, cells)


def _lists(identity: str, title: str, lists: Sequence[Sequence[str]], *, role: Role = "list") -> Column:
    return Column(identity, title, role, False, (), lists)


def decoded(coded: Mapping[str, Any]) -> list[str | None]:
    """Returns a coded column's texts."""
    values = coded["values"]
    return [values[code] if code >= 0 else None for code in coded["codes"]]


def number_text(value: float) -> str:
    """A number as the page's language prints it: 32, 0.001, 1e-7, 1e+21, NaN."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    # repr has the shortest digits that give the number back, as the page's language has.
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    return "-" * sign + _placed("".join(map(str, digits)), len(digits) + int(exponent))


def _placed(digits: str, point: int) -> str:
    """Digits with the decimal point behind the `point`-th of them."""
    count = len(digits)
    if count <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
