"""The queries of the guide run over real tables, and give what they say."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import Metric
from tb_versions.fleet.indexing import index
from tests.support.effort import HANGS
from tests.support.world import World

pytestmark = pytest.mark.slow

_GUIDE = Path(__file__).parent.parent / "docs" / "guides" / "query-many-versions.md"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_queries_find_the_best_versions_and_the_models_that_got_worse(tmp_path: Path) -> None:
    world = World(tmp_path)
    now = datetime.datetime.now(datetime.timezone.utc)
    for number, end in enumerate((0.25, 0.5), 1):  # this week's run of "curved" ended worse than the one before
        world.scalars(f"run-{number}", "loss", [(1, 1.0), (2, end / 4), (3, end)])
        created = now - datetime.timedelta(days=14 - 7 * number, hours=-1)
        world.version("curved", number, run=f"run-{number}", step=3, created=created)
    for model, values in {"better": (0.5, 0.75), "worse": (0.875, 0.25), "odd": (float("nan"), 0.125)}.items():
        for number, value in enumerate(values, 1):
            metrics = (Metric(name="accuracy", value=value), Metric(name="val_loss", value=1.0))
            world.version(model, number, metrics=metrics)
        tbv.promote(f"{model}:1", world.models, alias="production")
    index(os.fspath(world.models), logdir=os.fspath(world.logs))
    # tests/test_spark_guide.py runs the rest
    before_spark = _GUIDE.read_text(encoding="utf-8").partition("## Spark\n")[0]
    script = "\n".join(_BLOCK.findall(before_spark))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=HANGS, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    best, worse, curves, regrets, *by_polars = done.stdout.split("\n\n")
    assert re.findall(r"│ (\w+) +│ +(\d) │ +([\d.]+) │", best)[0] == ("worse", "1", "0.875")
    assert re.findall(r"│ (\w+) +│ +(\d) │ +([\d.]+) │ +(\d) │ +([\w.]+) │", worse) == [
        ("worse", "2", "0.25", "1", "0.875")
    ]
    (row,) = [line for line in curves.splitlines() if "curved" in line]
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "curved", "loss", "2", "1", "0.5", "0.25", "0.5", "0.25"
    ]  # fmt: skip
    assert re.findall(r"│ curved +│ +(\d) │ loss +│ +([\d.]+) │ +([\d.]+) │ +(\d) │", regrets) == [
        ("1", "0.25", "0.0625", "2"),
        ("2", "0.5", "0.125", "2"),
    ]
    assert re.findall(
        r"│ curved ┆ loss +┆ +(\d) +┆ min +┆ +([\d.]+) +┆ +([\d.]+) +┆ +([\d.]+) +│", "".join(by_polars)
    ) == [("2", "0.5", "0.5", "0.25")]
