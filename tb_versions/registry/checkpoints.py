"""Checkpoints: the state after every hundredth event, so that nobody reads a long log from its beginning.

They are derived from the log and can be deleted at any time. One that does not name the digest of its event, was
written by another version of this package or is damaged is as good as none.
"""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
from msgspec import Struct

from tb_versions.core.store import Store
from tb_versions.errors import DamagedLogError, StorageError, TbVersionsError
from tb_versions.registry.events import digest_of
from tb_versions.registry.log import Log
from tb_versions.registry.state import State

EVERY = 100
"""Events from one checkpoint to the next."""

_FOLDER = "checkpoints"
_FORMAT = 1
_LIMIT = 64 * 2**20
_KEPT = 2


class _Checkpoint(Struct, frozen=True):
    format: int
    state: State


_DECODER: Any = msgspec.json.Decoder(_Checkpoint)


def write(store: Store, state: State) -> None:
    """Writes the checkpoint of a state, and deletes older ones but one. A failure is harmless."""
    with contextlib.suppress(TbVersionsError, OSError):
        store.create(_key(state.head.number), msgspec.json.encode(_Checkpoint(_FORMAT, _plain(state))) + b"\n")
        for number in _numbers(store)[:-_KEPT]:
            store.delete(_key(number))


def newest(store: Store, log: Log) -> State:
    """Returns the state of the newest checkpoint that fits the log; the empty one where there is none.

    Raises:
        DamagedLogError: The log ends before an event that a checkpoint folds.
        StorageError: The store can't be read.
    """
    for number in reversed(_numbers(store)):
        found = _read(store, number)
        if found is None:
            continue
        try:
            entry = log.entry(number)
        except FileNotFoundError:
            raise DamagedLogError(
                f"{log.shown} ends before event {number}, of which there is a checkpoint: newer events were deleted. "
                "Restore them from a copy."
            ) from None
        if digest_of(entry) == found.head.digest:
            return found
    return State()


def _read(store: Store, number: int) -> State | None:
    try:
        found: _Checkpoint = _DECODER.decode(store.read(_key(number), _LIMIT))
    except (TbVersionsError, OSError, msgspec.MsgspecError, RecursionError):
        return None
    fits = found.format == _FORMAT and found.state.head.number == number and not found.state.problem
    return found.state if fits else None


def _plain(state: State) -> State:
    """The state with dicts, which are written, for views of dicts."""
    return msgspec.structs.replace(state, aliases=dict(state.aliases), versions=dict(state.versions))


def _numbers(store: Store) -> list[int]:
    try:
        names = store.names(_FOLDER)
    except StorageError:
        return []
    return [int(name[:20]) for name in names if len(name) == 25 and name[:20].isdigit() and name.endswith(".json")]


def _key(number: int) -> str:
    return f"{_FOLDER}/{number:020}.json"
