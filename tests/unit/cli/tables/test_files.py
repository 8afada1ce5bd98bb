"""A table that lies or is old leads to a sentence or to the files, never to a wrong answer and never to a traceback."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import Result
from deltalake import DeltaTable, write_deltalake

from tb_versions.cli.tables.files import part_of
from tb_versions.fleet.newer import fresh
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.world import World

pytestmark = pytest.mark.slow

Run = Callable[..., Result]
Rows = list[dict[str, Any]]
COMMANDS = [
    ("list", "--sort=loss", "--limit=3", "--json"),
    ("export", "--out=-", "--format=csv", "--filter=loss < 0.3"),
    ("compare", "digits:5", "digits:4", "--json"),
]


def forge(world: World, change: Callable[[Rows], Any]) -> None:
    """Writes the table of versions anew with other rows."""
    table = DeltaTable(os.fspath(world.models / ".index" / "versions"))
    rows = pa.table(table.to_pyarrow_table()).to_pylist()
    schema = table.to_pyarrow_dataset().schema
    change(rows)
    write_deltalake(table, pa.Table.from_pylist(rows, schema=schema), mode="overwrite")


def row_of(rows: Rows, number: int) -> dict[str, Any]:
    return next(row for row in rows if row["number"] == number)


def other_schema(world: World) -> None:
    """Makes it a table of a later version of this package."""
    folder = world.models / ".index" / "versions" / "_delta_log"
    for log in folder.glob("*.json"):
        log.write_text(log.read_text().replace('"description":"schema 1"', '"description":"schema 9"'))


def dropped(rows: Rows) -> None:
    rows.remove(row_of(rows, 5))


def lying_value(rows: Rows) -> None:
    row_of(rows, 1).update({"metric.loss": 0.01, "metrics": [("loss", 0.01)]})


def invented(rows: Rows) -> None:
    rows.append({**row_of(rows, 5), "number": 9, "path": "digits/9"})


LIES: dict[str, Callable[[World], None]] = {
    "dropped": lambda world: forge(world, dropped),
    "digest": lambda world: forge(world, lambda rows: row_of(rows, 5).update(manifest_digest="sha256:" + "0" * 64)),
    "value": lambda world: forge(world, lying_value),
    "twice": lambda world: forge(world, lambda rows: rows.append(row_of(rows, 5))),
    "number": lambda world: forge(world, lambda rows: row_of(rows, 2).update(number=5)),
    "path": lambda world: forge(world, lambda rows: row_of(rows, 5).update(path="../../../etc/5")),
    "hidden path": lambda world: forge(world, lambda rows: row_of(rows, 5).update(path=".index/5")),
    "no path": lambda world: forge(world, lambda rows: row_of(rows, 5).update(path=None)),
    "no manifest": lambda world: forge(world, lambda rows: row_of(rows, 5).update(manifest=None)),
    "sql": lambda world: forge(world, lambda rows: row_of(rows, 5).update(model="'; DROP TABLE versions; --")),
    "invented": lambda world: forge(world, invented),
    "newer": other_schema,
}  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
@pytest.mark.parametrize("lie", LIES)
def test_a_table_that_lies_changes_no_answer(
    world: World, run: Run, lie: str, command: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    run("index")
    wanted = run(*command, "--no-table")
    assert wanted.exit_code == 0
    LIES[lie](world)
    told = run(*command, "--from-table")
    request.getfixturevalue("many")
    unasked = run(*command)
    assert (unasked.stdout, unasked.exit_code) == (wanted.stdout, 0), unasked.stderr
    for result in (told, unasked):
        assert "Traceback" not in result.output
        assert "Please report it" not in result.output
        assert "DROP TABLE" not in result.stdout
    if told.exit_code:
        assert told.exit_code == 5, told.output
        assert "table" in told.stderr
        assert not told.stdout
    elif command[0] == "list":
        ids = [row["id"] for row in json.loads(told.stdout)]
        assert ids == [row["id"] for row in json.loads(wanted.stdout)]
    else:
        assert told.stdout == wanted.stdout


def test_a_table_opens_no_folder_outside(world: World, run: Run) -> None:
    outside = world.version("digits", 6, folder=world.base / "outside" / "6")
    run("index")
    forge(world, lambda rows: rows.append({**row_of(rows, 5), "number": 6, "path": f"../{outside.parent.name}/6"}))
    part = part_of(fresh(os.fspath(world.models)), ["digits"])
    assert part is not None
    assert part.folders == {"digits"}
    assert "digits:6" not in run("list", "--from-table").stdout


def test_logs_that_went_on_since_count(world: World, run: Run, request: pytest.FixtureRequest) -> None:
    run("index")
    Chronicle(world.models / "digits").say("alias_set", 2, events.AliasSet("production", from_=4))
    request.getfixturevalue("many")
    wanted = ("list", "--filter", "alias = production", "--columns", "alias")
    assert run(*wanted).stdout == run(*wanted, "--no-table").stdout == run(*wanted, "--from-table").stdout
    assert "digits:2" in run(*wanted).stdout


@pytest.mark.parametrize("where", ["other", "digits/deep", "x/y/z"])
def test_a_model_is_read_wherever_its_versions_are(
    world: World, run: Run, where: str, request: pytest.FixtureRequest
) -> None:
    folder = Path(world.models, where, "8")
    world.version("digits", 8, folder=folder)
    run("index")
    request.getfixturevalue("many")
    for command in (("compare", "digits:8", "digits:4", "--json"), ("list", "faces", "digits:8", "--json")):
        by_files, unasked = run(*command, "--no-table"), run(*command)
        assert (unasked.stdout, unasked.exit_code) == (by_files.stdout, 0)
        assert "All files are read" not in unasked.stderr
