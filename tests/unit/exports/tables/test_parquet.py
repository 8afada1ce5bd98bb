"""Parquet, read back with pyarrow, is the catalog, typed."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pyarrow.parquet
import pytest

from tb_versions.errors import MissingDependencyError
from tb_versions.exports.tables import Table
from tests.unit.exports.tables.comparing import check

Write = Callable[[str, Table], bytes]


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


def test_parquet_without_pyarrow_says_what_to_install(
    table: Table, written: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'tensorboard-plugin-versions\[parquet\]'"):
        written("parquet", table)
