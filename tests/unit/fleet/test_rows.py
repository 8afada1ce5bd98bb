"""Rows of the tables."""

from __future__ import annotations

import datetime
import math
import os
from pathlib import Path
from typing import Any

from tb_versions.core.manifest import Metric, Parent
from tb_versions.fleet.found import look
from tb_versions.fleet.rows import Draft, in_order, read_drafts, versions_table
from tb_versions.fleet.schema import Typed
from tests.support.world import World

TYPED = Typed(("loss",), {"lr": "number", "name": "text", "deep": "truth", "big": "number"})


def drafts(world: World, unread: list[tuple[str, str]] | None = None) -> list[Draft]:
    found = look(os.fspath(world.models))
    return in_order(read_drafts(found.versions.items(), [] if unread is None else unread, []))


def only_row(world: World) -> dict[str, Any]:
    (row,) = versions_table(drafts(world), TYPED).to_pylist()
    return dict(row)


def test_a_row_says_what_the_manifest_says(tmp_path: Path) -> None:
    world = World(tmp_path)
    folder = world.version(
        "digits",
        3,
        run="train",
        step=7,
        metrics=(Metric(name="loss", value=0.5), Metric(name="auc", value=0.9, dataset="holdout")),
        hyperparameters={"lr": 1, "name": "adam", "deep": True, "big": 2**60},
        labels={"owner": "ann"},
        parents=(Parent(model="digits", number=2),),
        description="Better.\nMore.",
    )
    row = only_row(world)
    assert (row["path"], row["model"], row["number"], row["run"], row["step"]) == ("digits/3", "digits", 3, "train", 7)
    assert dict(row["metrics"]) == {"loss": 0.5, "auc [holdout]": 0.9}
    assert dict(row["hyperparameters"]) == {"lr": "1", "name": "adam", "deep": "true", "big": str(2**60)}
    assert (row["metric.loss"], row["hp.lr"], row["hp.name"], row["hp.deep"]) == (0.5, 1.0, "adam", True)
    assert row["hp.big"] is None, "a double can't hold it"
    assert dict(row["labels"]) == {"owner": "ann"}
    assert row["parents"] == ["digits:2"]
    assert row["summary"] == "Better."
    assert row["manifest"] == (folder / "version_manifest.json").read_bytes()
    assert isinstance(row["created"], datetime.datetime)


def test_a_time_before_1970_is_a_time(tmp_path: Path) -> None:
    world = World(tmp_path)
    moment = datetime.datetime(1950, 1, 2, 3, 4, 5, 678_000, tzinfo=datetime.timezone.utc)
    world.version("a", 1, created=moment)
    assert only_row(world)["created"] == moment


def test_nan_and_infinity_stay_what_they_are(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("a", 1, metrics=(Metric(name="loss", value=math.nan), Metric(name="x", value=math.inf)))
    row = only_row(world)
    assert math.isnan(row["metric.loss"])
    assert dict(row["metrics"])["x"] == math.inf


def test_a_value_of_another_kind_than_its_column_is_in_the_map_only(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("a", 1, hyperparameters={"lr": "cosine", "deep": 1})
    row = only_row(world)
    assert (row["hp.lr"], row["hp.deep"]) == (None, None)
    assert dict(row["hyperparameters"]) == {"lr": "cosine", "deep": "1"}


def test_a_manifest_that_can_not_be_read_is_named_and_the_others_have_rows(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("a", 1)
    world.raw("a/2", b"{")
    unread: list[tuple[str, str]] = []
    assert [draft.path for draft in drafts(world, unread)] == ["a/1"]
    assert [path for path, _ in unread] == ["a/2"]


def test_a_version_has_another_id_at_another_place_and_with_another_manifest(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("a", 1)
    (one,) = drafts(world)
    assert one.id == Draft(one.path, one.listing, one.data, (0, 0)).id
    assert one.id != Draft("b/1", one.listing, one.data, one.key).id
    assert one.id != Draft(one.path, one.listing, one.data + b" ", one.key).id


def test_rows_stand_by_model_and_number(tmp_path: Path) -> None:
    world = World(tmp_path)
    for model, number in (("b", 1), ("a", 10), ("a", 9)):
        world.version(model, number)
    assert [draft.path for draft in drafts(world)] == ["a/9", "a/10", "b/1"]
