"""Exports carry what logs say, without the names of people and without secrets."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.errors import DamagedLogError, VersionNotFoundError
from tb_versions.exports.checking.reading import read_export
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.world import World

TOKEN = "ghp_16C7e42F292c6912E7710c838347Ae178B4a"


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in (1, 2, 3):
        made.version("digits", number)
    digits = Chronicle(made.models / "digits")
    digits.say("alias_set", 1, events.AliasSet("production"), actor="anna.smith", reason="first")
    digits.say("approved", 2, actor="ben", reason="Anna.Smith asked me; ben agrees")
    digits.say("alias_set", 2, events.AliasSet("production", 1), actor="anna.smith", reason=f"token {TOKEN}")
    digits.say("policy_changed", None, events.PolicyChanged(rules='[aliases.production]\napprovers = ["zoe"]\n'))
    digits.say("noted", 2, events.Text(f"see https://carla:{TOKEN}@example.org/x"), actor="carla")
    digits.say("label_set", 2, events.LabelSet("api_key", "hunter2hunter2"), actor="carla")
    digits.say("described", 2, events.Text(f"# By ben {TOKEN}"))
    digits.say("deprecated", 1, actor="ben", reason="/home/anna/secret/place")
    digits.say("noted", 3, events.Text("only of three"))
    digits.measure(2, accuracy=0.5, source="monitoring by ben")
    digits.measure(3, accuracy=0.6, source="monitoring by ben")
    return made


def sections(path: Path) -> dict[str, Any]:
    export = read_export(str(path))
    return {name: export.section(name) for name in export.names}


def exported(world: World, tmp_path: Path, **options: Any) -> dict[str, Any]:
    out = tmp_path / "out.html"
    tbv.export(out, models_dir=world.models, **options)
    return sections(out)


def test_an_export_carries_aliases_history_and_later_metrics(world: World, tmp_path: Path) -> None:
    found = exported(world, tmp_path)
    said = found["versions"]["registry"]["models"]["digits"]
    assert [(a["name"], a["number"], a["previous"]) for a in said["aliases"]] == [("production", 2, [1])]
    assert said["folder"] == "digits"
    history = found["history"]["digits"]
    assert [event["number"] for event in history] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert found["measured"]["digits:2"][0]["values"][0]["value"] == 0.5
    assert list(found["versions"]["registry"]["measured_values"]) == ["digits:2", "digits:3"]


def test_people_have_numbers_unless_they_are_included(world: World, tmp_path: Path) -> None:
    found = exported(world, tmp_path)
    text = json.dumps(found)
    for name in ("anna.smith", "Anna.Smith", "ben", "carla", "zoe"):
        assert f"{name}" not in text.replace("benchmark", ""), name
    history = found["history"]["digits"]
    assert [event["actor"] for event in history[:3]] == ["person 1", "person 2", "person 1"]
    assert history[1]["reason"] == "person 1 asked me; person 2 agrees"
    (approval,) = found["versions"]["registry"]["models"]["digits"]["versions"]["2"]["approvals"]
    assert approval["actor"] == "person 2"


def test_people_can_be_included(world: World, tmp_path: Path) -> None:
    found = exported(world, tmp_path, include=["actors"])
    assert found["versions"]["registry"]["models"]["digits"]["aliases"][0]["actor"] == "anna.smith"


def test_secrets_in_reasons_notes_and_labels_are_masked(world: World, tmp_path: Path) -> None:
    for options in ({}, {"include": ["actors", "hosts"]}):
        (tmp_path / "out.html").unlink(missing_ok=True)
        text = json.dumps(exported(world, tmp_path, **options))
        assert TOKEN not in text
        assert "hunter2hunter2" not in text
        assert "/home/anna" not in text


def test_an_export_of_some_versions_says_nothing_of_others(world: World, tmp_path: Path) -> None:
    found = exported(world, tmp_path, refs=["digits@production"])
    said = found["versions"]["registry"]["models"]["digits"]
    assert list(said["versions"]) == ["2"]
    assert "only of three" not in json.dumps(found)
    assert {event["version"] for event in found["history"]["digits"]} == {2, None}
    assert list(found["measured"]) == ["digits:2"]


def test_versions_are_chosen_by_alias(world: World, tmp_path: Path) -> None:
    found = exported(world, tmp_path, aliases=["production"])
    assert [part["columns"]["id"] for part in found["versions"]["parts"] if "id" in part["columns"]] == [["digits:2"]]
    with pytest.raises(VersionNotFoundError, match='No version has the alias "canary"; there are production'):
        tbv.export(tmp_path / "other.html", models_dir=world.models, aliases=["canary"])
    Chronicle(world.models / "digits").damage(10, b"{")
    with pytest.raises(DamagedLogError):
        tbv.export(tmp_path / "other.html", models_dir=world.models, aliases=["production"])


def test_an_export_says_that_a_version_is_not_what_was_promoted(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("digits", 1, description=f"token {TOKEN}")
    tbv.promote("digits:1", world.models, alias="production", reason="good")
    (alias,) = exported(world, tmp_path)["versions"]["registry"]["models"]["digits"]["aliases"]
    assert "another_manifest" not in alias, "what is taken out of an export makes no other manifest"
    world.version("digits", 1, description="another model")
    found = exported(world, tmp_path, force=True)
    (alias,) = found["versions"]["registry"]["models"]["digits"]["aliases"]
    assert alias["another_manifest"] is True


def test_an_export_without_logs_has_no_history(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("digits", 1)
    found = exported(world, tmp_path)
    assert "history" not in found
    assert found["versions"]["registry"]["models"] == {}


def test_a_table_has_aliases_approvals_and_later_metrics(world: World, tmp_path: Path) -> None:
    tbv.export(tmp_path / "out.json", models_dir=world.models)
    text = (tmp_path / "out.json").read_text()
    row = next(row for row in json.loads(text) if row["version"] == "digits:2")
    assert "person 2" in str(row)
    assert "production" in str(row)
    assert "measured.accuracy (monitoring by person 2)" in text
    assert TOKEN not in text


def test_the_same_state_gives_the_same_bytes(world: World, tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        tbv.export(tmp_path / name, models_dir=world.models)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


def test_people_are_in_no_other_text_either(world: World, tmp_path: Path) -> None:
    digits = Chronicle(world.models / "digits")
    digits.say("label_set", 1, events.LabelSet("asked carla", "yes"), actor="carla")
    tbv.record(
        "digits:1", world.models, {"a": 1.0}, dataset="faces of carla", slice="by carla", source="carla", actor="carla"
    )
    for number in (1, 2):
        tbv.note(f"digits:{number}", world.models, text="hello", actor="carla")
    tbv.remove("digits:3", world.models, actor="carla", reason="carla saw it")
    head = digits.registry.refresh().head
    later = {"format": 1, "critical": False, "number": head.number + 1, "id": "a" * 32, "prev": head.digest}
    later |= {"time": "2026-11-30T00:00:00Z", "actor": "ben", "tool": "x 9", "kind": "signed", "data": {"by": "zoe"}}
    (world.models / f"digits/.versions/log/{later['number']:020}.json").write_text(json.dumps(later))
    for out in ("out.html", "out.json"):
        tbv.export(tmp_path / out, models_dir=world.models)
    found = json.dumps(sections(tmp_path / "out.html")) + (tmp_path / "out.json").read_text()
    assert "carla" not in found
    assert "zoe" not in found
    assert re.search(r"(person \d) removed its files \(remove\): \1 saw it", found)
