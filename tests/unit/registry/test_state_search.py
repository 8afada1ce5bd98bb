"""Whatever was said in whatever order, the state is the same read at once, read bit by bit, or from a checkpoint."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.registry import checkpoints, events
from tb_versions.registry.events import KINDS, Event
from tb_versions.registry.gate_facts import Finding
from tb_versions.registry.state import EMPTY, Fold, State

ALIASES = st.sampled_from(["production", "canary"])
VERSIONS = st.integers(1, 4)
ACTORS = st.sampled_from(["anna", "ben"])
BUNDLES = st.sampled_from([f"sha256:{digit * 64}" for digit in "123"])


def found(*, good: bool) -> Finding:
    return Finding(rule="a", wanted="≥ 1", found="1", verdict="passed" if good else "failed")


SAID: dict[str, st.SearchStrategy[Any]] = {
    "alias_set": st.builds(
        events.AliasSet, ALIASES, signature=st.one_of(st.none(), st.builds(events.SignedBy, BUNDLES, BUNDLES))
    ),
    "alias_rolled_back": st.builds(events.AliasRolledBack, ALIASES),
    "alias_removed": st.builds(events.AliasRemoved, ALIASES),
    "removed": st.builds(events.Removed, by=st.sampled_from(["", "prune"])),
    "label_set": st.builds(events.LabelSet, st.sampled_from("ab"), st.sampled_from(["", "x"])),
    "label_removed": st.builds(events.LabelRemoved, st.sampled_from("ab")),
    "described": st.builds(events.Text, st.sampled_from(["one", "two"])),
    "noted": st.builds(events.Text, st.just("n")),
    "semantic_version_given": st.builds(events.SemanticVersionGiven, st.sampled_from(["1.0.0", "2.0.0"])),
    "policy_changed": st.builds(events.PolicyChanged, rules=st.sampled_from(["", "a = 1"])),
    "verified": st.builds(events.Verified, st.booleans(), how=st.sampled_from(["digests", "sizes"])),
    "deployed": st.builds(events.Deployed, st.just("eu")),
    "gate_checked": st.builds(
        lambda on, good: events.GateChecked("release", passed=good, on=on, findings=(found(good=good),)),
        st.sampled_from(["", "monitoring"]),
        st.booleans(),
    ),
    "replayed": st.builds(events.Replayed, st.booleans(), tensorflow=st.sampled_from(["", "2.21.0"])),
    "inspected": st.builds(events.Inspected, formats=st.sampled_from([(), ("keras",)]), dangerous=st.integers(0, 2)),
    "behaviour_compared": st.builds(events.BehaviourCompared, st.just("digits:1"), repeated=st.integers(0, 3)),
    "signed": st.builds(events.Signed, BUNDLES),
    "signature_checked": st.builds(events.SignatureChecked, st.booleans(), BUNDLES),
    "copied": st.builds(events.Copied, st.just("digits:1")),
}
THINGS = st.sampled_from(sorted(KINDS)).flatmap(
    lambda kind: st.tuples(
        st.just(kind), SAID.get(kind, st.just(events.Nothing())), VERSIONS, ACTORS, st.integers(-30, 30)
    )
)
HISTORIES = st.lists(THINGS, max_size=25)


def entries(history: list[Any]) -> list[bytes]:
    found: list[bytes] = []
    noon = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.timezone.utc)
    for number, (kind, said, version, actor, minutes) in enumerate(history, start=1):
        event = Event(
            format=1,
            critical=KINDS[kind].is_critical,
            number=number,
            id=uuid.uuid4().hex,
            prev=events.digest_of(found[-1]) if found else "",
            time=noon + datetime.timedelta(minutes=minutes),
            actor=actor,
            tool="a test",
            kind=kind,
            version=version if KINDS[kind].of_version else None,
        )
        found.append(events.encode(event, said))
    return found


def folded(found: list[bytes], begin: State = EMPTY) -> State:
    fold = Fold(begin)
    for data in found:
        assert fold.apply(data)
    return fold.state()


@given(HISTORIES, st.integers(0, 25))
def test_it_does_not_matter_where_one_began(history: list[Any], at: int) -> None:
    found = entries(history)
    whole, before = folded(found), folded(found[:at])
    assert folded(found[at:], before) == whole
    kept = msgspec.json.decode(msgspec.json.encode(checkpoints.plain(before)), type=State)
    assert folded(found[at:], kept) == whole
    bit_by_bit = Fold()
    for data in found:
        bit_by_bit.apply(data)
        bit_by_bit.state()
    assert bit_by_bit.state() == whole


@given(HISTORIES)
def test_the_state_is_what_the_page_on_the_format_says(history: list[Any]) -> None:
    """The rules of docs/registry-format.md, written once more and as plainly as can be."""
    stacks: dict[str, list[int]] = {}
    approvals: dict[int, set[str]] = {}
    labels: dict[int, dict[str, str | None]] = {}
    deprecated: set[int] = set()
    removed: set[int] = set()
    time = -(10**9)
    skewed = []
    for number, (kind, said, version, actor, minutes) in enumerate(history, start=1):
        time = max(time, minutes)
        skewed += [number] * (time - minutes > 5)
        stack = stacks.setdefault(getattr(said, "alias", "") if kind.startswith("alias") else "", [])
        if kind == "alias_rolled_back":
            while version in stack and stack[-1] != version:
                stack.pop()
            stack[:] = stack if version in stack else []
        if kind in ("alias_set", "alias_rolled_back") and stack[-1:] != [version]:
            stack.append(version)
        if kind == "alias_removed":
            stack.clear()
        if kind == "approved":
            approvals.setdefault(version, set()).add(actor)
        if kind == "approval_withdrawn":
            approvals.setdefault(version, set()).discard(actor)
        if kind.startswith("label"):
            labels.setdefault(version, {})[said.key] = getattr(said, "value", None)
        deprecated = deprecated | {version} if kind == "deprecated" else deprecated
        deprecated = deprecated - {version} if kind == "restored" else deprecated
        removed |= {version} if kind == "removed" else set()
    state = folded(entries(history))
    assert {name: [holder.version for holder in alias.stack] for name, alias in state.aliases.items()} == {
        name: stack for name, stack in stacks.items() if stack
    }
    for version in range(1, 5):
        known = state.version(version)
        assert set(known.approvals) == approvals.get(version, set())
        assert known.labels == labels.get(version, {})
        assert (known.deprecated is not None) == (version in deprecated)
        assert (known.removed is not None) == (version in removed)
        assert known.events == tuple(
            number for number, thing in enumerate(history, 1) if thing[2] == version and KINDS[thing[0]].of_version
        )
        assert state.aliases_of(version) == tuple(n for n in state.aliases if stacks[n][-1] == version)
    assert list(state.skewed) == skewed


@given(HISTORIES)
def test_each_version_keeps_the_last_result_of_each_gate(history: list[Any]) -> None:
    gates: dict[int, dict[str, bool]] = {}
    for kind, said, version, _, _ in history:
        if kind == "gate_checked":
            gates.setdefault(version, {})[f"release on {said.on}" if said.on else "release"] = said.passed
    state = folded(entries(history))
    for version in range(1, 5):
        known = state.version(version).gates
        assert {key: result.passed for key, result in known.items()} == gates.get(version, {})
