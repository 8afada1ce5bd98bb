"""Reads the database of ML Metadata as a file: SQLite opens it without writing, and nothing in it runs.

Tables and columns are those of MLMD's schemas 6 to 10 (ml_metadata/util/metadata_source_query_config.cc).
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.errors import NotAModelError, UnreadableFolderError, UnsafeFileError

SCHEMAS = range(6, 11)
"""Schemas of MLMD that are read; 10 is the newest, of ml-metadata 1.21, too."""

FILE_LIMIT = 4 * 1024**3
MAX_PROPERTY = 256 * 1024
"""Most characters of a property; longer ones are left out and counted."""

_VALUE_LIMIT = 16 * 1024 * 1024  # bytes of one row or text that SQLite may build
_MOST_STEPS = 2_000  # of `_STEP` operations of SQLite's machine each: one to two minutes
_STEP = 1_000_000
_MOST_BYTES = 512 * 1024 * 1024  # of what is kept, estimated
_BEGINNING = b"SQLite format 3\x00"
_FUNCTIONS = frozenset({"substr", "typeof", "length"})
_TABLES: dict[str, tuple[str, ...]] = {
    "MLMDEnv": ("schema_version",),
    "Type": ("id", "name", "type_kind"),
    "Artifact": ("id", "type_id", "uri", "state", "name", "create_time_since_epoch"),
    "ArtifactProperty": ("artifact_id", "name", "int_value", "double_value", "string_value"),
    "Execution": ("id", "type_id", "last_known_state", "name", "create_time_since_epoch"),
    "ExecutionProperty": ("execution_id", "name", "int_value", "double_value", "string_value"),
    "Event": ("id", "artifact_id", "execution_id", "type"),
    "EventPath": ("event_id", "is_index_step", "step_index", "step_key"),
    "Context": ("id", "type_id", "name", "create_time_since_epoch"),
    "Association": ("context_id", "execution_id"),
}

Row = tuple[Any, ...]


class Database:
    """An open database of MLMD.

    Attributes:
        schema: Its schema, of `SCHEMAS`.
        too_long: How many texts were left out for their length.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.too_long = 0
        self._connection = connection
        self._bytes_left = _MOST_BYTES
        self._check_tables()
        rows = list(self.rows("MLMDEnv"))
        self.schema = rows[0][0] if len(rows) == 1 and isinstance(rows[0][0], int) else -1
        if self.schema not in SCHEMAS:
            found = f"schema {self.schema}" if self.schema >= 0 else "no schema that can be told"
            raise NotAModelError(
                f"has {found}; schemas {SCHEMAS[0]} to {SCHEMAS[-1]} of MLMD are read. Open it once with a release of "
                "ml-metadata that upgrades it, or downgrade a copy."
            )

    def rows(self, table: str, *more: str) -> Iterator[Row]:
        """Yields the rows of a table: integers, floats, texts and None, whatever else the file holds.

        Args:
            table: Of `_TABLES`.
            more: Columns beside those that every schema has.

        Raises:
            NotAModelError: It holds too much.
            sqlite3.Error: It is damaged.
        """
        columns = (*_TABLES[table], *more)
        asked = ", ".join(
            f"CASE typeof({name}) WHEN 'text' THEN substr({name}, 1, {MAX_PROPERTY + 1}) WHEN 'blob' THEN NULL ELSE "
            f"{name} END"
            for name in columns
        )
        for row in self._connection.execute(f"SELECT {asked} FROM {table} NOT INDEXED"):  # noqa: S608 - our own names
            self._bytes_left -= sum(len(value) if isinstance(value, str) else 0 for value in row) + 300
            if self._bytes_left < 0:
                raise NotAModelError(f"holds more than {_MOST_BYTES >> 20} MB of what is read.")
            yield tuple(map(self._short, row))

    def _short(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > MAX_PROPERTY:
            self.too_long += 1
            return None
        return value

    def _check_tables(self) -> None:
        """Refuses what is no plain table: a view, a virtual table or a computed column could run something."""
        query = "SELECT name, type, substr(sql, 1, 10000) FROM sqlite_master"
        found = {name: (kind, sql) for name, kind, sql in self._connection.execute(query) if name in _TABLES}
        missing = [name for name in _TABLES if name not in found]
        if missing:
            raise NotAModelError(f"is no database of ML Metadata: it has no table {missing[0]}.")
        for name, (kind, sql) in found.items():
            words = str(sql).upper().split()
            if kind != "table" or words[:2] != ["CREATE", "TABLE"] or "AS" in words or "GENERATED" in words:
                raise NotAModelError(f"is no database of ML Metadata: its {name} is not a plain table.")


@contextlib.contextmanager
def open_database(path: str) -> Iterator[Database]:
    """Opens a database of MLMD for reading. Nothing is written, not even a lock.

    Args:
        path: The file, `metadata.sqlite` as a rule.

    Raises:
        NotAModelError: It is none, damaged, of another schema, too large, or was changed while it was read.
        UnreadableFolderError: It does not exist, or can't be read.
        UnsafeFileError: It is no plain file.
    """
    before = _status(path)
    try:
        with contextlib.closing(_connect(path)) as connection:
            yield Database(connection)
    except sqlite3.Error as error:
        why = "it holds too much" if "interrupted" in str(error) else visible(str(error))
        raise NotAModelError(f"The metadata store {visible(path)} can't be read: {why}.") from None
    except NotAModelError as error:
        raise NotAModelError(f"The metadata store {visible(path)} {error}") from None
    after = _status(path)
    if (before.st_ino, before.st_size, before.st_mtime_ns) != (after.st_ino, after.st_size, after.st_mtime_ns):
        raise NotAModelError(f"The metadata store {visible(path)} was changed while it was read. Run this once more.")


def _status(path: str) -> os.stat_result:
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode):
            raise UnsafeFileError(f"The metadata store {visible(path)} is no plain file.")
        with open(path, "rb") as file:
            beginning = file.read(len(_BEGINNING))
    except OSError as error:
        why = error.strerror or str(error)
        raise UnreadableFolderError(f"The metadata store {visible(path)} can't be read: {why}.") from None
    if beginning != _BEGINNING:
        raise NotAModelError(f"The metadata store {visible(path)} is no SQLite database.")
    if status.st_size > FILE_LIMIT:
        raise NotAModelError(f"The metadata store {visible(path)} has more than {FILE_LIMIT >> 30} GB.")
    _refuse_unfinished(path)
    return status


def _refuse_unfinished(path: str) -> None:
    """What SQLite wrote beside the file and not yet into it would be missing, and may make the rest wrong."""
    for ending in ("-journal", "-wal"):
        with contextlib.suppress(FileNotFoundError):
            if os.stat(path + ending, follow_symlinks=False).st_size:
                raise NotAModelError(
                    f"The metadata store {visible(path)} is being written: there is {visible(path + ending)}. Wait "
                    "until the pipeline has finished. If it was stopped, open the store once with ml-metadata."
                )


def _connect(path: str) -> sqlite3.Connection:
    """Opens the file so that SQLite neither locks nor writes, and runs nothing that the file defines."""
    connection = sqlite3.connect(f"{Path(os.path.realpath(path)).as_uri()}?mode=ro&immutable=1", uri=True)
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    if hasattr(connection, "setlimit"):  # Python 3.11
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _VALUE_LIMIT)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    for pragma in ("trusted_schema=OFF", "query_only=ON", "mmap_size=0", "cell_size_check=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
    steps = iter(range(_MOST_STEPS))
    connection.set_progress_handler(lambda: 0 if next(steps, None) is not None else 1, _STEP)
    connection.set_authorizer(_allowed)
    return connection


def _allowed(action: int, first: str | None, second: str | None, _: str | None, inner: str | None) -> int:
    """Allows to read columns of the tables above; `inner` names a view or trigger that asks."""
    is_ours = first in _TABLES or first in ("sqlite_master", "sqlite_schema")
    if action == sqlite3.SQLITE_SELECT and inner is None:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and is_ours and inner is None:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and second in _FUNCTIONS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
