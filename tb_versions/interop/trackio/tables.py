"""The tables of one Trackio project: in its SQLite database, or in the Parquet files that Trackio exports."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from tb_versions.core.manifest import visible
from tb_versions.errors import InvalidQueryError
from tb_versions.interop.importing.flattening import read_json
from tb_versions.interop.parquet_rows import read_rows
from tb_versions.interop.readonly_sqlite import MAX_VALUE, Database

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "metrics": ("id", "run_id", "run_name", "timestamp", "step"),
    "configs": ("id", "run_id", "run_name", "created_at"),
    "artifacts": ("id", "name", "type", "description", "created_at"),
    "artifact_versions": (
        *("id", "artifact_id", "version", "manifest_digest", "manifest"),
        *("metadata", "producer_run_id", "producer_run_name", "created_at"),
    ),
    "artifact_aliases": ("artifact_id", "alias", "artifact_version_id"),
    "run_artifact_links": ("run_id", "run_name", "artifact_version_id", "direction"),
}
"""Tables that are read, and their columns beside the one of JSON."""

_JSON = {"metrics": "metrics", "configs": "config"}
_OF_TRACKIO = frozenset({"log_id", "space_id"})
_FILES = {"metrics": ".parquet"}

Row = dict[str, Any]


class Tables(Protocol):
    """The tables of a project.

    Attributes:
        damaged: How many rows have no JSON that can be read.
    """

    damaged: int

    def rows(self, table: str) -> Iterator[Row]:
        """Yields the rows of a table of `COLUMNS`; what was logged or configured under the key "values"."""

    def close(self) -> None:
        """Closes it."""


class SqliteTables:
    """Tables in SQLite."""

    def __init__(self, path: str) -> None:
        """Opens a database and looks whether it is Trackio's.

        Raises:
            InvalidQueryError: It is none that is known here.
        """
        self.damaged = 0
        self._database = Database(path)
        if not {"run_name", "step", "metrics"} <= self._database.columns("metrics"):
            self.close()
            raise InvalidQueryError(f"{visible(os.path.basename(path))} is no database of Trackio that is known here.")

    def close(self) -> None:
        """Closes it."""
        self._database.close()

    def rows(self, table: str) -> Iterator[Row]:
        """Yields rows. Raises InvalidQueryError where the table can't be read."""
        names, document = COLUMNS[table], _JSON.get(table)
        columns = (*names, document) if document else names
        for values in self._database.rows(table, columns, blobs=(document,) if document else ()):
            row = dict(zip(columns, values, strict=True))
            if document:
                row["values"] = self._document(row.pop(document))
            yield row

    def _document(self, text: object) -> Row:
        try:
            data = text.decode() if isinstance(text, bytes) else text
            if not isinstance(data, str) or len(data) >= MAX_VALUE:
                raise ValueError("no text, or one that was cut")
            found = read_json(data)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self.damaged += 1
            return {}
        return found


class ParquetTables:
    """Tables in Parquet files, `<project>.parquet`, `<project>_configs.parquet` and others."""

    def __init__(self, folder: str, project: str) -> None:
        """Reads nothing yet.

        Args:
            folder: Where they are.
            project: Beginning of their names.
        """
        self.damaged = 0
        self._folder, self._project = folder, project

    def close(self) -> None:
        """Nothing is open."""

    def rows(self, table: str) -> Iterator[Row]:
        """Yields rows. Raises InvalidQueryError where the file can't be read, MissingDependencyError w/o pyarrow."""
        path = os.path.join(self._folder, f"{self._project}{_FILES.get(table, f'_{table}.parquet')}")
        if not os.path.lexists(path):
            return
        names = COLUMNS[table]
        for row in read_rows(path, () if table in _JSON else names):
            own: Row = {name: row.get(name) for name in names}
            if table in _JSON:
                own["values"] = {
                    name: value
                    for name, value in row.items()
                    if name not in names and name not in _OF_TRACKIO and value is not None
                }
            yield own


def projects(folder: str) -> dict[str, str]:
    """Returns (project, path of its database or "") in a folder; one with Parquet files alone has no path."""
    names = sorted(os.listdir(folder))
    found = {name.removesuffix(".db"): os.path.join(folder, name) for name in names if name.endswith(".db")}
    endings = tuple(f"_{table}" for table in (*COLUMNS, "system", "traces"))
    for name in names:
        stem = name.removesuffix(".parquet")
        if stem != name and not stem.endswith(endings):
            found.setdefault(stem, "")
        elif stem.endswith("_artifact_versions"):
            found.setdefault(stem.removesuffix("_artifact_versions"), "")
    return found


def open_tables(folder: str, project: str, path: str) -> Tables:
    """Opens the tables of a project as `projects` named it.

    Raises:
        InvalidQueryError: They can't be read.
    """
    if path and os.path.islink(path):
        raise InvalidQueryError("it is a symlink; only plain files are opened.")
    return SqliteTables(path) if path else ParquetTables(folder, project)
