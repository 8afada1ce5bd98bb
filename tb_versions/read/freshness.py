"""Whether results of gates still stand for a version, by its manifest, its log and what was measured since."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

from msgspec import Struct

from tb_versions.core.references import is_path, parse_reference
from tb_versions.errors import TbVersionsError
from tb_versions.registry.gate_facts import DESCRIPTION, LABEL, PARENT, PROMOTION, SeenBaseline
from tb_versions.registry.measured import Measured
from tb_versions.registry.policy import Policy, parse
from tb_versions.registry.staleness import Now, causes, in_words, metrics_digest
from tb_versions.registry.state import GateState, State, VersionState, replay_verdict

if TYPE_CHECKING:
    from tb_versions.read.manifests.listing import Listing

_DAMAGED = ("changed", "missing", "damaged")

GateVerdict = Literal["passed", "failed", "stale"]


class Judged(Protocol):
    """What is asked of a version here."""

    @property
    def model(self) -> str:
        """Of the version."""

    @property
    def number(self) -> int:
        """Of the version."""

    @property
    def listing(self) -> Listing | None:
        """What the table shows of its manifest; None where that is damaged."""

    @property
    def manifest_digest(self) -> str:
        """Of its manifest's bytes; "" where it can't be read."""

    @property
    def state(self) -> str:
        """Of its files."""

    @property
    def kept_at(self) -> Any:
        """The file that keeps its manifest if it was removed, or None."""


class GateNow(Struct, frozen=True):
    """What a gate's last result for a version is worth now.

    Attributes:
        key: The gate, with the source to which it was restricted.
        verdict: "passed" or "failed" where it still stands, else "stale".
        result: As it was recorded.
        changed: Why it is stale, of `staleness.CAUSES`.
        promoted: Aliases that the version holds because it passed then.
    """

    key: str
    verdict: GateVerdict
    result: GateState
    changed: tuple[str, ...] = ()
    promoted: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """A phrase: "release passed", "release stale (its metrics changed)"."""
        if self.promoted and self.verdict != "passed":
            return f"{self.key} passed at promotion to {', '.join(self.promoted)}, now {self._now}"
        return f"{self.key} {self._now}"

    @property
    def _now(self) -> str:
        if self.verdict == "stale":
            return f"stale ({in_words(self.changed)})"
        return "passed" if self.verdict == "passed" else f"failed ({self.result.failed} of {self.result.count} rules)"


@dataclass(frozen=True)
class Surroundings:
    """What else decides whether a result still stands.

    Attributes:
        model: The model.
        state: What follows from its log.
        find: Returns the version that a reference names; raises TbVersionsError where it names none.
        measured: What was measured later of the model's versions, by time.
        policy: That counts.
        ms: The time, milliseconds since the epoch.
    """

    model: str
    state: State
    find: Callable[[str], Judged]
    measured: Sequence[Measured] = ()
    policy: Policy = field(default_factory=Policy)
    ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000)

    def baseline(self, seen: SeenBaseline) -> SeenBaseline:
        """Returns what the name of a baseline leads to now; each is looked for once."""
        if seen not in self._baselines:
            self._baselines[seen] = _found(seen, self)
        return self._baselines[seen]

    def measured_of(self, numbers: Collection[int]) -> list[Measured]:
        """Returns what was measured later of some versions, by time."""
        found = [each for number in numbers for each in self._by_version.get(number, ())]
        return sorted(found, key=lambda each: (each.time_ms, each.id))

    @cached_property
    def _baselines(self) -> dict[SeenBaseline, SeenBaseline]:
        return {}

    @cached_property
    def _by_version(self) -> Mapping[int, Sequence[Measured]]:
        groups: dict[int, list[Measured]] = {}
        for each in self.measured:
            groups.setdefault(each.version, []).append(each)
        return groups


def gates_now(version: Judged, around: Surroundings) -> tuple[GateNow, ...]:
    """Returns what each gate's last result for a version is worth now, by the gate's name."""
    found = []
    held = {name: alias.stack[-1] for name, alias in around.state.aliases.items() if alias.version == version.number}
    for key, result in sorted(around.state.version(version.number).gates.items()):
        changed = stale(version, key, around)
        verdict: GateVerdict = "stale" if changed else "passed" if result.passed else "failed"
        promoted = tuple(sorted(name for name, holder in held.items() if key in holder.gates))
        found.append(GateNow(key, verdict, result, changed, promoted))
    return tuple(found)


def stale(version: Judged, key: str, around: Surroundings) -> tuple[str, ...]:
    """Returns what changed since the result of a gate, of `staleness.CAUSES`; nothing where it still stands.

    Args:
        version: As it is now.
        key: Of a result that its log has.
        around: Its model's log, measurements and policy.
    """
    result = around.state.version(version.number).gates[key]
    return causes(result.bound, _now(version, key, result, around=around))


def own_metrics_digest(
    listing: Listing | None, measured: Sequence[Measured], *, sources: Collection[str], numbers: Collection[int]
) -> str:
    """Returns the digest of a version's metrics; see `staleness.metrics_digest`."""
    own = () if listing is None else listing.metrics
    metrics = ((m.kind.name, m.kind.dataset, m.kind.slice, m.value) for m in own)
    return metrics_digest(metrics, measured, sources=sources, numbers=numbers)


def numbers_seen(model: str, number: int, baselines: Sequence[SeenBaseline]) -> set[int]:
    """Returns the version of a result and those of its baselines that are of the same model."""
    found = {number}
    for seen in baselines:
        with suppress(TbVersionsError):  # a log may say anything
            reference = parse_reference(seen.version)
            if reference.model == model and reference.number is not None:
                found.add(reference.number)
    return found


def baseline_reference(model: str, name: str, version: str = "") -> str:
    """Returns the reference that a baseline's name stands for.

    Args:
        model: Of the judged version.
        name: As rules have it: an alias, "parent", or a reference.
        version: The version that "parent" was, for it stays what it is.
    """
    if name == PARENT:
        return version
    return name if ":" in name or "@" in name else f"{model}@{name}"


def seen_baseline(name: str, version: Judged | None) -> SeenBaseline:
    """Returns what a result keeps of a baseline; of a removed one no more than of one that is not there."""
    if version is None or version.kept_at is not None:
        return SeenBaseline(name)
    return SeenBaseline(name, f"{version.model}:{version.number}", version.manifest_digest)


def policy_seen(state: State) -> Policy:
    """Returns the policy that a log saw last; one that asks for nothing where it can't be understood."""
    try:
        return parse(state.policy.rules) if state.policy else Policy()
    except TbVersionsError:
        return Policy()


def _now(version: Judged, key: str, result: GateState, *, around: Surroundings) -> Now:
    bound = result.bound
    said = around.state.version(version.number)
    numbers = numbers_seen(around.model, version.number, bound.baselines)
    measured = around.measured_of(numbers) if bound.sources else ()
    return Now(
        are_files_whole=_are_files_whole(version, result, around.state),
        files=version.listing.digest if version.listing else "",
        manifest=version.manifest_digest,
        metrics=own_metrics_digest(version.listing, measured, sources=bound.sources, numbers=numbers),
        rules=around.policy.gates.get(key) or around.state.gate_rules.get(key, ""),
        baselines=_baselines(bound.baselines, around),
        has_required=all(_has(each, said) for each in bound.required),
        replayed=replay_verdict(said.replayed, version.manifest_digest),
        ms=around.ms,
    )


def _has(required: str, said: VersionState) -> bool:
    """Whether a version still has what it had; only its log can have taken that away, for its manifest is bound."""
    if required == DESCRIPTION:
        return said.description is None or bool(said.description.strip())
    key = required.removeprefix(LABEL)
    return key not in said.labels or bool((said.labels[key] or "").strip())


def _are_files_whole(version: Judged, result: GateState, state: State) -> bool:
    verified = state.version(version.number).verified
    is_refuted = verified is not None and not verified[0] and verified[2].event > result.by.event
    return version.state not in _DAMAGED and not is_refuted


def _baselines(seen: Sequence[SeenBaseline], around: Surroundings) -> Mapping[str, SeenBaseline]:
    return {each.name: each if each.name == PROMOTION else around.baseline(each) for each in seen}


def _found(seen: SeenBaseline, around: Surroundings) -> SeenBaseline:
    reference = baseline_reference(around.model, seen.name, seen.version)
    if is_path(reference):  # a log opens no folder and no address
        return SeenBaseline(seen.name)
    try:
        return seen_baseline(seen.name, around.find(reference))
    except TbVersionsError:
        return SeenBaseline(seen.name)
