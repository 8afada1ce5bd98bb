"""Columns for `tb-versions list --sort` and `--columns`, by the names that a filter knows them by."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import click

from tb_versions.cli import text
from tb_versions.core.manifest import shown, visible
from tb_versions.query.columns import Column, Table, table_of
from tb_versions.query.names import Vocabulary, nearest
from tb_versions.read.catalog import Catalog, Version

_NAMED = 10


class Columns:
    """The columns of a catalog."""

    def __init__(self, catalog: Catalog, *, whole: bool = True) -> None:
        """Makes the columns; without `whole` only those that every version has."""
        self._table: Table = table_of(catalog, whole=whole)
        self._vocabulary = Vocabulary(self._table)
        self._row = {version.id: row for row, version in enumerate(self._table.versions)}

    def sorted(self, versions: Sequence[Version], by: str) -> tuple[Version, ...]:
        """Returns versions by ascending values of a column, or descending for `-NAME`; without a value last.

        Raises:
            click.UsageError: There is no such column.
        """
        column = self._find(by.removeprefix("-"))
        rows = {version.id: self._row[version.id] for version in versions}
        having = [v for v in versions if not _is_empty(column, rows[v.id])]
        empty = [v for v in versions if _is_empty(column, rows[v.id])]
        having.sort(key=lambda version: _key(column, rows[version.id]), reverse=by.startswith("-"))
        return (*having, *empty)

    def texts(self, name: str) -> Callable[[Version], str]:
        """Returns what a column shows of a version.

        Raises:
            click.UsageError: There is no such column.
        """
        column = self._find(name)
        return lambda version: _text(column, self._row[version.id])

    def _find(self, name: str) -> Column:
        column = self._vocabulary.find("", name)
        if column is None:
            names = self._vocabulary.names()
            near = nearest(name, names)
            hint = (
                f" Did you mean {near}?"
                if near
                else f" Columns are {', '.join(map(visible, names[:_NAMED]))} and more."
            )
            raise click.UsageError(f"There is no column {shown(name)}.{hint}")
        return column


def _is_empty(column: Column, row: int) -> bool:
    value = None if column.is_absent(row) else True if column.lists is not None else column.cells[row]
    return value is None or (isinstance(value, float) and math.isnan(value))


def _key(column: Column, row: int) -> tuple[int, float, str]:
    """Numbers before texts; texts without regard to case."""
    value = ", ".join(column.lists[row]) if column.lists is not None else column.cells[row]
    return (0, float(value), "") if isinstance(value, (int, float)) else (1, 0.0, str(value).casefold())


def _text(column: Column, row: int) -> str:
    if column.is_absent(row):
        return ""
    if column.lists is not None:
        return ", ".join(column.lists[row])
    value = column.cells[row]
    if column.role == "date" and isinstance(value, float):
        return text.time(int(value))
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if value.is_integer() and abs(value) < 2**53 else text.number(value)
