"""The long tables: what they hold, and that Polars, DuckDB and pandas read the same."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

import tb_versions as tbv
from tb_versions.cli import main
from tests.support.world import World

pytestmark = pytest.mark.slow


def test_metrics_are_those_of_show_json_with_slices(versions: tbv.Versions, world: World) -> None:
    places = ["--models-dir", str(world.models), "--logdir", str(world.logs)]
    told = json.loads(CliRunner().invoke(main, ["show", "digits:2", "--json", *places]).stdout)
    rows = [row for row in versions.metrics() if row["version"] == "digits:2"]
    whole = {(row["metric"], row["dataset"]): row for row in rows if not row["slice"]}
    for metric in told["metrics"]:
        row = whole[metric["name"], metric["dataset"]]
        assert (row["value"], row["source"], row["step"]) == (metric["at_export"], metric["source"], metric["step"])
        assert (row["run"], row["best"], row["best_step"]) == (metric["run"], metric["best"], metric["best_step"])
    (group,) = told["slices"]
    sliced = {row["slice"]: row["value"] for row in rows if row["slice"]}
    assert sliced == {name: value for name, value in zip(group["slice"], group["value"], strict=True) if name}
    assert all(row["lower"] < row["value"] < row["upper"] for row in rows if row["slice"] == "digit:1")


@pytest.mark.parametrize("named", ["monitoring", "evaluated"])
def test_metrics_measured_later_have_their_time_and_whatever_they_are_called_are_measured(
    world: World, named: str
) -> None:
    tbv.record("digits:2", world.models, metrics={"accuracy": 0.6}, dataset="2026-11", source=named)
    rows = [row for row in tbv.versions(world.models).metrics() if row["measured"]]
    names = ("version", "metric", "dataset", "value", "source", "measured_source")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("digits:2", "accuracy", "2026-11", 0.6, "measured", named)
    ]


def test_points_of_curves_name_the_versions_that_were_exported_there(versions: tbv.Versions) -> None:
    rows = list(versions.curves())
    assert [(row["run"], row["tag"], row["step"], row["exported"]) for row in rows] == [
        ("cnn", "val_accuracy", 1, ["digits:1"]),
        ("cnn", "val_accuracy", 2, ["digits:2"]),
        ("cnn", "val_accuracy", 3, []),
        ("cnn", "val_accuracy", 4, []),  # the version of step 4 is hidden
    ]
    assert [round(row["value"], 6) for row in rows] == [0.5, 0.7, 0.9, 0.8]
    assert rows[0]["time"] == 1_795_420_801_000


def test_without_a_log_directory_the_curves_say_what_is_missing(world: World) -> None:
    with pytest.warns(tbv.TbVersionsWarning, match="no logdir"):
        frame = tbv.versions(world.models).curves()
    assert (len(frame), frame.left_out) == (0, ("Curves are read from the log directory, and no logdir was given.",))


def test_events_are_those_of_the_log(versions: tbv.Versions, world: World) -> None:
    rows = list(versions.events())
    told = tbv.history("digits", world.models)
    assert [(row["event"], row["kind"], row["version"]) for row in rows] == [
        (one.event.number, one.event.kind, one.event.version) for one in told
    ]
    assert [(row["actor"], row["reason"]) for row in rows] == [("ada", "best so far"), ("ada", "overfits")]
    assert rows[0]["alias"] == "production"
    assert "digits:2" in rows[0]["words"]


def test_a_manifest_that_is_gone_by_now_is_said(versions: tbv.Versions, world: World) -> None:
    (world.models / "digits/1/version_manifest.json").unlink()
    with pytest.warns(tbv.TbVersionsWarning, match="digits:1"):
        frame = versions.metrics()
    assert "digits:1" in frame.left_out[0]
    assert {row["version"] for row in frame} == {"digits:1", "digits:2", "faces:7"}


def test_a_manifest_that_breaks_the_schema_is_said_and_hides_no_other(world: World) -> None:
    raw = {"schemaVersion": 1, "model": "digits", "number": "9", "format": "files", "metrics": [1]}
    world.raw("digits/9", json.dumps(raw).encode())
    with pytest.warns(tbv.TbVersionsWarning, match="digits:9 is damaged"):
        frame = tbv.versions(world.models).metrics()
    assert {row["version"] for row in frame} == {"digits:1", "digits:2", "faces:7"}


@pytest.mark.parametrize("name", ["frame", "metrics", "curves", "events"])
def test_polars_duckdb_and_pandas_read_the_same(versions: tbv.Versions, name: str) -> None:
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    frame = getattr(versions, name)()
    read = polars.DataFrame(frame)
    assert tuple(read.columns) == frame.columns
    assert read.height == len(frame) == len(frame.to_pandas())
    assert duckdb.sql("SELECT count(*) FROM frame").fetchall() == [(len(frame),)]
    first = next(iter(frame))
    text = next(column for column in frame.columns if isinstance(first[column], str))
    assert read[text].to_list() == [row[text] for row in frame] == frame.to_pandas()[text].to_list()
    assert [row[0] for row in duckdb.sql(f"SELECT {text} FROM frame").fetchall()] == read[text].to_list()


def test_polars_and_duckdb_read_versions_themselves(versions: tbv.Versions) -> None:
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    assert polars.DataFrame(versions)["version"].to_list() == [version.id for version in versions]
    best = duckdb.sql("SELECT version FROM versions ORDER BY val_accuracy DESC NULLS LAST LIMIT 1").fetchall()
    assert best == [("digits:2",)]
