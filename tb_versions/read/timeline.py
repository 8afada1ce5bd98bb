"""A model's log by time: its events, and the state after any of them. What was read is kept, but for the events."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from tb_versions.core import times
from tb_versions.errors import DamagedLogError, InvalidQueryError, NewerLogError
from tb_versions.read.registries import Known, ModelRegistry
from tb_versions.registry import events
from tb_versions.registry.events import Event
from tb_versions.registry.log import Log
from tb_versions.registry.registry import Registry
from tb_versions.registry.state import EMPTY, MOST_SKEW_MS, Fold, State

MOST_EVENTS = 100_000
"""Most events of a log whose times are read."""

MOST_BYTES = 4 << 20
"""Bytes of events after which a page of them ends."""

_SNAPSHOT_EVERY = 256


class TimedEvent(Struct, frozen=True):
    """An event, its effective time, and whether its own clock was more than five minutes behind the event before."""

    event: Event
    effective_ms: int
    skewed: bool


class Timelines:
    """The timelines of all models; one is read when it is asked for. Thread-safe."""

    def __init__(self) -> None:
        """Reads nothing yet."""
        self._lock = threading.Lock()
        self._lines: dict[str, _Timeline] = {}

    def page(
        self, registry: ModelRegistry, *, before: int | None = None, limit: int, version: int | None = None
    ) -> tuple[list[TimedEvent], bool]:
        """Returns events, newest first, and whether there are older ones.

        Args:
            registry: Of the model.
            before: Number of an event; only those before it. None for all.
            limit: Most events.
            version: Only events about this version, and those that took an alias from it.

        Raises:
            InvalidQueryError: The log is too long.
            DamagedLogError: It was cut just now.
            StorageError: It can't be read.
        """
        with self._lock:
            line = self._line(registry)
            end = line.count if before is None else min(before - 1, line.count)
            numbers: Sequence[int] = range(1, end + 1)
            if version is not None:
                about = line.about.get(version, [])
                numbers = about[: bisect_right(about, end)]
            return line.read(numbers, limit)

    def at(self, known: Known, milliseconds: int) -> Known:
        """Returns registries as they were at a moment: what the last event until then made of them.

        Args:
            known: As they are now.
            milliseconds: Since the epoch.

        Raises:
            InvalidQueryError: A log is too long.
            DamagedLogError: A log was cut just now.
            StorageError: A log can't be read.
        """
        return {model: tuple(self._at(registry, milliseconds) for registry in group) for model, group in known.items()}

    def _at(self, registry: ModelRegistry, milliseconds: int) -> ModelRegistry:
        measured = tuple(m for m in registry.measured if times.milliseconds(m.recorded) <= milliseconds)
        state = registry.state
        if state.head.number and state.ms > milliseconds:
            with self._lock:
                state = self._line(registry).state_at(milliseconds)
        return replace(registry, state=state, measured=measured)

    def _line(self, registry: ModelRegistry) -> _Timeline:
        if registry.state.head.number > MOST_EVENTS:
            raise InvalidQueryError(
                f"The log of {registry.model} has {registry.state.head.number:,} events, and at most {MOST_EVENTS:,} "
                "are read here. Use the command tb-versions history."
            )
        folder = registry.place.folder
        line = self._lines.get(folder)
        if line is None or not line.follow(registry.state):
            line = self._lines[folder] = _Timeline(registry)
            line.follow(registry.state)
        return line


class _Timeline:
    """The times of one log.

    Attributes:
        about: Numbers of the events about each version, and of those that took an alias from it; ascending.
    """

    def __init__(self, registry: ModelRegistry) -> None:
        self._log: Log = Registry(registry.store).log
        self._fold = Fold()
        self._effective = array("q")
        self._skewed: set[int] = set()
        self._snapshots: list[State] = [EMPTY]
        self.about: dict[int, list[int]] = defaultdict(list)

    @property
    def count(self) -> int:
        """Number of events."""
        return len(self._effective)

    def follow(self, state: State) -> bool:
        """Reads up to the head of a state; whether that is one of the log that was read before."""
        head = self._fold.head
        if state.head.number < head.number or (state.head.number == head.number and state.head != head):
            return False
        try:
            for number, data in self._log.after(head.number) if state.head != head else ():
                if number > state.head.number:
                    break
                self._fold.apply(data)
                self._add(events.decode(data, number))
        except (DamagedLogError, NewerLogError):
            return False
        return True

    def _add(self, event: Event) -> None:
        effective = max(self._effective[-1], event.time_ms) if self._effective else event.time_ms
        self._effective.append(effective)
        if effective - event.time_ms > MOST_SKEW_MS and event.origin is None:
            self._skewed.add(event.number)
        from_ = getattr(events.said(event), "from_", None) if event.kind in events.KINDS else None
        for version in {event.version, from_} - {None}:
            self.about[version].append(event.number)  # type: ignore[index]  # None is out
        if event.number % _SNAPSHOT_EVERY == 0:
            self._snapshots.append(self._fold.state())

    def state_at(self, milliseconds: int) -> State:
        """Returns the state after the last event whose effective time is not after a moment."""
        number = bisect_right(self._effective, milliseconds)
        fold = Fold(self._snapshots[number // _SNAPSHOT_EVERY])
        for at in range(fold.head.number + 1, number + 1):
            fold.apply(self._entry(at))
        return fold.state()

    def read(self, numbers: Sequence[int], limit: int) -> tuple[list[TimedEvent], bool]:
        """Returns the last of some events, newest first, and whether there are more."""
        found: list[TimedEvent] = []
        size = 0
        for number in reversed(numbers):
            if len(found) >= limit or size > MOST_BYTES:
                return found, True
            data = self._entry(number)
            size += len(data)
            found.append(TimedEvent(events.decode(data, number), self._effective[number - 1], number in self._skewed))
        return found, False

    def _entry(self, number: int) -> bytes:
        try:
            return self._log.entry(number)
        except FileNotFoundError:
            raise DamagedLogError(f"{self._log.shown} was cut: event {number} is gone.") from None
