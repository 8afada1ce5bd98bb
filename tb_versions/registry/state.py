"""What follows from a model's log: who holds which alias, what was approved, deprecated, removed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from tb_versions.errors import DamagedLogError
from tb_versions.registry import events
from tb_versions.registry.events import KINDS, Event
from tb_versions.registry.gate_facts import Verdict
from tb_versions.registry.staleness import Bound

MOST_SKEW_MS = 5 * 60_000
"""Milliseconds that an event's own clock may be behind the event before it; more is shown."""

_MOST_SKEWED = 100

MOST_SIGNATURES = 20
"""Most signatures of a version that are kept in mind: the last that an event is about."""


class Head(Struct, frozen=True):
    """The last event of a log.

    Attributes:
        number: Its number; 0 for an empty log.
        digest: Of its bytes; "" for an empty log.
    """

    number: int = 0
    digest: str = ""


class By(Struct, frozen=True):
    """Who did something, when and why.

    Attributes:
        event: Number of the event.
        ms: Effective time, milliseconds since the epoch.
        actor: A claim.
        reason: In the actor's words.
        manifest: Of an approval: digest of the manifest that was approved, for it counts for no other; else "".
    """

    event: int
    ms: int
    actor: str
    reason: str = ""
    manifest: str = ""


class Holder(Struct, frozen=True):
    """A version that an alias named.

    Attributes:
        version: Its number.
        event: Since when.
        manifest: Digest of its manifest, as that event has it.
        gates: Result of each gate that allowed it, to the number of its event; a rollback brings back those of then.
    """

    version: int
    event: int
    manifest: str = ""
    gates: Mapping[str, int] = field(default_factory=dict)

    def is_of_another(self, manifest: str) -> bool:
        """Returns whether the alias was given to another manifest than the one that is there now.

        Args:
            manifest: Digest of the one that is there; "" where it can't be read: then nothing is known to be wrong.
        """
        return _is_another(self.manifest, manifest)


class AliasState(Struct, frozen=True):
    """An alias that names a version.

    Attributes:
        stack: Its holders, the oldest first; the last holds it now. Promotion pushes, rollback pops; setting it to the
            version that it names does neither.
        by: Who put it there.
    """

    stack: tuple[Holder, ...]
    by: By

    @property
    def version(self) -> int:
        """Number of the version that holds it."""
        return self.holder.version

    @property
    def holder(self) -> Holder:
        """The version that holds it, as the alias has it."""
        return self.stack[-1]

    def back(self, count: int) -> int | None:
        """Returns the number of the version that so many rollbacks would lead to; None if there is none."""
        return self.stack[-1 - count].version if count < len(self.stack) else None


class GateState(Struct, frozen=True):
    """The last result of a gate for a version; whether it is stale follows from `bound`.

    Attributes:
        passed: Whether every rule passed.
        count: Number of results.
        failed: Number of those that did not pass.
        bound: What it saw.
        by: Who checked.
        on: Source of metrics measured later to which the check was restricted; "" for all rules.
    """

    passed: bool
    count: int
    failed: int
    bound: Bound
    by: By
    on: str = ""


class ReplayState(Struct, frozen=True):
    """The last replay of a version's golden outputs.

    Attributes:
        ok: Whether the answers were the same.
        words: How it came out, and where it ran.
        manifest: Digest of the manifest of which it was; it counts for no other.
        by: Who replayed.
        tensorflow: Version of the TensorFlow that loaded it; "" where it got not so far.
        is_usual: Whether no tolerance was given.
    """

    ok: bool
    words: str
    manifest: str
    by: By
    tensorflow: str = ""
    is_usual: bool = True


class InspectionState(Struct, frozen=True):
    """The last inspection of a version's files.

    Attributes:
        words: What came of it.
        found: The first findings, in words; "" if there are none.
        manifest: Digest of the manifest of which it was; it counts for no other.
        by: Who inspected.
        dangerous: Number of dangerous findings.
        is_whole: Whether a model was found, and all of it could be looked at and judged.
    """

    words: str
    found: str
    manifest: str
    by: By
    dangerous: int = 0
    is_whole: bool = True


def replay_verdict(last: ReplayState | None, manifest: str) -> Verdict:
    """Returns what a version's last replay is for a gate.

    A tolerance that was given counts for nobody else: with a large one every answer is the same.

    Args:
        last: The last replay, or None.
        manifest: Digest of the version's manifest.
    """
    if last is None or last.manifest not in ("", manifest) or not last.is_usual:
        return "not known"
    return "passed" if last.ok else "failed"


class SignatureState(Struct, frozen=True):
    """A signature of a version, and how it came out when it was checked last.

    Attributes:
        manifest: Digest of the manifest that the event saw; it counts for no other.
        by: Who checked it, or, where nobody did, who kept it.
        ok: Whether it was of the version's files; None: it was not checked.
        who: By whom it is, in words; where it was not checked, that is a claim.
        key: Fingerprint of the key; "" where it is by an identity or names none.
        found: Why it was not, in words.
    """

    manifest: str
    by: By
    ok: bool | None = None
    who: str = ""
    key: str = ""
    found: str = ""


class VersionState(Struct, frozen=True):
    """What the log says of a version; what its manifest says stays in the manifest.

    Attributes:
        approvals: Those that were not withdrawn, by actor.
        deprecated: By whom, or None.
        removed: By whom, or None.
        removed_by: What asked for the removal: "prune", "keep=3 of run …"; "" if it was not removed.
        labels: Values that were set later; None for one that was removed.
        description: The last description that was given later, or None.
        semantic_version: The last that was given later; "" if none was.
        verified: The last result and by whom, or None.
        verified_of: Digest of the manifest that the files were compared with; "" where the event does not say.
        signatures: By the digest of each, the newest last; see `MOST_SIGNATURES`.
        notes: Number of notes.
        copied_from: Digest of the manifest that it was copied from; "" if it was not copied.
        gates: The last result of each gate, by its name, or as `events.gate_key` has it.
        replayed: The last replay, or None.
        inspected: The last inspection, or None.
        events: Numbers of all events about it, ascending.
    """

    approvals: Mapping[str, By] = field(default_factory=dict)
    deprecated: By | None = None
    removed: By | None = None
    removed_by: str = ""
    labels: Mapping[str, str | None] = field(default_factory=dict)
    description: str | None = None
    semantic_version: str = ""
    verified: tuple[bool, str, By] | None = None
    verified_of: str = ""
    signatures: Mapping[str, SignatureState] = field(default_factory=dict)
    notes: int = 0
    copied_from: str = ""
    gates: Mapping[str, GateState] = field(default_factory=dict)
    replayed: ReplayState | None = None
    inspected: InspectionState | None = None
    events: tuple[int, ...] = ()

    def approvals_of(self, manifest: str) -> Mapping[str, By]:
        """Returns the approvals without those of another manifest than the one that is there now.

        Args:
            manifest: Digest of the one that is there; "" where it can't be read: then none is left out.
        """
        others = self.approvals_of_another(manifest)
        return {actor: by for actor, by in self.approvals.items() if actor not in others} if others else self.approvals

    def approvals_of_another(self, manifest: str) -> Mapping[str, By]:
        """Returns those that were given to another manifest; see `approvals_of`."""
        return {actor: by for actor, by in self.approvals.items() if _is_another(by.manifest, manifest)}


class PolicySeen(Struct, frozen=True):
    """The policy as the log last saw it."""

    digest: str
    rules: str
    by: By


class State(Struct, frozen=True):
    """The state of a model's registry after an event.

    Attributes:
        head: That event.
        ms: Its effective time; 0 for an empty log.
        aliases: By name, in the order in which they were first set.
        versions: By number, those that an event is about.
        policy: As last seen, or None.
        gate_rules: Gate, as in `VersionState.gates`, to the digest of its rules when it was checked last.
        skewed: Numbers of events whose clock was more than five minutes behind the effective time of the event before;
            the last 100. An event that was merged from another log is old by right.
        unknown_kinds: Number of events of a kind that this package does not know.
        problem: Why the state is not known, a sentence; "" if it is known. All else is the last that is known.
        problem_kind: "damaged", or "newer" where a newer version of this package wrote an event; "" if it is known.
    """

    head: Head = Head()
    ms: int = 0
    aliases: Mapping[str, AliasState] = field(default_factory=dict)
    versions: Mapping[int, VersionState] = field(default_factory=dict)
    policy: PolicySeen | None = None
    gate_rules: Mapping[str, str] = field(default_factory=dict)
    skewed: tuple[int, ...] = ()
    unknown_kinds: int = 0
    problem: str = ""
    problem_kind: str = ""

    def version(self, number: int) -> VersionState:
        """Returns what the log says of a version; of one that it does not mention, nothing."""
        return self.versions.get(number, _UNMENTIONED)

    def aliases_of(self, number: int) -> tuple[str, ...]:
        """Returns the aliases that a version holds."""
        return tuple(name for name, alias in self.aliases.items() if alias.version == number)


_UNMENTIONED = VersionState()
EMPTY = State()


class Fold:
    """Applies events one after the other; what it holds is not shared before `state`."""

    def __init__(self, state: State = EMPTY) -> None:
        """Begins with a state that is known.

        Args:
            state: Of a checkpoint, or empty.
        """
        self._head = state.head
        self._ms = state.ms
        # Lists that grow; a tuple would be copied at each event.
        self._stacks = {name: (list(alias.stack), alias.by) for name, alias in state.aliases.items()}
        self._versions = dict(state.versions)
        self._policy = state.policy
        self._gate_rules = dict(state.gate_rules)
        self._skewed = list(state.skewed)
        self._unknown_kinds = state.unknown_kinds
        self._mentioned: dict[int, list[int]] = {}

    @property
    def head(self) -> Head:
        """The event that was applied last."""
        return self._head

    def apply(self, data: bytes, *, until: int | None = None) -> bool:
        """Applies the next entry of the log.

        Args:
            data: The entry's bytes.
            until: Milliseconds since the epoch; an event whose effective time is later is not applied.

        Returns:
            Whether it was applied.

        Raises:
            NewerLogError: It can't be understood.
            DamagedLogError: It is no event, or does not follow the one before.
        """
        number = self._head.number + 1
        event = events.decode(data, number)
        if event.prev != self._head.digest:
            raise DamagedLogError(
                f"Event {number} does not follow event {number - 1}: it names another one as the event before it. "
                "Two copies of the log were mixed, or one was changed."
            )
        said = events.said(event) if event.kind in KINDS else None
        effective = max(self._ms, event.time_ms) if number > 1 else event.time_ms
        if until is not None and effective > until:
            return False
        self._ms = effective
        if effective - event.time_ms > MOST_SKEW_MS and event.origin is None:
            self._skewed = [*self._skewed[1 - _MOST_SKEWED :], number]
        if said is None:
            self._unknown_kinds += 1
        else:
            self._apply(event, said, By(number, self._ms, event.actor, event.reason))
        if event.version is not None:
            self._mentioned.setdefault(event.version, []).append(number)
        self._head = Head(number, events.digest_of(data))
        return True

    def state(self, problem: str = "", kind: str = "") -> State:
        """Returns the state after the last event.

        Args:
            problem: Why what follows is not known.
            kind: Of the problem, as in `State`.
        """
        for number, mentioned in self._mentioned.items():
            known = self._versions.get(number, _UNMENTIONED)
            self._versions[number] = replace(known, events=(*known.events, *mentioned))
        self._mentioned = {}
        return State(
            self._head,
            self._ms,
            MappingProxyType({name: AliasState(tuple(stack), by) for name, (stack, by) in self._stacks.items()}),
            MappingProxyType(dict(self._versions)),
            self._policy,
            MappingProxyType(dict(self._gate_rules)),
            tuple(self._skewed),
            self._unknown_kinds,
            problem,
            kind,
        )

    def _apply(self, event: Event, said: Any, by: By) -> None:
        if event.kind == "policy_changed":
            self._policy = PolicySeen(said.digest, said.rules, by)
        elif event.version is not None:
            if event.kind == "approved":
                by = replace(by, manifest=event.manifest)
            if isinstance(said, (events.AliasSet, events.AliasRolledBack, events.AliasRemoved)):
                self._move_alias(event, said, by)
            elif isinstance(said, events.GateChecked):
                self._check_gate(event, said, by)
            else:
                change = _CHANGES.get(event.kind)
                known = self._versions.get(event.version, _UNMENTIONED)
                self._versions[event.version] = change(known, said, by) if change else _about(event, known, said, by)

    def _check_gate(self, event: Event, said: events.GateChecked, by: By) -> None:
        assert event.version is not None
        failed = sum(each.verdict != "passed" for each in said.findings)
        bound = Bound(
            files=said.files,
            manifest=event.manifest,
            metrics=said.metrics,
            sources=said.sources,
            rules=said.rules,
            baselines=said.baselines,
            until=said.until,
            required=said.required,
            replayed=said.replayed,
        )
        result = GateState(said.passed, len(said.findings), failed, bound, replace(by, reason=""), said.on)
        known = self._versions.get(event.version, _UNMENTIONED)
        self._versions[event.version] = replace(known, gates={**known.gates, said.key: result})
        self._gate_rules[said.key] = said.rules

    def _move_alias(self, event: Event, said: Any, by: By) -> None:
        version, manifest = event.version, event.manifest
        assert version is not None
        if isinstance(said, events.AliasRemoved):
            self._stacks.pop(said.alias, None)
            return
        if said.signature is not None:
            self._versions[version] = _about(event, self._versions.get(version, _UNMENTIONED), said, by)
        stack, _ = self._stacks.get(said.alias, ([], by))
        gates: dict[str, int] = {}
        if isinstance(said, events.AliasRolledBack):
            while stack and stack[-1].version != version:
                stack.pop()
            if stack and stack[-1].manifest == manifest:  # it holds the alias again by what allowed it then
                gates |= stack[-1].gates
            del stack[-1:]
        results = self._versions.get(version, _UNMENTIONED).gates
        gates |= {key: each.by.event for key, each in results.items() if each.by.event in said.allowed_by}
        holder = Holder(version, by.event, manifest, gates)
        if not stack or stack[-1].version != version:  # Setting it to the version that it names pushes nothing.
            stack.append(holder)
        elif (manifest and stack[-1].manifest != manifest) or gates:
            stack[-1] = holder
        self._stacks[said.alias] = (stack, by)


def _is_another(seen: str, there: str) -> bool:
    """Whether the manifest that was seen is another one than the one that is there, by digests; "": not known."""
    return bool(seen and there) and seen != there


_CHANGES: Mapping[str, Callable[[VersionState, Any, By], VersionState]] = {
    "approved": lambda known, _, by: replace(known, approvals={**known.approvals, by.actor: by}),
    "approval_withdrawn": lambda known, _, by: replace(known, approvals=_without(known.approvals, by.actor)),
    "deprecated": lambda known, _, by: replace(known, deprecated=by),
    "restored": lambda known, _, __: replace(known, deprecated=None),
    "removed": lambda known, said, by: replace(known, removed=by, removed_by=said.by or "remove"),
    "label_set": lambda known, said, _: replace(known, labels={**known.labels, said.key: said.value}),
    "label_removed": lambda known, said, _: replace(known, labels={**known.labels, said.key: None}),
    "described": lambda known, said, _: replace(known, description=said.text),
    "noted": lambda known, _, __: replace(known, notes=known.notes + 1),
    "semantic_version_given": lambda known, said, _: replace(known, semantic_version=said.semantic_version),
    "copied": lambda known, said, _: replace(known, copied_from=said.source_manifest),
}
"""What an event of a kind changes of its version."""


def _about(event: Event, known: VersionState, said: Any, by: By) -> VersionState:
    """What an event changes of its version that counts for one manifest only."""
    if event.kind == "verified":
        return replace(known, verified=(said.ok, said.how, by), verified_of=event.manifest)
    if event.kind == "replayed":
        last = ReplayState(said.ok, said.words, event.manifest, by, said.tensorflow, said.is_usual)
        return replace(known, replayed=last)
    if event.kind == "inspected":
        is_whole = bool(said.formats) and not (said.dangerous or said.custom or said.unread)
        seen = InspectionState(said.words, said.found, event.manifest, by, said.dangerous, is_whole)
        return replace(known, inspected=seen)
    if event.kind == "signed":
        if said.bundle in known.signatures and known.signatures[said.bundle].manifest == event.manifest:
            return known  # it is kept once more, and what came of it still holds
        who = events.key_in_words(said.key)
        return _signed(known, said.bundle, SignatureState(event.manifest, by, who=who, key=said.key))
    if event.kind == "signature_checked":
        result = SignatureState(event.manifest, by, said.ok, said.who, said.key, said.found)
        return _signed(known, said.bundle, result)
    if event.kind in ("alias_set", "alias_rolled_back"):
        seen = said.signature
        who = events.key_in_words(seen.key, seen.name)
        return _signed(known, seen.bundle, SignatureState(event.manifest, by, True, who, seen.key))
    return known


def _signed(known: VersionState, bundle: str, signature: SignatureState) -> VersionState:
    others = [(digest, each) for digest, each in known.signatures.items() if digest != bundle]
    return replace(known, signatures=dict([*others[1 - MOST_SIGNATURES :], (bundle, signature)]))


def _without(approvals: Mapping[str, By], actor: str) -> Mapping[str, By]:
    return {name: by for name, by in approvals.items() if name != actor}
