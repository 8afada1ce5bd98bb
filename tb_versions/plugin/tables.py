"""The tables as they were last encoded."""

from __future__ import annotations

import gzip
import re
import threading
from typing import Protocol

from tb_versions import payload
from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidQueryError
from tb_versions.payload import EncodedTable, TableEncoder
from tb_versions.read.catalog import Catalog

COMPRESSION = 3  # level 5 takes twice as long for 5 % less

_REVISION = re.compile("[0-9a-f]{16}")


class Body(Protocol):
    """The bytes of an answer."""

    @property
    def size(self) -> int:
        """How many there are before they are compressed."""

    def plain(self) -> bytes:
        """Returns them as they are."""

    def gzipped(self) -> bytes:
        """Returns them compressed."""


class Bytes:
    """A body that is compressed when it is asked for."""

    def __init__(self, data: bytes) -> None:
        """Keeps the bytes."""
        self._data = data

    @property
    def size(self) -> int:
        """How many there are before they are compressed."""
        return len(self._data)

    def plain(self) -> bytes:
        """Returns them as they are."""
        return self._data

    def gzipped(self) -> bytes:
        """Returns them compressed."""
        return gzip.compress(self._data, COMPRESSION, mtime=0)


class Tables:
    """Encodes each catalog once, before the first request for it or by that request."""

    def __init__(self) -> None:
        """Knows no catalog yet."""
        self._lock = threading.Lock()
        self._encoder = TableEncoder()
        self._versions: tuple[Catalog, EncodedTable] | None = None
        self._models: tuple[Catalog, Body, str] | None = None

    def prepare(self, catalog: Catalog) -> None:
        """Encodes the large table."""
        self._encoded(catalog)

    def versions(self, catalog: Catalog, since: str | None) -> tuple[Body, str]:
        """Returns the table and its revision.

        Args:
            catalog: What is there now.
            since: Revision that the client has, so that it needs only what is new since then; one that is not known
                any more, or never was, leads to the whole table.

        Raises:
            InvalidQueryError: `since` is no revision.
        """
        if since is not None and not _REVISION.fullmatch(since):
            raise InvalidQueryError(
                f"since must be the revision of a table, 16 hexadecimal digits, not {shown(since)}."
            )
        table = self._encoded(catalog)
        known = self._encoder.digests_at(since) if since else ()
        return table.without(known), table.revision

    def models(self, catalog: Catalog) -> tuple[Body, str]:
        """Returns the models and their revision."""
        kept = self._models
        if kept is None or kept[0] is not catalog:
            body, revision = payload.with_revision(payload.models_payload(catalog))
            kept = self._models = (catalog, Bytes(body), revision)
        return kept[1:]

    def _encoded(self, catalog: Catalog) -> EncodedTable:
        kept = self._versions
        if kept is not None and kept[0] is catalog:
            return kept[1]
        with self._lock:
            kept = self._versions
            if kept is None or kept[0] is not catalog:
                kept = self._versions = (catalog, self._encoder.encode(catalog))
            return kept[1]
