"""Spark reads real tables, and each Spark query of the guide gives the rows that DuckDB gives."""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest
from deltalake import DeltaTable

import tb_versions as tbv
from tb_versions.core.manifest import Metric
from tb_versions.fleet.indexing import index
from tests.support.effort import HANGS
from tests.support.world import World

pytestmark = [
    pytest.mark.slow,
    pytest.mark.client("spark"),
    pytest.mark.skipif(
        shutil.which("java") is None, reason="Spark needs Java, which is not here: apt install openjdk-17-jre-headless"
    ),
]

_ROOT = Path(__file__).parent.parent
_GUIDE = _ROOT / "docs" / "guides" / "query-many-versions.md"
_SECTION = re.compile(r"^## Spark\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(python|sql)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

_SMALL = {"SPARK_LOCAL_IP": "127.0.0.1", "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1"}

_TYPES = {
    "id": "string",
    "number": "bigint",
    "created": "timestamp",
    "parents": "array<string>",
    "metrics": "map<string,double>",
    "hyperparameters": "map<string,string>",
    "manifest": "binary",
    "metric.accuracy": "double",
    "hp.optimizer": "string",
}


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Tables with appended, deleted and odd rows, so that they have several files and some that no longer count."""
    world = World(tmp_path)
    for number, end in enumerate((0.25, 0.5), 1):
        world.scalars(f"run-{number}", "loss", [(1, 1.0), (2, end / 4), (3, end)])
        world.version("curved", number, run=f"run-{number}", step=3)
    numbers = {"better": (0.5, 0.75), "worse": (0.875, 0.25), "odd": (float("nan"), 0.125), "same": (0.5, 0.5)}
    for model, values in numbers.items():
        for number, value in enumerate(values, 1):
            metrics = (Metric(name="accuracy", value=value), Metric(name="val_loss", value=number / 8))
            optimizer = {"optimizer": "adam' OR 1=1 --" if model == "odd" else "sgd"}
            world.version(model, number, metrics=metrics, hyperparameters=optimizer)
        tbv.promote(f"{model}:1", world.models, alias="production")
    world.version("silent", 1)
    world.close()
    index(os.fspath(world.models), logdir=os.fspath(world.logs))
    world.version("late", 1, metrics=(Metric(name="accuracy", value=0.625),))
    shutil.rmtree(world.models / "same" / "2")
    index(os.fspath(world.models))
    return world.models


def test_spark_gives_the_rows_that_duckdb_gives(client_python: Path, models: Path) -> None:
    section = _SECTION.findall(_GUIDE.read_text(encoding="utf-8"))
    blocks = [(kind, text) for kind, text in _BLOCK.findall(section[0])]
    queries = [text for kind, text in blocks if kind == "sql"]
    assert len(queries) == section[0].count("```sql") > 0
    asked = {"block": blocks[0][1], "queries": [*queries, "SELECT count(*) FROM versions"], "types": "versions"}
    done = subprocess.run(
        [client_python, _ROOT / "tests" / "support" / "spark_client.py"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
        cwd=models.parent,
        env={**os.environ, **_SMALL},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    for query, rows in zip(asked["queries"], found["rows"], strict=True):
        assert rows == _duckdb(models, query), query
    assert found["rows"][0][0] == ["worse", 1, 0.875, 0.125]
    assert [row[:2] for row in found["rows"][1]] == [["worse", 2]]
    assert ["adam' OR 1=1 --", 2, 0.1875] in found["rows"][2]
    assert found["rows"][3] == [["curved", "loss", 2, 0.5, 0.25, 0.5]]
    assert found["rows"][-1] == [[11]]
    assert {name: found["types"].get(name) for name in _TYPES} == _TYPES
    print(f"Spark: {len(queries)} queries of the guide give the rows that DuckDB gives")


def _duckdb(models: Path, query: str) -> list[list[Any]]:
    connection = duckdb.connect()
    for name in ("versions", "aliases", "values"):
        connection.register(name, DeltaTable(f"{models}/.index/{name}").to_pyarrow_table())
    rows = connection.execute(query.replace("`", '"')).fetchall()
    assert not any(isinstance(cell, float) and math.isnan(cell) for row in rows for cell in row)
    return [list(row) for row in rows]
