"""Which tables there are, where they are, and their columns."""

from __future__ import annotations

import os

from tb_versions.core.layout import TABLES
from tb_versions.core.manifest import visible
from tb_versions.core.storage import is_remote
from tb_versions.errors import StorageError
from tb_versions.fleet.delta import Delta
from tb_versions.fleet.schema import (
    Typed,
    aliases_schema,
    events_schema,
    unread_schema,
    values_schema,
    versions_schema,
)

VERSIONS, EVENTS, ALIASES, UNREAD, VALUES = "versions", "events", "aliases", "unread", "values"
_COLUMNS = {
    VERSIONS: lambda: versions_schema(Typed()),
    EVENTS: events_schema,
    ALIASES: aliases_schema,
    UNREAD: unread_schema,
    VALUES: values_schema,
}


def tables_of(models_dir: str, to: str | None) -> str:
    """Returns where the tables of a models folder are: as said, else beside the models.

    Raises:
        StorageError: There a link leads elsewhere, which nobody said.
    """
    if to:
        return to if is_remote(to) else os.path.abspath(os.path.expanduser(to))
    above = models_dir if is_remote(models_dir) else os.path.abspath(os.path.expanduser(models_dir))
    tables = f"{above.rstrip('/')}/{TABLES}"
    if not is_remote(tables) and os.path.islink(tables):
        raise StorageError(f"{visible(tables)} is a symlink, and is not followed. Give --to with the folder itself.")
    return tables


def table_in(tables: str, name: str) -> Delta:
    """Returns one of the tables, which must have the columns of this package.

    Args:
        tables: Folder or URL that holds them.
        name: `VERSIONS`, `EVENTS`, `ALIASES`, `UNREAD` or `VALUES`.

    Raises:
        MissingDependencyError, UnsupportedStorageError: As `Delta`.
    """
    return Delta(tables, name, _COLUMNS[name])
