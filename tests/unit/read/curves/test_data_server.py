"""Every point of every curve: the same through the data server and through TensorBoard's Python reader."""

from __future__ import annotations

import contextlib
import math
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from tensorboard.compat.proto import event_pb2
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tb_versions.read.curves import data_server as server_module
from tb_versions.read.curves.curve import RunPoints
from tb_versions.read.curves.curve_reader import CurveReader, points_of
from tb_versions.read.curves.event_files import reading
from tb_versions.read.runs.all_runs import runs_by_start
from tests.support.effort import HANGS

pytestmark = pytest.mark.slow


def write(folder: Path, curves: dict[str, list[tuple[int, float]]], start: float = 1_700_000_000.0) -> None:
    writer = EventFileWriter(str(folder))
    for tag, points in curves.items():
        for step, value in points:
            event = event_pb2.Event(wall_time=start + step, step=step, summary=scalar_pb(tag, value))
            writer.add_event(event)
    writer.close()


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    long = [(step, math.sin(step)) for step in range(3_000)]
    write(tmp_path / "b", {"loss": long, "odd/tag é": [(3, math.nan), (4, math.inf)]}, start=1_600_000_000.0)
    write(tmp_path / "a" / "train", {"epoch_loss": [(0, 0.1), (7, 0.2)]})
    return tmp_path


@pytest.fixture(params=["data server", "multiplexer"])
def reader(request: pytest.FixtureRequest, logs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CurveReader]:
    if request.param == "multiplexer":

        def missing() -> str:
            raise server_module.DataServerFailedError("not here")

        monkeypatch.setattr(server_module, "_binary", missing)
    problems: list[tuple[str, str]] = []
    with reading(str(logs), problems) as finish:
        reader = CurveReader(finish())
        assert hasattr(reader.provider, "arrays") is (request.param == "data server")
        yield reader
    assert problems == []


def everything(reader: CurveReader) -> RunPoints:
    tags = reader.tags(runs_by_start(reader.provider))
    return {run: tags for some in reader.read(tags) for run, tags in some.items()}


def test_every_point_is_there(reader: CurveReader) -> None:
    found = everything(reader)
    assert sorted(found) == ["a/train", "b"]
    points = found["b"]["loss"]
    assert points.steps.tolist() == list(range(3_000))
    assert np.array_equal(points.values, np.sin(np.arange(3_000)).astype(np.float32))
    assert np.allclose(points.wall_times, 1_600_000_000 + np.arange(3_000))
    assert points.values.dtype == np.float32
    odd = found["b"]["odd/tag é"]
    assert [str(v) for v in odd.values] == ["nan", "inf"]


def test_runs_come_in_the_order_that_decides_their_colours(reader: CurveReader) -> None:
    assert runs_by_start(reader.provider) == ("b", "a/train")


def test_only_asked_tags_are_read(reader: CurveReader) -> None:
    assert [list(tags) for some in reader.read({"b": ["loss", "none"]}) for tags in some.values()] == [["loss"]]


def test_what_was_read_half_way_is_never_shown_as_all(logs: Path) -> None:
    """The server answers while it reads; it is asked only after it said that it has finished."""
    write(logs / "large", {f"tag-{i}": [(step, step) for step in range(2_000)] for i in range(20)})
    for _ in range(3):
        with reading(str(logs), []) as finish:
            reader = CurveReader(finish())
            points = [p for some in reader.read(reader.tags(["large"])) for p in some["large"].values()]
        assert [len(p.steps) for p in points] == [2_000] * 20


def test_a_server_of_other_words_is_not_waited_for(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_STARTED", "other words")
    monkeypatch.setattr(server_module, "_FINISHED", "other words")
    monkeypatch.setattr(server_module, "_START_SECONDS", 0.2)
    with reading(str(logs), []) as finish:
        reader = CurveReader(finish())
        assert not hasattr(reader.provider, "arrays")
        assert sorted(everything(reader)) == ["a/train", "b"]


def test_a_hostile_file_that_kills_the_server_hides_no_other_run(logs: Path) -> None:
    """15 bytes: a valid checksum of a length of 1 TB. In a process of its own: TensorFlow's reader would die of it."""
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    (logs / "hostile").mkdir()
    length = (1 << 40).to_bytes(8, "little")
    data = length + masked_crc32c(length).to_bytes(4, "little") + b"abc"
    (logs / "hostile" / "events.out.tfevents.1.x").write_bytes(data)
    program = (
        "import sys; from tb_versions.read.no_tensorflow import without_tensorflow; without_tensorflow()\n"
        "from tb_versions.read.curves.event_files import reading\n"
        "from tb_versions.read.runs.all_runs import runs_by_start\n"
        "with reading(sys.argv[1], []) as finish: print(*runs_by_start(finish()))"
    )
    shown = subprocess.run([sys.executable, "-c", program, logs], capture_output=True, text=True, check=True).stdout
    assert {"a/train", "b"} <= set(shown.split())


def test_a_missing_folder_has_no_runs(tmp_path: Path) -> None:
    with reading(str(tmp_path / "none"), []) as finish:
        assert runs_by_start(finish()) == ()


def test_other_work_that_fails_stops_the_server(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[str]] = []
    start = server_module._start

    def noted(*arguments: str, every_point: bool) -> subprocess.Popen[str]:
        started.append(start(*arguments, every_point=every_point))
        return started[-1]

    monkeypatch.setattr(server_module, "_start", noted)
    with pytest.raises(RuntimeError, match="in between"), reading(str(logs), []):
        raise RuntimeError("in between")
    assert [process.poll() is not None for process in started] == [True]


def test_points_have_finite_times_and_the_least_precision_that_holds_them() -> None:
    steps, seconds, values = np.array([3, 5]), np.array([1.0, math.inf]), np.array([0.5, 0.1 + 0.2])
    points = points_of(steps, seconds, values)
    assert points.wall_times.tolist() == [1.0, 0.0]
    assert points.values.tolist() == [0.5, 0.1 + 0.2]
    assert points_of(steps, seconds, values.astype(np.float32)).values.dtype == np.float32


def test_a_process_that_is_killed_takes_its_server_along(logs: Path) -> None:
    program = (
        "import os, sys, psutil; from tb_versions.read.no_tensorflow import without_tensorflow; without_tensorflow()\n"
        "from tb_versions.read.reader import open_reader\n"
        "reader = open_reader(sys.argv[1])\n"
        "print(*(child.pid for child in psutil.Process().children()), flush=True)\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program, logs], capture_output=True, text=True, check=False)
    (server,) = map(int, done.stdout.split())
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(server)
        if process.status() != psutil.STATUS_ZOMBIE:
            process.wait(HANGS)
