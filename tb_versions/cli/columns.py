"""Columns for `tb-versions list --sort` and `--columns`, by the names that a filter knows them by."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from tb_versions.cli import text
from tb_versions.core.manifest import shown, visible
from tb_versions.query.columns import Column, Table, table_of
from tb_versions.query.names import Vocabulary, nearest
from tb_versions.query.sorting import is_empty, sort_key
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
        rows = [self._row[version.id] for version in versions]
        return tuple([versions[place] for place in places_by(column, rows, descending=by.startswith("-"))])

    def texts(self, name: str) -> Callable[[Version], str]:
        """Returns what a column shows of a version.

        Raises:
            click.UsageError: There is no such column.
        """
        column = self._find(name)
        return lambda version: text_of(column, self._row[version.id])

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


def places_by(column: Column, rows: Sequence[int], *, descending: bool) -> list[int]:
    """Returns the places of some rows of a column, in the order of its values; those without a value come last."""
    having = [place for place, row in enumerate(rows) if not is_empty(column, row)]
    empty = [place for place, row in enumerate(rows) if is_empty(column, row)]
    having.sort(key=lambda place: sort_key(column, rows[place]), reverse=descending)
    return [*having, *empty]


def text_of(column: Column, row: int) -> str:
    """Returns what a column shows of a version."""
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
