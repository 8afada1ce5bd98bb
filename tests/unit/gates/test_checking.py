from __future__ import annotations

from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.gates.checking import check_gate
from tb_versions.registry import events
from tests.support.gating import accuracy, checked, rules_file
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


def test_a_recorded_result_has_no_numbered_baseline_that_its_rules_do_not_name(world: World) -> None:
    with pytest.raises(tbv.InvalidQueryError, match="anybody could choose a worse one"):
        checked(world, CHANGE, head="", against="digits:1", record=True)
    assert checked(world, CHANGE, head="", against="production", record=True).reference
    assert checked(world, CHANGE, against="digits:1", record=True).reference
