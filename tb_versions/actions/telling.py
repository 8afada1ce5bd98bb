"""Tells what happened: the events of models, and those since an event or a moment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path as LocalPath

from msgspec import Struct

from tb_versions.actions.moments import Moment, milliseconds_of
from tb_versions.actions.target import Path, Target, checked_alias, open_target
from tb_versions.core import storage
from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import MANIFEST_NAME, is_model_name, shown
from tb_versions.core.mirror import mirror_of
from tb_versions.errors import (
    DamagedLogError,
    InvalidQueryError,
    RewrittenLogError,
    VersionNotFoundError,
)
from tb_versions.read.folders.stores import folders_in_store
from tb_versions.registry import events
from tb_versions.registry.events import KINDS, Event
from tb_versions.registry.seen import Seen
from tb_versions.registry.state import MOST_SKEW_MS, Head


class Told(Struct, frozen=True):
    """An event of a model.

    Attributes:
        model: The model.
        event: As its log has it.
        effective_ms: Milliseconds since the epoch: the later of its own time and the time of the event before.
        skewed: Whether its own clock was more than five minutes behind that.
    """

    model: str
    event: Event
    effective_ms: int
    skewed: bool

    def __repr__(self) -> str:
        event = self.event
        name = self.model if event.version is None else f"{self.model}:{event.version}"
        return (
            f"Told({name!r}, event {event.number}, {event.kind!r}, actor={event.actor!r}, reason={event.reason[:80]!r})"
        )


def history(
    model: str | None,
    models_dir: Path,
    *,
    alias: str | None = None,
    at: Moment | None = None,
) -> list[Told]:
    """Returns what happened to a model, or to all models, oldest first.

    Args:
        model: Name of the model; None for all that have a log, or had one, by time.
        models_dir: Folder of models.
        alias: Only events that moved this alias.
        at: A datetime or text like "2026-11-24 16:05", UTC without a zone: only events until then.

    Returns:
        The events.

    Raises:
        InvalidQueryError: A name or date is none.
        VersionNotFoundError: There is no such model.
        RewrittenLogError: A log was cut or rewritten since it was seen here.
        DamagedLogError: A log is damaged.
        TbVersionsError: A log can't be read.
    """
    if alias is not None:
        checked_alias(alias)
    until = None if at is None else milliseconds_of(at)
    opened = targets(models_dir) if model is None else [open_target(model, models_dir)]
    told = (one for target in opened for one in _told(target))
    found = [one for one in told if until is None or one.effective_ms <= until]
    if alias is not None:
        found = [one for one in found if alias_of(one.event) == alias]
    return found if model else sorted(found, key=lambda one: (one.effective_ms, one.model, one.event.number))


def head(model: str, models_dir: Path) -> Head:
    """Returns number and digest of the last event of a model's log, for others to pin; 0 and "" without events.

    Raises:
        TbVersionsError: As in `history`.
    """
    return open_target(model, models_dir).opened.state().head


def changed(model: str | None, models_dir: Path, *, since: int | Moment) -> list[Told]:
    """Returns what happened since an event or a moment, oldest first; empty if nothing did.

    Args:
        model: Name of the model; None for all that have a log. An event's number needs it.
        models_dir: Folder of models.
        since: Number of the last event that is known, or its digits as text; or a datetime, or text like "2026-11-24
            16:05", UTC without a zone.

    Returns:
        The events after it.

    Raises:
        InvalidQueryError: `since` is neither; or it is a number, and no model is named.
        RewrittenLogError: The log ends before that event.
        TbVersionsError: As in `history`.
    """
    number = _event_number(since)
    if number is None:
        assert not isinstance(since, int)
        after = milliseconds_of(since)
        return [one for one in history(model, models_dir) if one.effective_ms > after]
    if model is None:
        raise InvalidQueryError("Events are numbered in each model: name the model, or a date.")
    last = head(model, models_dir).number
    if last < number:
        raise RewrittenLogError(
            f"The log of {model} ends at event {last}, before event {number}: it was cut, or that number is wrong."
        )
    return [one for one in history(model, models_dir) if one.event.number > number]


def alias_of(event: Event) -> str:
    """Returns the alias that an event moves, or ""."""
    return getattr(_said(event), "alias", "") if event.kind.startswith("alias_") else ""


def _said(event: Event) -> object:
    try:
        return events.said(event) if event.kind in KINDS else None
    except DamagedLogError:
        return None


def _event_number(since: int | Moment) -> int | None:
    if isinstance(since, int):
        if since < 0:
            raise InvalidQueryError(f"{shown(since)} is no number of an event.")
        return since
    is_number = isinstance(since, str) and since.isascii() and since.isdigit() and len(since) < 20
    return int(since) if is_number else None  # type: ignore[arg-type]


def _told(target: Target) -> Iterator[Told]:
    """The events of one log that is as it was seen."""
    latest = 0
    last = target.opened.state().head.number
    for event, _ in target.opened.registry.history():
        if event.number > last:
            return
        latest = max(latest, event.time_ms) if event.number > 1 else event.time_ms
        is_skewed = latest - event.time_ms > MOST_SKEW_MS and event.origin is None
        yield Told(target.model, event, latest, is_skewed)


def targets(models_dir: Path) -> Iterator[Target]:
    """Yields the registry of every model that has one, or had one when this user saw it and has versions still.

    Raises:
        UnreadableFolderError: The models folder does not exist.
        VersionNotFoundError: It is the folder of one model.
        StorageError: An object store can't be read.
    """
    names = _names_in_store(os.fspath(models_dir)) if storage.is_remote(models_dir) else _names_in_folder(models_dir)
    yield from (open_target(name, models_dir) for name in names if is_model_name(name))


def _names_in_folder(models_dir: Path) -> list[str]:
    folder = storage.existing_folder(models_dir, "The models folder")
    seen = Seen(os.path.realpath(folder)).heads()
    names = sorted(
        name
        for name in os.listdir(folder)
        if _has_registry(folder / name) or (name in seen and _has_versions(folder / name))
    )
    if not names and os.path.isdir(folder / PRIVATE_FOLDER):
        raise VersionNotFoundError(f"{folder} is the folder of one model: name it.")
    return names


def _names_in_store(url: str) -> list[str]:
    mirror = mirror_of(url)
    store, seen = mirror.store, Seen(mirror.identity).heads()
    return [
        name
        for name in store.listed().folders
        if PRIVATE_FOLDER in store.below(name).listed().folders
        or (name in seen and any(folders_in_store(f"{store.shown}/{name}").values()))
    ]


def _has_registry(folder: LocalPath) -> bool:
    """Whether there is something by that name, or may be; a model that is a symlink is read by nobody."""
    try:
        os.lstat(folder / PRIVATE_FOLDER)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:  # no right to look: who opens it says so
        pass
    return not os.path.islink(folder)


def _has_versions(folder: LocalPath) -> bool:
    """Whether a model has a version; of one that has none left, what was seen does not count any more."""
    return not os.path.islink(folder) and any(folder.glob(f"[0-9]*/{MANIFEST_NAME}"))
