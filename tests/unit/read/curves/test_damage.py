"""What is not known of a run where a record of an event file is damaged: what follows it was not read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tb_versions.read.curves import data_server
from tb_versions.read.curves.at_export import DAMAGED, OVERWRITTEN, Export
from tb_versions.read.curves.current import Point
from tb_versions.read.curves.curve import Curve
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.curves.event_files import reading
from tb_versions.read.curves.file_curves import FileCurves
from tb_versions.read.curves.linked_curves import LinkedCurves
from tb_versions.read.curves.run_files import RunFiles
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.manifests.cache import Cache
from tests.support.event_files import begin, scalar

pytestmark = pytest.mark.slow

NOW = 1_700_000_000.0
NAME = "events.out.tfevents.{}.made"
FIRST, SECOND = NAME.format(0), NAME.format(1)


def write(logs: Path, number: int, points: list[tuple[int, float]], *, tag: str = "loss", damaged: int = -1) -> Path:
    """An event file with points (step, seconds after NOW); the record of one step is damaged, if any."""
    made = [begin(NOW + points[0][1])]
    for step, time in points:
        record = bytearray(scalar(tag, step, 1 / (1 + step), wall_time=NOW + time))
        if step == damaged:
            record[-6] ^= 1
        made.append(bytes(record))
    (logs / "r").mkdir(parents=True, exist_ok=True)
    path = logs / "r" / NAME.format(number)
    path.write_bytes(b"".join(made))
    return path


def files_of(logs: Path) -> RunFiles:
    return RunFiles(roots_of(str(logs), ()))


def read(logs: Path, *exports: tuple[int, float], cache: Cache | None = None) -> dict[str, Curve]:
    """What tab and command line know of the run; what an export knows is the same."""
    asked = {"r": frozenset(Export(step, NOW + time) for step, time in exports)}
    curves = FileCurves(files_of(logs), cache)
    curves.refresh(asked)
    with reading(str(logs), []) as finish:
        through_tensorboard, _ = LinkedCurves(CurveReader(finish()), files_of(logs)).refresh(asked)
    assert through_tensorboard["r"] == curves.curves["r"]
    return dict(curves.curves["r"])


def at(curve: Curve, step: int, time: float) -> Any:
    found = curve.at[Export(step, NOW + time)]
    return found.step if isinstance(found, Point) else found


LIFE = [(step, float(step)) for step in range(10)]
BEHIND_2 = DAMAGED.format(f"{FIRST} is damaged behind step 2")


def test_behind_a_damaged_record_nothing_is_known(tmp_path: Path) -> None:
    write(tmp_path, 0, LIFE, damaged=3)
    curve = read(tmp_path, (9, 9.5), (3, 3.5))["loss"]
    assert (at(curve, 9, 9.5), at(curve, 3, 3.5)) == (BEHIND_2, BEHIND_2)
    assert (curve.highest, curve.lowest, curve.last) == (None, None, None)
    assert curve.damage == f"{FIRST} is damaged behind step 2"


def test_what_was_exported_before_the_damage_is_known(tmp_path: Path) -> None:
    write(tmp_path, 0, LIFE, damaged=3)
    curve = read(tmp_path, (1, 1.5), (2, 2.5), (2, 100.0), (1, 100.0), (2, 2.0))["loss"]
    assert at(curve, 1, 1.5) == 1
    assert at(curve, 2, 2.5) == at(curve, 2, 2.0) == 2
    assert at(curve, 2, 100.0) == 2, "the step itself was read, whenever it was exported"
    assert at(curve, 1, 100.0) == 1, "there is a later step that was read"


def test_a_curve_of_few_points_is_known_as_far_as_the_run_was_read(tmp_path: Path) -> None:
    path = write(tmp_path, 0, LIFE)
    write_in_order(path, damaged=7)
    curve = read(tmp_path, (6, 6.0), (6, 6.5), (8, 8.5), (5, 8.5))["val_loss"]
    assert at(curve, 6, 6.0) == 5, "exported when the last point before the damage was there"
    assert at(curve, 6, 6.5) == at(curve, 8, 8.5) == DAMAGED.format(f"{FIRST} is damaged behind step 6")
    assert at(curve, 5, 8.5) == 5


def write_in_order(path: Path, *, damaged: int) -> None:
    """A loss at each step, and a val_loss at every fifth."""
    made = [begin(NOW)]
    for step in range(10):
        if step % 5 == 0:
            made.append(scalar("val_loss", step, 0.5, wall_time=NOW + step - 0.25))
        record = bytearray(scalar("loss", step, 0.5, wall_time=NOW + step))
        record[-6] ^= step == damaged
        made.append(bytes(record))
    path.write_bytes(b"".join(made))


@pytest.mark.parametrize("cut", [1, 5, 17, 30])
def test_a_file_that_is_being_written_is_not_damaged(tmp_path: Path, cut: int) -> None:
    path = write(tmp_path, 0, LIFE)
    path.write_bytes(path.read_bytes()[:-cut])
    curve = read(tmp_path, (9, 9.5))["loss"]
    assert (at(curve, 9, 9.5), curve.damage) == (8, "")
    assert curve.last
    assert curve.last.step == 8


@pytest.mark.parametrize("place", [0, 8, 12, -1, -6], ids=["length", "its checksum", "data", "checksum", "value"])
def test_any_byte_may_be_damaged(tmp_path: Path, place: int) -> None:
    path = write(tmp_path, 0, LIFE[:4])
    record = bytearray(scalar("loss", 4, 0.1, wall_time=NOW + 4))
    record[place] ^= 1
    path.write_bytes(path.read_bytes() + bytes(record) + scalar("loss", 5, 0.1, wall_time=NOW + 5))
    curve = read(tmp_path, (5, 5.5))["loss"]
    assert at(curve, 5, 5.5) == DAMAGED.format(f"{FIRST} is damaged behind step 3")


def test_a_run_that_went_on_in_a_new_file_is_known_from_there(tmp_path: Path) -> None:
    write(tmp_path, 0, LIFE, damaged=3)
    write(tmp_path, 1, [(step, 100.0 + step) for step in range(8, 20)])
    curve = read(tmp_path, (9, 9.5), (7, 107.5), (12, 112.5), (1, 1.5), (5, 5.5))["loss"]
    assert at(curve, 12, 112.5) == 12
    assert at(curve, 1, 1.5) == 1
    assert at(curve, 5, 5.5) == at(curve, 7, 107.5) == BEHIND_2
    assert at(curve, 9, 9.5) == OVERWRITTEN
    assert curve.last == Point(19, pytest.approx(1 / 20))  # type: ignore[arg-type]
    assert curve.highest is None


def test_of_a_second_file_that_is_damaged_the_first_one_is_known(tmp_path: Path) -> None:
    write(tmp_path, 0, LIFE)
    write(tmp_path, 1, [(step, 100.0 + step) for step in range(10, 20)], damaged=12)
    curve = read(tmp_path, (9, 9.5), (11, 111.5), (15, 115.5))["loss"]
    assert (at(curve, 9, 9.5), at(curve, 11, 111.5)) == (9, 11)
    assert at(curve, 15, 115.5) == DAMAGED.format(f"{SECOND} is damaged behind step 11")
    assert curve.last is None


def test_of_two_files_that_were_written_at_once_the_damaged_one_may_have_had_any_point(tmp_path: Path) -> None:
    write(tmp_path, 0, LIFE, damaged=3)
    write(tmp_path, 1, LIFE, tag="val_loss")
    curve = read(tmp_path, (5, 5.5), (2, 2.5))["loss"]
    assert isinstance(at(curve, 5, 5.5), str)
    assert at(curve, 2, 2.5) == 2


def test_a_file_that_is_damaged_from_its_beginning_says_so(tmp_path: Path) -> None:
    write(tmp_path, 0, LIFE)
    write(tmp_path, 1, [(step, 100.0 + step) for step in range(10, 20)])
    (tmp_path / "r" / SECOND).write_bytes(b"x" * 1_000)
    curve = read(tmp_path, (9, 9.5), (15, 115.5))["loss"]
    assert isinstance(at(curve, 15, 115.5), str)
    assert SECOND in at(curve, 15, 115.5)


def test_a_run_that_is_damaged_while_it_is_looked_at(tmp_path: Path) -> None:
    path = write(tmp_path, 0, LIFE[:5])
    asked = {"r": frozenset({Export(9, NOW + 9.5), Export(4, NOW + 4.5)})}
    live = FileCurves(files_of(tmp_path))
    live.refresh(asked)
    rest = write(tmp_path / "other", 0, LIFE[5:], damaged=6).read_bytes()[len(begin(NOW)) :]
    for part in (rest[:120], rest[120:], scalar("loss", 10, 0.01, wall_time=NOW + 10)):
        with path.open("ab") as file:
            file.write(part)
        live.refresh(asked)
        afresh = FileCurves(files_of(tmp_path))
        afresh.refresh(asked)
        assert live.curves == afresh.curves
        assert live.warnings == afresh.warnings
    curve = live.curves["r"]["loss"]
    assert at(curve, 9, 9.5) == DAMAGED.format(f"{FIRST} is damaged behind step 5")
    assert at(curve, 4, 4.5) == 4
    write(tmp_path, 0, [*LIFE, (10, 10.0), (11, 11.0)])
    live.refresh(asked)
    assert at(live.curves["r"]["loss"], 9, 9.5) == 9, "it was replaced by a sound one"
    assert not live.warnings


def test_a_long_file_is_read_no_further_than_the_damage_when_it_grows(tmp_path: Path) -> None:
    """The end of its last record is found behind the damage, too."""
    points = [(step, float(step)) for step in range(2_500)]
    path = write(tmp_path, 0, points, damaged=5)
    asked = {"r": frozenset({Export(2_499, NOW + 2_499.5)})}
    live = FileCurves(files_of(tmp_path))
    live.refresh(asked)
    with path.open("ab") as file:
        file.write(scalar("loss", 2_500, 0.01, wall_time=NOW + 2_500))
    live.refresh(asked)
    curve = live.curves["r"]["loss"]
    assert at(curve, 2_499, 2_499.5) == DAMAGED.format(f"{FIRST} is damaged behind step 4")
    assert curve.last is None


def test_many_damaged_runs_are_all_noticed(tmp_path: Path) -> None:
    for number in range(30):
        write(tmp_path / "all", 0, LIFE, damaged=3)
        (tmp_path / "all" / "r").rename(tmp_path / "all" / f"r{number}")
    curves = FileCurves(files_of(tmp_path / "all"))
    curves.refresh({f"r{number}": frozenset({Export(9, NOW + 9.5)}) for number in range(30)})
    assert {at(curves.curves[f"r{number}"]["loss"], 9, 9.5) for number in range(30)} == {BEHIND_2}
    assert len(curves.warnings) == 30


def test_the_next_process_knows_it_too(tmp_path: Path) -> None:
    write(tmp_path / "logs", 0, LIFE, damaged=3)
    cache = Cache(str(tmp_path / "cache"))
    first = read(tmp_path / "logs", (9, 9.5), cache=cache)
    assert read(tmp_path / "logs", (9, 9.5), cache=cache) == first
    assert at(read(tmp_path / "logs", (9, 9.5), (8, 8.5), cache=cache)["loss"], 8, 8.5) == BEHIND_2


def test_without_a_server_our_own_reader_finds_the_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> str:
        raise data_server.NoDataServerError("not here")

    monkeypatch.setattr(data_server, "_binary", missing)
    write(tmp_path, 0, LIFE, damaged=3)
    curves = FileCurves(files_of(tmp_path))
    curves.refresh({"r": frozenset({Export(9, NOW + 9.5)})})
    assert at(curves.curves["r"]["loss"], 9, 9.5) == BEHIND_2
    assert "damaged" in curves.warnings["r"]
