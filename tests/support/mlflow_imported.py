"""Imports a store of the real MLflow, and compares what became of it with what MLflow's own client tells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from click.testing import CliRunner

from tb_versions.cli import main
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME, VersionManifest
from tb_versions.read.reuse.registered import open_registry
from tests.support.mlflow_store import UNICODE

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
            assert [each.field for each in manifest.inferred] == ["created"]
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
