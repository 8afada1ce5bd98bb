"""Says what a Parquet file would cost in memory, before its rows are read: from its footer and its dictionaries.

A file of kilobytes can hold a billion equal rows, or one text of a megabyte under every row. The footer says how many
rows and values there are, and the dictionaries, which are read alone, how long values are; what is in none takes
the bytes that it takes. So the memory for a number of rows is known before they are made.

A footer that was made by hand may lie of its pages. Then reading fails, or costs as much as Parquet lets one page be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

from tb_versions.core.manifest import MANIFEST_LIMIT, visible
from tb_versions.errors import StorageError

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ColumnChunkMetaData, FileMetaData, ParquetFile

LONGEST = 2 * MANIFEST_LIMIT
"""Most bytes of one value: every value comes from a manifest or an event, each of at most 1 MiB."""

BATCH_BYTES = 64 << 20
"""Most bytes that the rows of one batch take, as far as dictionaries tell; a row of its own may take more."""

MOST_ROWS_AT_A_TIME = 10_000

_MOST_COLUMNS = 5_000
_MOST_UNPACKED = 200  # bytes for each byte on disk: of the tables of `tb-versions index` at most 50 were seen
_SMALL = 64 << 20  # what a column may take whatever it takes on disk
_VALUES_A_ROW = 1_000  # of a map or list, on average
_FEW_VALUES = 100_000
_LARGE = 1 << 30
_NUMBER_BYTES = 16
_EXACT_ROWS = 1_000

Source = Callable[[], AbstractContextManager[Any]]


class Weighing:
    """One Parquet file, of which nothing but footer and dictionaries is read, and that once.

    Attributes:
        footer: Of the file.
    """

    def __init__(self, source: Source, footer: FileMetaData) -> None:
        """Reads nothing yet.

        Args:
            source: Opens the file.
            footer: Of the file.
        """
        self._source = source
        self.footer = footer
        self._lengths: dict[str, list[int]] = {}
        self._rows: dict[tuple[str, ...], list[int]] = {}
        self._checked: set[tuple[int, int, int]] = set()
        names: list[str] = footer.schema.to_arrow_schema().names
        paths = [footer.schema.column(number).path for number in range(footer.num_columns)]
        # Names may have dots, as the paths of leaves have.
        self._leaves: dict[str, list[int]] = defaultdict(list)
        for number, path in enumerate(paths):
            self._leaves[max((n for n in names if _is_in(path, n)), key=len, default=path)].append(number)

    def check(self, size: int, *, bytes_a_row: int, spare: int) -> None:
        """Refuses a file that is no file of a table of ours, by its footer.

        Args:
            size: Of the file, bytes.
            bytes_a_row: Least bytes that a row of such a table takes on disk: digests can't be packed.
            spare: Rows that may be there whatever the size.

        Raises:
            StorageError: It has more rows, values or columns than it can have, or would take too much memory.
        """
        if (size, bytes_a_row, spare) in self._checked:
            return
        footer = self.footer
        if footer.num_rows > spare + size / bytes_a_row:
            raise StorageError(f"are {footer.num_rows:,} rows in {size:,} bytes, more than can be.")
        if footer.num_columns > _MOST_COLUMNS:
            raise StorageError(f"are {footer.num_columns:,} columns, more than {_MOST_COLUMNS:,}.")
        for group in range(footer.num_row_groups):
            rows = footer.row_group(group).num_rows
            for column, chunk in self._chunks(group, None):
                unpacked, packed = chunk.total_uncompressed_size, min(chunk.total_compressed_size, size)
                if chunk.num_values > _FEW_VALUES + _VALUES_A_ROW * rows:
                    raise StorageError(
                        f"the column {_shown(column)} has {chunk.num_values:,} values in {rows:,} rows, more than can "
                        "be."
                    )
                if unpacked > max(_SMALL, _MOST_UNPACKED * packed):
                    raise StorageError(
                        f"the column {_shown(column)} would take {unpacked:,} bytes, and is packed in {packed:,}, more "
                        "than can be."
                    )
        self._checked.add((size, bytes_a_row, spare))

    def rows_at_a_time(self, columns: Sequence[str]) -> list[int]:
        """Returns how many rows of each row group can be read at a time.

        Args:
            columns: Those that are read.

        Raises:
            StorageError: A value, or the values of one row, take more than those of a manifest can.
        """
        found = self._rows.get(tuple(columns))
        if found is None:
            groups = range(self.footer.num_row_groups)
            found = self._rows[tuple(columns)] = [self._rows_at_a_time(group, columns) for group in groups]
        return found

    def _rows_at_a_time(self, group: int, columns: Collection[str]) -> int:
        rows = self.footer.row_group(group).num_rows
        lengths = self._longest_values(columns)
        a_row = 1.0
        for column, chunk in self._chunks(group, columns):
            longest = lengths[column][group] if column in lengths else _NUMBER_BYTES
            if longest > LONGEST:
                raise StorageError(
                    f"the column {_shown(column)} has a value of {longest:,} bytes; tb-versions index writes none of "
                    f"more than {LONGEST:,}."
                )
            a_row += longest * max(1.0, chunk.num_values / max(1, rows))
            if chunk.num_values > rows and chunk.num_values * longest > _LARGE:
                self._check_each_row(group, column)
        return max(1, min(MOST_ROWS_AT_A_TIME, int(BATCH_BYTES // a_row)))

    def unpacked(self) -> int:
        """Returns how many bytes all values of the file take at most, as far as dictionaries and footer tell."""
        total = 0
        lengths = self._longest_values(self._leaves)
        for group in range(self.footer.num_row_groups):
            for column, chunk in self._chunks(group, None):
                longest = lengths[column][group] if column in lengths else _NUMBER_BYTES
                total += chunk.total_uncompressed_size + chunk.num_values * longest
        return total

    def _longest_values(self, columns: Collection[str]) -> dict[str, list[int]]:
        """What the dictionaries say of some columns."""
        wanted = [column for column in columns if column not in self._lengths and self._has_texts(column)]
        if wanted:
            found: dict[str, list[int]] = {column: [] for column in wanted}
            with self._coded_file(wanted) as file:
                for group in range(self.footer.num_row_groups):
                    for column in wanted:  # one at a time, so that few dictionaries are in memory
                        found[column].append(self._longest_value(file, group, column))
            self._lengths.update(found)
        return self._lengths

    def _has_texts(self, column: str) -> bool:
        leaves = map(self.footer.schema.column, self._leaves.get(column, ()))
        return any(leaf.physical_type == "BYTE_ARRAY" for leaf in leaves)

    def _longest_value(self, file: ParquetFile, group: int, column: str) -> int:
        """The bytes of the longest value in the dictionaries of a column."""
        if not self.footer.row_group(group).num_rows:
            return 0
        # The whole dictionary comes with the first row.
        first = next(file.iter_batches(batch_size=1, row_groups=[group], columns=[column], use_threads=False))
        lengths = [_longest(each.dictionary) for values in first.columns for each in _coded(values)]
        without = [  # a dictionary no value is longer than the column
            chunk.total_uncompressed_size
            for _, chunk in self._chunks(group, [column])
            if chunk.physical_type == "BYTE_ARRAY"
        ]
        return max(lengths, default=sum(without))

    def _check_each_row(self, group: int, column: str) -> None:
        """Refuses a column of maps or lists of which few rows take too much; values stay in the dictionary."""
        import pyarrow.compute as pc

        reading = {"batch_size": _EXACT_ROWS, "row_groups": [group], "columns": [column], "use_threads": False}
        with self._coded_file([column]) as file:
            for batch in file.iter_batches(**reading):
                coded = [each for values in batch.columns for each in _coded(values)]
                taken = sum(pc.sum(pc.binary_length(each.dictionary).take(each.indices)).as_py() or 0 for each in coded)
                if taken > _LARGE:
                    raise StorageError(
                        f"the column {_shown(column)} would take {taken:,} bytes in {batch.num_rows:,} rows, more than "
                        "can be."
                    )

    @contextmanager
    def _coded_file(self, columns: Collection[str]) -> Iterator[ParquetFile]:
        """The file, texts of some columns read as codes and dictionaries."""
        from pyarrow.parquet import ParquetFile

        leaves = [self.footer.schema.column(leaf).path for column in columns for leaf in self._leaves[column]]
        with self._source() as opened:
            yield ParquetFile(opened, metadata=self.footer, read_dictionary=leaves, pre_buffer=False)

    def _chunks(self, group: int, columns: Collection[str] | None) -> Iterator[tuple[str, ColumnChunkMetaData]]:
        found = self.footer.row_group(group)
        for column in self._leaves if columns is None else columns:
            for leaf in self._leaves.get(column, ()):
                yield column, found.column(leaf)


def _is_in(leaf: str, column: str) -> bool:
    return leaf == column or leaf.startswith(f"{column}.")


def _coded(values: pa.Array) -> Iterator[Any]:
    """The parts of an array, however deep, that are codes with a dictionary."""
    import pyarrow.types as kinds

    if kinds.is_dictionary(values.type):
        yield values
    elif kinds.is_map(values.type):
        yield from _coded(values.keys)
        yield from _coded(values.items)
    elif kinds.is_list(values.type) or kinds.is_large_list(values.type):
        yield from _coded(values.values)
    elif kinds.is_struct(values.type):
        for number in range(values.type.num_fields):
            yield from _coded(values.field(number))


def _longest(dictionary: pa.Array) -> int:
    import pyarrow.compute as pc

    return pc.max(pc.binary_length(dictionary)).as_py() or 0


def _shown(column: str) -> str:
    return visible(column)[:100]
