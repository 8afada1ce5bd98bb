"""A version without hyperparameters has those of its run and the options of its command, and both are marked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tensorboard.plugins.hparams import summary_v2 as hp

from tb_versions import compare
from tb_versions.cli import main
from tb_versions.core.manifest import Code, Run
from tb_versions.exports.checking.reading import read_export
from tb_versions.exports.export import export
from tb_versions.payload import version_payload, versions_payload
from tb_versions.query import compile_filter
from tb_versions.read.catalog import Catalog
from tb_versions.read.curves.event_files import provider_of
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.reader import CatalogReader
from tb_versions.read.reuse.api import open_catalog
from tests.support.world import World, row_of


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.event("a", hp.hparams_pb({"lr": 0.5, "units": 32}))
    made.event("b/train", hp.hparams_pb({"lr": 0.25, "token": "not a secret 123"}))
    made.scalars("plain", "loss", [(0, 1.0)])
    made.scalars("b/validation", "loss", [(0, 1.0)])
    made.version("m", 1, run="a")
    made.version("m", 2, runs=(Run(name="b/train"), Run(name="b/validation")))
    made.version("m", 3, run="a", hyperparameters={"lr": 0.125})
    made.version("m", 4, run="plain", code=Code(arguments=("--lr", "0.1", "--epochs=5", "--api-key", "***")))
    made.version("m", 5, run="a", code=Code(arguments=("--lr=9",)))
    made.version("m", 6, hyperparameters={"x": 1}, code=Code(arguments=("--lr=9",)))
    made.close()
    return made


def catalog_of(world: World) -> Catalog:
    return open_catalog(str(world.logs), [str(world.models)])


def hyperparameters(catalog: Catalog, number: int) -> dict[str, Any]:
    return dict(catalog.find(f"m:{number}").hyperparameters)


def test_a_version_without_hyperparameters_has_those_of_its_run_and_its_command(world: World) -> None:
    catalog = catalog_of(world)
    assert hyperparameters(catalog, 1) == {"lr": 0.5, "units": 32}
    assert hyperparameters(catalog, 2) == {"lr": 0.25, "token": "not a secret 123"}
    assert hyperparameters(catalog, 3) == {"lr": 0.125}
    assert hyperparameters(catalog, 4) == {"args.lr": 0.1, "args.epochs": 5}
    assert hyperparameters(catalog, 5) == {"lr": 0.5, "units": 32, "args.lr": 9}
    assert hyperparameters(catalog, 6) == {"x": 1}
    assert hyperparameters(open_catalog("", [str(world.models)]), 1) == {}


def test_the_table_the_details_and_the_filter_have_them(world: World) -> None:
    catalog = catalog_of(world)
    table = versions_payload(catalog)
    rows = [row_of({**table, "columns": table["columns"]}, f"m:{number}") for number in range(1, 7)]
    assert [row["hyperparameters"]["lr"] for row in rows] == [0.5, 0.25, 0.125, None, 0.5, None]
    assert [row["run_hyperparameters"] for row in rows] == [True, True, False, False, True, False]
    assert [row["hyperparameters"]["args.lr"] for row in rows] == [None, None, None, 0.1, 9, None]
    details = version_payload(catalog, catalog.find("m:1"), None)
    assert details["run_hyperparameters"] == {"lr": 0.5, "units": 32}
    assert version_payload(catalog, catalog.find("m:4"), None)["run_hyperparameters"] is None
    passes = compile_filter("lr >= 0.25", catalog)
    assert [v.number for v in catalog.versions if passes(v)] == [1, 2, 5]


def test_the_command_line_marks_them(world: World) -> None:
    places = ["--logdir", str(world.logs), "--models-dir", str(world.models)]
    said = CliRunner().invoke(main, ["show", "m:1", *places]).stdout
    assert "0.5 (from the run)" in said
    listed = json.loads(CliRunner().invoke(main, ["list", "m", "--json", *places]).stdout)
    assert [row["hyperparameters_from"] for row in listed] == ["run", "run", None, None, "run", None]
    table = CliRunner().invoke(main, ["list", "--columns", "lr,args.lr", "--sort", "-lr", *places]).stdout
    assert [line.split() for line in table.splitlines()][1:3] == [["m:1", "0.5"], ["m:5", "0.5", "9"]]


def test_a_comparison_marks_them(world: World) -> None:
    found = compare(["m:1", "m:3", "m:4"], logdir=world.logs, models_dir=world.models)
    row = found.row("hyperparameters", "lr")
    assert [(cell.value, cell.known) for cell in row.cells] == [(0.5, True), (0.125, True), (None, False)]
    assert [cell.details for cell in row.cells] == [{"origin": "run"}, {}, {}]
    assert [row.key for row in found.rows if row.group == "hyperparameters"] == ["lr", "units"]


@pytest.mark.parametrize("include", [(), ("arguments",)])
def test_an_export_has_them_and_arguments_only_where_they_are_included(
    world: World, tmp_path: Path, include: tuple[Any, ...]
) -> None:
    out = tmp_path / "a.html"
    export(out, logdir=world.logs, models_dir=world.models, include=include)
    read = read_export(out)
    names = {column["name"] for column in read.section("versions")["hyperparameters"]}
    assert {"lr", "units"} <= names
    assert ("args.lr" in names) == bool(include)
    text = json.dumps([read.section(name) for name in read.names])
    assert ("args." in text) == bool(include)
    assert '"origin": "run"' in text
    assert "not a secret 123" not in text  # its name is "token"
    verified = CliRunner().invoke(main, ["verify", str(out), "--models-dir", str(world.models)])
    assert verified.exit_code == 0, verified.output
    export(tmp_path / "a.json", logdir=world.logs, models_dir=world.models, include=include)
    rows = json.loads((tmp_path / "a.json").read_text())
    assert ("args." in json.dumps(rows)) == bool(include)


def test_what_a_run_logs_later_is_found(world: World) -> None:
    """The version was there before the event."""
    world.version("m", 7, run="late")
    world.scalars("late", "loss", [(0, 1.0)])
    world.close()
    reader = CatalogReader(roots_of(str(world.logs), [str(world.models)]), provider_of(str(world.logs)))
    assert dict(reader.refresh().find("m:7").hyperparameters) == {}
    same = reader.refresh()
    assert reader.refresh() is same
    world.event("late", hp.hparams_pb({"lr": 1.5}))
    world.close()
    reader.connect(provider_of(str(world.logs)))
    assert dict(reader.refresh().find("m:7").hyperparameters) == {"lr": 1.5}


def test_a_provider_that_fails_is_a_problem_and_hides_nothing(world: World) -> None:
    provider = provider_of(str(world.logs))
    real = provider.list_tensors

    def failing(context: Any, *, plugin_name: str, **more: Any) -> Any:
        if plugin_name == "hparams":
            raise RuntimeError("broken\nhere")
        return real(context, plugin_name=plugin_name, **more)

    provider.list_tensors = failing
    catalog = CatalogReader(roots_of(str(world.logs), [str(world.models)]), provider).refresh()
    assert ("event files", "the hyperparameters of runs could not be read: broken") in catalog.problems
    assert len(catalog.versions) == 6
