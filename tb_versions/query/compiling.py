"""Makes a test of one row from the filter's tree. An absent value satisfies no comparison; "missing" finds it."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast, get_args

from tb_versions.query import collation, parsing
from tb_versions.query.columns import Cell, Column, Table, number_text, table_of
from tb_versions.query.moments import Span, parse_date, parse_number, parse_size
from tb_versions.query.names import Vocabulary, nearest, quote_name, quote_value
from tb_versions.query.parsing import Operator, Value
from tb_versions.query.tokens import fault
from tb_versions.read.catalog import Catalog, State, Version

RowTest = Callable[[int], bool]

_WORDS = frozenset({"alias", "run", "parent", "description", "digest", "state", "framework"})
_STATES: tuple[str, ...] = get_args(State)


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
    test = _Compiler(table_of(catalog), moment).test(node)
    return lambda version: test(rows[version.id])


class _Compiler:
    def __init__(self, table: Table, now: float) -> None:
        self._table = table
        self._words = Vocabulary(table)
        self._now = now
        self._haystack = functools.cache(functools.partial(_haystack, table))

    def test(self, node: parsing.Node) -> RowTest:
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
                return self._comparison(self._resolve(name), op, value)
            case parsing.In(name, values):
                column = self._resolve(name)
                tests = [self._comparison(column, "=", value) for value in values]
                return lambda row: any(test(row) for test in tests)
            case parsing.Has(name, wanted):
                column = self._resolve(name)
                return lambda row: column.is_absent(row) is not wanted
            case parsing.Word(word):
                asked = word.lower()
                return lambda row: asked in self._haystack(row)

    def _resolve(self, name: parsing.Name) -> Column:
        column = self._words.find(name.prefix, name.name)
        if column is not None:
            return column
        asked = f"{name.prefix}.{name.name}" if name.prefix else name.name
        near = nearest(asked, self._words.names())
        hint = "" if near is None else f" Did you mean {near}?"
        raise fault(name.token, f"No column is called {quote_name(asked)}.{hint}", fix=near)

    def _comparison(self, column: Column, op: Operator, value: Value) -> RowTest:
        if column.role == "state":
            self._check_state(op, value)
        if column.lists is not None:
            return _list_test(column.lists, op, value)
        if column.numbers:
            return self._number_test(column, op, value)
        # Fixed columns of text hold no numbers, whatever they look like.
        asked = parse_number(value.text) if ":" in column.id else None
        cells = column.cells
        return lambda row: (cell := cells[row]) is not None and _compare_mixed(op, cell, _Operand(value, asked))

    def _number_test(self, column: Column, op: Operator, value: Value) -> RowTest:
        cells = cast("list[float | None]", column.cells)
        if op == "~":
            return lambda row: (cell := cells[row]) is not None and value.text in number_text(cell)
        if column.role == "date":
            span = self._span(value)
            return lambda row: (cell := cells[row]) is not None and _compare_span(op, cell, span)
        if column.role == "version" and op in ("=", "!="):
            return self._version_test(op, value)
        asked = _asked_number(column, value)
        return lambda row: (cell := cells[row]) is not None and _compare_numbers(op, cell, asked)

    def _span(self, value: Value) -> Span:
        span = parse_date(value.text, self._now)
        if span is None:
            how = "write 2026-11-01, 2026-11-01T12:30 or 7d for seven days ago."
            raise fault(value.token, f"{value.text} is no date: {how}")
        return span

    def _version_test(self, op: Operator, value: Value) -> RowTest:
        """`version = 3`, `version = 1.4.0` and `version = "digits:3"` all name versions."""
        versions, text = self._table.versions, value.text
        return lambda row: (text in _spellings(versions[row])) is (op == "=")

    def _check_state(self, op: Operator, value: Value) -> None:
        if op not in ("=", "!=") or value.text in _STATES:
            return
        near = nearest(value.text, _STATES)
        hint = f" A state is one of {', '.join(_STATES)}." if near is None else f" Did you mean {near}?"
        raise fault(value.token, f"No state is called {quote_value(value.text)}.{hint}", fix=near)


@dataclass(frozen=True, slots=True)
class _Operand:
    """The value that cells are compared with: its text, and the number that it spells or None."""

    value: Value
    number: float | None


def _asked_number(column: Column, value: Value) -> float:
    asked = parse_size(value.text) if column.role == "size" else None
    asked = parse_number(value.text) if asked is None else asked
    if asked is None:
        example = "10MB" if column.role == "size" else "0.9"
        message = f"{value.text} is no number; {column.title} holds numbers, as in {example}."
        raise fault(value.token, message)
    return asked


def _holds(op: Operator, sign: int) -> bool:
    match op:
        case "=":
            return sign == 0
        case "!=":
            return sign != 0
        case "<":
            return sign < 0
        case "<=":
            return sign <= 0
        case ">":
            return sign > 0
        case _:
            return sign >= 0


def _compare_numbers(op: Operator, value: float, asked: float) -> bool:
    if math.isnan(asked) or math.isnan(value):
        same = math.isnan(asked) and math.isnan(value)
        return same if op == "=" else op == "!=" and not same
    return _holds(op, (value > asked) - (value < asked))


def _compare_span(op: Operator, value: float, asked: Span) -> bool:
    """A value inside the span equals it."""
    return _holds(op, (value > asked.end) - (value < asked.start))


def _compare_text(op: Operator, value: str, asked: str) -> bool:
    if op == "~":
        return asked.lower() in value.lower()
    if op in ("=", "!="):
        return (value == asked) is (op == "=")
    return _holds(op, collation.compare(value, asked))


def _compare_mixed(op: Operator, cell: Cell, operand: _Operand) -> bool:
    """Hyperparameters and labels: a column may hold numbers, texts and truth values."""
    text = operand.value.text
    if isinstance(cell, str):
        number = parse_number(cell) if operand.number is not None and not operand.value.quoted and op != "~" else None
        if number is not None and operand.number is not None:
            return _compare_numbers(op, number, operand.number)
        return _compare_text(op, cell, text)
    if isinstance(cell, bool):
        return _compare_text(op, "true" if cell else "false", text)
    value = float(cast("float", cell))
    if op == "~":
        return _compare_text(op, number_text(value), text)
    return op == "!=" if operand.number is None else _compare_numbers(op, value, operand.number)


def _list_test(texts: Sequence[Sequence[str]], op: Operator, value: Value) -> RowTest:
    text = value.text
    if op == "!=":
        return lambda row: bool(texts[row]) and text not in texts[row]
    return lambda row: any(_compare_text(op, each, text) for each in texts[row])


def _spellings(version: Version) -> tuple[str, ...]:
    """The ways to write a version: "3", "digits:3" and, if it has one, its semantic version "1.4.0"."""
    semantic = version.listing.semantic_version if version.listing else ""
    return (str(version.number), version.id, semantic) if semantic else (str(version.number), version.id)


def _haystack(table: Table, row: int) -> str:
    """The text that a bare word is searched in: the names and words of a version, without its numbers."""
    version = table.versions[row]
    parts: list[Cell] = [*_spellings(version)[1:], version.notice]
    for name, column in table.columns.items():
        if name in _WORDS or name.startswith(("hp:", "label:")):
            parts += column.lists[row] if column.lists is not None else [column.cells[row]]
    return "\n".join(part for part in parts if part and isinstance(part, str)).lower()
