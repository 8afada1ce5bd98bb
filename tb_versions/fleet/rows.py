"""Rows of the tables: from manifests and events to columns. Pure, but for reading the manifests."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tb_versions.core.codec import manifest_digest
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, Scalar, visible
from tb_versions.core.object_store import ObjectStore, open_store
from tb_versions.core.scalars import scalar_text
from tb_versions.core.storage import is_remote, read_capped
from tb_versions.errors import TbVersionsError
from tb_versions.fleet.found import manifest_key
from tb_versions.fleet.schema import (
    Typed,
    TypedKind,
    aliases_schema,
    events_schema,
    kind_of,
    settings_of,
    unread_schema,
    versions_schema,
)
from tb_versions.read.folders.scan import Place, Root
from tb_versions.read.manifests.listing import Listing, read_listing
from tb_versions.read.registries import ModelRegistry
from tb_versions.registry.events import Event, digest_of

if TYPE_CHECKING:
    import pyarrow as pa

_MICROSECONDS = 1_000
_EARLIEST_MS = -62_135_596_800_000  # the year 1
_LATEST_MS = 253_402_300_799_999  # the end of the year 9999


@dataclass(frozen=True)
class Draft:
    """A version on its way into the table.

    Attributes:
        path: Of its folder, below the models folder.
        listing: What its manifest says.
        data: Its manifest's bytes.
        key: Size and time of the manifest, see `manifest_key`.
    """

    path: str
    listing: Listing
    data: bytes
    key: tuple[int, int]

    @property
    def manifest_digest(self) -> str:
        """Digest of the manifest's bytes."""
        return manifest_digest(self.data)

    @property
    def id(self) -> str:
        """What tells its row from every other: 32 hexadecimal digits made of path, as the row has it, and manifest."""
        return hashlib.sha256(f"{visible(self.path)}\n{self.manifest_digest}".encode()).hexdigest()[:32]


def read_drafts(places: Iterable[tuple[str, Place]], unread: list[tuple[str, str]], gone: list[str]) -> Iterator[Draft]:
    """Yields a draft of each version whose manifest can be read.

    Args:
        places: Path and place of each.
        unread: Gets (path, why) of each other one.
        gone: Gets the paths of those that were removed since they were found.
    """
    for path, place in places:
        yield from _kept(path, _read(path, place), unread, gone)


def read_drafts_at(
    models_dir: str, paths: Iterable[str], unread: list[tuple[str, str]], gone: list[str]
) -> Iterator[Draft]:
    """Yields drafts as `read_drafts`, of a models folder that was not searched; of a store each manifest by a request.

    Args:
        models_dir: Folder of models, or its URL.
        paths: Of the versions.
        unread: As of `read_drafts`.
        gone: As of `read_drafts`.
    """
    if is_remote(models_dir):
        store = open_store(models_dir)
        for path in paths:
            yield from _kept(path, _fetched(store, path), unread, gone)
        return
    root = Root(os.path.abspath(os.path.expanduser(models_dir)), models_dir, "models_dir")
    yield from read_drafts(((path, Place(root, os.path.join(root.path, path))) for path in paths), unread, gone)


def _kept(path: str, draft: Draft | str, unread: list[tuple[str, str]], gone: list[str]) -> Iterator[Draft]:
    if isinstance(draft, Draft):
        yield draft
    elif draft:
        unread.append((path, draft))
    else:
        gone.append(path)


def _fetched(store: ObjectStore, path: str) -> Draft | str:
    try:
        data = store.read(f"{path}/{MANIFEST_NAME}", MANIFEST_LIMIT)
        return Draft(path, read_listing(data), data, (len(data), 0))
    except FileNotFoundError:
        return ""
    except TbVersionsError as error:
        return str(error)


def _read(path: str, place: Place) -> Draft | str:
    """A draft, or why there is none; "" if the manifest is gone."""
    try:
        key = manifest_key(place)
        data = read_capped(os.path.join(place.folder, MANIFEST_NAME), MANIFEST_LIMIT, within=place.root.path)
        return Draft(path, read_listing(data), data, key)
    except FileNotFoundError:
        return ""
    except (TbVersionsError, OSError) as error:
        return place.as_shown(str(error)) or type(error).__name__


def draft_of(row: Mapping[str, Any]) -> Draft | None:
    """Returns what a row's own manifest leads to; None where it has none that can be read."""
    data, path = row["manifest"] or b"", row["path"]
    if len(data) > MANIFEST_LIMIT or not isinstance(path, str) or None in (row["manifest_size"], row["manifest_time"]):
        return None
    try:
        return Draft(path, read_listing(data), data, (row["manifest_size"], row["manifest_time"]))
    except TbVersionsError:
        return None


def in_order(drafts: Iterable[Draft]) -> list[Draft]:
    """Returns drafts by model and number: engines skip parts of files by the range of their values."""
    return sorted(drafts, key=lambda draft: (draft.listing.model, draft.listing.number, draft.path))


def versions_table(drafts: Sequence[Draft], typed: Typed) -> pa.Table:
    """Returns the rows of `versions`, in the order of the drafts."""
    import pyarrow as pa

    return pa.Table.from_pylist([_row(draft, typed) for draft in drafts], schema=versions_schema(typed))


def _row(draft: Draft, typed: Typed) -> dict[str, Any]:
    found = draft.listing
    run = found.runs[0] if found.runs else None
    metrics = {metric.kind.key: metric.value for metric in found.metrics}
    settings = settings_of(found)
    return {
        "id": draft.id,
        "path": visible(draft.path),
        "model": found.model,
        "number": found.number,
        "semantic_version": found.semantic_version or None,
        "created": _time(found.created_ms),
        "digest": found.digest or None,
        "manifest_digest": draft.manifest_digest,
        "size_bytes": found.size,
        "parameters": found.parameters,
        "framework": found.framework or None,
        "summary": found.summary or None,
        "lead_metric": found.lead_metric or None,
        "run": run.name if run else None,
        "step": run.step if run else None,
        "labels": list(found.labels.items()),
        "parents": [f"{parent.model}:{parent.number}" for parent in found.parents],
        "metrics": list(metrics.items()),
        "sources": [(metric.kind.key, metric.kind.source) for metric in found.metrics],
        "hyperparameters": [(name, scalar_text(value)) for name, value in settings.items()],
        "hyperparameter_kinds": [(name, kind_of(value) or "number") for name, value in settings.items()],
        "runs": [run.name for run in found.runs],
        "notices": list(found.notices),
        "manifest_size": draft.key[0],
        "manifest_time": draft.key[1],
        "manifest": draft.data,
        **{f"metric.{name}": metrics.get(name) for name in typed.metrics},
        **{f"hp.{name}": _typed(settings.get(name), kind) for name, kind in typed.hyperparameters.items()},
    }


def _typed(value: Scalar | None, kind: TypedKind) -> Scalar | None:
    """The value, where it is of the column's kind; the map has it all the same."""
    if value is None or kind_of(value) != kind:
        return None
    return float(value) if kind == "number" else value


def _time(milliseconds: int | None) -> int | None:
    """Microseconds since the epoch; None for what no engine can show as a time."""
    if milliseconds is None or not _EARLIEST_MS <= milliseconds <= _LATEST_MS:
        return None
    return milliseconds * _MICROSECONDS


def _in_utc(time: datetime.datetime) -> datetime.datetime | None:
    """A time in UTC; None beyond the calendar, as for what `_time` leaves out."""
    try:
        return time.astimezone(datetime.timezone.utc)
    except OverflowError:
        return None


def unread_table(unread: Iterable[tuple[str, str]]) -> pa.Table:
    """Returns the rows of `unread`: path and reason."""
    import pyarrow as pa

    rows = [{"path": visible(path), "why": visible(why)} for path, why in unread]
    return pa.Table.from_pylist(rows, schema=unread_schema())


def events_table(events: Sequence[tuple[str, str, Event, bytes]]) -> pa.Table:
    """Returns the rows of `events`: path of the model's folder, its name, the event and its bytes."""
    import pyarrow as pa

    rows = [
        {
            "path": path,
            "model": model,
            "number": event.number,
            "id": event.id,
            "kind": event.kind,
            "version": event.version,
            "manifest_digest": event.manifest or None,
            "actor": event.actor,
            "reason": event.reason or None,
            "time": _in_utc(event.time),
            "data": bytes(event.data).decode("utf-8", "replace"),
            "digest": digest_of(data),
            "event": data,
        }
        for path, model, event, data in events
    ]
    return pa.Table.from_pylist(rows, schema=events_schema())


def aliases_table(registries: Iterable[ModelRegistry]) -> pa.Table:
    """Returns the rows of `aliases`: what each alias names now."""
    import pyarrow as pa

    rows = [
        {
            "path": visible(said.place.relative),
            "model": said.model,
            "alias": alias,
            "number": state.version,
            "event": state.stack[-1].event,
            "by": state.by.actor,
            "since": _time(state.by.ms),
        }
        for said in registries
        for alias, state in sorted(said.state.aliases.items())
    ]
    return pa.Table.from_pylist(rows, schema=aliases_schema())
