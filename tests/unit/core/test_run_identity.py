"""A run keeps its identity wherever it is moved, and another run in its place has another one."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from tensorboard.compat.proto import event_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tb_versions.core.manifest import is_digest
from tb_versions.core.run_identity import identity_in


def begin(folder: Path) -> str:
    """Begins a run as TensorBoard's own writer does; its identity."""
    EventFileWriter(str(folder)).close()
    return identity_in(str(folder))


def forge(folder: Path, data: bytes, name: str = "events.out.tfevents.1.host") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return identity_in(str(folder))


def record(data: bytes) -> bytes:
    return struct.pack("<QI", len(data), 0) + data + b"\0\0\0\0"


def test_a_run_that_goes_on_keeps_its_identity(tmp_path: Path) -> None:
    identity = begin(tmp_path / "run")
    assert is_digest(identity)
    writer = EventFileWriter(str(tmp_path / "run"))
    writer.add_event(event_pb2.Event(wall_time=1, step=1))
    writer.close()
    assert len(list((tmp_path / "run").iterdir())) == 2
    assert identity_in(str(tmp_path / "run")) == identity


@pytest.mark.parametrize(("older", "newer"), [("9.v2", "10.v2"), ("99.v2", "100.v2"), ("b", "a")])
def test_of_files_that_begin_in_one_second_the_oldest_tells_the_run(tmp_path: Path, older: str, newer: str) -> None:
    def write(number: str, time: float) -> str:
        event = event_pb2.Event(wall_time=time, file_version="brain.Event:2")
        return forge(tmp_path, record(event.SerializeToString()), f"events.out.tfevents.1764430000.host.1.{number}")

    identity = write(older, 1764430000.1)
    assert write(newer, 1764430000.2) == identity
    forge(tmp_path, b"", "events.out.tfevents.1764430000.host.1.0.v2")
    assert identity_in(str(tmp_path)) == identity


@pytest.mark.parametrize(("older", "newer"), [("9.v2", "10.v2"), ("99.v2", "100.v2"), ("1.a", "1.b")])
def test_of_files_that_begin_at_one_time_the_first_writers_tells_the_run(
    tmp_path: Path, older: str, newer: str
) -> None:
    """TensorFlow writes whole seconds into first records."""
    event = event_pb2.Event(wall_time=1764430000.0, file_version="brain.Event:2")
    data = record(event.SerializeToString())
    identity = forge(tmp_path, data, f"events.out.tfevents.1764430000.host.1.{older}")
    assert forge(tmp_path, data, f"events.out.tfevents.1764430000.host.1.{newer}") == identity


@pytest.mark.parametrize("move", [os.rename, shutil.copytree])
def test_a_run_that_is_moved_or_copied_keeps_its_identity(tmp_path: Path, move: Callable[..., object]) -> None:
    identity = begin(tmp_path / "a" / "tb")
    move(tmp_path / "a", tmp_path / "b")
    assert identity_in(str(tmp_path / "b" / "tb")) == identity


def test_another_run_in_the_same_folder_has_another_identity(tmp_path: Path) -> None:
    first = begin(tmp_path / "run")
    shutil.rmtree(tmp_path / "run")
    assert begin(tmp_path / "run") not in ("", first)


def test_files_of_one_name_with_another_beginning_are_other_runs(tmp_path: Path) -> None:
    found = {forge(tmp_path / str(n), record(content)) for n, content in enumerate([b"a", b"b", b"aa", b"a" * 9_000])}
    assert len(found) == 4
    assert all(map(is_digest, found))
    assert forge(tmp_path / "a", record(b"a"), "tfevents.1") != forge(tmp_path / "b", record(b"a"), "tfevents.2")


def test_an_identity_tells_no_name(tmp_path: Path) -> None:
    assert len(forge(tmp_path / "secret", record(b"x"), "events.out.tfevents.1.alices-laptop")) == 7 + 64


@pytest.mark.parametrize("data", [b"", b"\0" * 4_096, struct.pack("<QI", 100, 0) + b"torn", b"short", b"\xff" * 40])
def test_a_file_without_a_first_record_has_no_identity(tmp_path: Path, data: bytes) -> None:
    assert forge(tmp_path / "run", data) == ""


def test_an_empty_file_before_the_first_one_does_not_count(tmp_path: Path) -> None:
    identity = begin(tmp_path / "run")
    assert forge(tmp_path / "run", b"", "events.out.tfevents.0.host.profile-empty") == identity


def test_a_record_larger_than_is_read_counts_by_its_beginning_and_length(tmp_path: Path) -> None:
    large = [record(b"x" * size) for size in (5_000, 5_001)]
    first, second = (forge(tmp_path / str(n), data) for n, data in enumerate(large))
    assert is_digest(first)
    assert first != second


def test_what_is_no_plain_event_file_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    forge(tmp_path / "other", record(b"a"), "tfevents.1")
    (tmp_path / "run" / "tfevents.1").symlink_to(tmp_path / "other" / "tfevents.1")
    (tmp_path / "run" / "tfevents.2").mkdir()
    os.mkfifo(tmp_path / "run" / "tfevents.3")
    assert identity_in(str(tmp_path / "run")) == ""


@pytest.mark.parametrize("folder", ["", "missing", "a\0b", "gs://bucket/run"])
def test_a_folder_that_can_not_be_read_has_no_identity(folder: str, tmp_path: Path) -> None:
    assert identity_in(folder and str(tmp_path / folder)) == ""
