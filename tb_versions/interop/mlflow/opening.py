"""Opens an MLflow store by its address."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from tb_versions.core.manifest import visible
from tb_versions.core.storage import existing_folder
from tb_versions.errors import InvalidQueryError
from tb_versions.interop.mlflow.client import ClientStore
from tb_versions.interop.mlflow.database import DatabaseStore
from tb_versions.interop.mlflow.files import FileStore
from tb_versions.interop.mlflow.records import Store

_ARTIFACTS = ("mlruns", "mlartifacts")
"""Folders beside a database that MLflow puts files into, where nobody says otherwise."""


@dataclass(frozen=True)
class Opened:
    """A store, and real paths of folders below which its files may be opened."""

    store: Store
    roots: tuple[str, ...]


def open_store(uri: str, *, artifacts: Sequence[str] = ()) -> Opened:
    """Opens a store for reading.

    Args:
        uri: `sqlite:///mlflow.db`, a folder such as `./mlruns`, `http://…`, or the address of another database.
        artifacts: Folders with the files of its versions; by default the store's own folder, or `mlruns` and
            `mlartifacts` beside its database.

    Raises:
        InvalidQueryError: There is no such store, or it can't be read.
        UnreadableFolderError: A folder does not exist.
        MissingDependencyError: MLflow's client is needed, and not installed; or PyYAML.
    """
    given = tuple(os.path.realpath(existing_folder(folder, "The folder --artifacts")) for folder in artifacts)
    if uri.startswith("sqlite:"):
        path = _path_of(uri)
        beside = (os.path.join(os.path.dirname(os.path.abspath(path)), name) for name in _ARTIFACTS)
        return Opened(
            DatabaseStore(path), given or tuple(os.path.realpath(each) for each in beside if os.path.isdir(each))
        )
    if uri.startswith("file:") or not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", uri):
        path = unquote(urlsplit(uri).path) if uri.startswith("file:") else uri
        folder = os.path.realpath(existing_folder(path, "The MLflow store"))
        return Opened(FileStore(folder), given or (folder,))
    return Opened(ClientStore(uri), given)


def _path_of(uri: str) -> str:
    """The path in the address of a SQLite database, as SQLAlchemy reads it: three slashes, then the path."""
    path = unquote(uri.removeprefix("sqlite:").partition("?")[0])
    if not path.startswith("///") or path == "///":
        raise InvalidQueryError(
            f"{visible(uri)[:200]} names no database: write sqlite:///mlflow.db, or sqlite:////data/mlflow.db for an "
            "absolute path."
        )
    return path[3:]
