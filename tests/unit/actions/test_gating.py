"""A protected alias wants a gate's result that passed and still stands: real logs, manifests and rules on disk."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.actions.target import open_target
from tb_versions.read.catalog import Catalog
from tb_versions.read.freshness import Surroundings, stale
from tb_versions.read.reader import open_reader
from tb_versions.registry.events import said
from tb_versions.registry.gate_facts import SeenBaseline
from tb_versions.registry.measured import MeasuredReader
from tb_versions.registry.registry import Registry
from tests.support.gating import accuracy, checked, rules_file
from tests.support.logs import append, store_of
from tests.support.world import World

GATE = 'metric = "accuracy"\nworse_by_at_most = 0.01'
LATER = 'metric = "accuracy"\nsource = "offline"\nat_least = 0.5'
PRODUCTION = {"alias": "production"}
HEAD = 'against = "production"'


def protect(world: World, text: str = '[aliases.production]\ngates = ["release"]\n') -> None:
    (world.models / "digits/.versions/policy.toml").write_text(text)


@pytest.fixture
def world(tmp_path: Path) -> World:
    """`digits:1` in production, which wants the gate "release" from now on; 2 passed it."""
    made = World(tmp_path)
    for number, value in enumerate((0.90, 0.95, 0.93, 0.5), 1):
        made.version("digits", number, metrics=(accuracy(value),))
    tbv.promote("digits:1", made.models, **PRODUCTION)
    tbv.record("digits:2", made.models, {"accuracy": 0.9}, source="offline")
    protect(made)
    assert checked(made, GATE, LATER, head=HEAD, record=True).passed
    return made


def test_a_fresh_result_allows_the_promotion_which_names_it(world: World) -> None:
    change = tbv.promote("digits:2", world.models, **PRODUCTION)
    assert change.event is not None
    (event,) = said(change.event).allowed_by
    (told,) = [each.event for each in tbv.history("digits", world.models) if each.event.number == event]
    assert told.kind == "gate_checked"
    assert tbv.which("digits@production", world.models).gate == f"release passed at promotion (event {event})"


def test_a_rollback_brings_back_the_result_by_which_the_version_was_promoted(world: World) -> None:
    change = tbv.promote("digits:2", world.models, **PRODUCTION)
    assert change.event is not None
    (event,) = said(change.event).allowed_by
    other_baseline(world)
    assert "passed at promotion" not in tbv.which("digits@production", world.models).gate
    tbv.rollback("digits", world.models, **PRODUCTION)
    assert tbv.which("digits@production", world.models).gate == f"release passed at promotion (event {event})"


def test_of_an_earlier_moment_a_result_is_told_as_it_was_recorded(world: World) -> None:
    protect(world, "")
    tbv.promote("digits:2", world.models, **PRODUCTION)
    assert tbv.which("digits@production", world.models).gate == "release stale (the baseline changed)"
    at = datetime.datetime.now(datetime.timezone.utc)
    tbv.rollback("digits", world.models, **PRODUCTION)
    told = tbv.which("digits@production", world.models, at=at).gate
    assert told == "release passed (event 2; whether it was stale is not known)"


def test_without_a_result_it_is_refused(world: World) -> None:
    with pytest.raises(tbv.RefusedError, match=r"lacks: a result of the gate release \(none was recorded"):
        tbv.promote("digits:3", world.models, **PRODUCTION)


def test_a_gate_that_was_not_passed_says_so(world: World) -> None:
    assert not checked(world, GATE, ref="digits:4", head=HEAD, record=True).passed
    with pytest.raises(
        tbv.RefusedError,
        match=r"the gate release passed \(it did not: 1 of 1 rules did not pass, event \d+: accuracy\)",
    ):
        tbv.promote("digits:4", world.models, **PRODUCTION)


def test_a_result_that_was_not_recorded_does_not_count(world: World) -> None:
    assert checked(world, GATE, ref="digits:3", head=HEAD).passed
    with pytest.raises(tbv.RefusedError, match="none was recorded"):
        tbv.promote("digits:3", world.models, **PRODUCTION)


def test_a_part_of_a_gate_is_not_the_gate(world: World) -> None:
    tbv.record("digits:3", world.models, {"accuracy": 0.9}, source="offline")
    assert checked(world, GATE, LATER, ref="digits:3", head=HEAD, on="offline", record=True).passed
    with pytest.raises(tbv.RefusedError, match="none was recorded"):
        tbv.promote("digits:3", world.models, **PRODUCTION)


def other_files(world: World) -> None:
    world.version("digits", 2, files={"saved_model.pb": b"other"}, metrics=(accuracy(0.95),))


def other_manifest(world: World) -> None:
    world.version("digits", 2, metrics=(accuracy(0.95),), description="Another manifest.")


def other_metrics(world: World) -> None:
    tbv.record("digits:2", world.models, {"accuracy": 0.2}, source="offline")


def other_rules(world: World) -> None:
    checked(world, GATE, 'metric = "accuracy"\nat_least = 0', ref="digits:3", head=HEAD, record=True)


def other_baseline(world: World) -> None:
    protect(world, "")
    tbv.promote("digits:3", world.models, **PRODUCTION)
    protect(world)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (other_files, "its files and its manifest changed"),
        (other_manifest, "its manifest changed"),
        (other_metrics, "its metrics changed"),
        (other_rules, "the rules changed"),
        (other_baseline, "the baseline changed"),
    ],
)
def test_each_of_five_causes_makes_a_result_stale(change: Callable[[World], None], words: str, world: World) -> None:
    change(world)
    with pytest.raises(tbv.RefusedError, match=rf"a fresh result of the gate release \(since event \d+ {words}: "):
        tbv.promote("digits:2", world.models, **PRODUCTION)
    rules = [GATE, LATER] if change is not other_rules else [GATE, 'metric = "accuracy"\nat_least = 0']
    if change in (other_metrics, other_files, other_manifest):  # what was measured of another manifest does not count
        tbv.record("digits:2", world.models, {"accuracy": 0.8}, source="offline")
    assert checked(world, *rules, head=HEAD, record=True).passed
    tbv.promote("digits:2", world.models, **PRODUCTION)


def test_files_that_were_found_changed_make_a_result_stale(world: World) -> None:
    append(Registry(store_of(world.models)), "verified", 2, ok=False, found="saved_model.pb changed")
    with pytest.raises(tbv.RefusedError, match="its files changed"):
        tbv.promote("digits:2", world.models, **PRODUCTION)


def test_a_removed_baseline_makes_a_result_stale(world: World) -> None:
    checked(world, GATE, ref="digits:2", head='against = "digits:3"', record=True)
    tbv.remove("digits:3", world.models)
    with pytest.raises(tbv.RefusedError, match="the baseline changed"):
        tbv.promote("digits:2", world.models, **PRODUCTION)


def test_metrics_of_another_source_change_nothing(world: World) -> None:
    tbv.record("digits:2", world.models, {"accuracy": 0.1}, source="monitoring")
    tbv.record("digits:3", world.models, {"accuracy": 0.1}, source="offline")
    assert tbv.promote("digits:2", world.models, **PRODUCTION).event


def test_notes_labels_and_approvals_change_nothing(world: World) -> None:
    tbv.note("digits:2", world.models, text="Looked at it.")
    tbv.label("digits:2", world.models, key="owner", value="ben")
    tbv.approve("digits:2", world.models, actor="ben")
    assert tbv.promote("digits:2", world.models, **PRODUCTION).event


@pytest.mark.parametrize("hostile", ["s3://127.0.0.1:9/models/digits/1", "/etc/x:1", "./digits:1", "![x](y)", "a b"])
def test_what_a_log_says_of_baselines_is_no_path_and_breaks_nothing(hostile: str, world: World) -> None:
    event = checked(world, GATE, LATER, head=HEAD, record=True).event
    assert event is not None
    told = said(event)
    fields = {name: getattr(told, name) for name in told.__struct_fields__}
    for baseline in ((hostile, hostile), ("parent", hostile), ("production", hostile)):
        fields["baselines"] = (SeenBaseline(*baseline),)
        append(Registry(store_of(world.models)), "gate_checked", 2, manifest=event.manifest, **fields)
        assert [each.verdict for each in catalog_of(world).gates(catalog_of(world).find("digits:2"))] == ["stale"]
        with pytest.raises(tbv.RefusedError, match="baseline changed"):
            tbv.promote("digits:2", world.models, **PRODUCTION)


def catalog_of(world: World) -> Catalog:
    return open_reader("", [str(world.models)], check=False, curves=False).catalog


def test_what_the_rules_require_can_be_taken_away(world: World) -> None:
    tbv.label("digits:2", world.models, key="owner", value="ben")
    tbv.describe("digits:2", world.models, text="Well.")
    wanted = ('required = "label:owner"', 'required = "description"')
    assert checked(world, *wanted, head=HEAD, record=True).passed
    tbv.label("digits:2", world.models, key="owner", value="anna")
    assert tbv.promote("digits:2", world.models, **PRODUCTION, dry_run=True).event is None
    tbv.describe("digits:2", world.models, text=" ")
    with pytest.raises(tbv.RefusedError, match="what the rules require changed"):
        tbv.promote("digits:2", world.models, **PRODUCTION)
    assert checked(world, wanted[0], head=HEAD, record=True).passed
    tbv.label("digits:2", world.models, key="owner", value=None)
    with pytest.raises(tbv.RefusedError, match="what the rules require changed"):
        tbv.promote("digits:2", world.models, **PRODUCTION)


def test_a_policy_may_name_the_only_rules_that_count(world: World) -> None:
    digest = checked(world, GATE, LATER, head=HEAD).rules.digest
    protect(world, f'[aliases.production]\ngates = ["release"]\n[gates]\nrelease = "{digest}"\n')
    checked(world, 'metric = "accuracy"\nat_least = 0', ref="digits:3", head=HEAD, record=True)
    with pytest.raises(tbv.RefusedError, match="the rules changed"):
        tbv.promote("digits:3", world.models, **PRODUCTION)
    assert tbv.promote("digits:2", world.models, **PRODUCTION).event


def test_a_rollback_wants_no_fresh_gate(world: World) -> None:
    tbv.promote("digits:2", world.models, **PRODUCTION)
    assert tbv.rollback("digits", world.models, **PRODUCTION).after == 1


def test_a_rollback_wants_one_where_the_policy_says_so(world: World) -> None:
    protect(world, '[aliases.production]\ngates = ["release"]\nrollback_gates = true\n')
    tbv.promote("digits:2", world.models, **PRODUCTION)
    with pytest.raises(tbv.RefusedError, match="is not rolled back: it lacks a result of the gate release"):
        tbv.rollback("digits", world.models, **PRODUCTION)
    checked(world, 'metric = "accuracy"\nat_least = 0.5', ref="digits:1", head=HEAD, record=True)
    change = tbv.rollback("digits", world.models, **PRODUCTION)
    assert change.event is not None
    assert len(said(change.event).allowed_by) == 1


def test_approvals_and_gates_are_lacking_together(world: World) -> None:
    protect(world, '[aliases.production]\ngates = ["release", "speed"]\napprovals = 1\n')
    with pytest.raises(tbv.RefusedError, match=r"1 more approval.*gate release.*gate speed"):
        tbv.promote("digits:3", world.models, **PRODUCTION)


def test_the_rules_can_be_called_otherwise(world: World) -> None:
    path = rules_file(world.base, GATE, head=HEAD, name="speed")
    from tb_versions.gates.checking import check_gate

    check_gate("digits:3", world.models, rules=path, record=True)
    with pytest.raises(tbv.RefusedError, match="gate release"):
        tbv.promote("digits:3", world.models, **PRODUCTION)


def test_a_result_grows_old_with_what_was_measured_later(world: World) -> None:
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=3)
    tbv.record("digits:3", world.models, {"accuracy": 0.9}, source="daily", time=moment)
    rule = 'metric = "accuracy"\nsource = "daily"\nat_least = 0.5\nmax_age = "'
    assert checked(world, f'{rule}4d"', ref="digits:3", head=HEAD, record=True).passed
    version = tbv.open_catalog(models_dir=world.models).find("digits:3")
    state = open_target("digits", world.models).opened.state()
    until = state.version(3).gates["release"].bound.until
    assert until == int(moment.timestamp() * 1_000) + 4 * 86_400_000
    around = Surroundings("digits", state, lambda name: version, MeasuredReader(store_of(world.models)).refresh())
    assert stale(version, "release", replace(around, ms=until)) == ()
    assert stale(version, "release", replace(around, ms=until + 1)) == ("age",)
