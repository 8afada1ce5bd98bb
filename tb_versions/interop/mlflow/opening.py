"""Opens an MLflow store by its address."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from tb_versions.core.elsewhere import Sources
from tb_versions.core.manifest import visible
from tb_versions.core.storage import existing_folder
from tb_versions.errors import InvalidQueryError
from tb_versions.interop.mlflow.artifacts import DEFAULT_SOURCE
from tb_versions.interop.mlflow.client import ClientStore
from tb_versions.interop.mlflow.database import DatabaseStore
from tb_versions.interop.mlflow.files import FileStore
from tb_versions.interop.mlflow.records import Store

_BESIDE = {DEFAULT_SOURCE: "mlruns", "mlartifacts": "mlartifacts"}
"""Folders beside a database that MLflow puts files into, where nobody says otherwise, by the names of sources."""


@dataclass(frozen=True)
class Opened:
    """A store, and real paths of folders below which its files may be opened, by the names of sources."""

    store: Store
    sources: Sources


def open_store(uri: str, *, sources: Sources = MappingProxyType({})) -> Opened:
    """Opens a store for reading.

    Args:
        uri: `sqlite:///mlflow.db`, a folder such as `./mlruns`, `http://…`, or the address of another database.
        sources: Folders with the files of its versions; by default the store's own folder, as "mlflow", or `mlruns`
            and `mlartifacts` beside its database, as "mlflow" and "mlartifacts".

    Raises:
        InvalidQueryError: There is no such store, or it can't be read.
        UnreadableFolderError: A folder does not exist.
        MissingDependencyError: MLflow's client is needed, and not installed; or PyYAML.
    """
    given = {
        label: os.path.realpath(existing_folder(folder, f"The source {label}")) for label, folder in sources.items()
    }
    if uri.startswith("sqlite:"):
        path = sqlite_path(uri)
        above = os.path.dirname(os.path.abspath(path))
        beside = {label: os.path.join(above, name) for label, name in _BESIDE.items()}
        return Opened(
            DatabaseStore(path), given or {k: os.path.realpath(v) for k, v in beside.items() if os.path.isdir(v)}
        )
    if uri.startswith("file:") or not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", uri):
        path = unquote(urlsplit(uri).path) if uri.startswith("file:") else uri
        folder = os.path.realpath(existing_folder(path, "The MLflow store"))
        return Opened(FileStore(folder), given or {DEFAULT_SOURCE: folder})
    return Opened(ClientStore(uri), given)


def sqlite_path(uri: str) -> str:
    """Returns the path in the address of a SQLite database, as SQLAlchemy reads it: three slashes, then the path.

    Raises:
        InvalidQueryError: It names none.
    """
    path = unquote(uri.removeprefix("sqlite:").partition("?")[0])
    if not path.startswith("///") or path == "///":
        raise InvalidQueryError(
            f"{visible(uri)[:200]} names no database: write sqlite:///mlflow.db, or sqlite:////data/mlflow.db for an "
            "absolute path."
        )
    return path[3:]
