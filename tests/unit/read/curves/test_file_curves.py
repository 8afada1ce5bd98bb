"""Curves from event files: what was appended is read, and the result is that of reading everything anew."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, types_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c
from tensorboard.plugins.image.metadata import create_summary_metadata

from tb_versions.read.curves import data_server, whole_runs
from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.current import Point
from tb_versions.read.curves.curve import Curve
from tb_versions.read.curves.file_curves import FileCurves
from tb_versions.read.curves.run_files import RunFiles
from tb_versions.read.folders.roots import roots_of
from tests.support.effort import tries
from tests.support.event_files import begin, record, scalar, summary

pytestmark = pytest.mark.slow

START = 1_700_000_000.0
NAME = "events.out.tfevents.{}.made"


class Run:
    """One run in a log directory, and what is kept of it."""

    def __init__(self, logs: Path) -> None:
        self.logs, self.folder = logs, logs / "r"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.now = START
        self.count = 0
        self.exports: dict[int, float] = {}
        self.curves = reader(logs)
        self.path = self.next_file()

    def next_file(self) -> Path:
        self.count += 1
        self.now += 1
        self.path = self.folder / NAME.format(self.count)
        self.append(begin(self.now))
        return self.path

    def append(self, data: bytes) -> None:
        with self.path.open("ab") as file:
            file.write(data)

    def point(self, step: int, value: float = 0.5, tag: str = "loss") -> None:
        self.now += 1
        self.append(scalar(tag, step, value, wall_time=self.now))

    def points(self, steps: range, tag: str = "loss") -> None:
        for step in steps:
            self.point(step, 1 / (step + 2), tag)

    def refresh(self) -> bool:
        return self.curves.refresh({"r": exports_of(self.exports)})

    def told(self) -> dict[str, tuple[object, ...]]:
        return told(self.curves, self.exports)

    def expected(self) -> dict[str, tuple[object, ...]]:
        return summary(self.folder, self.exports)


def reader(logs: Path, models: tuple[str, ...] = ()) -> FileCurves:
    return FileCurves(RunFiles(roots_of(str(logs), models)))


def exports_of(exports: Mapping[int, float]) -> frozenset[Export]:
    return frozenset(Export(step, time) for step, time in exports.items())


def told(curves: FileCurves, exports: Mapping[int, float], run: str = "r") -> dict[str, tuple[object, ...]]:
    """As `summary` of the other reader."""
    return {tag: one(curve, exports) for tag, curve in curves.curves.get(run, {}).items()}


def one(curve: Curve, exports: Mapping[int, float]) -> tuple[object, ...]:
    pairs = [point and (point.step, point.value) for point in (curve.highest, curve.lowest, curve.last)]
    values = []
    for step, time in sorted(exports.items()):
        found = curve.at[Export(step, time)]
        values.append(found.value if isinstance(found, Point) else "unknown" if found else None)
    return (*pairs, *values)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path / "logs")


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that data servers were started for."""
    started: list[str] = []
    real = data_server._start

    def start(binary: str, logdir: str, *arguments: Any, **options: Any) -> subprocess.Popen[str]:
        started.append(logdir)
        return real(binary, logdir, *arguments, **options)

    monkeypatch.setattr(data_server, "_start", start)
    return started


def test_appended_points_are_read_without_a_server(run: Run, starts: list[str]) -> None:
    run.points(range(40))
    run.exports = {30: run.now}
    assert run.refresh()
    assert not run.refresh(), "nothing is new"
    for step in range(40, 60):
        run.point(step, -step)
        assert run.refresh()
        assert run.told() == run.expected()
    run.next_file()
    run.point(60, 9.0)
    run.refresh()
    assert run.told() == run.expected()
    assert len(starts) == 1


def test_half_a_record_is_waited_for(run: Run, starts: list[str]) -> None:
    run.points(range(20))
    run.refresh()
    whole = scalar("loss", 20, -1.0, wall_time=run.now)
    for cut in (1, 11, 12, 20, len(whole) - 1):
        before = run.path.read_bytes()
        run.append(whole[:cut])
        run.refresh()
        assert run.told() == run.expected()
        run.path.write_bytes(before)  # another file of a smaller size: read again
        run.refresh()
        run.append(whole[:cut])
        run.refresh()
        run.append(whole[cut:])
        run.refresh()
        assert run.told() == run.expected()
        assert run.told()["loss"][1] == (20, -1.0)
        run.path.write_bytes(before)


def test_a_damaged_record_ends_a_file_and_is_told(run: Run) -> None:
    run.points(range(20))
    run.exports = {19: run.now}
    damaged = bytearray(scalar("loss", 20, -1.0, wall_time=run.now))
    damaged[-1] ^= 1
    run.append(bytes(damaged))
    run.point(21, -2.0)
    run.refresh()
    assert run.told()["loss"] == (None, None, None, pytest.approx(1 / 21))
    assert run.curves.warnings == {
        "r": "events.out.tfevents.1.made has a damaged record, and what follows it is not read"
    }
    run.point(22, -3.0)
    run.refresh()
    assert run.told()["loss"] == (None, None, None, pytest.approx(1 / 21)), "as a reader from scratch"


@pytest.mark.parametrize("long", [10, 2_000], ids=["short", "long"])
def test_a_restart_from_an_earlier_step_drops_what_it_overwrites(run: Run, long: int) -> None:
    run.points(range(long))
    run.exports = {long - 2: run.now, 3: run.now}
    run.refresh()
    for first in (long - 1, long - 3, 4, 0):
        run.next_file()
        run.point(first, 7.0)
        run.refresh()
        assert run.told() == run.expected()


def test_a_file_that_was_replaced_or_cut_is_read_again(run: Run) -> None:
    run.points(range(30))
    run.refresh()
    data = run.path.read_bytes()
    other = begin(START) + b"".join(scalar("loss", s, 100 + s, wall_time=START + s) for s in range(40))
    for new in (data[:200], data, other, other[: len(other) // 2], other):
        run.path.write_bytes(new)  # the same file, and the inode with it
        run.refresh()
        assert run.told() == run.expected()
    run.path.unlink()
    run.path.write_bytes(data)
    run.refresh()
    assert run.told() == run.expected()


def test_a_file_before_others_that_grows_is_read_in_the_order_of_names(run: Run) -> None:
    first = run.path
    run.points(range(10))
    run.next_file()
    run.points(range(10, 20))
    run.refresh()
    run.path = first
    run.point(15, -1.0)
    run.refresh()
    assert run.told() == run.expected()


def test_new_tags_and_other_kinds_of_values(run: Run) -> None:
    metadata = create_summary_metadata(display_name="", description="")
    text = tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, string_val=[b"x"])
    double = tensor_pb2.TensorProto(dtype=types_pb2.DT_DOUBLE, double_val=[0.5])
    single = tensor_pb2.TensorProto(dtype=types_pb2.DT_FLOAT, tensor_content=b"\0\0\x80\x3f")

    def add(step: int, **value: Any) -> None:
        run.now += 1
        made = summary_pb2.Summary(value=[summary_pb2.Summary.Value(**value)])
        run.append(record(event_pb2.Event(step=step, wall_time=run.now, summary=made)))

    run.points(range(20))
    run.refresh()
    add(0, tag="image", tensor=text, metadata=metadata)
    add(0, tag="late", simple_value=3.0)
    run.refresh()
    assert run.told() == run.expected()
    add(1, tag="image", simple_value=1.0)
    add(1, tag="late", tensor=single)
    run.refresh()
    assert run.told() == run.expected()
    assert run.told()["late"][0] == (0, 3.0)
    add(25, tag="loss", tensor=double)
    add(12, tag="loss", tensor=double)  # no number for TensorBoard, but it removes what it overwrites
    run.refresh()
    assert run.told() == run.expected()
    add(2, tag="batch_loss", simple_value=1.0)
    add(2, tag="learning_rate", simple_value=1.0)
    run.refresh()
    assert sorted(run.told()) == ["late", "loss"]


@pytest.mark.parametrize("kind", ["DOUBLE", "HALF", "BFLOAT16", "INT64", "INT32", "UINT8", "BOOL"])
def test_a_curve_of_a_type_that_is_not_read_is_told(run: Run, kind: str) -> None:
    made = tensor_pb2.TensorProto(dtype=f"DT_{kind}", tensor_content=b"\0" * 8)
    plugin = summary_pb2.SummaryMetadata.PluginData(plugin_name="scalars")
    value = summary_pb2.Summary.Value(
        tag="val_loss", tensor=made, metadata=summary_pb2.SummaryMetadata(plugin_data=plugin)
    )
    run.points(range(3))
    run.append(record(event_pb2.Event(step=1, wall_time=run.now, summary=summary_pb2.Summary(value=[value]))))
    run.refresh()
    assert sorted(run.told()) == ["loss"]
    (why,) = run.curves.warnings.values()
    assert why.startswith('"val_loss" has values of a type that TensorBoard\'s data server does not read')


def test_a_new_export_of_an_old_step_is_looked_up(run: Run, starts: list[str]) -> None:
    run.points(range(100))
    run.exports = {99: run.now}
    run.refresh()
    run.points(range(100, 103))
    run.exports[102] = run.now
    run.refresh()
    assert (run.told(), len(starts)) == (run.expected(), 1)
    run.exports[40] = run.now
    run.refresh()
    assert (run.told(), len(starts)) == (run.expected(), 2)


def test_more_than_a_megabyte_is_left_to_the_server(
    run: Run, starts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tb_versions.read.curves.appended.MOST", 4_096)
    run.points(range(20))
    run.refresh()
    run.points(range(20, 220))
    run.refresh()
    assert (run.told(), len(starts)) == (run.expected(), 2)
    big = summary_pb2.Summary.Value(tag="image", image=summary_pb2.Summary.Image(encoded_image_string=b"x" * 9_000))
    run.append(record(event_pb2.Event(step=1, wall_time=run.now, summary=summary_pb2.Summary(value=[big]))))
    run.point(300, -1.0)
    run.refresh()
    assert run.told() == run.expected()


def test_what_is_written_while_the_server_reads_counts_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.points(range(30))
    real = data_server.DataServer.provider
    written: list[bool] = []

    def provider(server: data_server.DataServer) -> Any:
        answer = real(server)
        if not written:
            written.append(True)
            run.points(range(30, 33))
        return answer

    monkeypatch.setattr(data_server.DataServer, "provider", provider)
    run.refresh()
    assert run.told()["loss"][2] == (29, pytest.approx(1 / 31))
    run.refresh()
    assert run.told() == run.expected()


def test_what_the_server_has_read_already_is_not_read_twice(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.points(range(30))
    real = whole_runs._linked
    written: list[bool] = []

    def linked(folder: str, *rest: Any) -> dict[str, str]:
        names = real(folder, *rest)
        if not written:
            written.append(True)
            run.points(range(30, 60))
        return names

    monkeypatch.setattr(whole_runs, "_linked", linked)
    run.refresh()
    assert run.told() == run.expected(), "the server was quicker than the sizes of the files"
    run.points(range(60, 63))
    run.refresh()
    assert run.told() == run.expected()


def hostile(folder: Path) -> None:
    """15 bytes that end the data server."""
    folder.mkdir(parents=True)
    length = (1 << 40).to_bytes(8, "little")
    (folder / NAME.format(1)).write_bytes(length + masked_crc32c(length).to_bytes(4, "little") + b"abc")


def test_hostile_runs_hide_no_other_and_are_named(tmp_path: Path, starts: list[str]) -> None:
    logs = tmp_path / "logs"
    for number in range(20):
        (logs / f"r{number}").mkdir(parents=True)
        (logs / f"r{number}" / NAME.format(1)).write_bytes(scalar("loss", 1, number, wall_time=START))
    for bad in ("bad1", "bad2"):
        hostile(logs / bad)
    curves = reader(logs)
    runs = [f"r{number}" for number in range(20)]
    exports: dict[str, frozenset[Export]] = dict.fromkeys(["bad1", *runs, "bad2"], frozenset())
    curves.refresh(exports)
    assert sorted(curves.curves) == sorted(runs)
    assert sorted(curves.unread) == ["bad1", "bad2"]
    assert "ended while it read" in curves.unread["bad1"]
    count = len(starts)
    assert count < 25
    assert not curves.refresh(exports)
    assert len(starts) == count, "a hostile file is not tried again while it is the same"


def test_small_runs_are_read_by_few_servers(tmp_path: Path, starts: list[str]) -> None:
    logs = tmp_path / "logs"
    for number in range(300):
        (logs / f"r{number}").mkdir(parents=True)
        (logs / f"r{number}" / NAME.format(1)).write_bytes(scalar("loss", 1, number, wall_time=START))
    curves = reader(logs)
    curves.refresh({f"r{number}": frozenset() for number in range(300)})
    assert (len(curves.curves), len(starts)) == (300, 1)
    assert curves.curves["r77"]["loss"].last == Point(1, 77.0)


def test_large_runs_are_read_by_a_server_each(
    tmp_path: Path, starts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_runs, "GROUP_BYTES", 1_000)
    monkeypatch.setattr(whole_runs, "ANSWER_BYTES", 100)
    logs = tmp_path / "logs"
    for number in range(4):
        (logs / f"r{number}").mkdir(parents=True)
        data = b"".join(scalar("loss", step, number, wall_time=START) for step in range(10 if number < 2 else 30))
        (logs / f"r{number}" / NAME.format(1)).write_bytes(data)
    curves = reader(logs)
    curves.refresh({f"r{number}": frozenset() for number in range(4)})
    assert (len(curves.curves), len(starts)) == (4, 3)


def test_runs_that_lead_outside_are_not_read(tmp_path: Path, starts: list[str]) -> None:
    logs, outside = tmp_path / "logs", tmp_path / "outside"
    outside.mkdir()
    (outside / NAME.format(1)).write_bytes(scalar("loss", 1, 0.5, wall_time=START))
    (logs / "plain").mkdir(parents=True)
    (logs / "folder").symlink_to(outside)
    (logs / "plain" / NAME.format(1)).symlink_to(outside / NAME.format(1))
    (logs / "fifo").mkdir()
    os.mkfifo(logs / "fifo" / NAME.format(1))
    (logs / "dangling").mkdir()
    (logs / "dangling" / NAME.format(1)).symlink_to(logs / "nowhere")
    names = ["folder", "plain", "fifo", "dangling", "../outside", "gone", "nul\0"]
    curves = reader(logs)
    curves.refresh(dict.fromkeys(names, frozenset()))
    assert curves.unread == dict.fromkeys(names, "")
    assert not starts
    allowed = reader(logs, (str(outside),))
    allowed.refresh({"folder": frozenset(), "plain": frozenset()})
    assert sorted(allowed.curves) == ["folder", "plain"], "a models folder may be read too"


def test_what_lies_beside_the_event_files_is_not_read(run: Run, tmp_path: Path) -> None:
    """The server would go into folders and follow symlinks, and one hostile file in there would end it."""
    hostile(tmp_path / "outside")
    run.points(range(12))
    (run.folder / "link").symlink_to(tmp_path / "outside")
    run.refresh()
    assert run.told() == run.expected()
    (run.folder / "link").unlink()
    hostile(run.folder / "inner")
    again = reader(run.logs)
    again.refresh({"r": frozenset()})
    assert told(again, {}) == run.expected()


def test_without_a_server_small_runs_are_read_in_python(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise data_server.NoDataServerError("not here")

    monkeypatch.setattr(data_server, "_binary", missing)
    run.points(range(30))
    run.exports = {17: run.now}
    run.refresh()
    assert run.told() == run.expected()
    run.next_file()
    run.point(3, 9.0)
    run.refresh()
    assert run.told() == run.expected()
    monkeypatch.setattr(whole_runs, "PYTHON_BYTES", 100)
    again = reader(run.logs)
    again.refresh({"r": frozenset()})
    assert again.unread == {"r": whole_runs.NO_SERVER}


class Played(Run):
    """A run to which things happen by chance."""

    def __init__(self, logs: Path) -> None:
        super().__init__(logs)
        self.waiting, self.next = b"", 12
        self.points(range(12))
        self.refresh()

    def play(self, name: str, *arguments: Any) -> None:
        if name not in ("export", "look"):
            self.rest()
        getattr(self, f"play_{name}")(*arguments)

    def rest(self) -> None:
        self.append(self.waiting)
        self.waiting = b""

    def play_points(self, first: int, values: list[float], tag: str) -> None:
        for step, value in enumerate(values, first):
            self.point(step, value, tag)
        self.next = first + len(values)

    def play_follow(self, values: list[float], tag: str) -> None:
        self.play_points(self.next, values, tag)

    def play_file(self) -> None:
        self.next_file()

    def play_half(self, step: int, cut: int) -> None:
        self.now += 1
        whole = scalar("loss", step, 4.0, wall_time=self.now)
        self.append(whole[:cut])
        self.waiting = whole[cut:]

    def play_export(self, step: int) -> None:
        self.exports[step] = self.now

    def play_cut(self, count: int) -> None:
        self.path.write_bytes(self.path.read_bytes()[: -count or None])
        self.next_file()

    def play_look(self) -> None:
        self.refresh()
        assert same(self.told(), self.expected())


VALUES = st.lists(st.sampled_from([0.5, -1.0, 2.0, float("nan"), 0.25]), min_size=1, max_size=12)
TAGS = st.sampled_from(["loss", "acc"])
ACTIONS = st.one_of(
    st.tuples(st.just("points"), st.integers(0, 40), VALUES, TAGS),
    st.tuples(st.just("follow"), VALUES, TAGS),
    st.tuples(st.just("file")),
    st.tuples(st.just("half"), st.integers(0, 40), st.integers(1, 50)),
    st.tuples(st.just("export"), st.integers(0, 45)),
    st.tuples(st.just("look")),
    st.tuples(st.just("look")),
    st.tuples(st.just("cut"), st.integers(0, 60)),
)


@settings(max_examples=tries(60))
@given(st.lists(ACTIONS, min_size=3, max_size=14))
def test_looks_in_between_change_nothing(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[Any, ...]]
) -> None:
    run = Played(tmp_path_factory.mktemp("logs"))
    for action in actions:
        run.play(*action)
    run.play_look()
    scratch = reader(run.logs)
    scratch.refresh({"r": exports_of(run.exports)})
    assert same(told(scratch, run.exports), run.told())


def same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether NaN is NaN, and else everything is equal."""
    return repr(sorted(one.items())) == repr(sorted(other.items()))
