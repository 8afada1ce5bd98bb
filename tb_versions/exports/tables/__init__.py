"""The table of versions as a file: csv, json, jsonl, parquet, markdown, latex. docs/guides/tables.md explains them."""

from collections.abc import Callable, Mapping
from typing import BinaryIO

from tb_versions.exports.tables.columns import Table, table_of
from tb_versions.exports.tables.csv import write_csv
from tb_versions.exports.tables.json import write_json, write_jsonl
from tb_versions.exports.tables.latex import write_latex
from tb_versions.exports.tables.markdown import write_markdown
from tb_versions.exports.tables.parquet import write_parquet

WRITERS: Mapping[str, Callable[[Table, BinaryIO], None]] = {
    "csv": write_csv,
    "json": write_json,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
    "markdown": write_markdown,
    "latex": write_latex,
}
"""Format to what writes a table in it; the same table gives the same bytes."""

__all__ = ["WRITERS", "Table", "table_of"]
