from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.gates import checking
from tb_versions.gates.checking import check_gate
from tb_versions.registry import events
from tb_versions.registry.registry import Registry
from tests.support.gating import accuracy, checked, rules_file
from tests.support.logs import append, store_of
from tests.support.world import World

RULE = 'metric = "accuracy"\nat_least = 0.9'
CHANGE = 'metric = "accuracy"\nworse_by_at_most = 0'
LATER = 'metric = "accuracy"\nsource = "monitoring"\nat_least = 0.9'


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number, value in ((1, 0.9), (2, 0.95)):
        made.version("digits", number, metrics=(accuracy(value),))
    return made


def test_nothing_is_written_unless_it_is_asked_for(world: World) -> None:
    checked(world, RULE)
    assert not (world.models / "digits/.versions").exists()


def test_a_recorded_result_holds_every_digest_and_each_rule(world: World) -> None:
    result = checked(world, RULE, CHANGE, record=True, actor="ci", reason="for the merge")
    assert result.event is not None
    (told,) = tbv.history("digits", world.models)
    said = events.said(told.event)
    manifest = events.digest_of((world.models / "digits/2/version_manifest.json").read_bytes())
    rules = events.digest_of((world.base / "gates.toml").read_bytes())
    assert (told.event.manifest, said.rules, told.event.actor) == (manifest, rules, "ci")
    assert said.files.startswith("sha256:")
    assert said.metrics.startswith("sha256:")
    baseline = events.digest_of((world.models / "digits/1/version_manifest.json").read_bytes())
    assert [(each.name, each.version, each.manifest) for each in said.baselines] == [("digits:1", "digits:1", baseline)]
    assert [each.verdict for each in said.findings] == ["passed", "passed"]


def test_the_file_says_the_baseline_and_the_caller_cannot_change_it(world: World) -> None:
    with pytest.raises(tbv.InvalidQueryError, match="says against"):
        checked(world, CHANGE, against="digits:2")
    assert checked(world, CHANGE, against="digits:1").passed
    assert checked(world, CHANGE, head="", against="digits:1").passed


@pytest.mark.parametrize("name", ["a b", "../x", "", "digits:1:2", "v3", "latest", "7", "a@b@c"])
def test_what_names_no_baseline_is_refused(name: str, world: World) -> None:
    with pytest.raises(tbv.InvalidQueryError):
        checked(world, CHANGE, head=f'against = "{name or "?"}"')


def test_only_rules_of_a_source_are_judged_where_that_is_asked(world: World) -> None:
    tbv.record("digits:2", world.models, {"accuracy": 0.95}, source="monitoring")
    result = checked(world, RULE, LATER, on="monitoring")
    assert ([each.rule for each in result.findings], result.left_out) == (["accuracy (monitoring)"], 1)


def test_a_source_that_no_rule_reads_is_a_mistake(world: World) -> None:
    with pytest.raises(tbv.InvalidQueryError, match='no rule with source = "production"; its rules read from "monit'):
        checked(world, RULE, LATER, on="production")


def test_a_version_is_found_by_its_path(world: World) -> None:
    path = rules_file(world.base, RULE)
    assert check_gate(world.models / "digits/2", rules=path).reference == "digits:2"


def test_a_version_that_is_not_there_gives_no_result(world: World) -> None:
    with pytest.raises(tbv.VersionNotFoundError):
        checked(world, RULE, ref="digits:9")


def test_a_damaged_manifest_passes_nothing(world: World) -> None:
    world.raw("digits/2", b"{")
    result = checked(world, RULE, 'fact = "size"\nat_most = 1', 'required = "description"', "verified = true")
    assert {each.verdict for each in result.findings} <= {"not known", "failed"}


def test_measurements_that_cannot_be_read_are_told(world: World) -> None:
    tbv.record("digits:2", world.models, {"accuracy": 0.95}, source="monitoring")
    (world.models / "digits/.versions/measured/000000000000001-x.json").write_text("{")
    assert len(checked(world, LATER).problems) == 1


def test_a_version_is_never_compared_with_itself_by_the_word_promotion(world: World) -> None:
    tbv.promote("digits:2", world.models, alias="production")
    rules = ('fact = "size"\ngrows_by_at_most = 0', 'unchanged = "dataset"', CHANGE)
    result = checked(world, *rules, ref="digits@production", head="", against="promotion")
    assert {each.verdict for each in result.findings} == {"not known"}


@pytest.mark.parametrize("against", ["digits:1", "production", "parent", "promotion", "digits@production"])
def test_a_recorded_result_has_no_baseline_that_its_rules_do_not_name(against: str, world: World) -> None:
    with pytest.raises(tbv.InvalidQueryError, match=r"anybody could choose a worse one.*leave out --record"):
        checked(world, CHANGE, head="", against=against, record=True)
    assert checked(world, CHANGE, head="", against=against).reference


def test_a_recorded_result_may_say_again_what_its_rules_name(world: World) -> None:
    assert checked(world, CHANGE, against="digits:1", record=True).reference


def replayed(world: World, *, ok: bool, **more: float) -> None:
    manifest = events.digest_of((world.models / "digits/2/version_manifest.json").read_bytes())
    append(Registry(store_of(world.models)), "replayed", 2, ok=ok, tensorflow="2.21.0", manifest=manifest, **more)


def verdict_now(world: World) -> tuple[str, tuple[str, ...]]:
    catalog = tbv.open_catalog(models_dir=world.models)
    (now,) = catalog.gates(catalog.find("digits:2"))
    return now.verdict, now.changed


def test_a_replay_that_fails_later_makes_a_result_stale_and_one_that_is_well_does_not(world: World) -> None:
    replayed(world, ok=True)
    assert checked(world, "replayed = true", record=True).passed
    replayed(world, ok=True)
    assert verdict_now(world) == ("passed", ())
    replayed(world, ok=False)
    assert verdict_now(world) == ("stale", ("replay",))
    replayed(world, ok=True, absolute=1e9)
    assert verdict_now(world) == ("stale", ("replay",))


def test_a_replay_under_a_tolerance_that_was_given_passes_no_gate(world: World) -> None:
    replayed(world, ok=True, absolute=1e9)
    (found,) = checked(world, "replayed = true").findings
    assert found.verdict == "not known"
    assert "tolerance 1e+09,0" in found.why
    assert "replay it without --tolerance" in found.why


def test_a_replay_after_a_result_that_did_not_know_one_makes_it_stale(world: World) -> None:
    assert not checked(world, "replayed = true", record=True).passed
    assert verdict_now(world) == ("failed", ())
    replayed(world, ok=True)
    assert verdict_now(world) == ("stale", ("replay",))


def test_a_result_of_which_no_rule_reads_replays_does_not_mind_one(world: World) -> None:
    assert checked(world, RULE, record=True).passed
    replayed(world, ok=False)
    assert verdict_now(world) == ("passed", ())


def test_a_result_written_before_replays_were_bound_is_read_as_it_was(world: World) -> None:
    """Its event has no `replayed`."""
    assert checked(world, RULE, record=True).passed
    (told,) = tbv.history("digits", world.models)
    assert b"replayed" not in bytes(told.event.data)
    assert events.said(told.event).replayed == ""


def test_files_that_were_refuted_while_they_were_checked_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = checking.read_subject

    def read_slowly(*given: Any, **more: Any) -> Any:
        found = read(*given, **more)
        append(Registry(store_of(world.models)), "verified", 2, ok=False)
        return found

    monkeypatch.setattr(checking, "read_subject", read_slowly)
    with pytest.raises(tbv.ConflictError, match=r"found to be changed while it was checked \(event 1\)"):
        checked(world, RULE, record=True)


MISSPELT = 'against = "prodution"\nwithout_baseline = "pass"'


def test_a_misspelt_alias_is_not_one_that_names_no_version_yet(world: World) -> None:
    (found,) = checked(world, CHANGE, head=MISSPELT).findings
    assert found.verdict == "not known"
    assert "Nothing says that there is such an alias. Did you mean production?" in found.why
    assert "[aliases.prodution]" in found.why


def test_an_alias_that_the_policy_names_or_the_log_gave_once_is_known(world: World) -> None:
    head = 'against = "champion"\nwithout_baseline = "pass"'
    assert not checked(world, CHANGE, head=head).passed
    tbv.promote("digits:1", world.models, alias="champion")
    tbv.unalias("digits", world.models, alias="champion")
    assert checked(world, CHANGE, head=head).passed
    policy = world.models / "digits/.versions/policy.toml"
    policy.write_text("[aliases.best]\n")
    assert checked(world, CHANGE, head='against = "best"\nwithout_baseline = "pass"').passed
    policy.write_text("[aliases")
    (found,) = checked(world, CHANGE, head='against = "best"\nwithout_baseline = "pass"').findings
    assert found.verdict == "not known"
    assert "can't be understood" in found.why
