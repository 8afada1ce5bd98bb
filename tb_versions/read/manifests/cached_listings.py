"""Listings as bytes for the cache: what many versions share is there once. Pure.

It takes 5 µs to make a listing of these bytes where its manifest takes 60.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import astuple

from tb_versions.core.manifest import FilesElsewhere
from tb_versions.read.few import few
from tb_versions.read.manifests.listed_files import ListedFiles
from tb_versions.read.manifests.listed_metrics import ListedMetrics, MetricKind, shared_kind, shared_steps
from tb_versions.read.manifests.listing import ListedDataset, ListedParent, ListedRun, Listing

_SHA256 = "sha256:"
_DOUBLE = 8  # bytes


class Entry(Struct, frozen=True, gc=False):
    """What is kept of one manifest.

    Attributes:
        key: See `manifests.file_key`.
        digest: "sha256:<hex>" of the manifest's bytes.
        seen: Times of the version's folders when all was as listed, see `seen_folders`; b"" where that is not known.
    """

    key: bytes
    digest: str
    listing: Listing
    seen: bytes = b""


class _Row(Struct, frozen=True, array_like=True, gc=False):
    """An entry; integers called `…_at` are places in the lists of `_Listings`."""

    key: bytes
    seen: bytes
    manifest: bytes
    model_at: int
    number: int
    semantic_version: str
    created_ms: int | None
    summary_at: int
    labels_at: int
    kinds_at: int
    values: bytes
    steps: tuple[int | None, ...]
    hyperparameters_at: int
    runs: tuple[ListedRun, ...]
    parents: tuple[ListedParent, ...]
    datasets_at: int
    framework_at: int
    parameters: int | None
    size: int | None
    digest: bytes
    odd_digest: str
    notices: tuple[str, ...]
    recipe_at: int
    seeds_at: int
    lead_metric_at: int
    files_at: int
    arguments_at: int
    elsewhere: FilesElsewhere | None = None
    unstated: str = ""


class _Listings(Struct, array_like=True):
    texts: list[str]
    mappings: list[dict[str, bool | int | float | str]]
    kinds: list[MetricKind]
    columns: list[tuple[int, ...]]
    datasets: list[tuple[ListedDataset, ...]]
    files: list[ListedFiles | None]
    folders: list[str]
    rows: list[msgspec.Raw]


_DECODER = msgspec.msgpack.Decoder(_Listings)
_ROWS = msgspec.msgpack.Decoder(_Row)


def encode(entries: Mapping[str, Entry]) -> bytes:
    """Returns entries as bytes; one whose folder's name is no UTF-8 is left out.

    Args:
        entries: By the folder's path below the allowed folder.
    """
    return _Encoder().encode(entries)


def decode(data: bytes) -> Entries:
    """Returns the entries in bytes.

    Raises:
        ValueError: They are no entries.
    """
    try:
        return Entries(_DECODER.decode(data))
    except IndexError as error:
        raise ValueError(str(error)) from error


class Entries:
    """Entries by folder; each is decoded when it is asked for, so that nothing of all others is ever made."""

    def __init__(self, found: _Listings) -> None:
        self._texts = [sys.intern(text) for text in found.texts]
        self._mappings = found.mappings
        kinds = [shared_kind(*astuple(kind)) for kind in found.kinds]
        self._columns = [tuple([kinds[at] for at in columns]) for columns in found.columns]
        self._datasets = found.datasets
        self._files = found.files
        self._rows = dict(zip(found.folders, found.rows, strict=True))

    @classmethod
    def none(cls) -> Entries:
        """No entries."""
        return cls(_Listings([], [], [], [], [], [], [], []))

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def get(self, relative: str, key: bytes) -> Entry | None:
        """Returns the entry of a folder if it has a key, or None.

        Raises:
            ValueError: It is damaged.
        """
        row = self._row(relative)
        if row is None or row.key != key:
            return None
        try:
            return Entry(row.key, f"{_SHA256}{row.manifest.hex()}", self._listing(row), row.seen)
        except IndexError as error:
            raise ValueError(str(error)) from error

    def key(self, relative: str) -> bytes:
        """Returns the key of a folder's entry; b"" where there is none."""
        row = self._row(relative)
        return row.key if row is not None else b""

    def seen(self, relative: str) -> bytes:
        """Returns `Entry.seen` of a folder's entry; b"" where there is none."""
        row = self._row(relative)
        return row.seen if row is not None else b""

    def _row(self, relative: str) -> _Row | None:
        row = self._rows.get(relative)
        try:
            return None if row is None else _ROWS.decode(row)
        except msgspec.MsgspecError:
            return None

    def _listing(self, row: _Row) -> Listing:
        kinds = self._columns[row.kinds_at]
        if len(row.values) != _DOUBLE * len(kinds) or len(row.steps) not in (len(kinds), 1):
            raise ValueError("Metrics and their values are not as many.")
        return Listing(
            model=self._texts[row.model_at],
            number=row.number,
            semantic_version=row.semantic_version,
            created_ms=row.created_ms,
            summary=self._texts[row.summary_at],
            labels=self._mappings[row.labels_at],  # type: ignore[arg-type]
            metrics=ListedMetrics(kinds, row.values, shared_steps(row.steps)),
            hyperparameters=self._mappings[row.hyperparameters_at],
            run_or_runs=few(row.runs),
            parents=row.parents,
            datasets=self._datasets[row.datasets_at],
            framework=self._texts[row.framework_at],
            parameters=row.parameters,
            size=row.size,
            packed_digest=row.digest or row.odd_digest,
            notices=row.notices,
            recipe=self._texts[row.recipe_at],
            seeds=self._texts[row.seeds_at],
            lead_metric=self._texts[row.lead_metric_at],
            files=self._files[row.files_at],
            arguments=self._mappings[row.arguments_at],
            elsewhere=row.elsewhere,
            unstated=sys.intern(row.unstated),
        )


def _digest(packed: bytes | str) -> tuple[bytes, str]:
    return (b"", packed) if isinstance(packed, str) else (packed, "")


class _Once:
    """Gives each value its place in a list that has it once."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._at: dict[Hashable, int] = {}

    def at(self, value: Any, name: Hashable) -> int:
        """Returns the place of a value; two of one name are one value."""
        at = self._at.setdefault(name, len(self.values))
        if at == len(self.values):
            self.values.append(value)
        return at


class _Encoder:
    def __init__(self) -> None:
        self._texts = _Once()
        self._mappings = _Once()
        self._kinds = _Once()
        self._columns = _Once()
        self._datasets = _Once()
        self._files = _Once()

    def encode(self, entries: Mapping[str, Entry]) -> bytes:
        folders = [relative for relative in entries if _is_text(relative)]
        rows = [msgspec.Raw(msgspec.msgpack.encode(self._row(entries[relative]))) for relative in folders]
        listings = _Listings(
            self._texts.values,
            self._mappings.values,
            self._kinds.values,
            self._columns.values,
            self._datasets.values,
            self._files.values,
            folders,
            rows,
        )
        return msgspec.msgpack.encode(listings)

    def _row(self, entry: Entry) -> _Row:
        listing, metrics = entry.listing, entry.listing.metrics
        return _Row(
            entry.key,
            entry.seen,
            bytes.fromhex(entry.digest.removeprefix(_SHA256)),
            self._text(listing.model),
            listing.number,
            listing.semantic_version,
            listing.created_ms,
            self._text(listing.summary),
            self._mapping(listing.labels),
            self._columns_of(metrics.kinds),
            metrics.packed,
            metrics.steps,
            self._mapping(listing.hyperparameters),
            listing.runs,
            listing.parents,
            self._datasets.at(listing.datasets, listing.datasets),
            self._text(listing.framework),
            listing.parameters,
            listing.size,
            *_digest(listing.packed_digest),
            listing.notices,
            self._text(listing.recipe),
            self._text(listing.seeds),
            self._text(listing.lead_metric),
            self._files.at(listing.files, listing.files),
            self._mapping(listing.arguments),
            listing.elsewhere,
            listing.unstated,
        )

    def _text(self, text: str) -> int:
        return self._texts.at(text, text)

    def _mapping(self, mapping: Mapping[str, Any]) -> int:
        return self._mappings.at(mapping, id(mapping))  # all of them live until the end

    def _columns_of(self, kinds: tuple[MetricKind, ...]) -> int:
        return self._columns.at(tuple([self._kinds.at(kind, id(kind)) for kind in kinds]), kinds)


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
