"""A row that lies about its manifest is no answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake

from tb_versions.core.manifest import Metric
from tb_versions.errors import StorageError
from tb_versions.fleet.answering import catalog_of
from tb_versions.fleet.asking import Question, ask
from tb_versions.fleet.indexing import index
from tb_versions.fleet.standing import Standing
from tests.support.world import World

pytestmark = pytest.mark.slow

NAN = float("nan")


@pytest.fixture
def models(tmp_path: Path) -> str:
    world = World(tmp_path)
    for number in (1, 2, 3):
        world.version(
            "digits", number, hyperparameters={"lr": 0.1, "optimizer": "adam"}, labels={"team": "vision", "a": "b"},
            metrics=(Metric(name="loss", value=number / 10), Metric(name="odd", value=NAN)),
        )  # fmt: skip
    index(os.fspath(world.models))
    return os.fspath(world.models)


def forge(models: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Writes the table of versions anew, one row of it changed."""
    url = f"{models}/.index/versions"
    table = DeltaTable(url)
    rows = pa.table(table.to_pyarrow_table()).to_pylist()
    change(next(row for row in rows if row["number"] == 2))
    schema = table.to_pyarrow_dataset().schema
    write_deltalake(table, pa.Table.from_pylist(rows, schema=schema), mode="overwrite")


def shown(models: str, question: Question) -> list[str]:
    standing = Standing(models)
    return [version.id for version in catalog_of(standing, ask(standing, question).rows)[1]]


@pytest.mark.parametrize(
    "wanted", ["", "loss < 1 and missing odd or odd = nan", "optimizer = adam", "team = vision", "adam"]
)
def test_rows_that_are_as_made_pass(models: str, wanted: str) -> None:
    assert shown(models, Question(wanted, "-loss")) == ["digits:3", "digits:2", "digits:1"]


@pytest.mark.parametrize(
    ("column", "value", "wanted"),
    [
        ("metric.loss", 0.0, "loss < 0.05"),
        ("metrics", [("loss", 0.0), ("odd", NAN), ("new", 1.0)], "new = 1"),
        ("hp.optimizer", "sgd", ""),
        ("hyperparameters", [("lr", "0.1"), ("optimizer", "sgd")], ""),
        ("labels", [("team", "speech")], "team = speech"),
        ("number", 9, "version = 9"),
        ("model", "faces", "model = faces"),
        ("manifest_digest", "sha256:" + "0" * 64, "version = 2"),
        ("id", "0" * 32, "version = 2"),
        ("manifest", b"{}", "version = 2"),
        ("manifest", None, "version = 2"),
        ("digest", "sha256:" + "0" * 64, "digest ~ 00000"),
        ("path", "digits/1/../../../outside/2", "version = 2"),
    ],
)
def test_a_row_that_lies_is_an_error(models: str, column: str, value: Any, wanted: str) -> None:
    forge(models, lambda row: row.update({column: value}))
    with pytest.raises(StorageError, match=r"does not say what its manifest says|has rows without"):
        shown(models, Question(wanted))
