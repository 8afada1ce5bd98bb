"""Where TensorBoard's sample is all there is, every number from it is marked, and nothing follows from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tests.support.event_files import scalar
from tests.support.world import START, Site, World

COUNT = 1_500


@pytest.fixture
def sampled(world: World, tmp_path: Path) -> World:
    """A run that leads outside of the log directory: TensorBoard follows the symlink, we do not."""
    outside = tmp_path / "outside"
    outside.mkdir()
    start = START.timestamp()
    points = [scalar("loss", step, abs(step - 700) / COUNT + 0.01, wall_time=start + step) for step in range(COUNT)]
    (outside / "events.out.tfevents.1.x").write_bytes(b"".join(points))
    (world.logs / "far").symlink_to(outside)
    world.scalars("near", "loss", [(step, 1.0 / (1 + step)) for step in range(1_200)])
    world.version("digits", 1, run="far", step=1_001)
    world.version("digits", 2, run="near", step=1_001)
    return world


@pytest.fixture
def run(sampled: World) -> Callable[..., Result]:
    """Runs `tb-versions` over the world."""
    places = ["--logdir", str(sampled.logs), "--models-dir", str(sampled.models)]
    return lambda *arguments: CliRunner().invoke(main, [*arguments, *places], catch_exceptions=False)


def test_the_tab_marks_them(sampled: World, site: Callable[..., Site]) -> None:
    tab = site()
    tab.settle()
    (column,) = tab.json("/versions")["metrics"]
    assert column["sample"] == [1_000, None]
    assert column["regret"][0] is None
    assert "why_not" not in column
    (far,), (near,) = (tab.json(f"/version?ref=digits:{number}")["metrics"] for number in (1, 2))
    assert (far["sample"], near["sample"]) == (1_000, None)
    assert near["best_step"] == 1_199
    assert far["regret"] is None
    series = tab.json("/scalars?run=far&tag=loss&max_points=5000")["series"][0]
    assert series["sampled"] is True, "more were asked for than TensorBoard keeps"


def test_a_comparison_gives_no_verdict(sampled: World, site: Callable[..., Site]) -> None:
    tab = site()
    tab.settle()
    found = tab.json("/compare?member=digits:1&member=digits:2")
    (row,) = [row for row in found["rows"] if row["group"] == "metrics"]
    assert "sample of its run's curve" in row["caution"]
    assert [cell["verdict"] for cell in row["cells"]] == [None, "unknown"]
    assert [cell["details"]["sample"] for cell in row["cells"]] == [1_000, None]


def test_a_run_without_a_version_is_marked_too(sampled: World, site: Callable[..., Site]) -> None:
    tab = site()
    tab.settle()
    found = tab.json("/compare?member=digits:2&member=run:far")
    (row,) = [row for row in found["rows"] if row["group"] == "metrics"]
    assert [cell["details"]["sample"] for cell in row["cells"]] == [None, 1_000]


def test_the_command_line_says_so(run: Callable[..., Result]) -> None:
    shown = " ".join(run("show", "digits:1").stdout.split())
    assert "loss: best, last and at export are from a sample of 1,000 points; others may be better." in shown
    assert "The run was better" not in shown
    listed = run("list")
    assert "From samples of the runs' curves, so they may be wrong: loss." in listed.stderr
    assert '"samples":{"loss":1000}' in run("list", "--json").stdout


def test_a_downloaded_table_leaves_them_out(sampled: World, site: Callable[..., Site]) -> None:
    tab = site()
    tab.settle()
    rows = tab.client.get(tab.prefix + "/export?format=csv").text.splitlines()
    values = [row.split(",") for row in rows]
    position = values[0].index("loss")
    assert values[1][position] == ""
    assert float(values[2][position]) == pytest.approx(1 / 1_002)
