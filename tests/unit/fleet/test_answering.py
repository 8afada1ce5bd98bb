"""Versions of the tables are shown as those that were read from their files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions import payload
from tb_versions.core.manifest import Metric, Run
from tb_versions.fleet.answering import catalog_of, rows_of_models
from tb_versions.fleet.indexing import index
from tb_versions.fleet.standing import Standing
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.world import World

pytestmark = pytest.mark.slow

UNKNOWN = ("state", "gates", "measured")


def test_a_part_of_the_versions_says_what_the_whole_catalog_says_of_them(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (1, 2, 3):
        lead = "loss" if number == 2 else ""
        runs = (Run(name="mlp", step=number),)
        world.version("m", number, metrics=(Metric(name="loss", value=0.5),), runs=runs, lead_metric=lead)
    world.version("other", 1, hyperparameters={"seed": 2**60, "text": "32"})
    world.version("other", 2, folder=world.models / "other" / "22")
    said = Chronicle(world.models / "m")
    said.say("alias_set", 3, events.AliasSet("production"))
    said.say("label_set", 1, events.LabelSet("team", "vision"))
    index(os.fspath(world.models))
    standing, whole = Standing(os.fspath(world.models)), tbv.open_catalog(models_dir=world.models)
    for rows in ([0], [2, 0], [4, 3], []):
        catalog, versions = catalog_of(standing, rows)
        assert [v.id for v in versions] == [standing.ids[row] for row in rows]
        by_files = payload.rows(whole, [whole.by_id[v.id] for v in versions])
        for told, wanted in zip(payload.rows(catalog, versions), by_files, strict=True):
            assert {k: v for k, v in told.items() if k not in UNKNOWN} == {
                k: v for k, v in wanted.items() if k not in UNKNOWN
            }
            assert told["state"] == "unchecked"
    assert catalog_of(standing, [0])[0].lead_metrics == {"m": "loss"} == dict(whole.lead_metrics)


def test_the_rows_of_some_models_are_found(tmp_path: Path) -> None:
    world = World(tmp_path)
    for model in ("a", "b", "c"):
        world.version(model, 1)
    index(os.fspath(world.models))
    standing = Standing(os.fspath(world.models))
    assert rows_of_models(standing, ["c", "a", "x"]) == [0, 2]
    assert rows_of_models(standing, []) == []
