from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tb_versions.errors import DamagedLogError, NewerLogError
from tb_versions.registry.registry import Registry
from tb_versions.registry.state import By, Fold, Head, Holder, State, VersionState
from tests.support.logs import DAY, NOON, append, entry, promote, store_of, write


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(store_of(tmp_path / "models"))


def stack(state: State, alias: str = "production") -> list[int]:
    return [holder.version for holder in state.aliases[alias].stack]


def folded(registry: Registry) -> State:
    """The state by a fold of all entries, which is the one that the registry kept up to date."""
    fold = Fold()
    for _, data in registry.log.after(0):
        fold.apply(data)
    assert fold.state() == registry.refresh()
    return fold.state()


def test_an_empty_log_says_nothing(registry: Registry) -> None:
    state = registry.refresh()
    assert state == State()
    assert (state.head, state.ms, state.problem) == (Head(0, ""), 0, "")
    assert state.version(3) == VersionState()
    assert state.aliases_of(3) == ()


def test_promotion_pushes(registry: Registry) -> None:
    promote(registry, 1, 2, 3, actor="ben", reason="better", time_ms=NOON)
    state = folded(registry)
    alias = state.aliases["production"]
    assert alias.stack == (Holder(1, 1), Holder(2, 2), Holder(3, 3))
    assert alias.version == 3
    assert alias.by == By(3, NOON, "ben", "better")
    assert [alias.back(n) for n in (0, 1, 2, 3, 99)] == [3, 2, 1, None, None]
    assert state.aliases_of(3) == ("production",)
    assert state.aliases_of(2) == ()


def test_rollback_pops_and_a_second_one_goes_one_further(registry: Registry) -> None:
    promote(registry, 1, 2, 3)
    append(registry, "alias_rolled_back", 2, alias="production")
    assert stack(folded(registry)) == [1, 2]
    append(registry, "alias_rolled_back", 1, alias="production")
    state = folded(registry)
    assert state.aliases["production"].stack == (Holder(1, 5),)
    assert state.aliases["production"].back(1) is None


def test_rollback_goes_to_the_last_time_that_a_version_held_the_alias(registry: Registry) -> None:
    promote(registry, 1, 2, 1, 3)
    append(registry, "alias_rolled_back", 1, alias="production")
    assert stack(folded(registry)) == [1, 2, 1]


def test_rollback_over_several_drops_those_between(registry: Registry) -> None:
    promote(registry, 1, 2, 3, 4)
    append(registry, "alias_rolled_back", 1, alias="production")
    promote(registry, 5)
    assert stack(folded(registry)) == [1, 5]


def test_rollback_to_what_never_held_the_alias_leaves_it_alone(registry: Registry) -> None:
    promote(registry, 1, 2)
    append(registry, "alias_rolled_back", 7, alias="production")
    append(registry, "alias_rolled_back", 7, alias="other")
    state = folded(registry)
    assert stack(state) == stack(state, "other") == [7]


def test_setting_an_alias_to_the_version_that_it_names_pushes_nothing(registry: Registry) -> None:
    promote(registry, 1, 2)
    promote(registry, 2, actor="ben")
    alias = folded(registry).aliases["production"]
    assert alias.stack == (Holder(1, 1), Holder(2, 2))
    assert (alias.by.actor, alias.by.event) == ("ben", 3)


def test_a_removed_alias_has_no_stack(registry: Registry) -> None:
    promote(registry, 1, 2)
    promote(registry, 2, alias="canary")
    append(registry, "alias_removed", 2, alias="production")
    append(registry, "alias_removed", 2, alias="unheard")
    assert list(folded(registry).aliases) == ["canary"]
    promote(registry, 3)
    assert stack(folded(registry)) == [3]


def test_each_actor_has_one_approval_and_withdraws_their_own(registry: Registry) -> None:
    for actor in ("anna", "ben", "anna"):
        append(registry, "approved", 3, actor=actor)
    append(registry, "approval_withdrawn", 3, actor="ben")
    append(registry, "approval_withdrawn", 3, actor="carl")
    (approval,) = folded(registry).version(3).approvals.values()
    assert (approval.actor, approval.event) == ("anna", 3)


def test_deprecation_is_taken_back_and_removal_is_not(registry: Registry) -> None:
    append(registry, "deprecated", 1, reason="old")
    append(registry, "deprecated", 2)
    append(registry, "restored", 2)
    append(registry, "removed", 3, by="keep=3 of run a")
    append(registry, "removed", 4)
    append(registry, "restored", 4)
    state = folded(registry)
    assert state.version(1).deprecated is not None
    assert state.version(2).deprecated is None
    assert state.version(3).removed_by == "keep=3 of run a"
    assert state.version(4).removed_by == "remove"
    assert state.version(4).removed is not None


def test_what_was_said_later_is_known_by_version(registry: Registry) -> None:
    append(registry, "label_set", 1, key="team", value="vision")
    append(registry, "label_set", 1, key="team", value="")
    append(registry, "label_removed", 1, key="stage")
    append(registry, "described", 1, text="One")
    append(registry, "described", 1, text="Two")
    append(registry, "noted", 1, text="a")
    append(registry, "noted", 1, text="b")
    append(registry, "semantic_version_given", 1, semantic_version="1.0.0")
    append(registry, "verified", 1, ok=False, how="sizes", found="weights.bin differs", time_ms=NOON)
    append(registry, "deployed", 1, target="eu-1")
    append(registry, "copied", 1, source="digits:7")
    found = folded(registry).version(1)
    assert found.labels == {"team": "", "stage": None}
    assert (found.description, found.semantic_version, found.notes) == ("Two", "1.0.0", 2)
    assert found.verified is not None
    assert found.verified[:2] == (False, "sizes")
    assert found.events == tuple(range(1, 12))


def test_the_policy_is_the_one_seen_last(registry: Registry) -> None:
    digest = "sha256:" + "1" * 64
    append(registry, "policy_changed", None, digest=digest, rules="[aliases.production]\n")
    state = folded(registry)
    assert state.policy is not None
    assert (state.policy.digest, state.policy.by.event) == (digest, 1)
    assert state.versions == {}


def test_events_of_a_kind_that_is_not_known_are_counted_and_listed_by_version(registry: Registry) -> None:
    promote(registry, 1)
    write(registry.store, 2, kind="painted", critical=False, version=1, data={"colour": "red"})
    write(registry.store, 3, kind="painted", critical=False, version=None)
    promote(registry, 2)
    state = folded(registry)
    assert (state.unknown_kinds, state.head.number, stack(state)) == (2, 4, [1, 2])
    assert state.version(1).events == (1, 2)


@pytest.mark.parametrize("newer", [{"kind": "painted", "critical": True}, {"format": 2}])
def test_what_can_not_be_ignored_makes_the_state_unknown_and_never_wrong(
    registry: Registry, newer: dict[str, Any]
) -> None:
    promote(registry, 1)
    write(registry.store, 2, **newer)
    write(registry.store, 3, kind="alias_set", version=9, data={"alias": "production"})
    state = registry.refresh()
    assert (state.problem_kind, state.head.number, stack(state)) == ("newer", 1, [1])
    assert "pip install --upgrade" in state.problem
    with pytest.raises(NewerLogError):
        promote(registry, 2)


def test_an_event_follows_the_one_before(registry: Registry) -> None:
    promote(registry, 1)
    data = write(registry.store, 2, prev="sha256:" + "1" * 64)
    fold = Fold()
    fold.apply(entry(registry.store, 1).read_bytes())
    before = fold.state()
    with pytest.raises(DamagedLogError, match="Event 2 does not follow event 1"):
        fold.apply(data)
    assert fold.state() == before


def test_an_event_is_not_earlier_than_the_one_before(registry: Registry) -> None:
    for days in (0, -1, 1, 0):
        append(registry, "approved", 1, time_ms=NOON + days * DAY)
    state = folded(registry)
    assert state.ms == NOON + DAY
    assert state.skewed == (2, 4)


def test_five_minutes_are_no_skew(registry: Registry) -> None:
    for ms in (NOON, NOON - 5 * 60_000, NOON - 5 * 60_000 - 1):
        append(registry, "approved", 1, time_ms=ms)
    assert folded(registry).skewed == (3,)


def test_a_merged_event_is_old_by_right(registry: Registry) -> None:
    append(registry, "approved", 1, time_ms=NOON)
    write(registry.store, 2, time="2020-01-01T00:00:00Z", origin={"number": 2, "digest": "sha256:" + "0" * 64})
    state = folded(registry)
    assert state.skewed == ()
    assert state.ms == NOON


def test_of_skewed_events_the_last_hundred_are_kept(registry: Registry) -> None:
    write(registry.store, 1, time="2030-01-01T00:00:00Z")
    for number in range(2, 120):
        write(registry.store, number)
    assert folded(registry).skewed == tuple(range(20, 120))


def test_the_first_event_may_be_older_than_1970(registry: Registry) -> None:
    write(registry.store, 1, time="1960-01-01T00:00:00Z")
    state = folded(registry)
    assert state.ms < 0
    assert state.skewed == ()


def test_an_event_after_a_moment_is_not_applied(registry: Registry) -> None:
    append(registry, "approved", 1, time_ms=NOON)
    fold = Fold()
    data = entry(registry.store, 1).read_bytes()
    assert not fold.apply(data, until=NOON - 1)
    assert fold.head == Head()
    assert fold.apply(data, until=NOON)


def test_a_state_does_not_change_when_the_fold_goes_on(registry: Registry) -> None:
    promote(registry, 1)
    before = registry.refresh()
    promote(registry, 2)
    assert stack(before) == [1]
    assert before.version(1).events == (1,)
    with pytest.raises(TypeError):
        before.aliases["x"] = before.aliases["production"]  # type: ignore[index]
