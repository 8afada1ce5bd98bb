"""Announcements go through the writer that a run has, and TensorBoard reads them back."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

import tb_versions as tbv
from tb_versions.write.announcer import find_announcer, relative_location
from tests.support.announced import announcements, event_files

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)


OPEN_FILES = """
import json, pathlib, sys
import tensorflow as tf
from tests.unit.write.test_announcer import published

source = pathlib.Path(sys.argv[1])
logs = source.parent / "logs"
runs = []
with tf.summary.create_file_writer(str(logs / "first")).as_default():
    runs.append(published(source, logdir=logs))
    second = tf.summary.create_file_writer(str(logs / "second"))
    runs.append(published(source, logdir=logs, step=1))
print(json.dumps([[run.name for run in version.manifest.runs] for version in runs]))
"""


def published(source: Path, **options: Any) -> tbv.PublishedVersion:
    models = source.parent / "models"
    version = tbv.publish(source, models, name="digits", strict=True, capture=NOTHING, **options)
    assert version is not None
    return version


def test_without_a_writer_nothing_is_announced_and_that_is_fine(source: Path) -> None:
    assert published(source).announced is False


def test_through_tensorboards_own_writer(source: Path, tmp_path: Path) -> None:
    writer = EventFileWriter(str(tmp_path / "logs" / "run"))
    version = published(source, writer=writer, step=5, logdir=tmp_path / "logs")
    assert version.announced
    writer.close()
    found = announcements(tmp_path / "logs")
    assert found == {("run", "digits:1"): (version.manifest, 5, "../../models/digits/1")}
    assert event_files(tmp_path / "logs") == {"run": 1}
    assert [(run.name, run.step) for run in version.manifest.runs] == [("run", 5)]


def test_through_tensorboardx(source: Path, tmp_path: Path) -> None:
    from tensorboardX import SummaryWriter

    with SummaryWriter(str(tmp_path / "logs" / "run")) as writer:
        writer.add_scalar("loss", 1.0, 0)
        version = published(source, writer=writer, step=5, logdir=tmp_path / "logs")
        writer.add_scalar("loss", 0.5, 6)
    assert announcements(tmp_path / "logs") == {
        ("run", "digits:1"): (version.manifest, 5, "../../models/digits/1"),
    }
    assert event_files(tmp_path / "logs") == {"run": 1}


def test_a_closed_writer_gives_one_warning_and_the_version_stays(source: Path, tmp_path: Path) -> None:
    from tensorboardX import SummaryWriter

    writer = SummaryWriter(str(tmp_path / "logs"))
    writer.close()
    with pytest.warns(tbv.TbVersionsWarning, match="published, but not announced"):
        version = tbv.publish(source, tmp_path / "models", name="digits", writer=writer, capture=NOTHING)
    assert version is not None
    assert not version.announced
    assert event_files(tmp_path / "logs") == {".": 1}


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")
def test_through_pytorch(source: Path, tmp_path: Path) -> None:
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(tmp_path / "logs" / "run")) as writer:
        version = published(source, writer=writer, step=5, logdir=tmp_path / "logs")
    assert announcements(tmp_path / "logs") == {("run", "digits:1"): (version.manifest, 5, "../../models/digits/1")}


def test_without_a_writer_a_run_gets_a_folder_of_its_own(source: Path, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    trainer = EventFileWriter(str(logs / "run"))
    versions = [published(source, run_dir=logs / "run", logdir=logs, step=step) for step in range(12)]
    loss = summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag="loss", simple_value=1.0)])
    trainer.add_event(event_pb2.Event(step=1, summary=loss))
    trainer.close()
    found = announcements(logs)
    assert found.keys() == {("run/versions", version.reference) for version in versions}
    assert event_files(logs)["run"] == 1, "a second event file in a live run's folder would end its curves"
    assert all(run.name == "run" for version in versions for run in version.manifest.runs)
    assert not [name for name in os.listdir(logs / "run" / "versions") if name.startswith(".tmp")]


def test_own_files_are_named_in_the_order_of_writing(source: Path, tmp_path: Path) -> None:
    """The multiplexer reads a new file only if its name is later."""
    folder = tmp_path / "logs" / "versions"
    names: list[str] = []
    for _ in range(12):
        published(source, run_dir=tmp_path / "logs")
        (new,) = set(os.listdir(folder)) - set(names)
        names.append(new)
    assert names == sorted(names)


def test_an_unknown_writer_is_refused_before_anything_is_written(source: Path, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"torch\.utils\.tensorboard or tensorboardX, not int"):
        published(source, writer=3)
    assert not (tmp_path / "models").exists()


def test_locations_tell_no_home_and_nothing_above(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    assert relative_location("/data/p/models/digits/1", "/data/p/logs/run") == "../../models/digits/1"
    assert relative_location("/home/me/p/models/1", "/home/me/logs") == "../p/models/1"
    assert relative_location("/home/me/models/1", "/home/you/logs") == ""
    assert relative_location("/srv/models/1", "/home/me/logs") == ""
    assert relative_location("/srv/models/1", None) == ""
    assert relative_location("/srv/models/1", "gs://bucket/logs") == ""


def test_a_remote_run_without_a_writer_is_refused(source: Path) -> None:
    with pytest.raises(tbv.UnsupportedStorageError):
        published(source, run_dir="gs://bucket/logs/run")


@pytest.mark.tensorflow
class TestTensorFlow:
    def test_through_the_default_writer(self, source: Path, tmp_path: Path) -> None:
        import tensorflow as tf

        writer = tf.summary.create_file_writer(str(tmp_path / "logs" / "run"))
        with writer.as_default(step=9):
            tf.summary.scalar("loss", 1.0)
            version = published(source, logdir=tmp_path / "logs", metrics={"loss": tf.constant(1.0)})
        assert version.announced
        (found,) = announcements(tmp_path / "logs").items()
        assert found[0] == ("run", "digits:1")
        assert found[1][:2] == (version.manifest, 9)
        assert version.manifest.runs[0].step == version.manifest.metrics[0].step == 9
        assert event_files(tmp_path / "logs") == {"run": 1}
        writer.close()

    def test_the_only_open_event_file_identifies_the_run(self, source: Path) -> None:
        """In a process of its own: other tests may have left event files open in this one."""
        if not Path("/proc/self/fd").exists():
            pytest.skip("needs /proc")
        done = subprocess.run(
            [sys.executable, "-c", OPEN_FILES, source],
            capture_output=True,
            check=True,
            cwd=Path(tbv.__file__).parents[1],
        )
        one, two = json.loads(done.stdout)
        assert one == ["first"]
        assert two == [""], "which of two it is can't be known"

    def test_an_explicit_writer_wins(self, source: Path, tmp_path: Path) -> None:
        import tensorflow as tf

        default = tf.summary.create_file_writer(str(tmp_path / "logs" / "default"))
        given = tf.summary.create_file_writer(str(tmp_path / "logs" / "given"))
        with default.as_default():
            published(source, writer=given, run_dir=tmp_path / "logs" / "given")
        assert [run for run, _ in announcements(tmp_path / "logs")] == ["given"]
        default.close()
        given.close()

    def test_record_if_is_honoured(self, source: Path, tmp_path: Path) -> None:
        import tensorflow as tf

        writer = tf.summary.create_file_writer(str(tmp_path / "logs" / "run"))
        with writer.as_default(step=0), tf.summary.record_if(False):
            assert published(source, run_dir=tmp_path / "logs" / "run").announced is False
        assert announcements(tmp_path / "logs") == {}
        writer.close()

    def test_a_trackable_writer_knows_its_folder(self, tmp_path: Path) -> None:
        import tensorflow as tf

        writer = tf.summary.create_file_writer(str(tmp_path / "logs"), experimental_trackable=True)
        announcer = find_announcer(writer)
        assert announcer is not None
        assert announcer.run_dir == str(tmp_path / "logs")
        writer.close()
