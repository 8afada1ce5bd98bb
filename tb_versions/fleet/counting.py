"""How many versions the tables of a models folder have: few questions are so cheap, so it is asked before others."""

from __future__ import annotations

import os

from tb_versions.core.object_store import open_store
from tb_versions.core.storage import is_remote
from tb_versions.fleet.delta import Delta
from tb_versions.fleet.tables import VERSIONS, tables_of

ABOVE = 200_000
"""Versions up to which all files are read; with more, tables are asked by themselves."""

_LOG = "_delta_log"


def count_of(models_dir: str, tables: str | None = None) -> int:
    """Returns how many rows the table of versions has, as its own log says; 0 where there is none.

    Args:
        models_dir: Folder of models, or its URL.
        tables: Where the tables are; by default `.index` in the models folder.

    Raises:
        MissingDependencyError: deltalake or pyarrow is not installed, and there is a table.
        StorageError: It can't be read, or was made by a newer version of this package.
    """
    where = tables_of(models_dir, tables)
    if not _is_there(where):
        return 0
    delta = Delta(where, VERSIONS)
    table = delta.open()
    if table is None:
        return 0
    with delta.explained():
        return table.count()


def _is_there(tables: str) -> bool:
    """Whether there is a table, found out without the library for tables, which takes half a second to load."""
    if not is_remote(tables):
        return os.path.isdir(os.path.join(tables, VERSIONS, _LOG))
    return next(open_store(tables).entries(f"{VERSIONS}/{_LOG}"), None) is not None
