"""Opens a stranger's SQLite database for reading: nothing in it runs, nothing is written, nothing is endless."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Collection, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from tb_versions.core.manifest import visible
from tb_versions.errors import InvalidQueryError

MAX_VALUE = 1 << 20
"""Most bytes of a text or blob that is read."""

_MAX_LENGTH = 16 << 20
_MOST_ROWS = 2_000_000
_STEPS = 1_000_000
_MOST_TICKS = 5_000
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
_FUNCTIONS = {"substr", "length", "typeof"}


class Database:
    """A database whose tables are read as they are: no view, no trigger, no function of its own."""

    def __init__(self, path: str, *, is_still: bool = False) -> None:
        """Opens it.

        Args:
            path: Of a plain file.
            is_still: Whether nobody writes into it, which the caller checks: then SQLite makes no file beside it, which
                it does to read a database with a write-ahead log.

        Raises:
            InvalidQueryError: It is no SQLite database, or can't be read.
        """
        self._path = path
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            raise InvalidQueryError(f"{visible(path)} can't be read: {error.strerror}.") from error
        if not stat.S_ISREG(mode):
            raise InvalidQueryError(f"{visible(path)} is no plain file.")
        self._ticks = 0
        with self._readable():
            self._connection = sqlite3.connect(_address(path, is_still=is_still), uri=True)
            self._connection.text_factory = lambda data: data.decode("utf-8", "replace")
            for pragma in ("query_only = ON", "trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
                self._connection.execute(f"PRAGMA {pragma}")
            if hasattr(self._connection, "setlimit"):  # Python 3.11
                self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_LENGTH)
            self._connection.set_progress_handler(self._tick, _STEPS)
            rows = self._connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' LIMIT 10000")
            made = {name: str(sql) for name, sql in rows if isinstance(name, str)}
            self._tables = {
                name: {column[1] for column in self._connection.execute(f'PRAGMA table_info("{name}")')}
                for name, sql in made.items()
                if '"' not in name and not sql.upper().lstrip().startswith("CREATE VIRTUAL")
            }
            self._connection.set_authorizer(_authorized)

    def close(self) -> None:
        """Closes it."""
        self._connection.close()

    def columns(self, table: str) -> set[str]:
        """Returns the columns of a table; none where it is no plain table."""
        return self._tables.get(table, set())

    def rows(
        self,
        table: str,
        columns: Sequence[str],
        *,
        where: str = "",
        values: Sequence[Any] = (),
        blobs: Collection[str] = (),
    ) -> Iterator[tuple[Any, ...]]:
        """Yields rows of a table; a text that is too long comes cut, a blob or missing column as None.

        Args:
            table: Its name.
            columns: Theirs.
            where: A condition of our own, with `?` for values.
            values: Those.
            blobs: Columns of which blobs are read, too, as bytes, cut where they are too long.

        Raises:
            InvalidQueryError: The table can't be read.
        """
        known = self.columns(table)
        if not known:
            return
        asked = ", ".join(_column(name, blob=name in blobs) if name in known else "NULL" for name in columns)
        query = f'SELECT {asked} FROM "{table}"{" WHERE " + where if where else ""} LIMIT {_MOST_ROWS}'  # noqa: S608
        with self._readable():
            yield from self._connection.execute(query, tuple(values))

    @contextlib.contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning, UnicodeError, OverflowError, OSError) as error:
            reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
            raise InvalidQueryError(f"{visible(self._path)} can't be read as a SQLite database: {reason}.") from error

    def _tick(self) -> int:
        """Ends a query that does not come to its end; SQLite calls it now and then."""
        self._ticks += 1
        return int(self._ticks > _MOST_TICKS)


def _column(name: str, *, blob: bool) -> str:
    text = f'substr("{name}", 1, {MAX_VALUE})'
    bytes_ = text if blob else "NULL"
    return f"CASE typeof(\"{name}\") WHEN 'text' THEN {text} WHEN 'blob' THEN {bytes_} ELSE \"{name}\" END"


def _address(path: str, *, is_still: bool) -> str:
    """The file's address, read-only. A database with a write-ahead log would get files beside it when it is opened.

    Without such a log at hand it is complete, and is opened as one that nobody changes, so that nothing is written.
    """
    address = f"file:{quote(os.path.abspath(path))}?mode=ro"
    with open(path, "rb") as file:
        has_log = file.read(20)[18:20] == b"\2\2"  # the header's two versions: 2 with a write-ahead log
    log = path + "-wal"
    is_complete = has_log and not (os.path.exists(log) and os.path.getsize(log))
    return f"{address}&immutable=1" if is_still or is_complete else address


def _authorized(action: int, _: str | None, second: str | None, *__: str | None) -> int:
    """Lets a query read columns and use three functions; anything else ends it."""
    if action in _ALLOWED or (action == sqlite3.SQLITE_FUNCTION and second in _FUNCTIONS):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
