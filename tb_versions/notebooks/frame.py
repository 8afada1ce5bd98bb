"""A table that pandas, Polars, DuckDB and others read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tb_versions.core.showing import ShowsItself, counted, html_table, html_text, text_table
from tb_versions.errors import MissingDependencyError
from tb_versions.exports.tables.columns import Column, Table
from tb_versions.exports.tables.parquet import arrow_table
from tb_versions.exports.tables.people import digits, is_number, plain

_SHOWN = 20
_WIDEST = 16  # columns that are shown


class Frame(ShowsItself):
    """A table: `to_pandas()` makes a data frame; Polars, DuckDB and pyarrow read it as it is, through Arrow.

    Attributes:
        columns: Names of the columns.
        left_out: Sentences: what it does not hold, and why.
    """

    def __init__(self, table: Table, what: str = "row") -> None:
        """Wraps a table; `what` is what a row is."""
        self._table, self._what = table, what
        self.columns: tuple[str, ...] = tuple(column.name for column in table.columns)
        self.left_out: tuple[str, ...] = table.left_out

    def __len__(self) -> int:
        return self._table.count

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yields each row by the names of the columns; None where absent, times in milliseconds since the epoch."""
        return (dict(zip(self.columns, row, strict=True)) for row in self._table.rows())

    def to_pandas(self) -> Any:
        """Returns a `pandas.DataFrame`: float64, Int64, boolean, string, times in UTC, and lists.

        Raises:
            MissingDependencyError: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            raise MissingDependencyError("to_pandas needs pandas: pip install pandas.") from error
        columns = [_series(pandas, column) for column in self._table.columns]
        made = pandas.concat(columns, axis="columns") if columns else pandas.DataFrame()
        made.attrs["left_out"] = list(self.left_out)
        return made

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The table as an Arrow stream, for `pl.DataFrame(frame)` and `duckdb.sql("FROM frame")`.

        Raises:
            MissingDependencyError: pyarrow is not installed.
        """
        made = arrow_table(self._table, "An Arrow stream", instead="to_pandas() needs only pandas.")
        return made.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return "\n".join([self._counts(), text_table(*self._first(), right=self._right()), *self.left_out])

    def _repr_html_(self) -> str:
        table, _ = html_table(*self._first(), right=self._right())
        sentences = (html_text(sentence, weak=True) for sentence in (self._counts(), *self.left_out))
        return "".join([table, *sentences])

    def _counts(self) -> str:
        rows, columns = counted(len(self), self._what), counted(len(self.columns), "column")
        first = f", the first {_SHOWN} are shown" if len(self) > _SHOWN else ""
        return f"{rows}{first}; {columns}" + (f", the first {_WIDEST} are shown" if self._too_wide() else "")

    def _too_wide(self) -> bool:
        return len(self.columns) > _WIDEST

    def _right(self) -> list[int]:
        return [at for at, column in enumerate(self._table.columns[:_WIDEST]) if is_number(column)]

    def _first(self) -> tuple[list[str], list[list[str]]]:
        columns = self._table.columns[:_WIDEST]
        rows = [[_text(c, c.values[at]) for c in columns] for at in range(min(len(self), _SHOWN))]
        return [column.name for column in columns], rows


def _text(column: Column, value: Any) -> str:
    return digits(value) if isinstance(value, float) else plain(column, value)


def _series(pandas: Any, column: Column) -> Any:
    """A column with a type that holds it exactly; a number's NaN and its absence become one, as pandas has it."""
    types = {"integer": "Int64", "number": "float64", "truth": "boolean", "text": "string"}
    values = list(column.values)
    if column.kind == "time":
        import numpy as np

        times = np.array([np.datetime64("NaT") if v is None else v for v in values], "datetime64[ms]")
        return pandas.Series(times, name=column.name).dt.tz_localize("UTC")
    if column.kind == "number":
        values = [float("nan") if value is None else value for value in values]
    return pandas.Series(values, name=column.name, dtype=types.get(column.kind, "object"))
