"""A job's working folder may be deleted while it trains: with absolute paths everything still works."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.write import failures
from tb_versions.write.runs import run_name
from tests.support.announced import announcements

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


@pytest.fixture(autouse=True)
def _deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "_reported", set())
    monkeypatch.setattr(failures, "_said", {"no writer"})
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "weights.bin").write_bytes(b"w")
    (tmp_path / "job").mkdir()
    monkeypatch.chdir(tmp_path / "job")
    (tmp_path / "job").rmdir()


def published(tmp_path: Path, **options: Any) -> tbv.PublishedVersion:
    version = tbv.publish(tmp_path / "source", tmp_path / "models", name="m", strict=True, **options)
    assert version is not None
    return version


def test_a_folder_is_published_and_announced(tmp_path: Path) -> None:
    version = published(tmp_path, run_dir=tmp_path / "logs" / "r", logdir=tmp_path / "logs")
    assert version.announced
    assert version.manifest.runs[0].name == "r"
    assert list(announcements(tmp_path / "logs")) == [("r/versions", "m:1")]


def test_a_relative_folder_of_a_run_is_a_warning_at_most(tmp_path: Path) -> None:
    with pytest.warns(tbv.TbVersionsWarning, match="published, but not announced"):
        version = tbv.publish(tmp_path / "source", tmp_path / "models", name="m", run_dir="logs/r", capture=NOTHING)
    assert version is not None
    assert (version.announced, version.manifest.runs[0].name) == (False, "logs/r")


def test_a_relative_models_folder_is_a_warning_that_says_why_and_with_strict_an_error(tmp_path: Path) -> None:
    with pytest.warns(tbv.TbVersionsWarning, match="The current folder was deleted"):
        assert tbv.publish(tmp_path / "source", "models", name="m", capture=NOTHING) is None
    with pytest.raises(tbv.StorageError, match="The current folder was deleted"):
        tbv.publish(tmp_path / "source", "models", name="m", capture=NOTHING, strict=True)


def test_a_folder_in_its_place_gets_its_manifest(tmp_path: Path) -> None:
    place = tmp_path / "models" / "m" / "7"
    place.parent.mkdir(parents=True)
    (tmp_path / "source").rename(place)
    tbv.summary.version(place, strict=True, capture=NOTHING)
    assert (place / "version_manifest.json").exists()


@pytest.mark.parametrize(("folder", "name"), [("/a/b/c", "b/c"), ("logs/r", "logs/r"), ("r", "r")])
def test_runs_still_have_names(folder: str, name: str) -> None:
    assert run_name(folder) == name
    assert run_name(folder, "logs") in (name, "r")


@pytest.mark.tensorflow
def test_a_training_goes_on_and_publishes(tmp_path: Path) -> None:
    import keras
    import numpy as np

    model = keras.Sequential([keras.Input((2,), name="x"), keras.layers.Dense(1)])
    model.compile("sgd", "mse", jit_compile=False)
    board = keras.callbacks.TensorBoard(tmp_path / "logs" / "r")
    publisher = tbv.keras.PublishVersions(tmp_path / "models", name="m", monitor="loss")
    with warnings.catch_warnings():
        warnings.simplefilter("error", tbv.TbVersionsWarning)
        model.fit(np.ones((8, 2)), np.ones((8, 1)), epochs=1, verbose=0, callbacks=[board, publisher])
    assert [version.announced for version in publisher.versions] == [True]
