"""A version as a model of MLflow, which MLflow itself loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.core.manifest import MetaGraph, SavedModel, Signature, VersionManifest
from tb_versions.errors import InvalidQueryError
from tb_versions.interop.mlflow.packing import pack
from tests.support.mlflow_client import HERE, with_mlflow
from tests.support.savedmodel_bytes import small_model


@pytest.mark.client("mlflow")
@pytest.mark.slow
@pytest.mark.tensorflow
def test_mlflow_loads_what_was_registered_and_it_comes_back_loadable(client_python: Path, tmp_path: Path) -> None:
    with_mlflow(client_python, tmp_path, HERE / "mlflow_load.py", "sqlite:///mlflow.db")


def test_what_mlflow_logged_itself_goes_back_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from/MLmodel").write_text("flavors: {}\n")
    (tmp_path / "from/weights").write_text("1")
    pack(VersionManifest(model="m", number=1), str(tmp_path / "from"), str(tmp_path / "to"))
    assert sorted(path.name for path in (tmp_path / "to").iterdir()) == ["MLmodel", "weights"]


def test_a_saved_model_that_nobody_can_call_is_refused(tmp_path: Path) -> None:
    (tmp_path / "from").mkdir()
    (tmp_path / "from/saved_model.pb").write_bytes(small_model())
    graph = MetaGraph(tags=("serve",), signatures=(Signature(key="__saved_model_init_op"),))
    manifest = VersionManifest(model="m", number=1, saved_model=SavedModel(meta_graphs=(graph,)))
    with pytest.raises(InvalidQueryError, match="m:1 has no signature for serving"):
        pack(manifest, str(tmp_path / "from"), str(tmp_path / "to"))
