"""Exports say what gates are worth by all that is known, also where the versions that decide stay behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import tb_versions as tbv
from tb_versions.exports.checking.reading import read_export
from tests.support.gating import accuracy, checked
from tests.support.world import World

LATER = 'metric = "accuracy"\nsource = "monitoring by anna.smith"\nat_least = 0.5'


def exported(world: World, folder: Path, **options: Any) -> dict[str, Any]:
    out = folder / "out.html"
    tbv.export(out, models_dir=world.models, force=out.exists(), **options)
    export = read_export(str(out))
    return {name: export.section(name) for name in export.names}


def gates(found: dict[str, Any], number: int) -> list[tuple[str, list[str]]]:
    said = found["versions"]["registry"]["models"]["digits"]["versions"][str(number)]
    return [(gate["verdict"], gate["changed"]) for gate in said["gates"]]


def test_a_result_is_as_fresh_in_an_export_as_beside_the_files(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (1, 2, 3):
        world.version("digits", number, metrics=(accuracy(0.9),))
    tbv.promote("digits:1", world.models, alias="production", actor="anna.smith")
    tbv.record("digits:2", world.models, {"accuracy": 0.9}, source="monitoring by anna.smith", actor="anna.smith")
    rule = 'metric = "accuracy"\nworse_by_at_most = 0'
    checked(world, rule, LATER, head='against = "production"', record=True, actor="anna.smith")
    part = exported(world, tmp_path, refs=["digits:2"])
    assert gates(part, 2) == gates(exported(world, tmp_path), 2) == [("passed", [])]
    assert "anna" not in json.dumps(part).lower()
    (event,) = [event for event in part["history"]["digits"] if event["kind"] == "gate_checked"]
    assert [each["verdict"] for each in event["findings"]] == ["passed", "passed"]
    tbv.promote("digits:3", world.models, alias="production")
    tbv.record("digits:2", world.models, {"accuracy": 0.7}, source="monitoring by anna.smith")
    assert gates(exported(world, tmp_path, refs=["digits:2"]), 2) == [("stale", ["metrics", "baseline"])]
