"""Parquet with typed columns; needs the extra `parquet`."""

from __future__ import annotations

from typing import Any, BinaryIO

from tb_versions.errors import MissingDependencyError
from tb_versions.exports.tables.columns import Column, Table, scalar_text

FORMAT = "tb-versions-table"
SCHEMA_VERSION = 1


def write_parquet(table: Table, stream: BinaryIO) -> None:
    """Writes a table as Parquet: float64, int64, bool, timestamp[ms, UTC], string, and list<string> for the parents.

    Raises:
        MissingDependencyError: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingDependencyError(
            "Parquet needs pyarrow: pip install 'tensorboard-plugin-versions[parquet]'. "
            "The formats csv, json and jsonl need nothing."
        ) from error
    types = _types(pyarrow)
    arrays = [pyarrow.array(_values(column), types[column.kind]) for column in table.columns]
    fields = [pyarrow.field(c.name, types[c.kind], metadata=_metadata(c)) for c in table.columns]
    about = {"tb_versions.format": FORMAT, "tb_versions.schema_version": str(SCHEMA_VERSION)}
    parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields, metadata=about)), stream)


def _types(pyarrow: Any) -> dict[str, Any]:
    return {
        "text": pyarrow.string(),
        "mixed": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "truth": pyarrow.bool_(),
        "time": pyarrow.timestamp("ms", tz="UTC"),
        "texts": pyarrow.list_(pyarrow.string()),
    }


def _metadata(column: Column) -> dict[str, str]:
    about = {"tb_versions.origin": str(column.origin), "tb_versions.goal": column.goal}
    return {key: value for key, value in about.items() if value}


def _values(column: Column) -> list[Any]:
    if column.kind == "mixed":
        return [None if value is None else scalar_text(value) for value in column.values]
    if column.kind == "number":
        return [None if value is None else float(value) for value in column.values]
    return list(column.values)
