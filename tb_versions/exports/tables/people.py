"""Makes a table shorter for people, in Markdown and LaTeX; csv, json and parquet hold everything. Pure."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from tb_versions.core.amounts import significant
from tb_versions.core.scalars import scalar_text
from tb_versions.core.times import minute_text
from tb_versions.exports.tables.columns import Column, Table

_SAID_BY_THE_REFERENCE = ("model", "number")
_ALWAYS = ("version", "run")
_DIGITS = 6


def for_people(table: Table) -> Table:
    """Returns a table without empty columns and without model and number, which the reference contains.

    What is best by a goal that was guessed from a metric's name says so in its header.
    """
    kept = [column for column in table.columns if column.name in _ALWAYS or _says_something(column)]
    said = [replace(c, name=f"{c.name} (guessed)") if c.is_guess and c.origin == "best" else c for c in kept]
    return Table(tuple(said), table.count, table.left_out)


def _says_something(column: Column) -> bool:
    return column.name not in _SAID_BY_THE_REFERENCE and any(value not in (None, ()) for value in column.values)


def is_number(column: Column) -> bool:
    """Whether a column is aligned as numbers are."""
    return column.kind in ("integer", "number")


def plain(column: Column, value: Any) -> str:
    """A value that is no float, in words: digests short, times to the minute, "" where absent."""
    if value is None:
        return ""
    if column.kind == "time":
        return minute_text(value)
    if column.kind == "texts":
        return ", ".join(value)
    if column.name == "digest":
        return str(value)[7:19]
    return scalar_text(value)


def digits(value: float) -> str:
    """A number with six significant digits: 0.984375, 1e-07, NaN, inf."""
    return "NaN" if math.isnan(value) else significant(value, _DIGITS)
