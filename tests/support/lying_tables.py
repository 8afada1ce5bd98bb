"""Changes a table by hand, as whoever may write to its folder can."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake

LOG = "_delta_log"


def rewrite(table: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Rewrites all rows, after a change."""
    found = DeltaTable(str(table)).to_pyarrow_table()
    rows = found.to_pylist()
    change(rows)
    write_deltalake(str(table), pa.Table.from_pylist(rows, schema=found.schema), mode="overwrite")


def planted(table: Path, groups: Iterator[pa.Table], **options: Any) -> Path:
    """Adds a file, and a commit that names it; returns the file. Columns of the table that it lacks are null.

    Args:
        table: Folder of the table.
        groups: Its rows, a row group each; columns of codes and dictionaries are read as texts.
        **options: Of pyarrow's writer.
    """
    file = table / "planted.parquet"
    first = next(groups)
    with pq.ParquetWriter(file, first.schema, compression="zstd", store_schema=False, **options) as writer:
        for rows in itertools.chain([first], groups):
            writer.write_table(rows, row_group_size=max(1, rows.num_rows))
    commit(table, file.name, file.stat().st_size)
    return file


def commit(table: Path, path: str, size: int, **more: Any) -> Path:
    """Writes the next entry of the log, which adds a file; returns it."""
    number = DeltaTable(str(table)).version() + 1
    add = {"path": path, "size": size, "partitionValues": {}, "modificationTime": 0, "dataChange": True, **more}
    entry = table / LOG / f"{number:020}.json"
    entry.write_text(json.dumps({"add": add}) + "\n")
    return entry


def checkpoint(table: Path) -> Path:
    """Makes a checkpoint of the log; returns its file."""
    DeltaTable(str(table)).create_checkpoint()
    (found,) = (table / LOG).glob("*.checkpoint.parquet")
    return found
