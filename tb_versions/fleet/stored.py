"""The rows of the table of versions as they were when it was opened.

Nothing of them is kept here: a column is read in pieces when somebody asks for it, and some rows are read from the
parts of the files that hold them. So a million rows cost what is made of them, and no copy of the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tb_versions.fleet.delta import Delta
from tb_versions.fleet.reading import batches_of, dataset_of, sound

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable
    from numpy.typing import NDArray
    from pyarrow.parquet import ParquetFile

ROWS_AT_A_TIME = 65_536
"""Most rows of a piece."""

_ROWS_OF_A_GROUP = 200
_MOST_FILES = 100


class Text(NamedTuple):
    """A column of texts.

    Attributes:
        different: The different texts.
        codes: The position of each row's text among them; -1 where it has none.
    """

    different: pa.StringArray
    codes: NDArray[np.int32]


class Stored:
    """One version of the table.

    Attributes:
        schema: Its columns.
        count: Its rows.
    """

    def __init__(self, delta: Delta, table: DeltaTable) -> None:
        """Reads which files there are.

        Args:
            delta: The table.
            table: As it was when it was opened.

        Raises:
            StorageError: It can't be read.
        """
        self._delta = delta
        self._table = table
        with delta.explained():
            self._dataset = dataset_of(table)
            self.schema: pa.Schema = self._dataset.schema
            self._fragments = list(self._dataset.get_fragments())
            self._files: dict[str, ParquetFile] = {}
            self.count = int(sum(fragment.count_rows() for fragment in self._fragments))

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yields some columns of all rows of the table, in order. Raises StorageError."""
        with self._delta.explained():
            yield from batches_of(self._table, names)

    def files(self, names: Sequence[str]) -> Iterator[tuple[str, Iterator[pa.RecordBatch]]]:
        """Yields the path of each file of the table, and some columns of its rows, read as they are asked for."""
        for fragment in self._fragments:
            yield f"{self._delta.url}/{fragment.path}", self._batches_of(fragment, names)

    def _batches_of(self, fragment: Any, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        with self._delta.explained():
            yield from map(
                sound, fragment.to_batches(schema=self.schema, columns=list(names), batch_size=ROWS_AT_A_TIME)
            )

    def column(self, name: str) -> pa.ChunkedArray:
        """Returns a column of all rows of the table. Raises StorageError."""
        import pyarrow as pa

        return pa.chunked_array([batch.column(0) for batch in self.batches([name])], self.schema.field(name).type)

    def rows(self, names: Sequence[str], places: Sequence[int]) -> pa.Table:
        """Returns some columns of some rows of the table.

        Args:
            names: Of the columns.
            places: Of the rows, in any order.

        Raises:
            StorageError: It can't be read.
        """
        import pyarrow as pa

        wanted = np.asarray(places, np.int64)
        order = np.argsort(wanted, kind="stable")
        groups = np.searchsorted(self._starts, wanted[order], side="right") - 1
        schema = pa.schema([self.schema.field(name) for name in names])
        parts: list[pa.Table] = []
        with self._delta.explained():
            for group in np.unique(groups).tolist():
                inside = wanted[order][groups == group] - self._starts[group]
                parts.append(self._inside(group, names, inside).cast(schema))
        there = pa.concat_tables(parts) if parts else schema.empty_table()
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        return there.take(pa.array(back))

    def _inside(self, group: int, names: Sequence[str], places: NDArray[np.int64]) -> pa.Table:
        """Some rows of a part, in ascending order; what is behind the last of them is not read."""
        import pyarrow as pa

        found: list[pa.RecordBatch] = []
        first = 0
        for batch in self._pieces_of(group, names):
            mine = places[(places >= first) & (places < first + batch.num_rows)] - first
            if len(mine):
                found.append(sound(batch.take(pa.array(mine))))
            first += batch.num_rows
            if first > places[-1]:
                break
        return pa.Table.from_batches(found)

    def _pieces_of(self, group: int, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Some columns of a part; slowly where types are not the table's, as in files that a deletion has written."""
        fragment, number = self._groups[group]
        file = self._file(fragment)
        there = file.schema_arrow
        if all(name in there.names and there.field(name).type == self.schema.field(name).type for name in names):
            for batch in file.iter_batches(
                _ROWS_OF_A_GROUP, row_groups=[number], columns=list(names), use_threads=False
            ):
                yield batch.select(list(names))
        else:
            yield from fragment.subset(row_group_ids=[number]).to_batches(
                schema=self.schema, columns=list(names), batch_size=_ROWS_OF_A_GROUP, use_threads=False
            )

    def _file(self, fragment: Any) -> ParquetFile:
        """A file of the table, opened once: what a dataset does for each part costs more than reading the part."""
        from pyarrow.parquet import ParquetFile

        if fragment.path not in self._files:
            self._files[fragment.path] = ParquetFile(fragment.open(), metadata=fragment.metadata)
            while len(self._files) > _MOST_FILES:
                self._files.pop(next(iter(self._files))).close()
        return self._files[fragment.path]

    @cached_property
    def _groups(self) -> list[tuple[Any, int]]:
        """Each part of the files: its fragment, and its number in that."""
        return [(fragment, group.id) for fragment in self._fragments for group in fragment.row_groups]

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """The place of the first row of each part."""
        sizes = [group.num_rows for fragment in self._fragments for group in fragment.row_groups]
        return np.concatenate([[0], np.cumsum(sizes[:-1])]).astype(np.int64) if sizes else np.zeros(1, np.int64)


def text_of(pieces: Iterator[pa.Array]) -> Text:
    """Returns a column of texts by its different ones, made piece by piece."""
    import pyarrow as pa

    encoded = [piece.dictionary_encode() for piece in pieces]
    if not encoded:
        return Text(pa.array([], pa.string()), np.zeros(0, np.int32))
    whole = pa.chunked_array(encoded).unify_dictionaries()
    codes = [chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False) for chunk in whole.chunks]
    return Text(whole.chunk(0).dictionary, np.concatenate(codes).astype(np.int32))
