"""What earlier imports brought into a model's log: so nothing is brought twice, and what was done here stays.

An event has no field for where it was brought from. Its id says it: it follows from what the event says and from the
store that says so, so that a second import makes the same id and sees that it is there. A state may come back (an alias
goes 3 → 4 → 3, and MLflow shows only where it is), so the id of such an event follows from the event's number too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import msgspec

from tb_versions.errors import DamagedLogError
from tb_versions.interop.importing.foreign import Said
from tb_versions.registry import events
from tb_versions.registry.events import AliasRemoved, AliasSet, Event, LabelRemoved, LabelSet, Nothing, Text
from tb_versions.registry.registry import Registry

Line = tuple[str, str, str]
"""Tracker, store, and the model's name there."""

Subject = tuple[str, int, str]
"""What has one value at a time: ("alias", 0, name), ("label", version, key), ("description", version, "")."""

Value = str | int | None


def event_id(line: Line, number: int, kind: str, *, content: Any, at: str) -> str:
    """Returns the id of an event that is brought.

    Args:
        line: Who says it, of which model.
        number: Of the version here.
        kind: Of the event.
        content: What it says, as JSON.
        at: When it was said there; "event 12" for a state, which becomes event 12 here; "" where it is said once.
    """
    text = json.dumps(["import", *line, number, kind, content, at], ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:32]


def said_as(said: Said, before: int | None = None) -> Any:
    """Returns what the event of a statement says; `before` is the version that an alias names until then."""
    if said.kind in ("alias_set", "alias_removed"):
        return AliasSet(said.name, before) if said.kind == "alias_set" else AliasRemoved(said.name)
    if said.kind in ("label_set", "label_removed"):
        return LabelSet(said.name, said.text) if said.kind == "label_set" else LabelRemoved(said.name)
    if said.kind == "semantic_version_given":
        return events.SemanticVersionGiven(said.text)
    return Text(said.text) if said.kind in ("noted", "described") else Nothing()


def content_of(what: Any) -> Any:
    """Returns what an event says as JSON, without what it says of the log before it."""
    if isinstance(what, AliasSet):
        return {"alias": what.alias}
    return msgspec.to_builtins(what)


def subject_of(number: int, kind: str, what: Any) -> tuple[Subject, Value] | None:
    """Returns what an event gives a value, and the value; None for one that says something beside others."""
    if isinstance(what, (AliasSet, AliasRemoved)):
        return ("alias", 0, what.alias), number if isinstance(what, AliasSet) else None
    if isinstance(what, (LabelSet, LabelRemoved)):
        return ("label", number, what.key), what.value if isinstance(what, LabelSet) else None
    return (("description", number, ""), what.text) if kind == "described" else None


class Brought:
    """The events of a model's log that imports from one line brought."""

    def __init__(self, line: Line, stated: Iterable[str]) -> None:
        """Knows nothing of a log yet.

        Args:
            line: Who says it, of which model.
            stated: Ids of all statements that have a time of their own, or are said once.
        """
        self._line = line
        self._stated = frozenset(stated)
        self.ids: set[str] = set()
        self.values: dict[Subject, Value] = {}
        self.states: set[Subject] = set()

    def read(self, registry: Registry) -> None:
        """Reads a whole log.

        Raises:
            TbVersionsError: As in `Registry.history`.
        """
        for event, _ in registry.history():
            self.note(event)

    def note(self, event: Event) -> None:
        """Notes an event, if an import brought it."""
        if event.version is None or event.kind not in events.KINDS:
            return
        try:
            what = events.said(event)
        except DamagedLogError:
            return
        is_state = event.id == self.state_id(event.version, event.kind, what, _original(event))
        if not is_state and event.id not in self._stated:
            return
        self.ids.add(event.id)
        found = subject_of(event.version, event.kind, what)
        if found is not None:
            self.values[found[0]] = found[1]
            (self.states.add if is_state else self.states.discard)(found[0])

    def state_id(self, number: int, kind: str, what: Any, event: int) -> str:
        """Returns the id of an event that says a state; `event` is its number."""
        return event_id(self._line, number, kind, content=content_of(what), at=f"event {event}")


def _original(event: Event) -> int:
    """The number with which an event was written."""
    return event.origin.number if event.origin else event.number
