"""Cells prepared once answer as each condition alone would; filters.json has the rest."""

from __future__ import annotations

import math

import pytest

from tb_versions.query.cells import Cells, Numbers, Spans
from tb_versions.query.columns import Column
from tb_versions.query.moments import Span
from tb_versions.query.parsing import Value
from tb_versions.query.tokens import Token

CELLS = ("adam", "ADAM", "0.001", "nan", 0.001, 1e-7, 5, math.nan, True, None, "true", "layer10", "layer9")
MIXED = Column("hp:x", "x", "text", numbers=False, cells=CELLS)


def value(text: str, *, quoted: bool = False) -> Value:
    return Value(text, quoted, Token("word", text, 0, len(text)))


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("texts", [("adam",), ("0.001",), ("1e-3", "nan"), ("true", "5"), ("adam", "no", "0.0000001")])
def test_a_list_finds_what_its_values_find(texts: tuple[str, ...], quoted: bool) -> None:
    cells = Cells(MIXED)
    values = [value(text, quoted=quoted) for text in texts]
    one_by_one = [cells.compare("=", each) for each in values]
    for row in range(len(CELLS)):
        assert cells.one_of(values)(row) is any(test(row) for test in one_by_one), CELLS[row]


def test_words_are_in_the_order_of_people() -> None:
    test = Cells(MIXED).compare(">", value("layer9"))
    assert [CELLS[row] for row in range(len(CELLS)) if test(row)] == ["nan", True, "true", "layer10"]


def test_nan_is_a_number_that_equals_itself() -> None:
    assert math.nan in Numbers([math.nan, 1.0])  # noqa: PLW0177 - that is the question
    assert math.nan not in Numbers([1.0, None])  # noqa: PLW0177 - as above
    assert None not in Numbers([None])


@pytest.mark.parametrize("time", [-1, 0, 1, 2, 3, 4, 5, 9, 10, 11, 12.5, 20, 21])
def test_spans_hold_what_one_of_them_holds(time: float) -> None:
    spans = [Span(10, 12), Span(0, 3), Span(2, 5), Span(20, 20), Span(11, 11)]
    assert (time in Spans(spans)) is any(start <= time <= end for start, end in spans)
