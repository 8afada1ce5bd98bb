"""MLflow behind its own server; many versions; stores that mean harm."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from tb_versions.interop.importing.known import look
from tb_versions.interop.mlflow.converting import foreign_of
from tb_versions.interop.mlflow.opening import open_store
from tests.support.mlflow_client import ask_mlflow, mlflow_server, with_mlflow
from tests.support.mlflow_imported import check_equal


@pytest.mark.client("mlflow")
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
