"""`mlruns` is read without MLflow; whatever lies in it."""

from __future__ import annotations

import math
import os
import tracemalloc
from pathlib import Path

import pytest

from tb_versions.errors import InvalidQueryError
from tb_versions.interop.mlflow import files
from tb_versions.interop.mlflow.files import FileStore
from tests.support.mlruns import EXPERIMENT, RUN, put, write_store


@pytest.fixture
def mlruns(tmp_path: Path) -> Path:
    return write_store(tmp_path.resolve() / "mlruns")


def store(folder: Path) -> FileStore:
    return FileStore(str(folder))


def test_models_versions_tags_and_aliases_are_read(mlruns: Path) -> None:
    (model,) = store(mlruns).models(())
    assert (model.name, model.description, model.tags, model.aliases) == (
        "digits",
        "Ziffern",
        {"team": "vision"},
        {"champion": 2},
    )
    assert [(one.number, one.created, one.description, one.tags) for one in model.versions] == [
        (1, 1700000001001, "v1", {}),
        (2, 1700000001002, "v2", {"k": "v"}),
    ]
    assert list(store(mlruns).models(["other"])) == []


def test_a_run_has_the_latest_value_of_each_metric_as_mlflow_shows_it(mlruns: Path) -> None:
    run = store(mlruns).run(RUN)
    assert run is not None
    assert run.name == "rün ✓"
    assert run.metrics["acc"] == (0.75, 2)
    assert math.isnan(run.metrics["val/loss"][0])
    assert run.params == {"lr": "1e-3"}
    assert [(one.name, one.digest, one.context) for one in run.datasets] == [("mnist", "c247459b", "training")]
    assert not run.is_deleted
    assert store(mlruns).run("f" * 32) is None


def test_the_store_is_the_same_wherever_it_lies(mlruns: Path, tmp_path: Path) -> None:
    identity = store(mlruns).identity()
    moved = mlruns.rename(tmp_path.resolve() / "moved")
    assert store(moved).identity() == identity
    put(moved / "0/meta.yaml", "creation_time: 1\nexperiment_id: '0'\n")
    assert store(moved).identity() != identity


def test_a_folder_that_is_no_store_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidQueryError, match="is no MLflow store"):
        FileStore(str(tmp_path))


BOMBS = {
    "tag": "!!python/object/apply:os.system ['touch pwned']\n",
    "aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "deep": "[" * 20_000,
    "no YAML": "a: b: c:\n\t- x",
    "binary": "\udcff",
    "large": "a: " + "x" * (1 << 20),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_hostile_meta_is_said_and_the_others_are_read(name: str, mlruns: Path) -> None:
    path = mlruns / "models/digits/version-1/meta.yaml"
    path.write_bytes(BOMBS[name].encode("utf-8", "surrogateescape"))
    opened = store(mlruns)
    (model,) = opened.models(())
    assert [one.number for one in model.versions] == [2]
    assert [where for where, _ in opened.problems] == ["models/digits/version-1/meta.yaml"]
    assert not Path("pwned").exists()


def test_no_symlink_is_followed(mlruns: Path, tmp_path: Path) -> None:
    secret = put(tmp_path / "secret", "hunter2")
    os.symlink(secret, mlruns / EXPERIMENT / RUN / "params/password")
    os.symlink(tmp_path, mlruns / "models/digits/version-1/tags")
    os.symlink(tmp_path, mlruns / "models/linked")
    opened = store(mlruns)
    assert [model.name for model in opened.models(())] == ["digits"]
    run = opened.run(RUN)
    assert run is not None
    assert "hunter2" not in str(run.params)
    assert {where for where, _ in opened.problems} >= {
        f"{EXPERIMENT}/{RUN}/params/password",
        "models/digits/version-1/tags",
    }


def test_lines_that_are_no_values_are_counted(mlruns: Path) -> None:
    put(mlruns / EXPERIMENT / RUN / "metrics/acc", "x\n1700000000100 0.5 1\n1 2\nnan nan nan\n")
    opened = store(mlruns)
    run = opened.run(RUN)
    assert run is not None
    assert run.metrics["acc"] == (0.5, 1)
    assert opened.problems == [
        (f"{EXPERIMENT}/{RUN}/metrics/acc", "2 lines are no values of a metric, and were left out.")
    ]


def test_of_too_many_files_the_rest_is_said(mlruns: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MOST_KEYS", 2)
    for number in range(3):
        put(mlruns / EXPERIMENT / RUN / f"params/p{number}", "1")
    opened = store(mlruns)
    run = opened.run(RUN)
    assert run is not None
    assert len(run.params) == 2
    assert (f"{EXPERIMENT}/{RUN}/params", "More than 2 are there; the rest was left out.") in opened.problems


def test_a_run_is_found_where_its_meta_is_and_not_where_its_files_are(mlruns: Path) -> None:
    put(mlruns / "zzz" / RUN / "artifacts/model/MLmodel", "")
    run = store(mlruns).run(RUN)
    assert run is not None
    assert run.metrics


def test_curves_are_read_one_after_the_other(mlruns: Path) -> None:
    """A sparse file takes no room on a disk, and all of it in memory."""
    folder = mlruns / EXPERIMENT / RUN / "metrics"
    for number in range(16):
        with (folder / f"m{number}").open("w") as file:
            file.write("1 0.5 1\n")
            file.truncate(1 << 20)
    opened = store(mlruns)
    tracemalloc.start()
    try:
        assert opened.run(RUN) is not None
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
    finally:
        tracemalloc.stop()
