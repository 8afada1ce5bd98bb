"""Joins two copies of a log that went on apart: the other's events come after ours, with who, when and why kept."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal

from msgspec import Struct

from tb_versions.core.store import Store
from tb_versions.errors import ConflictError, DamagedLogError, NewerLogError, RefusedError
from tb_versions.registry import events, forks
from tb_versions.registry.events import Event
from tb_versions.registry.registry import Adopted, Draft, Registry
from tb_versions.registry.state import State

_MOVES = (events.AliasSet, events.AliasRolledBack, events.AliasRemoved)


class Merged(Struct, frozen=True):
    """What a merge did.

    Attributes:
        common: Number of the last event that both copies begin with.
        added: Numbers, here, of the events that were appended from the other copy.
        already: Number of the other's later events that were here before.
        kept: Aliases that were put back to what they named here.
        aside: Events of the other copy that stood here without following, and were set aside; None for none.
    """

    common: int
    added: tuple[int, ...]
    already: int
    kept: tuple[str, ...] = ()
    aside: forks.Aside | None = None


class _Entry(Struct, frozen=True):
    event: Event
    digest: str
    data: bytes

    @property
    def moves(self) -> str:
        """The alias that the event moves; "" for none."""
        said = events.said(self.event) if self.event.kind in events.KINDS else None
        return said.alias if isinstance(said, _MOVES) else ""


def merge(store: Store, other: Store, *, prefer: Literal["", "ours", "theirs"] = "", actor: str = "") -> Merged:
    """Appends the events that only the other copy of a log has; a second time it changes nothing.

    An interrupted merge is finished by the same call. Where the end of the other copy was put behind this one's, as by
    `cp -rn`, that is set aside first.

    Args:
        store: The folder `.versions` of the model.
        other: That of the other copy, which is only read.
        prefer: Which copy's aliases count where both moved the same one; "" raises there.
        actor: Who merges; for the events that put aliases back, where ours are preferred.

    Raises:
        ConflictError: Both moved an alias since they parted, to different versions; the message names both.
        RefusedError: The other copy has all events of this one in another order, so it is the one to copy; or they are
            no copies: a version is another one there.
        InvalidManifestError: An event of the other log is as large as allowed, and too large with its origin.
        DamagedLogError: One of the logs is damaged.
        NewerLogError: One of the logs has an event that can't be understood.
        StorageError: Reading or writing failed; what was appended stays.
    """
    registry = Registry(store)
    theirs = _entries(Registry(other))
    fork = _fork(registry, {entry.event.id for entry in theirs})
    ours = _entries(registry) if fork is None else _entries_before(registry, fork)
    common = _common(ours, theirs)
    known, there = {entry.event.id for entry in ours}, {entry.event.id for entry in theirs}
    later = theirs[common:]
    new = [entry for entry in later if entry.event.id not in known]
    if new and len(ours) > common and known <= there:
        raise RefusedError(
            f"{other.shown} has every event of {store.shown} already, in another order, and more. Copy it over this "
            "one instead of merging."
        )
    _check_same_versions(ours, new, store.shown)
    if not prefer:
        _check_conflicts(ours, new, there)
    aside = None if fork is None else forks.set_aside(store, fork)
    added = [number for entry in new if (number := _adopt(registry, entry)) is not None]
    kept = _put_back(registry, _last_moves(ours[common:], there), there, actor=actor) if prefer == "ours" else []
    return Merged(common, tuple(added), len(later) - len(new), tuple(kept), aside)


def _entries(registry: Registry) -> list[_Entry]:
    """Every event of a log that is known. Raises DamagedLogError, NewerLogError, StorageError."""
    registry.known()
    return [_entry(number, data) for number, data in registry.log.after(0)]


def _entries_before(registry: Registry, number: int) -> list[_Entry]:
    before = itertools.takewhile(lambda each: each[0] < number, registry.log.after(0))
    return [_entry(number, data) for number, data in before]


def _entry(number: int, data: bytes) -> _Entry:
    return _Entry(events.decode(data, number), events.digest_of(data), data)


def _fork(registry: Registry, there: set[str]) -> int | None:
    """The number of the event from which on this log has only events of the other copy, which do not follow."""
    first, log = forks.first_of(registry.log), registry.log
    if first is None:
        return None
    try:
        rest = {events.decode(log.entry(number), number).id for number in log.numbers() if number >= first}
    except (DamagedLogError, NewerLogError, FileNotFoundError):
        return None
    return first if rest <= there else None


def _common(ours: Sequence[_Entry], theirs: Sequence[_Entry]) -> int:
    """How many events both begin with. Each names the digest of the one before: one equal digest makes all equal."""
    count = min(len(ours), len(theirs))
    while count and ours[count - 1].digest != theirs[count - 1].digest:
        count -= 1
    return count


def _check_same_versions(ours: Sequence[_Entry], new: Sequence[_Entry], where: str) -> None:
    """Raises RefusedError where events of both are about one number and different manifests."""
    manifests = {entry.event.version: entry.event.manifest for entry in ours if entry.event.manifest}
    for event in (entry.event for entry in new if entry.event.manifest):
        if manifests.get(event.version, event.manifest) != event.manifest:
            raise RefusedError(
                f"Version {event.version} is another one in each copy (event {event.number} of the other has another "
                f"manifest), so the logs can't be joined. Nothing was changed in {where}."
            )


def _check_conflicts(ours: Sequence[_Entry], new: Sequence[_Entry], there: set[str]) -> None:
    """Raises ConflictError where both moved an alias since the last event that both have."""
    parted = max((entry.event.number for entry in ours if entry.event.id in there), default=0)
    here, elsewhere = _last_moves(ours[parted:], there), _last_moves(new, set())
    conflicts = [
        f"{alias}: here {_told(here[alias])}, there {_told(elsewhere[alias])}"
        for alias in sorted(here.keys() & elsewhere.keys())
        if _result(here[alias]) != _result(elsewhere[alias])
    ]
    if conflicts:
        raise ConflictError(
            f"Both copies moved the same alias. {'; '.join(conflicts)}. Say which counts: --prefer ours, or theirs."
        )


def _last_moves(entries: Sequence[_Entry], but: set[str]) -> dict[str, Event]:
    """The last event that moves each alias, without those of some ids."""
    return {entry.moves: entry.event for entry in entries if entry.moves and entry.event.id not in but}


def _result(event: Event) -> int | None:
    """The version that the alias names after a move; None for none."""
    return None if event.kind == "alias_removed" else event.version


def _told(event: Event) -> str:
    number = _result(event)
    what = "removed it" if number is None else f"set it to {number}"
    time = event.time.astimezone(datetime.timezone.utc)
    return f"{event.actor} {what} ({time:%Y-%m-%d %H:%M} UTC, event {event.number})"


def _adopt(registry: Registry, entry: _Entry) -> int | None:
    """Appends an event of the other log unless it is there by now; returns its number here."""
    origin = events.Origin(entry.event.number, entry.digest)

    def decide(state: State) -> Adopted | None:
        if state.head.number and any(event.id == entry.event.id for event, _ in registry.history(after=tried[0])):
            return None
        tried[0] = state.head.number
        return Adopted(entry.data, origin)

    tried = [registry.state.head.number]
    event = registry.append(decide)
    return None if event is None else event.number


def _put_back(registry: Registry, wanted: Mapping[str, Event], theirs: set[str], *, actor: str) -> list[str]:
    """Moves each alias, which an event of the other log moved last, to where it was here; returns which."""
    last = _last_moves(_entries(registry), set())
    kept = []
    for alias, event in wanted.items():
        if last[alias].id in theirs and _result(last[alias]) != _result(event):
            registry.append(partial(_putting_back, event=event, alias=alias, actor=actor))
            kept.append(alias)
    return kept


def _putting_back(state: State, *, event: Event, alias: str, actor: str) -> Draft:
    now = state.aliases.get(alias)
    reason = f"Merge of two copies of the log: the alias stays as event {event.number} set it."
    if event.kind == "alias_removed":
        said: object = events.AliasRemoved(alias)
    else:
        said = events.AliasRolledBack(alias, now.version if now else None)
    kind = "alias_removed" if event.kind == "alias_removed" else "alias_rolled_back"
    return Draft(kind=kind, said=said, version=event.version, manifest=event.manifest, actor=actor, reason=reason)
