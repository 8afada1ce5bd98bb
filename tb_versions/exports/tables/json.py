"""JSON and JSON Lines: one flat object per version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from tb_versions import payload
from tb_versions.core.times import iso_text
from tb_versions.exports.tables.columns import Column, Table


def write_json(table: Table, stream: BinaryIO) -> None:
    """Writes a table as a JSON array, one object a line; see `_objects`."""
    stream.write(b"[")
    for position, line in enumerate(_objects(table)):
        stream.write(b",\n" if position else b"\n")
        stream.write(line)
    stream.write(b"\n]\n")


def write_jsonl(table: Table, stream: BinaryIO) -> None:
    """Writes a table as one JSON object a line; see `_objects`."""
    for line in _objects(table):
        stream.write(line + b"\n")


def _objects(table: Table) -> Iterator[bytes]:
    """Yields a row each: the columns that every version has, null where absent, and of all others those that it has."""
    for row in table.rows():
        cells = zip(table.columns, row, strict=True)
        told = ((column, value) for column, value in cells if value is not None or column.origin == "version")
        yield payload.dump({column.name: _value(column, value) for column, value in told})


def _value(column: Column, value: Any) -> Any:
    if value is not None and column.kind == "time":
        return iso_text(value)
    return payload.wire_number(value) if isinstance(value, float) else value
