"""A model's registry: reads what is new in the log, and appends events exactly once."""

from __future__ import annotations

import contextlib
import random
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from tb_versions._version import __version__
from tb_versions.core.store import Store
from tb_versions.core.times import moment_of
from tb_versions.errors import ConflictError, DamagedLogError, NewerLogError, StorageError
from tb_versions.registry import checkpoints, events
from tb_versions.registry.events import KINDS, Event
from tb_versions.registry.log import Log
from tb_versions.registry.remedies import fsck
from tb_versions.registry.state import EMPTY, Fold, Head, State

_MOST_TRIES = 200
_LONGEST_PAUSE = 0.05


class Draft(Struct, frozen=True, kw_only=True):
    """An event that is to be appended.

    Attributes:
        kind: See `events.KINDS`.
        said: What the kind says.
        version: Number of the version it is about, or None.
        manifest: Digest of that version's manifest, or "".
        actor: Who does it.
        reason: Why.
        event_id: 32 hexadecimal digits; "" for new ones.
        time_ms: By the writer's clock; None for now.
        origin: Where it stood in another log, or None.
    """

    kind: str
    said: Any = events.Nothing()
    version: int | None = None
    manifest: str = ""
    actor: str
    reason: str = ""
    event_id: str = ""
    time_ms: int | None = None
    origin: events.Origin | None = None


class Adopted(Struct, frozen=True):
    """An event of another log that is to be appended as it is.

    Attributes:
        data: Its bytes there.
        origin: Its number and digest there.
    """

    data: bytes
    origin: events.Origin


class Registry:
    """Keeps the state of one model; each refresh reads only what was appended. Not thread-safe."""

    def __init__(self, store: Store) -> None:
        """Reads nothing yet.

        Args:
            store: The folder `.versions` of the model.
        """
        self.store = store
        self.log = Log(store)
        self._fold: Fold | None = None
        self._folded_in = 0  # last event in the newest checkpoint
        self._cut = ""
        self.state = EMPTY

    def refresh(self) -> State:
        """Returns the state as it is now; the same object where nothing changed.

        A log that can't be understood gives the last state that is known, with `problem`.

        Raises:
            StorageError: The store can't be read; the state is the last one.
        """
        if self._fold is None or not self._is_unchanged(self._fold):
            known, self._cut = checkpoints.newest(self.store, self.log)
            self._fold, self._folded_in = Fold(known), known.head.number
        elif self._cut:
            _, self._cut = checkpoints.newest(self.store, self.log)
        fold, problem, kind = self._fold, self._cut, "damaged" if self._cut else ""
        try:
            for _, data in self.log.after(fold.head.number):
                fold.apply(data)
        except DamagedLogError as error:
            problem, kind = f"{str(error).rstrip('.')}. What to do, says: {fsck(self.store)}", "damaged"
        except NewerLogError as error:
            problem, kind = str(error), "newer"
        if fold.head != self.state.head or problem != self.state.problem:
            self.state = fold.state(problem, kind)
        return self.state

    def known(self) -> State:
        """Returns the state as it is now, if it is known.

        Raises:
            DamagedLogError: The log is damaged.
            NewerLogError: A newer version of this package wrote an event that can't be ignored.
            StorageError: The store can't be read.
        """
        state = self.refresh()
        if state.problem:
            raise (NewerLogError if state.problem_kind == "newer" else DamagedLogError)(state.problem)
        return state

    def append(self, decide: Callable[[State], Draft | Adopted | None]) -> Event | None:
        """Appends an event that is decided upon the newest state, exactly once.

        Where another writer is faster, the event is decided again upon the state that it made.

        Args:
            decide: Returns the event, or None if nothing is to be done. Raises to refuse.

        Returns:
            The event as it was written, or None.

        Raises:
            InvalidManifestError: The event breaks a rule.
            ConflictError: Others were faster again and again.
            DamagedLogError: The log is damaged.
            NewerLogError: See `known`.
            StorageError: It was not written, is not durable, or that is not known; the message says which.
        """
        for attempt in range(_MOST_TRIES):
            state = self.known()
            draft = decide(state)
            if draft is None:
                return None
            number = state.head.number + 1
            data = _bytes_of(draft, state.head)
            if self.log.create(number, data):
                self._see_own(data)
                return events.decode(data, number)
            time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.001 * 2**attempt)))  # noqa: S311 - no secret
        raise ConflictError(f"{self.log.shown}: other writers were faster {_MOST_TRIES} times. Try again.")

    def history(self, *, after: int = 0) -> Iterator[tuple[Event, str]]:
        """Yields every event after one, oldest first.

        Args:
            after: Number of an event; 0 yields all.

        Yields:
            The event and the digest of its bytes.

        Raises:
            DamagedLogError: An entry is damaged or missing.
            NewerLogError: An entry can't be understood.
            StorageError: The store can't be read.
        """
        for number, data in self.log.after(after):
            yield events.decode(data, number), events.digest_of(data)

    def event(self, number: int) -> Event:
        """Returns one event.

        Raises:
            FileNotFoundError: There is none.
            TbVersionsError: It can't be read or understood.
        """
        return events.decode(self.log.entry(number), number)

    def at(self, milliseconds: int) -> State:
        """Returns the state after the last event whose effective time is not after a moment; reads the whole log.

        Args:
            milliseconds: Since the epoch.

        Raises:
            TbVersionsError: As `history`.
        """
        fold = Fold()
        for _, data in self.log.after(0):
            if not fold.apply(data, until=milliseconds):
                break
        return fold.state()

    def _see_own(self, data: bytes) -> None:
        """Folds what was just appended, and writes a checkpoint if one is due. It is written; a failure is harmless."""
        assert self._fold is not None
        self._fold.apply(data)  # the log had nothing after the head upon which it was decided
        self.state = self._fold.state("", "")
        with contextlib.suppress(StorageError):
            head = self.state.head.number
            if head // checkpoints.EVERY > self._folded_in // checkpoints.EVERY:
                checkpoints.write(self.store, self.state)
                self._folded_in = head

    def _is_unchanged(self, fold: Fold) -> bool:
        """Whether the log still has the event that was applied last. Raises StorageError."""
        head = fold.head
        if head.number == 0:
            return True
        try:
            return events.digest_of(self.log.entry(head.number)) == head.digest
        except (FileNotFoundError, DamagedLogError):
            return False


def _bytes_of(draft: Draft | Adopted, head: Head) -> bytes:
    if isinstance(draft, Adopted):
        if draft.origin.number == head.number + 1 and events.decode(draft.data, head.number + 1).prev == head.digest:
            return draft.data  # it follows as it is
        return events.adopted(draft.data, (head.number, head.digest), draft.origin)
    return events.encode(_event(draft, head), draft.said)


def _event(draft: Draft, head: Head) -> Event:
    now = time.time_ns() // 1_000_000 if draft.time_ms is None else draft.time_ms
    return Event(
        format=events.FORMAT,
        critical=KINDS[draft.kind].is_critical,
        number=head.number + 1,
        id=draft.event_id or uuid.uuid4().hex,
        prev=head.digest,
        time=moment_of(now),
        actor=draft.actor,
        tool=f"tb_versions {__version__}",
        kind=draft.kind,
        version=draft.version,
        manifest=draft.manifest,
        reason=draft.reason,
        origin=draft.origin,
    )
