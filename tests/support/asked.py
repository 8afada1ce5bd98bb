"""A world about which an assistant is asked, and the official client that asks `tb-versions mcp`."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tb_versions as tbv
from tb_versions.core.manifest import Code, Dataset, Metric
from tests.support.gating import rules_file
from tests.support.world import START, World

ROOT = Path(__file__).resolve().parents[2]
ACCURACY = {1: 0.9, 2: 0.901, 3: 0.899, 4: 0.95, 5: 0.951, 6: 0.949}
DATA = "sha256:" + "d" * 64
COMMIT = "c0ffee" * 6 + "c0ff"

Call = tuple[str, Mapping[str, Any]]


def made_world(folder: Path, *, text: str = "The first that is good enough.") -> World:
    """`digits:1` to `digits:6`, three seeds of each of two recipes, with curves, aliases and a gate's result.

    Args:
        folder: Where `logs/`, `models/` and `gates.toml` go.
        text: In every field in which an author or actor may write what they like.
    """
    world = World(folder)
    for number, accuracy in ACCURACY.items():
        run = f"run{number}"
        world.scalars(run, "loss", [(step, 1 / (step + number)) for step in range(1, 6)])
        world.version(
            "digits",
            number,
            run=run,
            step=4,
            created=START + datetime.timedelta(days=number),
            metrics=(Metric(name="accuracy", value=accuracy, goal="max", source="evaluated"),),
            hyperparameters={"lr": 0.1 if number < 4 else 0.01, "seed": number},
            datasets=(Dataset(name="mnist", split="train", digest=DATA, rows=60_000, uri=text),),
            code=Code(commit=COMMIT, branch="main", dirty=False),
            description=text,
            labels={"note": text},
        )
    for number, actor in ((1, "anna"), (2, "ben")):
        tbv.promote(f"digits:{number}", world.models, alias="production", reason=f"{text} ({number})", actor=actor)
    rules = rules_file(world.base, 'metric = "accuracy"\nat_least = 0.9', head='against = "production"')
    tbv.check_gate("digits:4", world.models, rules=rules, record=True, actor="ci", reason=text)
    world.close()
    return world


def parameters(world: World, *more: str, **variables: str) -> dict[str, Any]:
    """How the official client starts the server over a world."""
    places = ["--models-dir", str(world.models), "--logdir", str(world.logs)]
    return {
        "command": sys.executable,
        "args": ["-m", "tb_versions.cli", "mcp", *places, *more],
        "env": {**os.environ, "PYTHONPATH": str(ROOT), **variables},
        "cwd": str(world.base),
    }


def ask(started: Mapping[str, Any], calls: Sequence[Call]) -> tuple[Any, list[Any]]:
    """Asks a new server with the official client, all calls at once; returns its tools and what each call got."""
    return asyncio.run(_ask(started, calls))


async def _ask(started: Mapping[str, Any], calls: Sequence[Call]) -> tuple[Any, list[Any]]:
    from mcp import ClientSession, StdioServerParameters, stdio_client

    async with stdio_client(StdioServerParameters(**started)) as streams, ClientSession(*streams) as session:
        await session.initialize()
        tools = (await session.list_tools()).tools
        results = await asyncio.gather(*(session.call_tool(name, dict(given)) for name, given in calls))
        return tools, list(results)


def told(result: Any) -> Any:
    """The JSON of an answer; an error is a failure."""
    (content,) = result.content
    assert not result.is_error, content.text
    return json.loads(content.text)
