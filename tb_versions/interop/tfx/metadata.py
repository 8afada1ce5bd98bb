"""Reads the database of ML Metadata as a file, of a schema that is known and as it was at one moment.

Tables and columns are those of MLMD's schemas 6 to 10 (ml_metadata/util/metadata_source_query_config.cc).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.errors import NotAModelError, UnreadableFolderError
from tb_versions.interop import readonly_sqlite

SCHEMAS = range(6, 11)
"""Schemas of MLMD that are read; 10 is the newest, of ml-metadata 1.21, too."""

MAX_PROPERTY = 256 * 1024
"""Most characters of a property; longer ones are left out and counted."""

_MOST_ROWS = 1_000_000  # of a table
_MOST_BYTES = 512 * 1024 * 1024  # of what is kept, estimated
_TABLES: Mapping[str, tuple[str, ...]] = {
    "MLMDEnv": ("schema_version",),
    "Type": ("id", "name"),
    "Artifact": ("id", "type_id", "uri", "state", "create_time_since_epoch"),
    "ArtifactProperty": ("artifact_id", "name", "int_value", "double_value", "string_value"),
    "Execution": ("id", "type_id", "last_known_state", "name", "create_time_since_epoch"),
    "ExecutionProperty": ("execution_id", "name", "int_value", "double_value", "string_value"),
    "Event": ("id", "artifact_id", "execution_id", "type"),
    "EventPath": ("event_id", "is_index_step", "step_index", "step_key"),
    "Context": ("id", "type_id", "name", "create_time_since_epoch"),
    "Association": ("context_id", "execution_id"),
}

Row = tuple[Any, ...]


class Store:
    """An open metadata store.

    Args:
        database: The open database.
        path: What messages call it.

    Raises:
        NotAModelError: It is none of MLMD, or of a schema that is not known.

    Attributes:
        schema: Of `SCHEMAS`.
        too_long: How many texts were left out for their length.
    """

    def __init__(self, database: readonly_sqlite.Database, path: str) -> None:
        self.too_long = 0
        self._database, self._path = database, path
        self._bytes_left = _MOST_BYTES
        for table, columns in _TABLES.items():
            missing = [name for name in columns if name not in database.columns(table)]
            if missing:
                raise self._error(f"is none of ML Metadata: it has no plain table {table} with {missing[0]}.")
        rows = list(self.rows("MLMDEnv"))
        self.schema = rows[0][0] if len(rows) == 1 and isinstance(rows[0][0], int) else -1
        if self.schema not in SCHEMAS:
            found = f"has schema {self.schema}" if self.schema >= 0 else "does not say which schema it has"
            raise self._error(
                f"{found}; schemas {SCHEMAS[0]} to {SCHEMAS[-1]} of MLMD are read. Let ml-metadata up- or downgrade a "
                "copy of it."
            )

    def rows(self, table: str, *more: str) -> Iterator[Row]:
        """Yields the rows of a table: integers, floats, texts and None, whatever else the file holds.

        Args:
            table: One that MLMD has.
            more: Columns beside those that every schema has.

        Raises:
            NotAModelError: It holds too much.
            InvalidQueryError: The file is damaged.
        """
        for count, row in enumerate(self._database.rows(table, (*_TABLES[table], *more)), start=1):
            self._bytes_left -= sum(len(value) if isinstance(value, str) else 0 for value in row) + 300
            if self._bytes_left < 0 or count > _MOST_ROWS:
                raise self._error(f"holds more than {_MOST_ROWS:,} rows, or {_MOST_BYTES >> 20} MB of texts.")
            yield tuple(map(self._short, row))

    def _short(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > MAX_PROPERTY:
            self.too_long += 1
            return None
        return value

    def _error(self, what: str) -> NotAModelError:
        return NotAModelError(f"The metadata store {visible(self._path)} {what}")


@contextlib.contextmanager
def open_store(path: str) -> Iterator[Store]:
    """Opens a metadata store for reading. Nothing is written.

    Args:
        path: The file, `metadata.sqlite` as a rule.

    Raises:
        InvalidQueryError: It is no SQLite database, or damaged.
        NotAModelError: It is none of MLMD, of another schema, too large, or is being written.
        UnreadableFolderError: It does not exist.
    """
    before = _status(path)
    with contextlib.closing(readonly_sqlite.Database(path, is_still=True)) as database:
        yield Store(database, path)
    after = _status(path)
    if (before.st_ino, before.st_size, before.st_mtime_ns) != (after.st_ino, after.st_size, after.st_mtime_ns):
        raise NotAModelError(f"The metadata store {visible(path)} was changed while it was read. Run this once more.")


def _status(path: str) -> os.stat_result:
    """What the system says of the file; refuses one with changes that SQLite has not written into it yet.

    Without them the rest may be wrong; and to take them in, SQLite would write.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        why = error.strerror or str(error)
        raise UnreadableFolderError(f"The metadata store {visible(path)} can't be read: {why}.") from None
    for ending in ("-journal", "-wal"):
        with contextlib.suppress(FileNotFoundError):
            if os.stat(path + ending, follow_symlinks=False).st_size:
                raise NotAModelError(
                    f"The metadata store {visible(path)} is being written: there is {visible(path + ending)}. Wait "
                    "until the pipeline has finished. If it was stopped, open the store once with ml-metadata."
                )
    return status
