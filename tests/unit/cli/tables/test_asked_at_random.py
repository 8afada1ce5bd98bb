"""Filters chosen by chance find the same by tables and by files, also where versions came and went since."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.cli.tables import files
from tb_versions.core.manifest import Metric
from tb_versions.fleet import counting
from tb_versions.fleet.indexing import index
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.effort import EFFORT
from tests.support.world import World
from tests.unit.fleet.test_asking import FIXED, LABELS, METRICS, SETTINGS, expression, write

pytestmark = pytest.mark.slow

FILTERS = {"quick": 3, "usual": 12, "full": 400}[EFFORT]
Run = Callable[..., Result]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    world = World(tmp_path_factory.mktemp("random"))
    write(world)
    index(os.fspath(world.models))
    for number in (21, 22):
        world.version("digits", number, metrics=(Metric(name="loss", value=0.5),), labels={"team": "speech"})
        world.version("new", number, hyperparameters={"optimizer": "adam", "lr": 0.5})
    for gone in ("digits/2", "faces/5", "Z/7"):
        shutil.rmtree(world.models / gone)
    said = Chronicle(world.models / "digits")
    said.say("alias_set", 21, events.AliasSet("canary", from_=4))
    said.say("deprecated", 8)
    Chronicle(world.models / "new").say("approved", 22, actor="ben")
    yield lambda *given: CliRunner().invoke(main, [*given, "--models-dir", os.fspath(world.models)])
    world.close()


def known(result: Result) -> Any:
    """What the table can know of a list in JSON; of an error what is wrong."""
    if result.exit_code:
        return result.exit_code, result.stderr.partition(" Columns are ")[0].splitlines()[-1]
    rows = json.loads(result.stdout)
    return [{name: row[name] for name in row if name not in ("state", "gates", "measured")} for row in rows]


def said(result: Result) -> list[str]:
    """The notes, but for those about tables."""
    return [line for line in result.stderr.splitlines() if "table" not in line]


def sort_of(made: random.Random) -> tuple[str, ...]:
    names = [*FIXED, *SETTINGS, *METRICS, *LABELS]
    return () if made.random() < 0.4 else (f"--sort={made.choice(['', '-'])}{made.choice(names)}",)


def test_list_and_export_say_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.ABOVE  # which stays
    monkeypatch.setattr(counting, "ABOVE", 0)
    made, compared, exported = random.Random(50), 0, 0
    for _ in range(20 * FILTERS):
        wanted = f"--filter={expression(made)}"
        asked = ("list", wanted, *sort_of(made), *(("--limit=3",) if made.random() < 0.3 else ()), "--json")
        by_table = run(*asked, "--from-table")
        if by_table.exit_code and "table" in by_table.stderr:
            continue  # refused: it can't know
        by_files, unasked = run(*asked, "--no-table"), run(*asked)
        assert known(by_table) == known(by_files), asked
        assert (unasked.stdout, unasked.exit_code) == (by_files.stdout, by_files.exit_code), asked
        if not by_files.exit_code:
            assert said(unasked) == said(by_table) == said(by_files), asked
            assert "From the table" in unasked.stderr, asked
            exported += _exported_alike(run, wanted)
        compared += 1
        if compared == FILTERS:
            break
    assert compared == FILTERS
    assert exported > FILTERS / 8


def _exported_alike(run: Run, wanted: str) -> bool:
    asked = ("export", "--out=-", "--format=jsonl", wanted)
    by_files, by_table, unasked = run(*asked, "--no-table"), run(*asked, "--from-table"), run(*asked)
    assert by_table.exit_code == unasked.exit_code == by_files.exit_code, asked
    assert by_table.stdout == unasked.stdout == by_files.stdout, asked
    if by_files.exit_code == 0:
        assert said(by_table) == said(unasked) == said(by_files), asked
    return by_files.exit_code == 0


@pytest.mark.parametrize("seed", range(max(1, FILTERS // 5)))
def test_compare_says_the_same(run: Run, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "ABOVE", 0)
    made = random.Random(seed)
    refs = made.sample(
        ["digits:1", "digits:21", "digits@canary", "digits", "faces:1", "faces", "Z:30", "new", "digits:2", "faces:3"],
        3,
    )
    by_files, by_table, unasked = (
        run("compare", *refs, "--json", *how) for how in (("--no-table",), ("--from-table",), ())
    )
    assert (unasked.stdout, unasked.exit_code) == (by_files.stdout, by_files.exit_code), refs
    assert (by_table.stdout, by_table.exit_code) == (by_files.stdout, by_files.exit_code), refs
