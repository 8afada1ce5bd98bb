"""Stores that the real MLflow made, imported and compared with what its own client says."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, VersionManifest
from tb_versions.interop.importing.known import look
from tb_versions.interop.mlflow.converting import foreign_of
from tb_versions.interop.mlflow.opening import open_store
from tb_versions.read.reuse.registered import open_registry
from tests.support.mlflow_client import ask_mlflow, mlflow_server, with_mlflow
from tests.support.mlflow_store import MODELS, UNICODE

pytestmark = [pytest.mark.client("mlflow"), pytest.mark.slow]

NAMES = {"digits": "digits", "a model": "a-model", UNICODE: "Ziffern"}


def bring(uri: str, models: Path, *options: str) -> dict[str, Any]:
    arguments = ["import-mlflow", "--uri", uri, "--models-dir", str(models), "--json", *options]
    done = CliRunner().invoke(main, arguments, prog_name="tb-versions")
    assert done.exit_code in (0, 1), done.output
    told: dict[str, Any] = orjson.loads(done.stdout)
    return told


def manifests(models: Path) -> dict[str, VersionManifest]:
    found = {path.parent: codec.decode(path.read_bytes()) for path in models.glob(f"*/*/{MANIFEST_NAME}")}
    return {manifest.reference: manifest for manifest in found.values()}


def aliases(models: Path, model: str) -> dict[str, int]:
    state = open_registry(model, str(models / model)).registry.known()
    return {name: alias.version for name, alias in state.aliases.items()}


def everything(base: Path) -> dict[str, bytes]:
    return {str(path.relative_to(base)): path.read_bytes() for path in sorted(base.rglob("*")) if path.is_file()}


def check_equal(told: dict[str, Any], models: Path) -> None:
    """Everything that the client tells of versions is in the manifests and logs."""
    found = manifests(models)
    for name, model in told.items():
        assert aliases(models, NAMES[name]) == model["aliases"]
        for version in model["versions"]:
            manifest = found.pop(f"{NAMES[name]}:{version['number']}")
            assert manifest.imported is not None
            assert manifest.imported.model == name
            assert manifest.imported.model_description == model["description"]
            assert manifest.imported.model_labels == model["tags"]
            assert manifest.created is not None
            assert round(manifest.created.timestamp() * 1_000) == version["created"]
            assert manifest.description == version["description"]
            assert {key: manifest.labels[key] for key in version["tags"]} == version["tags"]
            assert {m.name: [repr(m.value), m.step] for m in manifest.metrics} == version["metrics"]
            numbers = {"lr": 0.001, "batch": 128, "opt": "adam", "flag": True, "id": "007"}
            assert manifest.hyperparameters == {**numbers, "größe": version["number"]}
            assert manifest.code is not None
            assert manifest.code.commit == version["commit"]
            assert [each.digest_of.partition(" ")[0] for each in manifest.datasets] == version["datasets"]
            assert manifest.datasets[0].rows == 60
            assert ("Its run was deleted in MLflow." in manifest.imported.notes) == version["deleted"]
            assert {file.path for file in manifest.files} == {"MLmodel", "weights.bin"}
    assert found == {}


@pytest.mark.parametrize(("uri", "copies"), [("sqlite:///mlflow.db", False), ("./mlruns", True)])
def test_a_store_is_imported_equal_and_twice_and_followed(
    uri: str, copies: bool, client_python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, models = tmp_path / "there", tmp_path / "models"
    told = ask_mlflow(client_python, there, "make", uri)
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


def test_a_store_that_was_moved_is_the_same_store(client_python: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    ask_mlflow(client_python, there, "make", "sqlite:///mlflow.db")
    bring(f"sqlite:///{there}/mlflow.db", tmp_path / "models")
    moved = there.rename(tmp_path / "moved")
    told = bring(f"sqlite:///{moved}/mlflow.db", tmp_path / "models")
    assert {one["became"] for one in told["versions"]} == {"same"}
    other = bring(f"sqlite:///{moved}/mlflow.db", tmp_path / "other")
    assert {one["files"] for one in other["versions"]} == {"linked"}
    assert other["sources"] == {"mlflow": str(moved / "mlruns")}


def test_mlflows_own_client_and_our_reader_say_the_same(client_python: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    ask_mlflow(client_python, there, "make", "sqlite:///mlflow.db")
    script = tmp_path / "both.py"
    script.write_text(
        "import sys\n"
        "from tb_versions.interop.mlflow.client import ClientStore\n"
        "from tb_versions.interop.mlflow.converting import foreign_of\n"
        "from tb_versions.interop.mlflow.database import DatabaseStore\n"
        "stores = ClientStore(f'sqlite:///{sys.argv[1]}'), DatabaseStore(sys.argv[1])\n"
        "sources = {'mlflow': sys.argv[2]}\n"
        "theirs, ours = ({one.key: repr(one) for one in foreign_of(store, (), sources=sources)} for store in stores)\n"
        "assert theirs == ours, (theirs, ours)\n"
        "print(len(ours))\n"
    )
    counted = with_mlflow(client_python, there, script, there / "mlflow.db", there / "mlruns")
    assert counted.split()[-1] == "12"


def test_versions_go_to_mlflow_and_come_back(client_python: Path, tmp_path: Path) -> None:
    there, models, back = tmp_path / "there", tmp_path / "models", tmp_path / "back"
    told = ask_mlflow(client_python, there, "make", "sqlite:///mlflow.db")
    bring(f"sqlite:///{there}/mlflow.db", models, "--copy-files")
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
            assert {key: new[key] for key in ("number", "description", "metrics", "params", "commit")} == {
                key: old[key] for key in ("number", "description", "metrics", "params", "commit")
            }
            assert new["tags"].items() >= old["tags"].items()


def test_a_store_behind_a_server_is_read_through_the_client(client_python: Path, tmp_path: Path) -> None:
    there, models = tmp_path / "there", tmp_path / "models"
    told = ask_mlflow(client_python, there, "make", "sqlite:///mlflow.db")
    with mlflow_server(client_python, there, "sqlite:///mlflow.db") as uri:
        source = f"mlflow={there}/mlruns"
        arguments = ["import-mlflow", "--uri", uri, "--models-dir", models, "--source", source, "--json"]
        done = orjson.loads(with_mlflow(client_python, tmp_path, *arguments))
    assert {one["became"] for one in done["versions"]} == {"new"}
    check_equal(told, models)
    stores = {
        version.manifest.imported.store for version in look(str(models)).versions.values() if version.manifest.imported
    }
    opened = open_store(f"sqlite:///{there}/mlflow.db")
    assert stores == {one.store for one in foreign_of(opened.store, (), sources=opened.sources)}
