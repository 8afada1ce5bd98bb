"""What a point of the step of an export replaced that was written a moment after it, from the event file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.read.curves import replaced as module
from tb_versions.read.curves.at_export import OVERWRITTEN, REPLACED, Export
from tb_versions.read.curves.current import Point
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.curves.event_files import provider_of
from tb_versions.read.curves.file_curves import FileCurves
from tb_versions.read.curves.linked_curves import LinkedCurves
from tb_versions.read.curves.run_files import RunFiles
from tb_versions.read.folders.roots import roots_of
from tests.support.event_files import begin, scalar, summary

pytestmark = pytest.mark.slow

NOW = 1_700_000_000.0

Written = list[tuple[int, float, float]]
"""Step, seconds after NOW, value."""

BEFORE = [(step, float(step), 1 - step / 16) for step in range(8)]


def write(logs: Path, *files: Written, tag: str = "loss", beside: int = 0) -> None:
    (logs / "r").mkdir(parents=True, exist_ok=True)
    for number, points in enumerate(files):
        made = [others(beside, time) + scalar(tag, step, value, wall_time=NOW + time) for step, time, value in points]
        first = NOW + (points[0][1] if points else 0.0)
        (logs / "r" / f"events.out.tfevents.{number}.made").write_bytes(b"".join([begin(first), *made]))


def others(count: int, time: float) -> bytes:
    """Points of other curves; one has an odd time."""
    times = [0.0, *[NOW + time] * count] if count else []
    return b"".join(scalar(f"other{number}", 1, 0.5, wall_time=time) for number, time in enumerate(times))


def at_export(logs: Path, step: int, exported: float, tag: str = "loss") -> object:
    """What tab and command line say, and an export: each of their readers must say the same."""
    export = Export(step, NOW + exported)
    exports = {"r": frozenset({export})}
    files = RunFiles(roots_of(str(logs), ()))
    from_files = FileCurves(files)
    from_files.refresh(exports)
    found = from_files.curves["r"][tag].at[export]
    reader = CurveReader(provider_of(str(logs), every_point=True))
    through_tensorboard, _ = LinkedCurves(reader, files).refresh(exports)
    assert through_tensorboard["r"][tag].at[export] == found
    value = found.value if isinstance(found, Point) else "unknown" if found else None
    assert summary(logs / "r", {step: NOW + exported})[tag][3] == value
    return found


@pytest.mark.parametrize("late", [0.6, 1.0, 5.0, 9.9])
def test_the_value_that_the_export_had_is_known_where_its_step_was_written_again(tmp_path: Path, late: float) -> None:
    write(tmp_path, [*BEFORE, (8, 8.0, 0.5), (8, 8.5 + late, 0.25)])
    assert at_export(tmp_path, 8, 8.5) == Point(8, 0.5)


@pytest.mark.parametrize("late", [0.2, 5.0, 9.9])
def test_the_first_point_of_a_step_may_come_after_the_export(tmp_path: Path, late: float) -> None:
    write(tmp_path, [*BEFORE, (8, 8.5 + late, 0.25), (9, 20.0, 0.1)])
    assert at_export(tmp_path, 8, 8.5) == Point(8, 0.25)


def test_of_several_points_of_a_step_the_last_one_before_the_export_counts(tmp_path: Path) -> None:
    write(tmp_path, [(1, 1.0, 0.9), (1, 2.0, 0.8), (1, 4.0, 0.7), (1, 5.0, 0.6)])
    assert at_export(tmp_path, 1, 3.0).value == pytest.approx(0.8)  # type: ignore[attr-defined]
    assert at_export(tmp_path, 1, 4.5).value == pytest.approx(0.7)  # type: ignore[attr-defined]
    assert at_export(tmp_path, 1, 6.0).value == pytest.approx(0.6)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "points",
    [
        [(8, 9.0, 0.5), (8, 10.0, 0.25)],
        [(8, 8.0, 0.5), (8, 8.55, 0.25)],
        [(8, 8.0, 0.5), (8, 8.55, 0.25), (8, 9.0, 0.125)],
        [(8, 7.5, 0.5), (9, 8.0, 0.4), (10, 8.25, 0.3), (8, 9.0, 0.25)],
    ],
    ids=["both after the export", "clocks may differ", "clocks may differ before", "started again in the same file"],
)
def test_what_can_not_be_told_apart_is_not_known(tmp_path: Path, points: Written) -> None:
    write(tmp_path, [*BEFORE, *points])
    assert at_export(tmp_path, 8, 8.5) == REPLACED


def test_a_run_that_went_on_in_a_new_file_keeps_the_point_after_the_export(tmp_path: Path) -> None:
    write(tmp_path, [*BEFORE, (8, 8.0, 0.5), (9, 9.0, 0.4)], [(7, 30.0, 0.45), (8, 32.0, 0.25)])
    assert at_export(tmp_path, 8, 31.0) == Point(8, 0.25)
    write(tmp_path, [*BEFORE, (8, 8.0, 0.5)], [(8, 9.0, 0.25)])
    assert at_export(tmp_path, 8, 8.5) == OVERWRITTEN


@pytest.mark.parametrize("place", ["begin", "middle", "end"])
def test_in_a_large_file_the_part_around_the_export_is_searched(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in {"WHOLE": 1 << 16, "_AROUND": 1 << 14, "_WINDOW": 1 << 12}.items():
        monkeypatch.setattr(module, name, size)
    count, at = 200, {"begin": 3, "middle": 100, "end": 198}[place]
    points = [(step, float(step), step / 1_024) for step in range(count)]
    again = [*points[: at + 1], (at, at + 0.875, 9.0), *points[at + 1 :]]
    write(tmp_path, again, beside=20)
    path = next((tmp_path / "r").iterdir())
    assert path.stat().st_size > 1 << 17
    assert at_export(tmp_path, at, at + 0.5) == Point(at, at / 1_024)
    write(tmp_path, [*points[:at], (at, at + 0.875, 9.0), *points[at + 1 :]], beside=20)
    assert at_export(tmp_path, at, at + 0.5) == Point(at, 9.0)


def test_a_step_of_another_curve_replaces_nothing(tmp_path: Path) -> None:
    write(tmp_path, [*BEFORE, (8, 9.0, 0.25)])
    with next((tmp_path / "r").iterdir()).open("ab") as file:
        for tag in ("loss2", "val_loss", "los"):
            for time in (8.0, 9.0):
                file.write(scalar(tag, 8, time, wall_time=NOW + time))
    assert at_export(tmp_path, 8, 8.5) == Point(8, 0.25)
    assert at_export(tmp_path, 8, 8.5, "val_loss") == Point(8, 8.0)


def test_a_live_run_says_the_same_after_each_point(tmp_path: Path) -> None:
    write(tmp_path, BEFORE)
    exports = {8: NOW + 8.5, 9: NOW + 9.5, 3: NOW + 3.5}
    asked = {"r": frozenset(Export(step, time) for step, time in exports.items())}
    live = FileCurves(RunFiles(roots_of(str(tmp_path), ())))
    path = next((tmp_path / "r").iterdir())
    for step, time, value in ((8, 8.0, 0.5), (8, 9.0, 0.25), (9, 10.0, 0.2), (9, 10.5, 0.1), (10, 11.0, 0.05)):
        with path.open("ab") as file:
            file.write(scalar("loss", step, value, wall_time=NOW + time))
        live.refresh(asked)
        afresh = FileCurves(RunFiles(roots_of(str(tmp_path), ())))
        afresh.refresh(asked)
        assert live.curves == afresh.curves
    assert live.curves["r"]["loss"].at[Export(8, NOW + 8.5)] == Point(8, 0.5)
    assert live.curves["r"]["loss"].at[Export(9, NOW + 9.5)] == REPLACED
