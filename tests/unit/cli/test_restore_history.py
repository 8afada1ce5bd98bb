"""`tb-versions import --history` brings what was said of versions, as history: it moves no alias."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

import tb_versions as tbv
from tb_versions.cli.program import main
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.reader import CatalogReader
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.world import World


def exported(tmp_path: Path) -> Path:
    world = World(tmp_path / "one")
    for number in (1, 2):
        world.version("digits", number)
    digits = Chronicle(world.models / "digits")
    digits.say("alias_set", 1, events.AliasSet("production"))
    digits.say("alias_set", 2, events.AliasSet("production", 1), reason="better")
    digits.say("noted", 2, events.Text("seen"))
    digits.measure(2, accuracy=0.5, dataset="2026-11", source="monitoring")
    digits.measure(2, loss=float("nan"), minutes=1)
    out = tmp_path / "out.html"
    tbv.export(out, models_dir=world.models)
    return out


def run(*arguments: str) -> list[dict[str, str]]:
    result = CliRunner().invoke(main, ["import", "--json", *arguments])
    assert result.exit_code == 0, result.output
    found: list[dict[str, str]] = json.loads(result.stdout)
    return found


def test_history_comes_only_when_it_is_asked_for(tmp_path: Path) -> None:
    run(str(exported(tmp_path)), "--models-dir", str(tmp_path / "two"))
    assert CatalogReader(roots_of("", [str(tmp_path / "two")])).refresh().registries == {}


def test_history_is_kept_for_reading_and_moves_no_alias(tmp_path: Path) -> None:
    out = str(exported(tmp_path))
    one, two = run(out, "--models-dir", str(tmp_path / "two"), "--history")
    assert "1 events" in one["reason"]
    assert "2 events and 2 measurements" in two["reason"]
    catalog = CatalogReader(roots_of("", [str(tmp_path / "two")])).refresh()
    (registry,) = catalog.registries["digits"]
    assert registry.state.aliases == {}
    assert [(m.actor, m.values[0].name) for m in registry.measured] == [("person 1", "accuracy"), ("person 1", "loss")]
    event = Chronicle(tmp_path / "two" / "digits").registry.event(2)
    copied = events.said(event)
    assert (event.kind, event.version, len(copied.events)) == ("copied", 2, 2)
    assert json.loads(bytes(copied.events[0]))["reason"] == "better"


def test_what_is_there_already_gets_no_history_twice(tmp_path: Path) -> None:
    out, two = str(exported(tmp_path)), tmp_path / "two"
    run(out, "--models-dir", str(two), "--history")
    assert {done["became"] for done in run(out, "--models-dir", str(two), "--history")} == {"skipped"}
    assert Chronicle(two / "digits").registry.refresh().head.number == 2


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    run(str(exported(tmp_path)), "--models-dir", str(tmp_path / "two"), "--history", "--dry-run")
    assert not (tmp_path / "two").exists()
