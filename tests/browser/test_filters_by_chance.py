"""Filters and orders by chance: the engine over a table gives what the page's own code gives over all rows."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import tb_versions as tbv
from tb_versions import payload
from tb_versions.errors import InvalidFilterError, InvalidQueryError
from tb_versions.fleet.engine import Engine
from tb_versions.fleet.indexing import index
from tb_versions.fleet.standing import Standing
from tb_versions.fleet.windows.answers import Answers
from tb_versions.fleet.windows.questions import window_of
from tests.support.effort import FULL, HANGS
from tests.support.world import World
from tests.unit.fleet.test_asking import expression, write
from tests.unit.fleet.windows.test_answers import SORTS

FRONTEND = Path(__file__).parents[2] / "frontend"
TRIES = 2_500 if FULL else 700
"""Of which somewhat less than half are errors, and the others find rows or none."""


def asked_by_chance(answers: Answers, made: random.Random) -> dict[str, Any] | None:
    """A filter, an order, and what the engine answers; None where that needs the files."""
    asked: dict[str, Any] = {"filter": expression(made)}
    asked["sort"] = [made.choice(["", "-"]) + name for name in made.sample(SORTS, made.randint(0, 2))]
    try:
        return {**asked, "ids": answers.ids(window_of({**asked, "all": "1", "count": "100000"}, most=100_000))["ids"]}
    except InvalidFilterError as error:
        told = {**asked, "error": error.reason, "at": error.at, "end": error.end}
        return None if "table" in error.reason else told
    except InvalidQueryError:
        return None


def test_the_page_finds_what_the_engine_finds_in_its_order(tmp_path: Path) -> None:
    world = World(tmp_path)
    write(world)
    world.close()
    index(os.fspath(world.models))
    table = payload.sealed(payload.table_payload(tbv.open_catalog(models_dir=world.models)))
    answers, made = Answers(Standing(os.fspath(world.models)), Engine()), random.Random(15)
    found = [each for each in (asked_by_chance(answers, made) for _ in range(TRIES)) if each]
    assert sum(bool(each.get("ids")) for each in found) > TRIES / 10
    (tmp_path / "table.json").write_bytes(payload.dump(table))
    (tmp_path / "asked.json").write_bytes(payload.dump({"now": time.time_ns() // 1_000_000, "asked": found}))
    own = Path(sys.executable).parent
    done = subprocess.run(
        [own / "npm", "run", "--silent", "test", "--", "src/model/windows/chance.test.ts"],
        cwd=FRONTEND,
        env={
            **os.environ,
            "PATH": f"{own}{os.pathsep}{os.environ['PATH']}",
            "TB_VERSIONS_CHANCE": os.fspath(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4_000:]
    assert "1 passed" in done.stdout
