"""Every point of every curve: through the data server and through any DataProvider the same."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto import event_pb2
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tb_versions.exports.contents import events as events_module
from tb_versions.exports.contents.events import Events, Points, PointsOf, open_events
from tb_versions.read import data_server as server_module


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
def events(request: pytest.FixtureRequest, logs: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Events]:
    if request.param == "multiplexer":

        def missing() -> str:
            raise server_module.DataServerFailedError("not here")

        monkeypatch.setattr(server_module, "_binary", missing)
    problems: list[tuple[str, str]] = []
    with open_events(str(logs), problems) as opened:
        assert hasattr(opened.provider, "_stub") is (request.param == "data server")
        yield opened
    assert problems == []


def everything(events: Events) -> PointsOf:
    return {run: tags for some in events.read(events.tags(events.runs())) for run, tags in some.items()}


def test_every_point_is_there(events: Events) -> None:
    found = everything(events)
    assert sorted(found) == ["a/train", "b"]
    points = found["b"]["loss"]
    assert points.steps.tolist() == list(range(3_000))
    assert np.array_equal(points.values, np.sin(np.arange(3_000)).astype(np.float32))
    assert np.allclose(points.wall_times, 1_600_000_000 + np.arange(3_000))
    assert points.values.dtype == np.float32
    odd = found["b"]["odd/tag é"]
    assert [str(v) for v in odd.values] == ["nan", "inf"]


@pytest.mark.parametrize("room", [0, 10, 10_000])
def test_what_has_room_stays_and_is_not_read_again(logs: Path, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr(events_module, "MOST_KEPT", room)
    with open_events(str(logs), []) as opened:
        asked: list[list[str]] = []
        read = events_module._served

        def noted(provider: object, runs: Sequence[str], tags: Sequence[str]) -> PointsOf:
            asked.append(sorted(runs))
            return read(provider, runs, tags)

        monkeypatch.setattr(events_module, "_served", noted)
        first, again = everything(opened), everything(opened)
        assert {run: sorted(of) for run, of in again.items()} == {run: sorted(of) for run, of in first.items()}
        assert np.array_equal(again["b"]["loss"].values, first["b"]["loss"].values)
        later = {0: [["a/train", "b"]], 10: [["b"]], 10_000: []}[room]
        assert asked == [["a/train", "b"], *later]


def test_a_tag_that_was_not_read_is_read(logs: Path) -> None:
    with open_events(str(logs), []) as opened:
        assert [list(of["b"]) for of in opened.read({"b": ["loss"]})] == [["loss"]]
        assert [list(of["b"]) for of in opened.read({"b": ["loss", "odd/tag é"]})] == [["loss", "odd/tag é"]]
        assert list(opened.read({"b": ["no such tag"]})) == [{}]


def test_runs_come_in_the_order_that_decides_their_colours(events: Events) -> None:
    assert events.runs() == ("b", "a/train")


def test_only_asked_tags_are_read(events: Events) -> None:
    assert [list(tags) for some in events.read({"b": ["loss", "none"]}) for tags in some.values()] == [["loss"]]


def test_what_was_read_half_way_is_never_shown_as_all(logs: Path) -> None:
    """The server answers while it reads; it is asked only after it said that it has finished."""
    write(logs / "large", {f"tag-{i}": [(step, step) for step in range(2_000)] for i in range(20)})
    for _ in range(3):
        with open_events(str(logs), []) as events:
            points = [
                p for some in events.read({"large": events.tags(["large"])["large"]}) for p in some["large"].values()
            ]
        assert [len(p.steps) for p in points] == [2_000] * 20


def test_a_server_of_other_words_is_not_waited_for(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_STARTED", "other words")
    monkeypatch.setattr(server_module, "_FINISHED", "other words")
    monkeypatch.setattr(server_module, "_START_SECONDS", 0.2)
    with open_events(str(logs), []) as events:
        assert not hasattr(events.provider, "_stub")
        assert sorted(everything(events)) == ["a/train", "b"]


def test_a_hostile_file_that_kills_the_server_hides_no_other_run(logs: Path) -> None:
    """15 bytes: a valid checksum of a length of 1 TB. In a process of its own: TensorFlow's reader would die of it."""
    from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

    (logs / "hostile").mkdir()
    length = (1 << 40).to_bytes(8, "little")
    data = length + masked_crc32c(length).to_bytes(4, "little") + b"abc"
    (logs / "hostile" / "events.out.tfevents.1.x").write_bytes(data)
    program = (
        "import sys; from tb_versions.read.event_files import without_tensorflow; without_tensorflow()\n"
        "from tb_versions.exports.contents.events import open_events\n"
        "with open_events(sys.argv[1], []) as events: print(*events.tags(events.runs()))"
    )
    shown = subprocess.run([sys.executable, "-c", program, logs], capture_output=True, text=True, check=True).stdout
    assert {"a/train", "b"} <= set(shown.split())


def test_a_missing_folder_has_no_runs(tmp_path: Path) -> None:
    with open_events(str(tmp_path / "none"), []) as events:
        assert events.runs() == ()


def test_points_are_sorted_by_step(tmp_path: Path) -> None:
    from types import SimpleNamespace

    from tb_versions.exports.contents.events import _listed

    data = [SimpleNamespace(step=s, wall_time=w, value=v) for s, w, v in ((5, 1.0, 0.5), (3, math.inf, 0.1 + 0.2))]
    points = _listed(data)
    assert isinstance(points, Points)
    assert points.steps.tolist() == [3, 5]
    assert points.wall_times.tolist() == [0.0, 1.0]
    assert points.values.tolist() == [0.1 + 0.2, 0.5]
