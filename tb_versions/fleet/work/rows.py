"""Lets an engine read manifests and give versions their rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tb_versions.fleet.delta import appended, replaced
from tb_versions.fleet.found import Here
from tb_versions.fleet.indexing import Read
from tb_versions.fleet.putting import put
from tb_versions.fleet.rows import read_drafts_at, unread_table
from tb_versions.fleet.tables import UNREAD, VERSIONS, table_in
from tb_versions.fleet.work.leading import Engine


@dataclass(frozen=True)
class RowsBy:
    """Reads manifests by an engine; see `indexing.Reading`.

    Attributes:
        models_dir: The models folder, as workers reach it: absolute, or a URL.
        engine: Gives the work to workers.
    """

    models_dir: str
    engine: Engine

    def __call__(self, tables: str, _here: Here, paths: Sequence[str], /) -> Read:
        """Gives each version its row. Which metrics are common among the versions is not counted.

        Raises:
            StorageError: The engine failed. Rows that it added stay.
        """
        unread = table_in(tables, UNREAD)
        unread.change(lambda _: replaced(unread_table([])))
        counts = self.engine(paths, GiveRows(self.models_dir, tables))
        rows = unread.columns(["path", "why"]).to_pylist()
        return Read(counts["added"], counts["removed"], sorted({(row["path"], row["why"]) for row in rows}))


@dataclass(frozen=True)
class GiveRows:
    """Gives some versions their rows; what workers get.

    Attributes:
        models_dir: As of `RowsBy`.
        tables: Folder or URL of the tables.
    """

    models_dir: str
    tables: str

    def __call__(self, paths: Sequence[str]) -> Counter[str]:
        """Gives some paths their rows, and notes those whose manifest can't be read; what has a row gets no second."""
        unread: list[tuple[str, str]] = []
        drafts = list(read_drafts_at(self.models_dir, paths, unread, []))
        added, removed = put(table_in(self.tables, VERSIONS), drafts)
        if unread:
            table_in(self.tables, UNREAD).change(lambda _: appended(unread_table(unread)))
        return Counter(added=added, removed=removed)
