"""The cells of one column, prepared once for all conditions on it: in small letters, in order, as numbers. Pure.

A filter has up to 100 conditions and a table 10,000 rows: what can be known of a cell is not found out each time.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import cast

from tb_versions.query import collation
from tb_versions.query.columns import Cell, Column, number_text
from tb_versions.query.moments import Span, parse_number
from tb_versions.query.parsing import Operator, Value

RowTest = Callable[[int], bool]


class Cells:
    """A column's cells, prepared as they are needed."""

    def __init__(self, column: Column) -> None:
        self._cells = column.cells
        self._lists = column.lists or ()
        # Fixed columns of text hold no numbers, whatever they look like.
        self._may_spell_numbers = ":" in column.id

    @cached_property
    def _lowered(self) -> list[str | None]:
        return [None if cell is None else cell.lower() for cell in self._spelled]

    @cached_property
    def _keys(self) -> list[collation.Key | None]:
        """Places in the order of words; None for numbers and what is absent."""
        return [None if cell is None or _is_number(cell) else collation.key(_text(cell)) for cell in self._cells]

    @cached_property
    def _numbers(self) -> list[float | None]:
        """What a cell is as a number, or spells."""
        return [
            float(cast("float", cell)) if _is_number(cell) else parse_number(cell) if isinstance(cell, str) else None
            for cell in self._cells
        ]

    @cached_property
    def _spelled(self) -> list[str | None]:
        return [None if cell is None else _text(cell) for cell in self._cells]

    @cached_property
    def _lowered_lists(self) -> list[list[str]]:
        return [[text.lower() for text in texts] for texts in self._lists]

    def spells(self, text: str) -> RowTest:
        """Returns whether a number as people write it contains a text."""
        spelled = self._spelled
        return lambda row: (cell := spelled[row]) is not None and text in cell

    def any_has(self, text: str) -> RowTest:
        """Returns whether one of the texts of a list contains a text, in small or capital letters."""
        lowered, asked = self._lowered_lists, text.lower()
        return lambda row: any(asked in each for each in lowered[row])

    def has(self, text: str) -> RowTest:
        """Returns whether a cell contains a text, in small or capital letters."""
        lowered, asked = self._lowered, text.lower()
        return lambda row: (cell := lowered[row]) is not None and asked in cell

    def compare(self, op: Operator, value: Value) -> RowTest:
        """Returns the test for texts, numbers and truth values in one column; any operator but "~"."""
        asked = parse_number(value.text) if self._may_spell_numbers else None
        of_text = self._text_test(op, value.text)
        if not self._may_spell_numbers:
            return of_text
        cells, numbers, is_quoted = self._cells, self._numbers, value.quoted

        def test(row: int) -> bool:
            cell = cells[row]
            if isinstance(cell, (str, bool)):
                number = None if asked is None or is_quoted else numbers[row]
                return of_text(row) if number is None else compare_numbers(op, number, cast("float", asked))
            if cell is None:
                return False
            return op == "!=" if asked is None else compare_numbers(op, cell, asked)

        return test

    def _text_test(self, op: Operator, asked: str) -> RowTest:
        cells = self._cells
        if op == "=":
            return lambda row: (cell := cells[row]) is not None and _text(cell) == asked
        if op == "!=":
            return lambda row: (cell := cells[row]) is not None and _text(cell) != asked
        keys, place = self._keys, collation.key(asked)
        return lambda row: (key := keys[row]) is not None and holds(op, (key > place) - (key < place))

    def one_of(self, values: Sequence[Value]) -> RowTest:
        """Returns whether a cell equals one of several values, in one look-up."""
        texts, cells = {value.text for value in values}, self._cells
        if not self._may_spell_numbers:
            return lambda row: (cell := cells[row]) is not None and _text(cell) in texts
        spelled = Numbers(parse_number(value.text) for value in values)
        bare = Numbers(parse_number(value.text) for value in values if not value.quoted)
        numbers = self._numbers

        def test(row: int) -> bool:
            cell = cells[row]
            if isinstance(cell, (str, bool)):
                return _text(cell) in texts or numbers[row] in bare
            return cell in spelled

        return test


class Numbers:
    """A set of numbers in which NaN equals itself; None is never in it."""

    def __init__(self, numbers: Iterable[float | None]) -> None:
        self._all = {"NaN" if math.isnan(number) else number for number in numbers if number is not None}

    def __contains__(self, number: float | None) -> bool:
        return number is not None and ("NaN" if math.isnan(number) else number) in self._all


class Spans:
    """Times that are in one of several spans."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts: list[float] = []
        self._ends: list[float] = []
        for start, end in sorted(spans):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def __contains__(self, time: float | None) -> bool:
        place = -1 if time is None else bisect_right(self._starts, time) - 1
        return time is not None and place >= 0 and time <= self._ends[place]


def holds(op: Operator, sign: int) -> bool:
    """Whether an operator holds for a cell that is smaller (-1), equal (0) or larger (1)."""
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


def compare_numbers(op: Operator, value: float, asked: float) -> bool:
    """Whether an operator holds between two numbers; NaN equals itself and has no order."""
    if math.isnan(asked) or math.isnan(value):
        same = math.isnan(asked) and math.isnan(value)
        return same if op == "=" else op == "!=" and not same
    return holds(op, (value > asked) - (value < asked))


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell
    return ("true" if cell else "false") if isinstance(cell, bool) else number_text(float(cast("float", cell)))
