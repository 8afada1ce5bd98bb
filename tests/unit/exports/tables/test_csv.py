"""CSV, read back with pandas as docs/guides/tables.md says, is the catalog, and runs nothing."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.core.manifest import visible
from tb_versions.exports.tables import Table
from tb_versions.exports.tables.columns import Column
from tb_versions.exports.tables.csv import escape, unescape, write_csv
from tests.unit.exports.tables.comparing import check
from tests.unit.exports.tables.conftest import FORMULAS

Write = Callable[[str, Table], bytes]


def test_csv_read_with_pandas_is_the_catalog(table: Table, written: Write) -> None:
    frame = pd.read_csv(io.BytesIO(written("csv", table)), dtype={"number": "Int64", "step": "Int64"})
    assert list(frame.columns) == [escape(column.name) for column in table.columns]
    for column in table.columns:
        found = list(frame[escape(column.name)])
        if column.kind == "number":
            # CSV has no absent numbers: pandas makes them NaN.
            check(column, found, [math.nan if value is None else float(value) for value in column.values])
        elif column.name in ("number", "step"):
            check(column, [None if pd.isna(v) else int(v) for v in found], list(column.values))
    times = pd.to_datetime(frame["created"])
    assert [None if pd.isna(t) else int(t.timestamp() * 1000) for t in times] == list(
        next(c.values for c in table.columns if c.name == "created")
    )


def test_hostile_texts_come_back_from_csv(hostile: Table, written: Write) -> None:
    data = written("csv", hostile)
    frame = pd.read_csv(io.BytesIO(data), keep_default_na=False, dtype=str)
    for column in hostile.columns:
        if column.kind == "text":
            found = list(frame[escape(column.name)].map(unescape))
            assert found == ["" if value is None else value for value in column.values]


def test_no_cell_of_a_hostile_table_begins_as_a_formula(hostile: Table, written: Write) -> None:
    rows = list(csv.reader(io.StringIO(written("csv", hostile).decode(), newline="")))
    assert len(rows) == hostile.count + 1
    for cell in (cell for row in rows for cell in row):
        for line in cell.replace("\r", "\n").split("\n"):
            assert line.lstrip(" \t\u00a0")[:1] not in tuple("=+-@＝＋－＠") or _is_number(line)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("text", FORMULAS)
def test_every_formula_lead_gets_an_apostrophe(text: str) -> None:
    assert escape(text) != text
    assert "'" in escape(text)
    assert unescape(escape(text)) == text


@pytest.mark.parametrize("text", ["1-1", "a=b", "digits:1", "2026-11-23", "a - b", "", "don't", "x'=1"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert escape(text) == text


@given(st.text(alphabet="='+-@ \t\r\n;＝\u00a0\u2028ab", max_size=12) | st.text(max_size=20))
def test_unescape_gives_back_any_text(text: str) -> None:
    assert unescape(escape(text)) == text


def test_negative_numbers_stay_numbers(table: Table, written: Write) -> None:
    frame = pd.read_csv(io.BytesIO(written("csv", table)))
    assert frame["metric.step"].dtype == float
    assert frame["metric.step"][1] == -3.5
    assert frame["down"][1] == -math.inf
    assert frame["minus"][1] == -1
    assert list(frame["mixed"])[1:3] == ["auto", "-1"]


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n", "\x1b[31m", "\u2028", "\u202e", "\t"])
def test_names_and_texts_with_hidden_characters_stay_one_cell(ending: str) -> None:
    name, text = f"acc{ending}", f"x{ending}y"
    table = Table((Column(name, "number", (0.5,), "metric"), Column("note", "text", (text,))), 1)
    stream = io.BytesIO()
    write_csv(table, stream)
    header, row = csv.reader(io.StringIO(stream.getvalue().decode(), newline=""))
    assert header == [visible(name), "note"]
    assert [row[0], unescape(row[1])] == ["0.5", text]
    lines = stream.getvalue().decode().split("\n")[0]
    assert "\r" not in lines
