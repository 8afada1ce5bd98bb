"""summary.version: in the manner of tf.summary, for folders that something else exported."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest
from tensorboard.compat.proto import event_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

import tb_versions as tbv
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.write import failures
from tests.support.announced import announcements

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "models" / "digits" / "007"
    path.mkdir(parents=True)
    (path / "weights.bin").write_bytes(b"weights")
    return path


def test_without_a_writer_it_writes_the_manifest_and_returns_false(folder: Path) -> None:
    assert tbv.summary.version(folder, metrics={"a": 1}, capture=NOTHING) is False
    manifest = codec.decode((folder / MANIFEST_NAME).read_bytes())
    assert manifest.reference == "digits:7"
    assert sorted(os.listdir(folder)) == [MANIFEST_NAME, "weights.bin"]


def test_a_version_that_no_run_will_show_says_so_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "_said", set())
    with pytest.warns(tbv.TbVersionsWarning, match="digits:7 is a version now, but no run in TensorBoard will show it"):
        tbv.summary.version(folder, capture=NOTHING)
    (folder / MANIFEST_NAME).unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tbv.summary.version(folder, capture=NOTHING)


def test_with_a_writer_it_returns_true(folder: Path, tmp_path: Path) -> None:
    writer = EventFileWriter(str(tmp_path / "logs"))
    assert tbv.summary.version(str(folder), writer=writer, step=3, capture=NOTHING) is True
    writer.close()
    assert [(key, step) for key, (_, step, _) in announcements(tmp_path / "logs").items()] == [((".", "digits:7"), 3)]


def test_a_version_is_immutable(folder: Path) -> None:
    tbv.summary.version(folder, capture=NOTHING)
    before = (folder / MANIFEST_NAME).read_bytes()
    with pytest.raises(tbv.VersionExistsError, match=r"digits/007 has a manifest already, and versions are immutable"):
        tbv.summary.version(folder, metrics={"a": 2}, capture=NOTHING)
    assert (folder / MANIFEST_NAME).read_bytes() == before


def test_its_number_is_not_given_again(folder: Path, tmp_path: Path) -> None:
    tbv.summary.version(folder, capture=NOTHING)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "w").write_bytes(b"w")
    version = tbv.publish(tmp_path / "source", tmp_path / "models", name="digits", capture=NOTHING)
    assert version is not None
    assert version.number == 8


def test_a_folder_elsewhere_needs_name_and_number(tmp_path: Path) -> None:
    path = tmp_path / "My export"
    path.mkdir()
    (path / "w").write_bytes(b"w")
    with pytest.raises(tbv.InvalidNameError, match="is not a version number"):
        tbv.summary.version(path)
    with pytest.raises(tbv.InvalidNameError):
        tbv.summary.version(path, name="a/b", number=1)
    tbv.summary.version(path, name="digits", number=3, capture=NOTHING)
    assert codec.decode((path / MANIFEST_NAME).read_bytes()).reference == "digits:3"
    assert os.listdir(tmp_path) == ["My export"], "nothing is put beside a folder outside the layout"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(tbv.UnreadableFolderError, match="none/7 does not exist"):
        tbv.summary.version(tmp_path / "none" / "7")


def test_unknown_facts_are_refused(folder: Path) -> None:
    with pytest.raises(TypeError, match="Did you mean 'hyperparameters'"):
        tbv.summary.version(folder, hyperparams={})  # type: ignore[call-arg]
    assert os.listdir(folder) == ["weights.bin"]


def test_a_failure_is_a_warning_unless_strict(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "_reported", set())
    monkeypatch.setattr(failures, "_said", {"no writer"})
    (folder / "saved_model.pb").write_bytes(b"\xff\xff\xff")
    with pytest.warns(tbv.TbVersionsWarning, match="did not become a version"):
        assert tbv.summary.version(folder, capture=NOTHING) is False
    with pytest.raises(tbv.NotASavedModelError):
        tbv.summary.version(folder, capture=NOTHING, strict=True)
    assert not (folder / MANIFEST_NAME).exists()


def test_version_pb_writes_nothing_and_can_be_written_by_hand(folder: Path, tmp_path: Path) -> None:
    summary = tbv.summary.version_pb(folder, metrics={"a": 0.5}, capture=NOTHING)
    assert os.listdir(folder) == ["weights.bin"]
    writer = EventFileWriter(str(tmp_path / "logs"))
    writer.add_event(event_pb2.Event(step=4, summary=summary))
    writer.close()
    ((manifest, step, location),) = announcements(tmp_path / "logs").values()
    assert (manifest.metrics[0].value, step, location) == (0.5, 4, "")


def test_version_pb_announces_an_existing_manifest_again(folder: Path) -> None:
    tbv.summary.version(folder, capture=NOTHING)
    (value,) = tbv.summary.version_pb(folder).value
    assert value.tensor.string_val[0] == (folder / MANIFEST_NAME).read_bytes()
    with pytest.raises(tbv.VersionExistsError):
        tbv.summary.version_pb(folder, metrics={"a": 1})


@pytest.mark.tensorflow
def test_it_uses_the_default_writer_as_tf_summary_does(folder: Path, tmp_path: Path) -> None:
    import tensorflow as tf

    writer = tf.summary.create_file_writer(str(tmp_path / "logs" / "run"))
    with writer.as_default():
        assert tbv.summary.version(folder, step=2, capture=NOTHING) is True
    assert list(announcements(tmp_path / "logs")) == [("run", "digits:7")]
    writer.close()


@pytest.mark.tensorflow
def test_it_refuses_to_be_traced(folder: Path) -> None:
    import tensorflow as tf

    with pytest.raises(RuntimeError, match=r"inside a tf\.function"):
        tf.function(lambda: tbv.summary.version(folder), autograph=False)()
