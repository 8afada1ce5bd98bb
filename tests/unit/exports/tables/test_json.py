"""JSON and JSON Lines, read back, are the catalog."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable

import pandas as pd
import pyarrow.parquet
import pytest

from tb_versions.core.times import iso_text
from tb_versions.exports.tables import Table
from tests.support.world import strict
from tests.unit.exports.tables.comparing import check

Write = Callable[[str, Table], bytes]


@pytest.mark.parametrize("name", ["json", "jsonl"])
def test_json_is_strict_and_complete(name: str, table: Table, written: Write) -> None:
    data = written(name, table)
    rows = strict(data) if name == "json" else [strict(line) for line in data.splitlines()]
    special = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
    for column in table.columns:
        found = [row.get(column.name) for row in rows]
        if column.kind == "time":
            assert found == [None if value is None else iso_text(value) for value in column.values]
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


def test_hostile_texts_come_back_from_json_and_parquet(hostile: Table, written: Write) -> None:
    rows = json.loads(written("json", hostile))
    read = pyarrow.parquet.read_table(io.BytesIO(written("parquet", hostile)))
    for column in hostile.columns:
        if column.kind == "text":
            assert [row.get(column.name) for row in rows] == list(column.values)
            assert read[column.name].to_pylist() == list(column.values)


def test_a_row_has_only_the_metrics_of_its_version(table: Table, written: Write) -> None:
    rows = json.loads(written("json", table))
    for column in table.columns:
        for row, value in zip(rows, column.values, strict=True):
            assert (column.name in row) == (value is not None or column.origin == "version")
