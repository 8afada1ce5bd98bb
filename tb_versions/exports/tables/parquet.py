"""Parquet with typed columns; needs the extra `parquet`."""

from __future__ import annotations

from typing import Any, BinaryIO

from tb_versions.core.scalars import scalar_text
from tb_versions.errors import MissingDependencyError
from tb_versions.exports.tables.columns import Column, Table

FORMAT = "tb-versions-table"
SCHEMA_VERSION = 1


def write_parquet(table: Table, stream: BinaryIO) -> None:
    """Writes a table as Parquet; see `arrow_table`.

    Raises:
        MissingDependencyError: pyarrow is not installed.
    """
    made = arrow_table(table, "Parquet", instead="The formats csv, json and jsonl need nothing.")
    from pyarrow import parquet

    parquet.write_table(made, stream)


def arrow_table(table: Table, what: str, *, instead: str) -> Any:
    """Returns a `pyarrow.Table`: float64, int64, bool, timestamp[ms, UTC], string, and list<string> for lists of texts.

    Args:
        table: The table.
        what: What needs pyarrow, for the message.
        instead: A sentence about what does without.

    Raises:
        MissingDependencyError: pyarrow is not installed.
    """
    try:
        import pyarrow
    except ImportError as error:
        raise MissingDependencyError(
            f"{what} needs pyarrow: pip install 'tensorboard-plugin-versions[parquet]'. {instead}"
        ) from error
    types = _types(pyarrow)
    arrays = [pyarrow.array(_values(column), types[column.kind]) for column in table.columns]
    fields = [pyarrow.field(c.name, types[c.kind], metadata=_metadata(c)) for c in table.columns]
    about = {"tb_versions.format": FORMAT, "tb_versions.schema_version": str(SCHEMA_VERSION)}
    return pyarrow.Table.from_arrays(arrays, schema=pyarrow.schema(fields, metadata=about))


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
