"""Which gates a version passed, as far as an alias may lead to it: a result that is stale does not count."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from tb_versions.actions.target import Target
from tb_versions.actions.wording import failed_rules
from tb_versions.core.manifest import visible
from tb_versions.read.catalog import Version
from tb_versions.read.freshness import Surroundings, stale
from tb_versions.read.reuse.finding import find
from tb_versions.registry.events import GateChecked, said
from tb_versions.registry.measured import MeasuredReader
from tb_versions.registry.policy import Policy
from tb_versions.registry.staleness import in_words
from tb_versions.registry.state import GateState, State


@dataclass(frozen=True)
class Gates:
    """What came of the gates that a policy asks for.

    Attributes:
        events: Number of the event of each that was passed and still stands.
        lacking: A phrase for each other.
    """

    events: tuple[int, ...] = ()
    lacking: tuple[str, ...] = ()


def passed_gates(target: Target, state: State, names: Sequence[str], *, policy: Policy) -> Gates:
    """Returns which of some gates the version passed, judged now.

    Args:
        target: The version, and the registry of its model.
        state: What follows from its log.
        names: Of the gates.
        policy: That counts now.

    Raises:
        StorageError: What was measured later can't be read.
    """
    if not names:
        return Gates()
    around = surroundings(target, state, policy)
    events, lacking = [], []
    for name in names:
        result = state.version(target.number).gates.get(name)
        why = _why_not(target, name, result, around=around)
        if why:
            lacking.append(why)
        elif result is not None:
            events.append(result.by.event)
    return Gates(tuple(events), tuple(lacking))


def surroundings(target: Target, state: State, policy: Policy) -> Surroundings:
    """Returns what decides whether results of a model's gates still stand.

    Raises:
        StorageError: What was measured later can't be read.
    """
    models = os.path.dirname(target.opened.folder)

    def found(reference: str) -> Version:
        return find(reference, models)

    reads_later = any(gate.bound.sources for gate in state.version(target.number).gates.values())
    measured = MeasuredReader(target.store).refresh() if reads_later else ()
    return Surroundings(target.model, state, found, measured, policy)


def _why_not(target: Target, name: str, result: GateState | None, *, around: Surroundings) -> str:
    """Why a gate does not count as passed, or ""."""
    again = f"tb-versions gate check {target.found.id} --rules FILE --record"
    if result is None:
        return f"a result of the gate {visible(name)} (none was recorded: {again})"
    if not result.passed:
        return (
            f"the gate {visible(name)} passed (it did not: {result.failed} of {result.count} rules did not pass, "
            f"event {result.by.event}: {visible(_failed(target, result))})"
        )
    changed = stale(target.found, name, around)
    if not changed:
        return ""
    return f"a fresh result of the gate {visible(name)} (since event {result.by.event} {in_words(changed)}: {again})"


def _failed(target: Target, result: GateState) -> str:
    found = said(target.opened.registry.event(result.by.event))
    return failed_rules(found) if isinstance(found, GateChecked) else "not known"
