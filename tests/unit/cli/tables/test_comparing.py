"""`tb-versions compare` says over tables what it says over files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tb_versions.core.manifest import MANIFEST_NAME, Metric
from tests.support.world import World

pytestmark = pytest.mark.slow

Run = Callable[..., Result]
REFS = [
    ("digits:2", "digits:3"),
    ("digits", "digits@production"),
    ("digits:1.2.0", "faces"),
    ("digits:2", "faces:7", "--baseline", "digits@production"),
]


@pytest.fixture
def compared(run: Run) -> Run:
    assert run("index").exit_code == 0
    return lambda *arguments: run("compare", *arguments)


def read(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("refs", REFS)
def test_it_says_what_the_files_say(compared: Run, refs: tuple[str, ...]) -> None:
    by_files, by_table = compared(*refs, "--json"), compared(*refs, "--json", "--from-table")
    assert read(by_table) == read(by_files)
    assert "Found by the table, indexed just now; only the models that are compared were read" in by_table.stderr


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("refs", REFS)
def test_a_table_of_many_versions_is_asked_by_itself(compared: Run, refs: tuple[str, ...]) -> None:
    by_files, by_table = compared(*refs, "--no-table"), compared(*refs)
    assert (by_table.stdout, by_table.exit_code) == (by_files.stdout, by_files.exit_code)
    assert "from their files; --no-table reads all files." in by_table.stderr
    assert "table" not in by_files.stderr


def test_other_models_are_not_read(world: World, compared: Run) -> None:
    (world.models / "faces" / "7" / MANIFEST_NAME).write_text("{")
    by_files, by_table = compared("digits:2", "digits:3"), compared("digits:2", "digits:3", "--from-table")
    assert "faces" in by_files.stderr
    assert "faces" not in by_table.stderr
    assert by_table.stdout == by_files.stdout


def test_curves_and_runs_are_read_from_event_files(world: World, compared: Run) -> None:
    world.scalars("cnn", "loss", [(1, 0.5), (2, 0.25)])
    world.close()
    logdir = ("--logdir", str(world.logs), "--json")
    by_files, by_table = (compared("digits:2", "run:cnn", *logdir, *more) for more in ((), ("--from-table",)))
    assert read(by_table) == read(by_files)


def test_siblings_of_the_same_recipe_count(world: World, run: Run) -> None:
    for number in range(1, 7):
        world.version(
            "seeds", number, metrics=(Metric(name="loss", value=0.5 + number / 100, goal="min"),),
            hyperparameters={"lr": 0.1 if number < 4 else 0.2, "seed": number},
        )  # fmt: skip
    run("index")
    by_files, by_table = (run("compare", "seeds:1", "seeds:4", *more) for more in ((), ("--from-table",)))
    assert "seeds" in by_files.stdout
    assert by_table.stdout == by_files.stdout


def test_where_no_files_are_the_table_says_all_it_knows(world: World, run: Run, tmp_path: Path) -> None:
    run("index", "--to", str(tmp_path / "tables"))
    wanted = read(run("compare", "digits@production", "digits:5", "--json"))
    for folder in world.models.iterdir():
        shutil.rmtree(folder)
    result = run("compare", "digits@production", "digits:5", "--json", "--tables", str(tmp_path / "tables"))
    found = read(result)
    assert [row["label"] for row in found["rows"]] == [row["label"] for row in wanted["rows"]]
    assert found["summary"] == wanted["summary"]
    assert "there are no files here to look at" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("digit:2", "digits:3"), 'The table has no model "digit". Did you mean digits?'),
        (("digits:2", "digits:9"), 'digits has no version "9"'),
        (("./digits/1", "digits:3"), "A path names files"),
        (("digits@nothing", "digits:3"), "nothing"),
        (("digits:2", "digits:4:4"), "is not a reference"),
    ],
)
def test_what_is_not_there_is_one_sentence(compared: Run, arguments: tuple[str, ...], said: str) -> None:
    result = compared(*arguments, "--from-table")
    assert result.exit_code not in (0, None)
    assert said in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("many")
def test_a_reference_that_the_table_does_not_know_is_looked_for_in_the_files(compared: Run) -> None:
    by_files, by_table = compared("digit:2", "digits:3", "--no-table"), compared("digit:2", "digits:3")
    assert by_table.exit_code == by_files.exit_code == 1
    assert by_files.stderr.strip() in by_table.stderr


def test_a_version_that_was_replaced_since_is_not_compared_as_indexed(world: World, compared: Run) -> None:
    world.version("digits", 3, metrics=(Metric(name="loss", value=9.0),))
    result = compared("digits:2", "digits:3", "--from-table")
    assert result.exit_code == 5
    assert "digits:3 is not what the table in" in result.stderr
