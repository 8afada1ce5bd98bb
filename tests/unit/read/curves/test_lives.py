"""Event files of a run that were written at the same time."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from tb_versions.read.curves.at_export import ONE_LIFE
from tb_versions.read.curves.lives import lives_of
from tb_versions.read.curves.run_files import RunFiles
from tb_versions.read.folders.roots import roots_of

NOW = 1_700_000_000


@pytest.fixture
def files(tmp_path: Path) -> RunFiles:
    (tmp_path / "run").mkdir()
    return RunFiles(roots_of(str(tmp_path), []))


def write(folder: Path, begin: float, seconds: Iterable[float], tag: str = "loss", size: int = 0) -> None:
    """An event file that was begun then, with a point at each of some seconds; each has so many bytes beside it."""
    path = folder / "run" / f"events.out.tfevents.{NOW + int(begin)}.host"
    with path.open("wb") as file:
        writer = RecordWriter(file)
        writer.write(Event(wall_time=NOW + begin, file_version="brain.Event:2").SerializeToString())
        for second in seconds:
            values = [Summary.Value(tag=tag, simple_value=1), Summary.Value(tag="text", node_name="x" * size)]
            writer.write(Event(step=1, wall_time=NOW + second, summary=Summary(value=values)).SerializeToString())


def overlaps(files: RunFiles) -> list[tuple[float, float]]:
    return [(begin - NOW, end - NOW) for begin, end in lives_of(files, files.of("run")).overlaps]


def test_a_run_that_was_started_again_has_one_file_after_the_other(files: RunFiles, tmp_path: Path) -> None:
    write(tmp_path, 0, range(10))
    write(tmp_path, 20, range(20, 30))
    assert lives_of(files, files.of("run")).starts == (NOW, NOW + 20)
    assert overlaps(files) == []
    assert lives_of(None, files.of("run")) == lives_of(files, files.of("run")[:1]) == ONE_LIFE


@pytest.mark.parametrize("size", [0, 1_000], ids=["small", "larger than what is looked at"])
def test_two_that_write_at_once_overlap(files: RunFiles, tmp_path: Path, size: int) -> None:
    write(tmp_path, 0, range(101), size=size)
    write(tmp_path, 60, range(60, 150), size=size)
    assert overlaps(files) == [(60, 100)]


def test_files_with_other_tags_do_not_mix(files: RunFiles, tmp_path: Path) -> None:
    write(tmp_path, 0, range(100))
    write(tmp_path, 60, range(60, 150), tag="accuracy")
    assert overlaps(files) == []


def test_a_file_that_was_written_last_before_the_next_was_begun_is_not_read(files: RunFiles, tmp_path: Path) -> None:
    write(tmp_path, 0, range(100))
    os.utime(tmp_path / "run" / f"events.out.tfevents.{NOW}.host", (NOW + 50, NOW + 50))
    write(tmp_path, 60, range(60, 150))
    assert overlaps(files) == []


def test_a_damaged_file_has_no_end(files: RunFiles, tmp_path: Path) -> None:
    write(tmp_path, 0, [])
    write(tmp_path, 60, range(60, 70))
    (tmp_path / "run" / f"events.out.tfevents.{NOW}.host").write_bytes(b"x" * 100_000)
    assert overlaps(files) == []
