"""Comparisons of small worlds, the same from Python, from the command line, over HTTP and in the page of an export.

compare-*.json hold what Python says, and the facts that an export holds: the page's tests read them too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

import tb_versions
from tb_versions import payload
from tb_versions.cli import main
from tb_versions.comparison.loading import load_members, open_source
from tb_versions.payload.comparison import compare_payload
from tb_versions.read.manifests.goals import KnownGoal
from tests.contract import worlds
from tests.contract.generated import comparison, told
from tests.support.goldens import check_golden
from tests.support.world import Site, World, strict

HERE = Path(__file__).parent
MEMBERS = ("digits:1", "digits:4", "run:mlp-wide", "digits:7")
GOALS: dict[str, KnownGoal] = {"spikes": "min"}
DIFFERENT = ("m:1", "m:2", "m:3", "m:4", "m:5", "m:6", "m:7")
ODD = ("m:1", "m:2", "m:3")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def facts_and_comparison(world: World, refs: tuple[str, ...], goals: dict[str, KnownGoal]) -> bytes:
    """What the golden file holds."""
    members = list(load_members(open_source([str(world.models)], str(world.logs)), refs, []))
    compared = comparison(members, range(len(members)), 0, goals)
    found = told(members, [compared])
    return orjson.dumps({**found, "comparisons": list(map(worlds.shortened, found["comparisons"]))})


def test_trainings_with_other_seeds_are_compared_as_agreed(world: World, update_goldens: bool) -> None:
    worlds.seeds(world)
    check_golden(HERE / "compare-seeds.json", facts_and_comparison(world, MEMBERS, GOALS), update=update_goldens)


def test_all_kinds_of_differences_are_told_as_agreed(world: World, update_goldens: bool) -> None:
    worlds.differences(world)
    golden = check_golden(
        HERE / "compare-differences.json", facts_and_comparison(world, DIFFERENT, {}), update=update_goldens
    )
    (compared,) = golden["comparisons"]
    verdicts = {cell["verdict"] for row in compared["payload"]["rows"] for cell in row["cells"] if "verdict" in cell}
    assert verdicts >= {
        *("identical", "compatible", "breaking"),
        *("same graph, new weights", "same graph and weights", "different architecture"),
        *("same architecture, other weight files", "same weights, same kinds of ops"),
        *("same data where both name it", "same name, new content", "same content, other name", "different data"),
        *("same commit", "other commit", "other content"),
        *("major", "minor", "patch", "added", "removed", "unknown"),
    }


def test_odd_names_and_what_is_not_known_are_told_as_agreed(world: World, update_goldens: bool) -> None:
    worlds.oddities(world)
    check_golden(HERE / "compare-oddities.json", facts_and_comparison(world, ODD, {}), update=update_goldens)


@pytest.fixture
def compared(world: World) -> Any:
    worlds.seeds(world)
    found = tb_versions.compare(MEMBERS, models_dir=world.models, logdir=world.logs, goals=GOALS)
    return strict(payload.with_revision(compare_payload(found))[0])


def test_python_tells_what_is_better(compared: Any) -> None:
    assert compared["summary"].startswith(
        "digits 4 has 2.8 points higher val_accuracy than digits 1, better, beyond seed"
    )
    verdicts = {r["key"]: [c["verdict"] for c in r["cells"]] for r in compared["rows"] if r["group"] == "metrics"}
    assert verdicts["val_accuracy"] == [None, "better", "worse", "unknown"]


def test_the_command_line_says_the_same(world: World, compared: Any) -> None:
    places = ["--logdir", str(world.logs), "--models-dir", str(world.models)]
    done = CliRunner().invoke(main, ["compare", *MEMBERS, "--goal", "spikes=min", "--json", *places])
    assert (done.exit_code, done.stderr) == (0, "")
    assert strict(done.stdout.encode()) == compared


def test_http_says_the_same(world: World, compared: Any) -> None:
    site = Site("--logdir", str(world.logs), "--versions_models_dir", str(world.models))
    site.settle()
    query: Callable[[str], str] = lambda name: f"member={name}"  # noqa: E731
    path = f"/compare?{'&'.join(map(query, MEMBERS))}&goal=spikes=min"
    assert site.json(path) == compared
    response = site.get(path)
    assert response.headers["ETag"] == f'"{compared["revision"]}"'
    assert site.get(path, headers={"If-None-Match": response.headers["ETag"]}).status_code == 304
