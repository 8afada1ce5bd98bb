"""A table that lies is found out."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

import tb_versions as tbv
from tb_versions.core.manifest import Metric
from tb_versions.errors import StorageError
from tb_versions.fleet.checking import check
from tb_versions.fleet.indexing import index
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    for number in range(1, 4):
        world.version("digits", number, metrics=(Metric(name="loss", value=float(number)),))
    tbv.promote("digits:1", world.models, alias="production")
    index(os.fspath(world.models))
    return world


def rewrite(world: World, change: Callable[[list[dict[str, object]]], None], table: str = "versions") -> None:
    path = os.fspath(world.models / ".index" / table)
    found = DeltaTable(path).to_pyarrow_table()
    rows = found.to_pylist()
    change(rows)
    write_deltalake(path, pa.Table.from_pylist(rows, schema=found.schema), mode="overwrite")


def test_a_table_that_says_what_the_files_say_is_fine(world: World) -> None:
    found = check(os.fspath(world.models))
    assert (found.ok, found.rows, found.named) == (True, 3, [])


def test_a_missing_table_is_an_error(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("digits", 1)
    with pytest.raises(StorageError, match="Make it: tb-versions index"):
        check(os.fspath(world.models))


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (lambda rows: rows.pop(), "missing"),
        (lambda rows: rows.append(rows[0]), "twice"),
        (lambda rows: rows[0].update({"metric.loss": 0.0}), "different"),
        (lambda rows: rows[0].update(metrics=[("loss", 0.0)]), "different"),
        (lambda rows: rows[0].update(manifest_digest="sha256:" + "0" * 64), "different"),
        (lambda rows: rows[0].update(model="other"), "different"),
        (lambda rows: rows[0].update(manifest=None), "different"),
        (lambda rows: rows[0].update(manifest=b"x" * (2 << 20)), "different"),
        (lambda rows: rows[0].update(path=None), "different"),
        (lambda rows: rows[0].update(id="' OR 1 = 1 --"), "different"),
    ],
)
def test_a_row_that_lies_is_named(world: World, change: Callable[[list[dict[str, object]]], None], kind: str) -> None:
    rewrite(world, change)
    found = check(os.fspath(world.models))
    assert found.counts[kind] >= 1
    assert found.named


@pytest.mark.parametrize(("name", "values"), [("hp.units", pa.array([1, 2, 3])), ("note", pa.array(["a", "b", "c"]))])
def test_a_column_that_no_manifest_leads_to_is_named(world: World, name: str, values: pa.Array) -> None:
    path = os.fspath(world.models / ".index/versions")
    found = DeltaTable(path).to_pyarrow_table().append_column(name, values)
    write_deltalake(path, found, mode="overwrite", schema_mode="overwrite")
    assert check(os.fspath(world.models)).named == [f"The column {name} is none that tb-versions index makes."]


def test_a_path_with_a_hidden_character_is_no_difference(world: World) -> None:
    world.version("digits", 7, folder=world.models / "a\u200bb" / "7")
    index(os.fspath(world.models))
    assert check(os.fspath(world.models)).named == []


def test_versions_that_came_or_went_since_are_differences(world: World) -> None:
    world.version("digits", 9)
    shutil.rmtree(world.models / "digits" / "1")
    found = check(os.fspath(world.models))
    assert (found.counts["missing"], found.counts["extra"]) == (1, 1)


def test_events_and_aliases_that_lie_are_found(world: World) -> None:
    rewrite(world, lambda rows: rows[0].update(actor="mallory"), "events")
    rewrite(world, lambda rows: rows[0].update(number=3), "aliases")
    found = check(os.fspath(world.models))
    assert (found.counts["events"], found.counts["aliases"]) == (1, 1)
