"""The tables follow the files."""

from __future__ import annotations

import json
import math
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable, write_deltalake

import tb_versions as tbv
from tb_versions.core.manifest import Metric
from tb_versions.errors import StorageError
from tb_versions.fleet import indexing
from tb_versions.fleet.checking import check
from tb_versions.fleet.found import Shard, look
from tb_versions.fleet.indexing import index
from tests.support.unprivileged import run_unprivileged
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    for number in range(1, 4):
        world.version("digits", number, metrics=(Metric(name="loss", value=1 / number),))
    return world


def rows(world: World, table: str = "versions") -> list[dict[str, Any]]:
    found = DeltaTable(os.fspath(world.models / ".index" / table)).to_pyarrow_table()
    return sorted(found.to_pylist(), key=lambda row: (row["path"], row.get("number", 0)))


def paths(world: World) -> list[str]:
    return [row["path"] for row in rows(world)]


def test_a_new_table_has_a_row_for_each_version(world: World) -> None:
    done = index(os.fspath(world.models))
    assert (done.versions, done.added, done.removed) == (3, 3, 0)
    assert paths(world) == ["digits/1", "digits/2", "digits/3"]
    assert [row["metric.loss"] for row in rows(world)] == [1.0, 0.5, 1 / 3]


def test_a_second_run_adds_what_is_new_only(world: World) -> None:
    index(os.fspath(world.models))
    world.version("digits", 4)
    done = index(os.fspath(world.models))
    assert (done.versions, done.added) == (4, 1)
    again = index(os.fspath(world.models))
    assert (again.versions, again.added, again.removed) == (4, 0, 0)


def test_a_version_that_is_gone_has_no_row(world: World) -> None:
    index(os.fspath(world.models))
    shutil.rmtree(world.models / "digits" / "2")
    done = index(os.fspath(world.models))
    assert (done.versions, done.removed) == (2, 1)
    assert paths(world) == ["digits/1", "digits/3"]


def test_a_replaced_manifest_replaces_the_row(world: World) -> None:
    index(os.fspath(world.models))
    world.version("digits", 2, metrics=(Metric(name="loss", value=9.0),))
    done = index(os.fspath(world.models))
    assert (done.versions, done.added, done.removed) == (3, 1, 1)
    assert rows(world)[1]["metric.loss"] == 9.0


def test_a_manifest_that_was_only_touched_keeps_its_row(world: World) -> None:
    index(os.fspath(world.models))
    os.utime(world.models / "digits" / "2" / "version_manifest.json", ns=(5, 5))
    done = index(os.fspath(world.models))
    assert (done.versions, done.added, done.removed) == (3, 0, 0)


def test_rows_below_a_folder_that_can_not_be_read_stay(world: World) -> None:
    index(os.fspath(world.models))
    folder = world.models / "digits"
    folder.chmod(0)
    try:
        done = run_unprivileged("-m", "tb_versions.cli", "index", "--models-dir", os.fspath(world.models), "--json")
    finally:
        folder.chmod(stat.S_IRWXU)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["versions"], told["removed"]) == (3, 0)
    assert [os.path.basename(problem["where"]) for problem in told["problems"]] == ["digits"]


@pytest.mark.parametrize("inner", ["", "versions", "versions/_delta_log"])
@pytest.mark.parametrize("option", ["--json", "--rebuild"])
def test_tables_that_may_not_be_written_are_one_sentence(world: World, inner: str, option: str) -> None:
    index(os.fspath(world.models))
    tables = world.models / ".index"
    if not inner:
        shutil.rmtree(tables)
        tables.mkdir()
    world.version("digits", 4)
    (tables / inner).chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        done = run_unprivileged("-m", "tb_versions.cli", "index", "--models-dir", os.fspath(world.models), option)
    finally:
        (tables / inner).chmod(stat.S_IRWXU)
    assert (done.returncode, done.stdout) == (5, "")
    assert len(done.stderr.splitlines()) == 1
    assert "can't be written" in done.stderr


def test_a_damaged_manifest_is_told_and_hides_no_other(world: World) -> None:
    world.raw("digits/9", b"{")
    done = index(os.fspath(world.models))
    assert (done.versions, [path for path, _ in done.unread]) == (3, ["digits/9"])
    assert [row["path"] for row in rows(world, "unread")] == ["digits/9"]
    shutil.rmtree(world.models / "digits" / "9")
    index(os.fspath(world.models))
    assert rows(world, "unread") == []


def test_a_metric_that_became_common_gets_its_column_when_the_table_is_made_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "_FEWEST_COUNTED", 4)
    index(os.fspath(world.models))
    for number in range(4, 8):
        world.version("digits", number, metrics=(Metric(name="f1", value=0.5),))
    done = index(os.fspath(world.models))
    assert done.untyped == ("f1",)
    assert dict(rows(world)[4]["metrics"]) == {"f1": 0.5}
    before = [{k: v for k, v in row.items() if "." not in k} for row in rows(world)]
    index(os.fspath(world.models), rebuild=True)
    assert rows(world)[4]["metric.f1"] == 0.5
    assert [{k: v for k, v in row.items() if "." not in k} for row in rows(world)] == before


@pytest.mark.parametrize("table", ["versions", "events", "aliases", "unread"])
def test_a_table_whose_files_are_gone_can_be_made_anew(world: World, table: str) -> None:
    tbv.promote("digits:1", world.models, alias="production", actor="ann")
    world.raw("digits/9", b"{")
    index(os.fspath(world.models))
    (file,) = (world.models / ".index" / table).glob("*.parquet")
    file.unlink()
    with pytest.raises(StorageError, match="--rebuild makes it anew"):
        index(os.fspath(world.models), full=True)
    index(os.fspath(world.models), rebuild=True)
    assert check(os.fspath(world.models)).ok
    assert [row["path"] for row in rows(world, "unread")] == ["digits/9"]


def test_shards_together_make_the_same_table(world: World, tmp_path: Path) -> None:
    for number in range(4, 20):
        world.version("digits", number, metrics=(Metric(name="loss", value=1 / number),))
    for share in (3, 1, 2):
        index(os.fspath(world.models), shard=Shard(share, 3))
    one = tmp_path / "one"
    index(os.fspath(world.models), os.fspath(one))
    alone = DeltaTable(os.fspath(one / "versions")).to_pyarrow_table().to_pylist()
    assert sorted(alone, key=lambda row: row["path"]) == sorted(rows(world), key=lambda row: row["path"])


def test_events_and_aliases_follow_the_log(world: World) -> None:
    tbv.promote("digits:1", world.models, alias="production", actor="ann", reason="first")
    index(os.fspath(world.models))
    tbv.promote("digits:2", world.models, alias="production", actor="bob")
    done = index(os.fspath(world.models))
    assert done.events == 1
    assert [(row["kind"], row["version"], row["actor"]) for row in rows(world, "events")] == [
        ("alias_set", 1, "ann"),
        ("alias_set", 2, "bob"),
    ]
    (alias,) = rows(world, "aliases")
    assert (alias["alias"], alias["number"], alias["by"]) == ("production", 2, "bob")


def test_events_of_a_log_that_is_gone_or_another_one_are_taken_away(world: World, tmp_path: Path) -> None:
    other = World(tmp_path / "other")
    other.version("digits", 1)
    for text in ("a", "b", "c"):
        tbv.note("digits:1", other.models, text=text)
    for model in ("digits", "kept"):
        world.version(model, 9)
        tbv.note(f"{model}:9", world.models, text="one")
    index(os.fspath(world.models))
    log = world.models / "digits" / ".versions" / "log"
    for path in (world.models / "digits" / ".versions").iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(other.models / "digits" / ".versions" / "log", log)
    code = "import sys; from tb_versions.fleet.indexing import index; index(sys.argv[1])"
    elsewhere = {**os.environ, "TB_VERSIONS_STATE_DIR": os.fspath(tmp_path / "state")}
    subprocess.run([sys.executable, "-c", code, str(world.models)], env=elsewhere, check=True)  # never saw the old log
    assert [(row["model"], row["number"]) for row in rows(world, "events")] == [
        *(("digits", number) for number in (1, 2, 3)),
        ("kept", 1),
    ]
    shutil.rmtree(world.models / "kept")
    index(os.fspath(world.models))
    assert {row["model"] for row in rows(world, "events")} == {"digits"}


def test_an_index_is_no_version_and_no_model(world: World) -> None:
    index(os.fspath(world.models))
    catalog = tbv.open_catalog(models_dir=world.models)
    assert len(catalog.versions) == 3
    assert not catalog.problems


def test_a_table_of_a_newer_version_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_versions.fleet.delta.SCHEMA", 2)
    index(os.fspath(world.models))
    monkeypatch.undo()
    with pytest.raises(StorageError, match="newer version"):
        index(os.fspath(world.models))


def test_the_table_of_another_program_is_left_alone(world: World, tmp_path: Path) -> None:
    from deltalake import write_deltalake

    polars_table = polars.DataFrame({"a": [1]})
    write_deltalake(os.fspath(tmp_path / "other" / "versions"), polars_table.to_arrow())
    with pytest.raises(StorageError, match="not one that tb-versions index made"):
        index(os.fspath(world.models), os.fspath(tmp_path / "other"))


def test_duckdb_and_polars_read_the_same(world: World) -> None:
    index(os.fspath(world.models))
    folder = os.fspath(world.models / ".index" / "versions")
    versions = DeltaTable(folder).to_pyarrow_table()
    assert versions.num_rows == 3
    by_duckdb = duckdb.sql('SELECT number, "metric.loss" FROM versions ORDER BY number').fetchall()
    by_polars = polars.scan_delta(folder).select("number", "metric.loss").sort("number").collect().rows()
    assert by_duckdb == by_polars == [(1, 1.0), (2, 0.5), (3, 1 / 3)]


def test_a_number_that_is_nan_hides_no_other_from_a_query(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number, value in enumerate((math.nan, 0.5, math.inf, 0.1), 1):
        world.version("digits", number, metrics=(Metric(name="loss", value=value),))
    for _ in range(2):
        index(os.fspath(world.models), rebuild=True)
    table = DeltaTable(os.fspath(world.models / ".index" / "versions"))
    found = table.to_pyarrow_dataset().to_table(columns=["number"], filter=pc.field("metric.loss") > 0.2)
    assert sorted(found.column("number").to_pylist()) == [2, 3]
    assert table.to_pyarrow_table(columns=["number"], filters=[("model", "=", "digits")]).num_rows == 4


@pytest.mark.parametrize(
    ("planted", "message"),
    [
        ({"path": None, "id": "f" * 32}, ""),
        ({"path": "", "id": "f" * 32}, ""),
        ({"path": "digits/1/", "id": "f" * 32}, ""),
        ({"manifest_size": None, "manifest_time": None, "id": "f" * 32}, ""),
        ({"id": None}, "ids that this package does not write"),
        ({"path": None, "id": None}, "ids that this package does not write"),
        ({"id": "x"}, "ids that this package does not write"),
    ],
)
def test_a_planted_row_goes_or_is_one_sentence(world: World, planted: dict[str, Any], message: str) -> None:
    index(os.fspath(world.models))
    table = DeltaTable(os.fspath(world.models / ".index" / "versions"))
    there = table.to_pyarrow_table()
    write_deltalake(
        table, pa.Table.from_pylist([{**there.to_pylist()[0], **planted}], schema=there.schema), mode="append"
    )
    for _ in range(2):
        if message:
            with pytest.raises(StorageError, match=message):
                index(os.fspath(world.models))
        else:
            index(os.fspath(world.models))
            assert check(os.fspath(world.models)).ok
    index(os.fspath(world.models), rebuild=True)
    assert check(os.fspath(world.models)).ok


def test_hostile_names_are_data(world: World) -> None:
    hostile = "x'; DROP TABLE versions; --"
    world.version(hostile, 1, metrics=(Metric(name=hostile, value=1.0),), hyperparameters={hostile: hostile})
    index(os.fspath(world.models))
    world.version("digits", 9)
    shutil.rmtree(world.models / hostile)
    done = index(os.fspath(world.models))
    assert (done.added, done.removed, done.versions) == (1, 1, 4)
    assert check(os.fspath(world.models)).ok


@pytest.mark.parametrize("run", [index, check])
def test_tables_are_not_written_where_a_planted_link_leads(world: World, tmp_path: Path, run: Any) -> None:
    (tmp_path / "elsewhere").mkdir()
    (world.models / ".index").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="Give --to"):
        run(os.fspath(world.models))
    assert not list((tmp_path / "elsewhere").iterdir())


def test_many_commits_are_one_table(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    index(os.fspath(world.models))
    for number in range(4, 14):
        world.version("digits", number)
    monkeypatch.setattr(indexing, "ROWS_A_COMMIT", 3)
    done = index(os.fspath(world.models))
    assert (done.added, done.versions) == (10, 13)


def test_a_row_that_another_added_after_the_folder_was_looked_at_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    index(os.fspath(world.models))
    looks = []

    def late(models_dir: str) -> Any:
        here = look(models_dir)
        if not looks:
            looks.append(here)
            world.version("digits", 9)
            index(os.fspath(world.models), full=True)
        return here

    monkeypatch.setattr(indexing, "look", late)
    done = index(os.fspath(world.models), full=True)
    assert (done.removed, paths(world)[-1]) == (0, "digits/9")


@pytest.mark.parametrize("exists", [True, False])
def test_a_table_that_is_made_anew_loses_no_row_that_another_added(
    world: World, monkeypatch: pytest.MonkeyPatch, exists: bool
) -> None:
    if exists:
        index(os.fspath(world.models))
    looks = []

    def late(models_dir: str) -> Any:
        here = look(models_dir)
        looks.append(here)
        if len(looks) == 1:
            world.version("digits", 9)
            index(os.fspath(world.models))
        return here

    monkeypatch.setattr(indexing, "look", late)
    index(os.fspath(world.models), rebuild=exists)
    assert paths(world)[-1] == "digits/9"
