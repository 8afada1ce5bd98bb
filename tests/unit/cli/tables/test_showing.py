"""`tb-versions show` says by tables what it says by all files, and reads only the models that are related."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable

import pytest
from click.testing import Result

from tb_versions.core.manifest import MANIFEST_NAME, Metric, Parent, Run
from tests.support.world import World

pytestmark = pytest.mark.slow

Runner = Callable[..., Result]


@pytest.fixture
def family(world: World, run: Runner) -> World:
    """Models with a child, a parent and a twin of digits:6, and one that has nothing to do with it."""
    runs = (Run(name="night/train", step=3),)
    files = {"saved_model.pb": b"the same"}
    world.version("base", 1)
    parents = (Parent(model="base", number=1, relation="fine_tuned_from"),)
    world.version("digits", 6, parents=parents, runs=runs, files=files, metrics=(Metric(name="loss", value=0.1),))
    world.version("child", 1, parents=(Parent(model="digits", number=6, relation="distilled_from"),))
    world.version("twin", 2, files=files)
    world.version("evening", 3, runs=runs)
    world.version("stranger", 1)
    assert run("index").exit_code == 0
    return world


@pytest.mark.parametrize("ref", ["digits:6", "digits@production", "child:1", "base", "faces", "digits:1.2.0"])
@pytest.mark.parametrize("how", [("--json",), ()])
def test_it_says_what_all_files_say(
    family: World, run: Runner, ref: str, how: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    (family.models / "stranger" / "1" / MANIFEST_NAME).write_text("{")  # it is not read
    by_files, by_table = run("show", ref, *how, "--no-table"), run("show", ref, *how, "--from-table")
    request.getfixturevalue("many")
    unasked = run("show", ref, *how)
    assert by_table.stdout == unasked.stdout == by_files.stdout
    assert (by_table.exit_code, unasked.exit_code) == (0, 0)
    assert "Found by the table, indexed just now" in unasked.stderr


def test_relatives_in_other_models_are_found(family: World, run: Runner) -> None:
    lineage = json.loads(run("show", "digits:6", "--json", "--from-table").stdout)["lineage"]
    assert [child["ref"] for child in lineage["children"]] == ["child:1"]
    assert lineage["parents"][0]["known"] is True
    assert (lineage["same_content"], lineage["same_run"]) == (["twin:2"], ["evening:3"])


@pytest.mark.usefixtures("many", "family")
def test_what_the_table_does_not_know_is_looked_for_in_the_files(run: Runner) -> None:
    by_files, unasked = run("show", "digit:6", "--no-table"), run("show", "digit:6")
    assert by_files.exit_code == unasked.exit_code == 1
    assert by_files.stderr.strip() in unasked.stderr
    assert run("show", "digit:6", "--from-table").exit_code == 1


def test_what_tables_do_not_have_is_said(family: World, run: Runner) -> None:
    family.scalars("cnn", "loss", [(1, 0.5)])
    family.close()
    result = run("show", "digits:6", "--from-table", "--logdir", str(family.logs))
    assert result.exit_code == 0
    assert "The table was not asked: it does not know runs. All files are read." in result.stderr
    for folder in family.models.iterdir():
        if not folder.name.startswith("."):
            shutil.rmtree(folder)
    result = run("show", "digits:6", "--from-table")
    assert result.exit_code == 2
    assert "list has what the table knows" in result.stderr
