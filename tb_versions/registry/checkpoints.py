"""Checkpoints: the state after some event, about every hundred, so that nobody reads a long log from its beginning.

They are derived from the log and can be deleted at any time. One that does not name the digest of its event, was
written by a package that folds otherwise or is damaged is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from tb_versions.core.manifest import MAX_DESCRIPTION, check_alias, check_key, check_text
from tb_versions.core.store import Store
from tb_versions.errors import DamagedLogError, InvalidNameError, StorageError, TbVersionsError
from tb_versions.registry.events import KINDS, MAX_REASON, digest_of
from tb_versions.registry.gate_facts import SeenBaseline
from tb_versions.registry.log import Log
from tb_versions.registry.remedies import fsck
from tb_versions.registry.staleness import Bound
from tb_versions.registry.state import (
    EMPTY,
    AliasState,
    By,
    GateState,
    Holder,
    InspectionState,
    PolicySeen,
    ReplayState,
    SignatureState,
    State,
    VersionState,
)

EVERY = 100
"""Events from one checkpoint to the next."""

FOLDER = "checkpoints"

_FORMAT = 1
"""Raised when the fold makes another state of the same events."""

LIMIT = 64 * 2**20
"""Most bytes of a checkpoint; checked before it is read."""

_KEPT = 2
_NAME = re.compile(r"([0-9]{20})-([0-9a-f]{8})\.json", re.ASCII)


class _Checkpoint(Struct, frozen=True):
    format: int
    state: State


_DECODER: Any = msgspec.json.Decoder(_Checkpoint)


def _mark() -> str:
    """Eight digits that change with all on which a state depends: packages that fold otherwise don't share files."""
    states = (
        *(State, AliasState, VersionState, PolicySeen, By, Holder, GateState, ReplayState, InspectionState),
        *(SignatureState, Bound, SeenBaseline),
    )
    depends = [_FORMAT, [[name, kind.said.__struct_fields__] for name, kind in KINDS.items()]]
    depends += [each.__struct_fields__ for each in states]
    return hashlib.sha256(msgspec.json.encode(depends)).hexdigest()[:8]


MARK = _mark()


def write(store: Store, state: State) -> None:
    """Writes the checkpoint of a state, and deletes older ones but one. A failure is harmless."""
    with contextlib.suppress(TbVersionsError, OSError):
        key = f"{FOLDER}/{state.head.number:020}-{MARK}.json"
        store.create(key, msgspec.json.encode(_Checkpoint(_FORMAT, plain(state))) + b"\n")
        for _, name in _own(store)[:-_KEPT]:
            store.delete(f"{FOLDER}/{name}")


def newest(store: Store, log: Log) -> tuple[State, str]:
    """Returns the state of the newest checkpoint that fits the log, the empty one where there is none.

    Returns:
        The state, and a sentence if the log lacks an event of which there is a checkpoint; else "".

    Raises:
        StorageError: The log can't be read.
    """
    cut = ""
    for number, name in reversed(_own(store)):
        found = read(store, name)
        if found is None:
            continue
        try:
            if digest_of(log.entry(number)) == found.head.digest:
                return found, cut
        except FileNotFoundError:
            cut = cut or (
                f"{log.shown} lacks event {number}, of which there is a checkpoint: newer events were deleted. Restore "
                f"them from a copy; or, if this is right, accept the log as it is with: {fsck(store, '--acknowledge')}"
            )
        except DamagedLogError:
            continue  # whoever reads on from an earlier one meets it
    return EMPTY, cut


def names(store: Store) -> Iterator[tuple[int, str, str]]:
    """Yields number, mark and name of every checkpoint, ascending; whether it is a good one is another question.

    Raises:
        StorageError: The store can't be read.
    """
    for name in store.names(FOLDER):
        match = _NAME.fullmatch(name)
        if match:
            yield int(match[1]), match[2], name


def read(store: Store, name: str) -> State | None:
    """Returns the state that a checkpoint of this package holds; None if it is damaged or of another number."""
    try:
        found: _Checkpoint = _DECODER.decode(store.read(f"{FOLDER}/{name}", LIMIT))
        _check(found.state)
    except (TbVersionsError, OSError, msgspec.MsgspecError, RecursionError):
        return None
    fits = found.format == _FORMAT and f"{found.state.head.number:020}" == name[:20] and not found.state.problem
    return found.state if fits else None


def plain(state: State) -> State:
    """Returns the state with dicts, which can be written, for views of dicts."""
    return msgspec.structs.replace(
        state, aliases=dict(state.aliases), versions=dict(state.versions), gate_rules=dict(state.gate_rules)
    )


def _own(store: Store) -> list[tuple[int, str]]:
    try:
        return [(number, name) for number, mark, name in names(store) if mark == MARK]
    except StorageError:
        return []  # as good as none


def _check(state: State) -> None:
    """Holds a state to the rules of the events that it folds. Raises InvalidManifestError or InvalidNameError."""
    for alias, found in state.aliases.items():
        check_alias(alias)
        _check_by(found.by)
        if not found.stack:
            raise InvalidNameError(f"The alias {alias} names nothing.")
    for version in state.versions.values():
        _check_version(version)
    for gate, digest in state.gate_rules.items():
        check_text(gate + digest, "A gate")
    if state.policy is not None:
        check_text(state.policy.rules, "The policy", limit=MAX_DESCRIPTION, newlines=True)
        _check_by(state.policy.by)


def _check_version(version: VersionState) -> None:
    done = (version.deprecated, version.removed, version.verified[2] if version.verified else None)
    for by in (*version.approvals.values(), *done):
        if by is not None:
            _check_by(by)
    _check_checks(version)
    check_text(version.verified_of, "A digest")
    for bundle, signature in version.signatures.items():
        check_text(bundle + signature.manifest + signature.key, "A signature")
        check_text(signature.who, "Who signed", limit=3 * MAX_REASON)
        check_text(signature.found, "What is wrong", limit=MAX_REASON)
        _check_by(signature.by)
    for actor in version.approvals:
        check_text(actor, "The actor")
    for key, value in version.labels.items():
        check_key(key, "A label's key")
        check_text(value or "", "A label")
    for gate, result in version.gates.items():
        check_text(gate, "A gate")
        _check_by(result.by)
        for baseline in result.bound.baselines:
            baseline.check()
        for source in result.bound.sources:
            check_text(source, "A source")
    check_text(version.removed_by + version.semantic_version, "A word")
    check_text(version.description or "", "The description", limit=MAX_DESCRIPTION, newlines=True)


def _check_checks(version: VersionState) -> None:
    if version.replayed is not None:
        check_text(version.replayed.words + version.replayed.manifest + version.replayed.tensorflow, "A replay")
        _check_by(version.replayed.by)
    if version.inspected is not None:
        check_text(version.inspected.words + version.inspected.manifest, "An inspection")
        check_text(version.inspected.found, "What was found", limit=MAX_REASON)
        _check_by(version.inspected.by)


def _check_by(by: By) -> None:
    check_text(by.actor + by.manifest, "The actor")
    check_text(by.reason, "The reason", limit=MAX_REASON, newlines=True)
