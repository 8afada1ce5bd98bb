"""Makes a test of one row from the filter's tree. An absent value satisfies no comparison; "missing" finds it."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from typing import cast, get_args

from tb_versions.query import collation, parsing
from tb_versions.query.cells import Cells, Numbers, RowTest, Spans, compare_numbers, holds
from tb_versions.query.columns import Cell, Column, Table, table_of
from tb_versions.query.moments import Span, parse_date, parse_number, parse_size
from tb_versions.query.names import FLAGS, Vocabulary, nearest, quote_name, quote_value
from tb_versions.query.parsing import Operator, Value
from tb_versions.query.tokens import fault
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.manifests.integrity import State
from tb_versions.read.sources import SOURCES

_WORDS = frozenset({"alias", "run", "parent", "description", "digest", "state", "framework"})
_STATES: tuple[str, ...] = get_args(State)
_SOURCES = tuple(SOURCES)


def compile_filter(text: str, catalog: Catalog, *, now: float | None = None) -> Callable[[Version], bool]:
    """Returns the test that a filter of the tab means.

    Args:
        text: For example `val_accuracy > 0.9 and optimizer = adam`; "" passes every version.
        catalog: Gives the columns. The test takes versions of this catalog only.
        now: What "7d" counts back from, in milliseconds since the epoch; the present by default.

    Raises:
        InvalidFilterError: A sentence that says what is wrong and where.
    """
    rows = {version.id: row for row, version in enumerate(catalog.versions)}
    node = parsing.parse(text)
    if node is None:
        return lambda _: True
    moment = time.time() * 1000 if now is None else now
    test = Compiler(table_of(catalog), moment).test(node)
    return lambda version: test(rows[version.id])


class Compiler:
    """Makes tests of the rows of one table."""

    def __init__(self, table: Table, now: float) -> None:
        """Looks at no value yet.

        Args:
            table: The columns. Where its values are the different ones of a column, their positions are the rows.
            now: Milliseconds since the epoch.
        """
        self._table = table
        self._words = Vocabulary(table)
        self._now = now
        self._cells: dict[str, Cells] = {}
        self._haystack = functools.cache(functools.partial(_haystack, table))

    def test(self, node: parsing.Node) -> RowTest:
        """Returns the test that a filter, or a part of it, means; raises InvalidFilterError."""
        match node:
            case parsing.Every(parts):
                tests = [self.test(part) for part in parts]
                return lambda row: all(test(row) for test in tests)
            case parsing.Some(parts):
                tests = [self.test(part) for part in parts]
                return lambda row: any(test(row) for test in tests)
            case parsing.Not(part):
                test = self.test(part)
                return lambda row: not test(row)
            case parsing.Compare(name, op, value):
                return self._comparison(self.resolve(name), op, value)
            case parsing.In(name, values):
                return self._membership(self.resolve(name), values)
            case parsing.Has(name, wanted):
                column = self.resolve(name)
                return lambda row: column.is_absent(row) is not wanted
            case parsing.Word(word, quoted) if not quoted and word.lower() in FLAGS:
                column = self._table.columns[word.lower()]
                return lambda row: not column.is_absent(row)
            case parsing.Word(word):
                asked, haystack = word.lower(), self._haystack
                return lambda row: asked in haystack(row)

    def resolve(self, name: parsing.Name) -> Column:
        """Returns the column that a name means; raises InvalidFilterError."""
        column = self._words.find(name.prefix, name.name)
        if column is not None:
            return column
        asked = f"{name.prefix}.{name.name}" if name.prefix else name.name
        near = nearest(asked, self._words.names())
        hint = "" if near is None else f" Did you mean {near}?"
        raise fault(name.token, f"No column is called {quote_name(asked)}.{hint}", fix=near)

    def _comparison(self, column: Column, op: Operator, value: Value) -> RowTest:
        _check_word(column, op, value)
        if column.lists is not None:
            return self._cells_of(column).any_has(value.text) if op == "~" else _list_test(column.lists, op, value)
        if column.numbers:
            return self._number_test(column, op, value)
        cells = self._cells_of(column)
        return cells.has(value.text) if op == "~" else cells.compare(op, value)

    def _cells_of(self, column: Column) -> Cells:
        if column.id not in self._cells:
            self._cells[column.id] = Cells(column)
        return self._cells[column.id]

    def _membership(self, column: Column, values: Sequence[Value]) -> RowTest:
        """One look-up for each row, however long the list is."""
        texts, lists = {value.text for value in values}, column.lists
        for value in values:
            _check_word(column, "=", value)
        if lists is not None:
            return lambda row: not texts.isdisjoint(lists[row])
        if column.role == "version":
            spellings = self._table.spellings
            return lambda row: not texts.isdisjoint(spellings[row])
        if not column.numbers:
            return self._cells_of(column).one_of(values)
        cells = cast("list[float | None]", column.cells)
        if column.role == "date":
            spans = Spans([self._span(value) for value in values])
            return lambda row: cells[row] in spans
        numbers = Numbers(asked_number(column, value) for value in values)
        return lambda row: cells[row] in numbers

    def _number_test(self, column: Column, op: Operator, value: Value) -> RowTest:
        cells = cast("list[float | None]", column.cells)
        if op == "~":
            return self._cells_of(column).spells(value.text)
        if column.role == "date":
            span = self._span(value)
            return lambda row: (cell := cells[row]) is not None and _compare_span(op, cell, span)
        if column.role == "version" and op in ("=", "!="):
            return self._version_test(op, value)
        asked = asked_number(column, value)
        return lambda row: (cell := cells[row]) is not None and compare_numbers(op, cell, asked)

    def _span(self, value: Value) -> Span:
        return asked_span(value, self._now)

    def _version_test(self, op: Operator, value: Value) -> RowTest:
        """`version = 3`, `version = 1.4.0` and `version = "digits:3"` all name versions."""
        spellings, text = self._table.spellings, value.text
        return lambda row: (text in spellings[row]) is (op == "=")


def _check_word(column: Column, op: Operator, value: Value) -> None:
    """Raises where a state or a source is asked for that does not exist."""
    is_source = column.id == "sources" or column.id.startswith("source:")
    if op not in ("=", "!=") or not (is_source or column.role == "state"):
        return
    what, words = ("source", _SOURCES) if is_source else ("state", _STATES)
    if value.text in words:
        return
    near = nearest(value.text, words)
    hint = f" A {what} is one of {', '.join(words)}." if near is None else f" Did you mean {near}?"
    raise fault(value.token, f"No {what} is called {quote_value(value.text)}.{hint}", fix=near)


def asked_span(value: Value, now: float) -> Span:
    """Returns the time that a column is compared with; raises InvalidFilterError where it is none."""
    span = parse_date(value.text, now)
    if span is None:
        how = "write 2026-11-01, 2026-11-01T12:30 or 7d for seven days ago."
        raise fault(value.token, f"{value.text} is no date: {how}")
    return span


def asked_number(column: Column, value: Value) -> float:
    """Returns the number that a column is compared with; raises InvalidFilterError where it is none."""
    asked = parse_size(value.text) if column.role == "size" else None
    asked = parse_number(value.text) if asked is None else asked
    if asked is None:
        example = "10MB" if column.role == "size" else "0.9"
        message = f"{value.text} is no number; {column.title} holds numbers, as in {example}."
        raise fault(value.token, message)
    return asked


def _compare_span(op: Operator, value: float, asked: Span) -> bool:
    """A value inside the span equals it."""
    return holds(op, (value > asked.end) - (value < asked.start))


def _list_test(texts: Sequence[Sequence[str]], op: Operator, value: Value) -> RowTest:
    text = value.text
    if op == "!=":
        return lambda row: bool(texts[row]) and text not in texts[row]
    if op == "=":
        return lambda row: text in texts[row]
    return lambda row: any(holds(op, collation.compare(each, text)) for each in texts[row])


def _haystack(table: Table, row: int) -> str:
    """The text that a bare word is searched in: the names and words of a version, without its numbers."""
    version = table.versions[row]
    parts: list[Cell] = [*table.spellings[row][1:], version.notice]
    for name, column in table.columns.items():
        if name in _WORDS or name.startswith(("hp:", "label:")):
            parts += column.lists[row] if column.lists is not None else [column.cells[row]]
    return "\n".join(part for part in parts if part and isinstance(part, str)).lower()
