"""Files are found below the named folders, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions.core.manifest import FilesElsewhere
from tb_versions.interop.mlflow.artifacts import Place, find


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path.resolve() / "mlruns"
    (folder / "1/abc/artifacts/model").mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    "location",
    [
        "{root}/1/abc/artifacts/model",
        "file://{root}/1/abc/artifacts/model",
        "/where/it/was/before/mlruns/1/abc/artifacts/model",
        "mlflow-artifacts:/1/abc/artifacts/model",
        "s3://bucket/some/prefix/1/abc/artifacts/model",
        "dbfs:/databricks/mlflow/1/abc/artifacts/model",
    ],
)
def test_a_place_is_found_also_after_the_store_was_moved(location: str, root: Path) -> None:
    found = find(location.format(root=root), {"nas": str(root)})
    assert found == Place(
        str(root / "1/abc/artifacts/model"), "", FilesElsewhere(source="nas", path="1/abc/artifacts/model")
    )


@pytest.mark.parametrize(
    "location",
    [
        "/etc",
        "file:///etc",
        "/",
        "",
        "..",
        "{root}",
        "{root}/../other",
        "{root}/1/../../other",
        "/x/artifacts/../../../../etc",
        "1/abc/artifacts/out",
        "mlflow-artifacts:/%2e%2e/%2e%2e/etc/artifacts/x",
        "/a\0b/1/abc/artifacts/model",
        "http://169.254.169.254/1/abc/artifacts/none",
        "/" * 5_000,
    ],
)
def test_nothing_outside_is_found(location: str, root: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    os.symlink("/etc", root / "1/abc/artifacts/out")
    assert find(location.format(root=root), {"mlflow": str(root)}).folder == ""


def test_what_is_not_at_hand_still_has_the_place_where_it_should_be(root: Path) -> None:
    found = find("s3://bucket/2/def/artifacts/model", {"nas": str(root)})
    assert found == Place(elsewhere=FilesElsewhere(source="nas", path="2/def/artifacts/model"))
    assert find("s3://bucket/2/def/artifacts/model", {}).elsewhere == FilesElsewhere(
        source="mlflow", path="2/def/artifacts/model"
    )


def test_the_model_inside_of_what_mlflow_logged_is_the_version(root: Path) -> None:
    model = root / "1/abc/artifacts/model"
    (model / "data/model").mkdir(parents=True)
    (model / "data/model/saved_model.pb").write_bytes(b"")
    found = find(str(model), {"nas": str(root)})
    assert (found.folder, found.is_part) == (str(model / "data/model"), True)
    (model / "data/model/saved_model.pb").unlink()
    (model / "data/model.keras").write_bytes(b"")
    found = find(str(model), {"nas": str(root)})
    assert (found.folder, found.only) == (str(model / "data"), "model.keras")
    assert found.elsewhere == FilesElsewhere(source="nas", path="1/abc/artifacts/model/data/model.keras")


def test_a_model_inside_that_is_a_link_out_is_not_taken(root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "saved_model.pb").write_bytes(b"")
    (root / "1/abc/artifacts/model/data").mkdir()
    os.symlink(outside, root / "1/abc/artifacts/model/data/model")
    assert find(str(root / "1/abc/artifacts/model"), {"a": str(root)}).folder == str(root / "1/abc/artifacts/model")
