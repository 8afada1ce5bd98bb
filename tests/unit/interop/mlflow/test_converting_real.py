"""Stores that the real MLflow made, imported and compared with what its own client says."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import orjson
import pytest

from tb_versions.interop.importing.cleaning import scalar_of
from tb_versions.read.reuse.registered import open_registry
from tests.support.mlflow_client import ROOT, ask_mlflow, with_mlflow
from tests.support.mlflow_imported import NAMES, aliases, bring, check_equal
from tests.support.mlflow_store import MODELS

pytestmark = [pytest.mark.client("mlflow"), pytest.mark.slow]


def everything(base: Path) -> dict[str, bytes]:
    return {str(path.relative_to(base)): path.read_bytes() for path in sorted(base.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with a database that MLflow made, and what its client tells of it; to be copied."""
    folder = tmp_path_factory.mktemp("mlflow")
    return folder, ask_mlflow(ROOT / ".venv-mlflow/bin/python", folder, "make", "sqlite:///mlflow.db")


@pytest.mark.parametrize(("uri", "copies"), [("sqlite:///mlflow.db", False), ("./mlruns", True)])
def test_a_store_is_imported_equal_and_twice_and_followed(
    uri: str,
    copies: bool,
    made: tuple[Path, dict[str, Any]],
    client_python: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there, models = tmp_path / "there", tmp_path / "models"
    if uri == "./mlruns":
        told = ask_mlflow(client_python, there, "make", uri)
    else:
        told = made[1]
        shutil.copytree(made[0], there)
    assert {name: len(model["versions"]) for name, model in told.items()} == MODELS
    monkeypatch.chdir(there)
    before = everything(there)
    first = bring(uri, models, *(["--copy-files"] if copies else []))
    assert [one["became"] for one in first["versions"]] == ["new"] * 12
    check_equal(told, models)
    assert everything(there) == before

    written = everything(models)
    again = bring(uri, models, *(["--copy-files"] if copies else []))
    assert {one["became"] for one in again["versions"]} == {"same"}
    assert again["changes"] == []
    assert everything(models) == written

    told = ask_mlflow(client_python, there, "change", uri)
    later = bring(uri, models)
    assert [one["id"] for one in later["versions"] if one["became"] == "new"] == ["digits:7"]
    assert {name: aliases(models, NAMES[name]) for name in told} == {name: one["aliases"] for name, one in told.items()}
    state = open_registry("digits", str(models / "digits")).registry.known()
    assert state.version(1).labels == {"k": "later", "new": "label"}
    assert state.version(2).description == "Another description."
    changed = {change["what"] for change in later["changes"] if change["became"] == "changed"}
    assert 'digits:1: measured since: "test_accuracy"' in changed
    assert bring(uri, models)["changes"] == []


def test_a_store_that_was_moved_is_the_same_store(made: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    bring(f"sqlite:///{made[0]}/mlflow.db", tmp_path / "models")
    moved = Path(shutil.copytree(made[0], tmp_path / "moved"))
    told = bring(f"sqlite:///{moved}/mlflow.db", tmp_path / "models")
    assert {one["became"] for one in told["versions"]} == {"same"}
    other = bring(f"sqlite:///{moved}/mlflow.db", tmp_path / "other")
    assert {one["files"] for one in other["versions"]} == {"linked"}
    assert other["sources"] == {"mlflow": str(moved / "mlruns")}


def test_versions_go_to_mlflow_and_come_back(
    made: tuple[Path, dict[str, Any]], client_python: Path, tmp_path: Path
) -> None:
    models, back, told = tmp_path / "models", tmp_path / "back", made[1]
    bring(f"sqlite:///{made[0]}/mlflow.db", models, "--copy-files")
    back.mkdir()
    export = ["export-mlflow", *NAMES.values(), "--models-dir", models, "--uri", f"sqlite:///{back}/mlflow.db"]
    with_mlflow(client_python, tmp_path, *export, "--dry-run")
    assert os.listdir(back) == []
    with_mlflow(client_python, tmp_path, *export)
    again = orjson.loads(with_mlflow(client_python, tmp_path, *export, "--json"))
    assert not any(one["new"] for one in again)
    returned = ask_mlflow(client_python, back, "tell", "sqlite:///mlflow.db")
    assert returned.keys() == told.keys()
    for name, model in told.items():
        assert {key: returned[name][key] for key in ("description", "tags", "aliases")} == {
            key: model[key] for key in ("description", "tags", "aliases")
        }
        for old, new in zip(
            sorted(model["versions"], key=lambda one: one["number"]),
            sorted(returned[name]["versions"], key=lambda one: one["number"]),
            strict=True,
        ):
            assert {key: new[key] for key in ("number", "description", "metrics", "commit")} == {
                key: old[key] for key in ("number", "description", "metrics", "commit")
            }
            params = [{key: scalar_of(text) for key, text in one["params"].items()} for one in (new, old)]
            assert params[0] == params[1]  # "1e-3" comes back as "0.001"
            assert new["tags"].items() >= old["tags"].items()
