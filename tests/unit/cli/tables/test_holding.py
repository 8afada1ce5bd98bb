"""`tb-versions which` says by tables what it says by files, where there are no files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.world import World

pytestmark = pytest.mark.slow

Run = Callable[..., Result]


@pytest.fixture
def tables(world: World, run: Run, tmp_path: Path) -> str:
    said = Chronicle(world.models / "digits")
    said.say("approved", 5, actor="ben")
    said.say("alias_set", 5, events.AliasSet("production", from_=4), actor="carla", reason="better")
    where = str(tmp_path / "tables")
    assert run("index", "--to", where).exit_code == 0
    return where


def without_place(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return {name: value for name, value in json.loads(result.stdout).items() if name != "path"}


@pytest.mark.parametrize(
    "arguments", [("digits@production",), ("digits@production~1",), ("digits@production", "--at", "2026-11-24 09:15")]
)
def test_it_says_what_the_files_say(world: World, run: Run, tables: str, arguments: tuple[str, ...]) -> None:
    by_files = without_place(run("which", *arguments, "--json"))
    for folder in world.models.iterdir():
        shutil.rmtree(folder)
    result = run("which", *arguments, "--json", "--tables", tables)
    assert without_place(result) == by_files
    assert json.loads(result.stdout)["path"] is None
    assert "From the table, indexed just now" in result.stderr
    told = run("which", *arguments, "--tables", tables).stdout
    assert "not here" in told
    assert "when it was put there" in told


def test_where_there_are_files_they_say_it(world: World, run: Run, tables: str) -> None:
    Chronicle(world.models / "digits").say("alias_set", 3, events.AliasSet("production", from_=5))
    result = run("which", "digits@production", "--tables", tables)
    assert "digits@production is digits:3" in result.stdout
    assert "From the files" in result.stderr


@pytest.mark.usefixtures("many")
def test_no_table_is_asked_by_itself(run: Run) -> None:
    run("index")
    assert not run("which", "digits@production").stderr


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("digit@production", 'The table has no model "digit". Did you mean digits?'),
        ("digits@nothing", 'digits has no alias "nothing"'),
        ("faces@production", 'faces has no alias "production"'),
        ("digits:3", "names no alias"),
    ],
)
def test_what_is_not_there_is_one_sentence(world: World, run: Run, tables: str, ref: str, said: str) -> None:
    for folder in world.models.iterdir():
        shutil.rmtree(folder)
    result = run("which", ref, "--tables", tables)
    assert result.exit_code not in (0, None)
    assert said in result.stderr
    assert "Traceback" not in result.output
