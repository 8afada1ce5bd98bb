"""Rows of a Delta Lake table, some at a time and never more than memory has room for.

A table may be anybody's: what its files would cost is known before they are unpacked, see `weighing`.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tb_versions.core.manifest import visible
from tb_versions.errors import StorageError
from tb_versions.fleet.schema import WRITER
from tb_versions.fleet.weighing import Weighing

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable
    from pyarrow.dataset import Dataset

MOST_ROWS = 50_000_000
"""Most rows that are read of one table."""

_WITH_DIGESTS = frozenset({f"{WRITER}.versions", f"{WRITER}.events"})  # each row has one of its own, of 32 bytes
_SPARE_BYTES = 128 << 20
_UNPACKED_AT_ONCE = 64  # bytes of some columns for each byte of all on disk
_UNPACKED_IN_PASSING = 400

_has_read_a_store = False
_MOST_WEIGHED = 100
_weighings: OrderedDict[tuple[str, str, int | None, int | None, int], Weighing] = OrderedDict()


def ends_badly() -> bool:
    """Returns whether Python may abort this process where it ends by itself, though all is done.

    One of pyarrow's threads may still be in Python, for a table in an object store: SIGABRT in 3 of 40 runs.
    """
    return _has_read_a_store


def dataset_of(table: DeltaTable) -> Dataset:
    """Returns the files of a table, and its columns, and reads none of them: `batches_of` reads rows, and looks first.

    pyarrow alone reads them where they are in a folder; else deltalake reads for pyarrow, in Python, on pyarrow's
    threads: see `ends_badly`.

    Raises:
        OSError: The log names a file elsewhere.
    """
    global _has_read_a_store
    from pyarrow.fs import LocalFileSystem, SubTreeFileSystem

    where = urlsplit(table.table_uri)
    if where.scheme not in ("", "file"):
        _has_read_a_store = True
        found: Dataset = table.to_pyarrow_dataset()
    else:
        folder = SubTreeFileSystem(unquote(where.path), LocalFileSystem())
        found = table.to_pyarrow_dataset(filesystem=folder)
    outside = [path for path in found.files if "/" in path]
    if outside:
        raise OSError(f"Its log names {outside[0][:200]}, which is not in its folder.")
    return found


def batches_of(
    table: DeltaTable, names: Sequence[str] | None = None, *, most_unpacked: int = _UNPACKED_IN_PASSING
) -> Iterator[pa.RecordBatch]:
    """Yields rows, some thousand at a time, fewer where they are large; always in the same order.

    Args:
        table: A table.
        names: Columns; None for all.
        most_unpacked: Most bytes of all rows for each byte on disk.

    Raises:
        StorageError: The rows would take more memory than rows of ours can; see `weighing`.
        OSError, ArrowException, DeltaError: The table can't be read.
    """
    from pyarrow.parquet import ParquetFile

    dataset = dataset_of(table)
    wanted = _some_of(dataset.schema, names)
    is_dense = table.metadata().name in _WITH_DIGESTS
    on_disk, rows, taken = 0, 0, 0
    for fragment in dataset.get_fragments():
        weighing, size = _weighed(table, fragment)
        footer = weighing.footer
        on_disk, rows = on_disk + size, rows + footer.num_rows
        if rows > MOST_ROWS:
            raise StorageError(f"{_shown(table)} has more than {MOST_ROWS:,} rows, which are not read.")
        try:
            weighing.check(size, bytes_a_row=16 if is_dense else 1, spare=1_000 if is_dense else 100_000)
            with fragment.open() as opened:
                file = ParquetFile(opened, metadata=footer, pre_buffer=False)
                columns = [name for name in wanted.names if name in file.schema_arrow.names]
                for group, some in enumerate(weighing.rows_at_a_time(columns)):
                    # Not through the dataset, which unpacks a whole row group whatever the size of batches is.
                    for batch in file.iter_batches(some, row_groups=[group], columns=columns, use_threads=False):
                        taken += batch.nbytes
                        if taken > _SPARE_BYTES + most_unpacked * on_disk:
                            raise StorageError(
                                f"are {taken:,} bytes and more, packed in {on_disk:,}, more than can be."
                            )
                        yield _as_wanted(batch, wanted)
        except StorageError as error:
            raise _lies(table, fragment.path, error) from error


def _weighed(table: DeltaTable, fragment: Any) -> tuple[Weighing, int]:
    """A file of a table, weighed before if it is as it was, and its size: files of tables do not change.

    Several threads may ask. A file that others put in its place may have its size and time, but not its change time.
    """
    told = fragment.filesystem.get_file_info(fragment.path)
    where = urlsplit(table.table_uri)
    changed = 0
    if where.scheme in ("", "file"):
        changed = os.stat(os.path.join(unquote(where.path), fragment.path)).st_ctime_ns
    key = (table.table_uri, fragment.path, told.size, told.mtime_ns, changed)
    found = _weighings.pop(key, None) if told.mtime_ns else None
    found = _weighings[key] = found or Weighing(fragment.open, fragment.metadata)
    while len(_weighings) > _MOST_WEIGHED:
        _weighings.popitem(last=False)
    return found, told.size or 0


def _some_of(schema: pa.Schema, names: Sequence[str] | None) -> pa.Schema:
    import pyarrow as pa

    return schema if names is None else pa.schema([schema.field(name) for name in names])


def _as_wanted(batch: pa.RecordBatch, wanted: pa.Schema) -> pa.RecordBatch:
    """Rows with the columns of the table: a file may lack some, and have texts of another type."""
    import pyarrow as pa

    there = batch.schema.names
    arrays = [
        batch.column(there.index(field.name)).cast(field.type)
        if field.name in there
        else pa.nulls(batch.num_rows, field.type)
        for field in wanted
    ]
    return sound(pa.RecordBatch.from_arrays(arrays, schema=wanted))


def sound(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Returns rows; raises ArrowInvalid where a value of them can't be one of Python's."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        batch.validate(full=True)
        for column in batch.columns:
            if pa.types.is_timestamp(column.type):
                pc.min_max(column).as_py()
    except (pa.ArrowInvalid, ValueError, OverflowError) as error:
        why = "a text in it is no UTF-8, or a time is in no calendar. Delete that folder, and make it anew"
        raise pa.ArrowInvalid(f"{why}: tb-versions index") from error
    return batch


def table_of(table: DeltaTable, names: Sequence[str] | None = None) -> pa.Table:
    """Returns all rows at once; as `batches_of`."""
    import pyarrow as pa

    wanted = _some_of(schema_of(table), names)
    return pa.Table.from_batches(batches_of(table, names, most_unpacked=_UNPACKED_AT_ONCE), wanted)


def schema_of(table: DeltaTable) -> pa.Schema:
    """Returns the columns of a table."""
    import pyarrow as pa

    return pa.schema(table.schema().to_arrow())


def _shown(table: DeltaTable) -> str:
    where = urlsplit(table.table_uri)
    return visible(unquote(where.path) if where.scheme == "file" else table.table_uri).rstrip("/")


def _lies(table: DeltaTable, path: str, error: StorageError) -> StorageError:
    return StorageError(
        f"{_shown(table)} was not made by tb-versions index: in its file {visible(path)[:200]} {error} "
        "Delete that folder, and make it anew: tb-versions index."
    )


def matching(table: DeltaTable, column: str, values: Sequence[str], names: Sequence[str]) -> pa.Table:
    """Returns some columns of the rows that have one of some values in a column of texts.

    The rows are chosen here and not by pyarrow while it reads: it can't compare texts with the ranges in files that
    `DeltaTable.delete` has written, whose texts are of another type, and fails.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = [*dict.fromkeys((*names, column))]
    wanted = pa.array(values, pa.string())
    batches = [batch.filter(pc.is_in(batch.column(column), value_set=wanted)) for batch in batches_of(table, columns)]
    return pa.Table.from_batches(batches, _some_of(schema_of(table), columns)).select(list(names))
