"""A folder that this process did not make is recognised by its age, or by the TensorFlow that wrote it."""

from __future__ import annotations

import datetime
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.core import codec
from tb_versions.core.digest import list_files
from tb_versions.core.manifest import MANIFEST_NAME, MetaGraph, SavedModel, VersionManifest
from tb_versions.write.origin import made_by_this_process, modified

YEARS_AGO = datetime.datetime(2017, 7, 14, 2, 40, tzinfo=datetime.timezone.utc)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc)


def folder(path: Path, *, made: datetime.datetime = YEARS_AGO, name: str = "model.pt") -> Path:
    path.mkdir(parents=True)
    (path / name).write_bytes(b"weights")
    os.utime(path / name, (made.timestamp(),) * 2)
    return path


def described(path: Path, **facts: Any) -> VersionManifest:
    tbv.summary.version(path, strict=True, **facts)
    return codec.decode((path / MANIFEST_NAME).read_bytes())


def captured(manifest: VersionManifest) -> bool:
    """Whether anything of this process is in the manifest."""
    return (manifest.code, manifest.environment, manifest.hardware, dict(manifest.seeds)) != (None, None, None, {})


def test_the_graph_of_a_saved_model_tells_its_time_else_the_newest_file(tmp_path: Path) -> None:
    path = folder(tmp_path / "a")
    (path / "labels.txt").write_text("added later")
    os.utime(path / "labels.txt", (1_600_000_000,) * 2)
    assert modified(path, list_files(path)).timestamp() == 1_600_000_000
    folder(tmp_path / "b", name="saved_model.pb")
    (tmp_path / "b" / "labels.txt").write_text("added later")
    assert modified(tmp_path / "b", list_files(tmp_path / "b")) == YEARS_AGO


def test_what_is_older_than_the_process_is_not_its_work() -> None:
    assert made_by_this_process(now(), None)
    assert not made_by_this_process(YEARS_AGO, None)
    started = now() - datetime.timedelta(days=1_000)
    assert not made_by_this_process(started, None)


@pytest.mark.parametrize(("version", "own"), [("2.21.0", True), ("", True), ("1.4.0", False)])
def test_a_saved_model_of_another_tensorflow_is_not_its_work(
    monkeypatch: pytest.MonkeyPatch, version: str, own: bool
) -> None:
    model = SavedModel(meta_graphs=(MetaGraph(tensorflow_version=version),))
    monkeypatch.setitem(sys.modules, "tensorflow", SimpleNamespace(__version__="2.21.0"))  # type: ignore[arg-type]
    assert made_by_this_process(now(), model) is own


@pytest.mark.parametrize(("version", "own"), [("2.21.0", False), ("", True)])
def test_a_saved_model_is_not_the_work_of_a_process_without_tensorflow(
    monkeypatch: pytest.MonkeyPatch, version: str, own: bool
) -> None:
    """It was downloaded or copied a moment ago."""
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    assert made_by_this_process(now(), SavedModel(meta_graphs=(MetaGraph(tensorflow_version=version),))) is own


def test_an_old_folder_has_its_own_time_and_nothing_of_this_process(tmp_path: Path) -> None:
    manifest = described(folder(tmp_path / "m" / "1"), metrics={"a": 1}, step=3)
    assert manifest.created == manifest.runs[0].wall_time == YEARS_AGO
    assert not captured(manifest)


def test_a_folder_that_was_just_made_has_everything(tmp_path: Path) -> None:
    before = now()
    manifest = described(folder(tmp_path / "m" / "1", made=before))
    assert captured(manifest)
    assert manifest.created is not None
    assert before - datetime.timedelta(seconds=1) <= manifest.created <= now()


def test_a_copy_of_an_old_folder_is_still_old(tmp_path: Path) -> None:
    version = tbv.publish(folder(tmp_path / "source"), tmp_path / "models", name="m", strict=True)
    assert version is not None
    assert version.manifest.created == YEARS_AGO
    assert not captured(version.manifest)


def test_what_is_asked_for_is_captured_all_the_same(tmp_path: Path) -> None:
    manifest = described(folder(tmp_path / "m" / "1"), capture=tbv.Capture(hardware=False))
    assert manifest.environment is not None
    assert manifest.hardware is None
    assert manifest.created == YEARS_AGO


@pytest.mark.parametrize("made", [YEARS_AGO, None])
@pytest.mark.parametrize(
    ("created", "expected"),
    [
        ("2019-01-02T03:04:05Z", datetime.datetime(2019, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)),
        (datetime.datetime(2019, 1, 2, tzinfo=datetime.timezone.utc),) * 2,
        (datetime.date(2019, 1, 2), datetime.datetime(2019, 1, 2).astimezone(datetime.timezone.utc)),
    ],
)
def test_a_given_time_wins(
    tmp_path: Path, made: datetime.datetime | None, created: Any, expected: datetime.datetime
) -> None:
    assert described(folder(tmp_path / "m" / "1", made=made or now()), created=created).created == expected


@pytest.mark.parametrize(("created", "error"), [("soon", tbv.InvalidManifestError), (1_795_937_638.5, TypeError)])
def test_a_time_that_is_none_is_refused(tmp_path: Path, created: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        described(folder(tmp_path / "m" / "1"), created=created)


def test_saved_models_of_others_show_their_own_tensorflow(tmp_path: Path, test_data: Path) -> None:
    import shutil

    source = test_data / "savedmodels" / "saved_model_half_plus_two_tf2_cpu" / "00000123"
    shutil.copytree(source, tmp_path / "m" / "1")
    manifest = described(tmp_path / "m" / "1")
    assert manifest.saved_model is not None
    assert manifest.saved_model.meta_graphs[0].tensorflow_version != ""
    assert not captured(manifest)
