"""An exported page makes the table that `tb-versions export --format csv` makes, without a server."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tb_versions.core.manifest import Metric, Parent
from tests.browser.conftest import new_context, watch
from tests.browser.exported import ExportedPage, write_export
from tests.support.documented import said
from tests.support.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Numbers of all kinds, names that are not unique, formulas, quotes, labels, a log."""
    made = World(tmp_path_factory.mktemp("csv"))
    made.scalars("mlp/train", "loss", [(step, 1 / (step + 3)) for step in range(50)])
    made.version(
        "digits",
        1,
        run="mlp/train",
        step=20,
        metrics=(
            Metric(name="accuracy", value=0.1 + 0.2, source="typed"),
            Metric(name="tiny", value=1.25e-09),
            Metric(name="whole", value=3.0),
            Metric(name="step", value=float("nan")),
            Metric(name="huge", value=float("-inf")),
        ),
        hyperparameters={"lr": 1e-05, "units": 32, "optimizer": "=cmd|' /C calc'!A0", "accuracy": 1, "flag": True},
        labels={"note": 'a "quoted", text\n=1+1', "-team": "@vision"},
    )
    made.version(
        "digits", 2, semantic_version="1.1.0", hyperparameters={"lr": 2, "units": 64, "optimizer": "adam"},
        parents=(Parent(model="digits", number=1, relation="derived_from"),),
    )  # fmt: skip
    said(made, "promote", "digits:2", "--alias", "production", "--reason", "x", "--actor", "jane")
    said(made, "record", "digits:1", "accuracy=0.5", "--dataset", "clinic", "--source", "monitoring", "--actor", "jane")
    yield made
    made.close()


@pytest.fixture
def exported(world: World, browser: Browser, complaints: list[str], tmp_path: Path) -> Iterator[ExportedPage]:
    """The page, opened from the disk and offline."""
    file = write_export(tmp_path / "share.html", "--logdir", str(world.logs), "--models-dir", str(world.models))
    context = new_context(browser)
    context.set_offline(True)
    page = context.new_page()
    watch(page, complaints)
    yield ExportedPage(page, file.as_uri()).open()
    assert complaints == []
    context.close()


def save(exported: ExportedPage, folder: Path) -> bytes:
    """Presses the button; returns the file."""
    with exported.page.expect_download() as told:
        exported.inside.get_by_role("button", name="CSV", exact=True).click()
    assert told.value.suggested_filename == "digits-versions.csv"
    told.value.save_as(folder / "page.csv")
    expect(exported.inside.get_by_text("Saved as digits-versions.csv")).to_be_visible()
    return (folder / "page.csv").read_bytes()


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def test_its_csv_is_the_command_s(exported: ExportedPage, world: World, tmp_path: Path) -> None:
    out = write_export(tmp_path / "table.csv", "--logdir", str(world.logs), "--models-dir", str(world.models))
    made, wanted = sorted(rows(save(exported, tmp_path)), key=lambda row: row["version"]), rows(out.read_bytes())
    assert [row.keys() for row in made] == [row.keys() for row in wanted]
    assert [
        (key, of[key], by[key]) for of, by in zip(made, wanted, strict=True) for key in of if of[key] != by[key]
    ] == []


def test_it_holds_what_is_shown(exported: ExportedPage, tmp_path: Path) -> None:
    exported.filter.fill("optimizer = adam")
    exported.filter.press("Enter")
    exported.expect_count(1)
    assert [row["version"] for row in rows(save(exported, tmp_path))] == ["digits:2"]
