"""csv, json, jsonl and parquet read back with pandas and pyarrow, as docs/guides/tables.md says, are the catalog."""

from __future__ import annotations

import io
import json
import math
import sys
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.errors import MissingDependencyError
from tb_versions.exporting.tables import Table
from tb_versions.exporting.tables.columns import Column, iso
from tb_versions.exporting.tables.csv import escape, unescape
from tests.http.world import strict
from tests.unit.exporting.tables.conftest import FORMULAS

Write = Callable[[str, Table], bytes]


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return left.hex() == right.hex()  # NaN too, and the sign of zero
    return type(left) is type(right) and bool(left == right)


def check(column: Column, found: list[Any], wanted: list[Any]) -> None:
    assert len(found) == len(wanted)
    for left, right in zip(found, wanted, strict=True):
        assert same(left, right), (column.name, found, wanted)


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
    import csv

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


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_json_is_strict_and_complete(name: str, table: Table, written: Write) -> None:
    data = written(name, table)
    rows = strict(data) if name == "json" else [strict(line) for line in data.splitlines()]
    special = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    for column in table.columns:
        found = [row[column.name] for row in rows]
        if column.kind == "time":
            assert found == [None if value is None else iso(value) for value in column.values]
        elif column.kind == "number":
            found = [special.get(value, value) if isinstance(value, str) else value for value in found]
            check(column, found, list(column.values))
        elif column.kind == "texts":
            assert found == [list(value) for value in column.values]
        else:
            check(column, found, list(column.values))


def test_json_read_into_pandas_is_the_catalog(table: Table, written: Write) -> None:
    frame = pd.DataFrame(json.loads(written("json", table)))
    lines = pd.DataFrame(map(json.loads, written("jsonl", table).splitlines()))
    pd.testing.assert_frame_equal(frame, lines)
    assert list(frame["number"]) == [1, 1, 2, 2**63 - 1]
    numbers = frame.replace({"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf})
    assert numbers["down"][1] == -math.inf
    assert numbers["tiny"][1] == 5e-324


def test_parquet_is_typed_and_complete(table: Table, written: Write) -> None:
    read = pyarrow.parquet.read_table(io.BytesIO(written("parquet", table)))
    types = {field.name: str(field.type) for field in read.schema}
    assert [types[name] for name in ("version", "number", "created", "val_loss", "nesterov", "mixed", "parents")] == [
        "string", "int64", "timestamp[ms, tz=UTC]", "double", "bool", "string", "list<element: string>",
    ]  # fmt: skip
    for column in table.columns:
        found = read[column.name].to_pylist()
        if column.kind == "time":
            assert read[column.name].cast("int64").to_pylist() == list(column.values)
        elif column.kind == "number":
            check(column, found, [None if value is None else float(value) for value in column.values])
        elif column.kind == "texts":
            assert found == [list(value) for value in column.values]
        elif column.kind == "mixed":
            assert found == [None, "auto", "-1", None]
        else:
            check(column, found, list(column.values))


def test_parquet_says_what_it_is(table: Table, written: Write) -> None:
    schema = pyarrow.parquet.read_schema(io.BytesIO(written("parquet", table)))
    assert schema.metadata[b"tb_versions.format"] == b"tb-versions-table"
    assert schema.metadata[b"tb_versions.schema_version"] == b"1"
    assert schema.field("metric.accuracy").metadata[b"tb_versions.goal"] == b"max"
    assert schema.field("lr").metadata[b"tb_versions.origin"] == b"hp"


def test_hostile_texts_come_back_from_json_and_parquet(hostile: Table, written: Write) -> None:
    rows = json.loads(written("json", hostile))
    read = pyarrow.parquet.read_table(io.BytesIO(written("parquet", hostile)))
    for column in hostile.columns:
        if column.kind == "text":
            assert [row[column.name] for row in rows] == list(column.values)
            assert read[column.name].to_pylist() == list(column.values)


def test_parquet_without_pyarrow_says_what_to_install(
    table: Table, written: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'tensorboard-plugin-versions\[parquet\]'"):
        written("parquet", table)
