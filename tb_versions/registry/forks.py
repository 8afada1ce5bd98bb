"""Sets aside the events of a log that follow nothing in it: where two copies were mixed, the other copy's end."""

from __future__ import annotations

import uuid

from msgspec import Struct

from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.store import Store
from tb_versions.errors import DamagedLogError, NewerLogError
from tb_versions.registry import checkpoints, events
from tb_versions.registry.log import Log, key_of

DAMAGED = "damaged"
"""Folder to which what does not belong where it is is moved; nobody reads it."""


class Aside(Struct, frozen=True):
    """Events that were set aside.

    Attributes:
        numbers: Theirs, ascending.
    """

    numbers: tuple[int, ...]

    def __str__(self) -> str:
        first, last, where = self.numbers[0], self.numbers[-1], f"{PRIVATE_FOLDER}/{DAMAGED} of the model"
        if first == last:
            return f"Event {first} is set aside, in {where}."
        return f"{len(self.numbers):,} events, {first} to {last}, are set aside, in {where}."


def first_of(log: Log) -> int | None:
    """Returns the number of the first event that does not follow the one before; None where there is none.

    None too where an event before it is missing, damaged or not understood: then it is not known what it follows.

    Raises:
        StorageError: The log can't be read.
    """
    before = ""
    try:
        for number, data in log.after(0):
            event = events.decode(data, number)
            if event.prev != before:
                return number if number > 1 else None
            if event.kind in events.KINDS:
                events.said(event)
            before = events.digest_of(data)
    except (DamagedLogError, NewerLogError):
        pass
    return None


def set_aside(store: Store, first: int) -> Aside:
    """Moves an event, all that come after it and the checkpoints of them to `damaged/`; nothing is deleted.

    The last goes first, so a call that is interrupted leaves a log that its next call goes on with.

    Args:
        store: The folder `.versions` of the model.
        first: Number of the event; see `first_of`.

    Raises:
        StorageError: One can't be moved; those that were moved stay there.
    """
    numbers = [number for number in Log(store).numbers() if number >= first]
    for number, _, name in list(checkpoints.names(store)):
        if first <= number <= numbers[-1]:
            move(store, f"{checkpoints.FOLDER}/{name}")
    for number in reversed(numbers):
        move(store, key_of(number))
    return Aside(tuple(numbers))


def move(store: Store, key: str) -> str:
    """Moves a file to `damaged/`; returns a sentence on it. Raises StorageError."""
    target = f"{DAMAGED}/{key.replace('/', '-')}-{uuid.uuid4().hex[:8]}"
    store.move(key, target)
    return f"{key} is moved to {target}."
