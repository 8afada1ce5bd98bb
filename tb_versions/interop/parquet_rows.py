"""Reads a stranger's Parquet file as rows: plain file, capped, nothing kept but one part of it at a time."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.errors import InvalidQueryError, MissingDependencyError, TbVersionsError

MAX_FILE = 1 << 30
"""Most bytes of a file that is read."""

_MAX_GROUP = 1 << 30  # of a row group, as its file says
_MOST_ROWS = 50_000_000
_BATCH = 10_000


def read_rows(path: str, columns: Sequence[str] = (), *, needed: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Yields rows as dicts.

    Args:
        path: Of a plain file.
        columns: Names of those that are wanted, absent ones left out; empty for all.
        needed: Names of columns without which it is another file.

    Raises:
        InvalidQueryError: It is no such Parquet file, is damaged or too large; the message has its name, not its path.
        MissingDependencyError: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingDependencyError(
            "Reading Parquet needs pyarrow: pip install 'tensorboard-plugin-versions[parquet]'."
        ) from error
    name = visible(os.path.basename(path))
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with open(os.open(path, flags), "rb") as file:
            _check_file(file.fileno(), name)
            opened = parquet.ParquetFile(file, thrift_string_size_limit=64 << 20, thrift_container_size_limit=1 << 20)
            wanted = _check_contents(opened, name, columns, needed)
            for batch in opened.iter_batches(_BATCH, columns=wanted, use_threads=False):
                yield from batch.to_pylist()
    except TbVersionsError:
        raise
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        why = (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__
        raise InvalidQueryError(f"{name} can't be read as Parquet: {visible(why.splitlines()[0][:200])}.") from error


def _check_file(descriptor: int, name: str) -> None:
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        raise InvalidQueryError(f"{name} is no plain file.")
    if found.st_size > MAX_FILE:
        raise InvalidQueryError(f"{name} has {found.st_size:,} bytes; at most {MAX_FILE:,} are read.")


def _check_contents(opened: Any, name: str, columns: Sequence[str], needed: Sequence[str]) -> list[str]:
    there = list(opened.schema_arrow.names)
    missing = [column for column in needed if column not in there]
    if missing:
        raise InvalidQueryError(f"{name} has no column {', '.join(missing)}.")
    about = opened.metadata
    largest = max((about.row_group(at).total_byte_size for at in range(about.num_row_groups)), default=0)
    if about.num_rows > _MOST_ROWS or largest > _MAX_GROUP:
        raise InvalidQueryError(
            f"{name} has {about.num_rows:,} rows, {largest:,} bytes in one group: too much to read."
        )
    return [column for column in there if not columns or column in columns]
