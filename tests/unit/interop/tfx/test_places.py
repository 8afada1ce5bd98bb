"""Where artifacts lie: below the folder that the caller names, wherever the store says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.interop.tfx.graph import Artifact, Execution, Link
from tb_versions.interop.tfx.places import OutputFolder, difference, run_folders, serving_folder


def link(uri: str, node: str = "Trainer", key: str = "model", execution: int = 5) -> Link:
    artifact = Artifact(1, "Model", uri, 2, None, {})
    return Link(artifact, Execution(execution, True, "taxi", node, "", {}), key)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "out" / "Trainer" / "model" / "5").mkdir(parents=True)
    return tmp_path / "out"


def test_an_artifact_is_found_where_the_store_says_and_where_the_folder_was_moved_to(root: Path) -> None:
    output, place = OutputFolder(str(root)), str(root.resolve() / "Trainer/model/5")
    for uri in (place, f"file://{place}", "/elsewhere/taxi/Trainer/model/5", "gs://bucket/taxi/Trainer/model/5/"):
        assert output.find(link(uri)) == place
    assert output.relative(place) == "Trainer/model/5"


@pytest.mark.parametrize(
    "given",
    [
        link("/elsewhere/taxi/Trainer/model/6"),
        link("/elsewhere/other/model/5", node="../Trainer"),
        link("/etc"),
        link(""),
        link("/x/../../../etc/5", node="..", key="../../etc"),
        link("/Trainer/model/5", node="", key=""),
        link("/x//model/5", node="/etc"),
    ],
)
def test_an_artifact_elsewhere_is_not_at_hand(root: Path, given: Link) -> None:
    assert OutputFolder(str(root)).find(given) == ""


def test_a_path_that_climbs_or_leads_over_a_symlink_is_not_at_hand(root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (root / "Trainer" / "model" / "6").symlink_to(tmp_path / "secret")
    output = OutputFolder(str(root))
    assert output.find(link(f"{root.resolve()}/../secret")) == ""
    assert output.find(link("/old/Trainer/model/6", execution=6)) == ""
    assert output.find(link(str(root.resolve()))) == ""


def test_the_served_model_is_found_in_every_layout_of_tfx(tmp_path: Path) -> None:
    for name, inner in (("new", "Format-Serving"), ("old", "serving_model_dir"), ("e", "Format-Serving/export/x/123")):
        (tmp_path / name / inner).mkdir(parents=True)
        assert serving_folder(str(tmp_path / name)) == str(tmp_path / name / inner)
    (tmp_path / "plain").mkdir()
    assert serving_folder(str(tmp_path / "plain")) == ""
    (tmp_path / "plain" / "model.pkl").touch()
    assert serving_folder(str(tmp_path / "plain")) == str(tmp_path / "plain")


def test_of_two_exports_none_is_guessed(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / "Format-Serving/export/x" / name).mkdir(parents=True)
    assert serving_folder(str(tmp_path)) == ""


def test_folders_are_compared_byte_by_byte(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_bytes(b"same")
    one, other = str(tmp_path / "a"), str(tmp_path / "b")
    assert difference(one, other) == ""
    (tmp_path / "b" / "x").write_bytes(b"sane")
    assert difference(one, other) == "differ in x"
    (tmp_path / "b" / "y").touch()
    assert difference(one, other) == "differ in y"
    assert difference(one, str(tmp_path / "missing")).startswith("can't be compared: ")


def test_runs_are_folders_with_event_files_train_first(tmp_path: Path) -> None:
    for name in ("validation", "train", "other"):
        (tmp_path / name).mkdir()
    for name in ("validation", "train"):
        (tmp_path / name / "events.out.tfevents.1.host").touch()
    assert [Path(path).name for path in run_folders(str(tmp_path))] == ["train", "validation"]


def test_the_folder_of_a_real_trainer_has_model_and_runs(test_data: Path) -> None:
    folder = test_data / "logdirs" / "tfx_chicago_taxi"
    names = [Path(path).relative_to(folder).as_posix() for path in run_folders(str(folder))]
    assert names == [".", "eval_chicago-taxi-eval"]
