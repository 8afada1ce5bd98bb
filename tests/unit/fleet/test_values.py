"""The table of values of curves follows the runs of the log directory, and says what the tab and `list` say."""

from __future__ import annotations

import json
import math
import os
import random
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from deltalake import DeltaTable, write_deltalake

from tb_versions import payload
from tb_versions.cli import main
from tb_versions.core.manifest import Metric, Run
from tb_versions.core.run_identity import identity_in
from tb_versions.errors import StorageError, UnreadableFolderError
from tb_versions.fleet import runs, values
from tb_versions.fleet.checking import check
from tb_versions.fleet.found import Shard
from tb_versions.fleet.indexing import Indexed, index
from tb_versions.fleet.tables import VERSIONS, table_in
from tb_versions.fleet.values import Valued
from tb_versions.read.curves import curve_cache, event_files, whole_runs
from tb_versions.read.curves.linked_curves import LinkedCurves
from tb_versions.read.curves.whole_runs import WholeRuns
from tb_versions.read.reader import open_reader
from tb_versions.read.values import metric_values
from tests.support.event_files import begin, scalar, summary
from tests.support.world import START, World, moment

pytestmark = pytest.mark.slow

Rows = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Versions 1 and 2 of two runs, and 3 of none."""
    world = World(tmp_path)
    world.scalars("cnn", "loss", [(step, 1 / (1 + step)) for step in range(40)])
    world.scalars("cnn", "accuracy", [(step, step / 50) for step in range(40)])
    world.scalars("rnn/train", "epoch_loss", [(step, (step - 20) ** 2) for step in range(40)])
    world.version("digits", 1, run="cnn", step=30, metrics=(Metric(name="accuracy", value=0.6, goal="max"),))
    world.version("digits", 2, run="rnn/train", step=25)
    world.version("digits", 3, metrics=(Metric(name="loss", value=1.0),))
    return world


@pytest.fixture(autouse=True)
def just_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file counts as settled, however long a slow machine takes."""
    monkeypatch.setattr(curve_cache, "TICK_NS", 10**18)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as settled that were just written."""
    monkeypatch.setattr(curve_cache, "TICK_NS", -(10**18))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The runs whose event files are read from now on."""
    seen: list[str] = []
    real = WholeRuns.read

    def counting(self: WholeRuns, files: Any) -> Any:
        seen.extend(files)
        return real(self, files)

    monkeypatch.setattr(WholeRuns, "read", counting)
    return seen


def indexed(world: World, **more: Any) -> Indexed:
    return index(os.fspath(world.models), logdir=os.fspath(world.logs), **more)


def valued(world: World, **more: Any) -> Valued:
    found = indexed(world, **more).values
    assert found is not None
    return found


def checked(world: World) -> dict[str, int]:
    return dict(check(os.fspath(world.models), logdir=os.fspath(world.logs)).counts)


def table(world: World, name: str = "values") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = DeltaTable(os.fspath(world.models / ".index" / name)).to_pyarrow_table().to_pylist()
    return found


def rows(world: World) -> Rows:
    """Rows by path and metric, each of which is there once."""
    found = table(world)
    by = {(row["path"], row["metric"]): row for row in found}
    assert len(by) == len(found)
    return by


def without_reading(found: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted(repr({k: v for k, v in row.items() if k != "runs_read"}) for row in found)


def test_a_row_says_what_a_run_says_of_a_version(world: World) -> None:
    assert valued(world) == Valued(rows=3, read=2, changed=2, removed=0)
    found = rows(world)
    accuracy, loss, trained = (
        found[key] for key in (("digits/1", "accuracy"), ("digits/1", "loss"), ("digits/2", "loss"))
    )
    told = ("source", "goal", "goal_source", "run", "tag", "at_export", "best", "best_step", "last", "last_step")
    ids = {each["path"]: each["id"] for each in table(world, "versions")}
    assert [accuracy[name] for name in told[:6]] == ["typed", "max", "manifest", "cnn", "accuracy", 0.6]
    assert [accuracy[name] for name in told[7::2]] == [39, 39]
    assert accuracy["regret"] == "best accuracy was at step 39, 18 points higher"
    assert [loss[name] for name in told[:5]] == ["run", "min", "inferred", "cnn", "loss"]
    assert loss["at_export_step"] == 30
    assert [trained[name] for name in told[3:]] == ["rnn/train", "epoch_loss", 25.0, 0.0, 20, 361.0, 39]
    assert all(row["sample"] is None and row["why_not"] is None and not row["other_life"] for row in found.values())
    assert {row["id"] for row in (accuracy, loss)} == {ids["digits/1"]}


def test_runs_go_on_and_their_rows_are_replaced(world: World) -> None:
    valued(world)
    before = rows(world)
    world.scalars("rnn/train", "epoch_loss", [(40, -3.0)])
    assert valued(world).changed == 1
    found = rows(world)
    assert [found["digits/2", "loss"][name] for name in ("best", "best_step", "last", "at_export")] == [-3, 40, -3, 25]
    assert found["digits/1", "loss"] == before["digits/1", "loss"]
    assert checked(world) == {}


@pytest.mark.usefixtures("settled")
def test_only_runs_that_changed_are_read(world: World, read: list[str]) -> None:
    assert valued(world).read == 2
    assert sorted(read) == ["cnn", "rnn/train"]
    read.clear()
    assert valued(world) == Valued(rows=3, read=0, changed=0, removed=0)
    world.scalars("cnn", "loss", [(40, 0.5)])
    assert valued(world).read == 1
    assert read == ["cnn"]
    read.clear()
    world.version("digits", 4, run="cnn", step=10)
    assert valued(world).changed == 1
    assert read == ["cnn"]
    assert checked(world) == {}


def test_a_file_that_was_just_written_is_read_again_for_the_same_rows(world: World) -> None:
    valued(world)
    assert valued(world) == Valued(rows=3, read=2, changed=0, removed=0)
    assert {row["runs_read"] for row in table(world)} == {None}


@pytest.mark.usefixtures("settled")
def test_a_run_that_is_read_through_tensorboard_alone_is_read_each_time(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.scalars("away", "loss", [(step, 1 / (1 + step)) for step in range(1_500)])
    world.close()
    shutil.move(world.logs / "away", tmp_path / "elsewhere")
    (world.logs / "away").symlink_to(tmp_path / "elsewhere")
    world.version("digits", 1, run="away", step=1_400)
    valued(world)
    (row,) = table(world)
    assert (row["sample"], row["runs_read"], row["regret"], row["last_step"]) == (1_000, None, None, 1_499)
    assert valued(world) == Valued(rows=1, read=1, changed=0, removed=0)
    assert _of_list(world, "digits/1")["samples"] == {"loss": 1_000}


def test_rows_of_versions_that_are_gone_are_taken_away(world: World) -> None:
    valued(world)
    shutil.rmtree(world.models / "digits" / "2")
    assert valued(world) == Valued(rows=2, read=1, changed=0, removed=1)
    assert {row["path"] for row in table(world)} == {"digits/1"}
    assert checked(world) == {}


def test_rows_of_versions_whose_run_is_gone_are_taken_away(world: World) -> None:
    valued(world)
    world.close()
    shutil.rmtree(world.logs / "rnn")
    assert valued(world) == Valued(rows=2, read=1, changed=0, removed=1)
    assert checked(world) == {}


def test_a_replaced_manifest_has_rows_of_its_own_only(world: World) -> None:
    valued(world)
    world.version("digits", 1, run="cnn", step=10)
    assert valued(world).removed == 1
    assert rows(world)["digits/1", "accuracy"]["at_export"] == pytest.approx(0.2)
    assert checked(world) == {}


def test_a_run_in_the_place_of_another_is_not_the_runs_of_the_version(tmp_path: Path) -> None:
    """Two runs of one name: the identity decides, never the path."""
    world = World(tmp_path)
    world.scalars("tb", "loss", [(1, 0.5), (2, 0.25)])
    world.close()
    identity = identity_in(os.fspath(world.logs / "tb"))
    run = Run(name="tb", step=2, wall_time=moment(2), identity=identity)
    world.version("digits", 1, runs=(run,))
    valued(world)
    assert rows(world)["digits/1", "loss"]["at_export"] == 0.25
    (world.logs / "tb").rename(world.logs / "moved")
    other = world.logs / "tb"
    other.mkdir()
    (other / "events.out.tfevents.9.made").write_bytes(begin(9.0) + scalar("loss", 2, 9.0, wall_time=10.0))
    valued(world)
    assert rows(world)["digits/1", "loss"]["run"] == "moved"
    shutil.rmtree(world.logs / "moved")
    valued(world)
    assert table(world) == []
    assert checked(world) == {}


def test_an_announcement_links_a_run_that_no_manifest_names(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.scalars("cnn", "loss", [(1, 0.5), (2, 0.25)])
    world.announce("cnn", world.version("digits", 1))
    valued(world)
    row = rows(world)["digits/1", "loss"]
    assert (row["run"], row["best"], row["at_export"]) == ("cnn", 0.25, None)


def test_a_table_that_is_made_anew_has_the_same_rows(world: World) -> None:
    indexed(world)
    before = without_reading(table(world))
    assert valued(world, rebuild=True).rows == 3
    assert without_reading(table(world)) == before


def test_without_a_log_directory_the_table_stays_as_it_is(world: World) -> None:
    assert index(os.fspath(world.models)).left_values is False
    assert not (world.models / ".index" / "values").exists()
    valued(world)
    before = table(world)
    world.scalars("cnn", "loss", [(40, 0.5)])
    for rebuild in (False, True):
        done = index(os.fspath(world.models), rebuild=rebuild)
        assert (done.values, done.left_values) == (None, True)
    assert table(world) == before


def test_the_first_share_reads_the_runs(world: World) -> None:
    assert indexed(world, shard=Shard(2, 2)).values is None
    assert not (world.models / ".index" / "values").exists()
    found = valued(world, shard=Shard(1, 2))
    assert found.rows == 3
    assert checked(world) == {}


def test_a_log_directory_that_is_not_there_changes_nothing(world: World) -> None:
    valued(world)
    before = table(world)
    with pytest.raises(UnreadableFolderError, match="does not exist"):
        index(os.fspath(world.models), logdir=os.fspath(world.base / "none"))
    assert table(world) == before


@pytest.mark.parametrize("most", [1, 2])
def test_commits_of_few_versions_and_few_runs_at_a_time_make_the_same_table(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    for number in range(4, 9):
        world.version("digits", number, run="cnn", step=number)
    index(os.fspath(world.models), os.fspath(tmp_path / "one"), logdir=os.fspath(world.logs))
    monkeypatch.setattr(values, "VERSIONS_A_COMMIT", most)
    monkeypatch.setattr(values, "VERSIONS_AT_A_TIME", most)
    monkeypatch.setattr(values, "BYTES_AT_A_TIME", 1)
    valued(world)
    alone = DeltaTable(os.fspath(tmp_path / "one" / "values")).to_pyarrow_table().to_pylist()
    assert without_reading(alone) == without_reading(table(world))


def test_what_one_look_leaves_is_read_by_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_runs, "MOST_STARTS", 1)
    monkeypatch.setattr(whole_runs, "GROUP_BYTES", 1)
    found = indexed(world)
    assert (found.problems, len(table(world))) == ([], 3)
    assert {row["sample"] for row in table(world)} == {None}


# Numbers that an independent reader gives.


@pytest.mark.parametrize("seed", range(6))
def test_the_rows_are_what_event_files_say_and_what_list_says(tmp_path: Path, seed: int) -> None:
    """Runs that were started again, points that are NaN or infinite, several files of a run, odd steps."""
    world, chance = World(tmp_path), random.Random(seed)
    exports: dict[str, dict[int, float]] = {}
    for run in ("a", "b/train", "c"):
        _write(world.logs / run, chance)
        steps = chance.sample(range(30), 3)
        exports[run] = {step: moment(step).timestamp() for step in steps}
        for step in steps:
            own = (Metric(name="accuracy", value=chance.choice([0.5, math.nan, math.inf])),) if step % 2 else ()
            world.version(f"of-{run[0]}", 1 + step, run=run, step=step, metrics=own)
    indexed(world)
    found = rows(world)
    for run, of_run in exports.items():
        for tag, (highest, lowest, last, *at) in summary(world.logs / run, of_run).items():
            for (step, _), value in zip(sorted(of_run.items()), at, strict=True):
                row = found[f"of-{run[0]}/{1 + step}", tag.removeprefix("epoch_")]
                best = {"max": highest, "min": lowest}.get(row["goal"])
                assert _point(row, "best") == _plain(best)
                assert _point(row, "last") == _plain(last)
                if row["source"] == "run":
                    told = "unknown" if row["why_not"] else row["at_export"]
                    assert repr(told) == repr(value)
    for version in _listed(world):
        mine = {key[1]: row for key, row in found.items() if key[0] == f"{version['model']}/{version['number']}"}
        at_export = {key: _wire(row["at_export"]) for key, row in mine.items() if row["at_export"] is not None}
        assert at_export == version["metrics"]
        assert {key: row["source"] for key, row in mine.items() if row["at_export"] is not None} == version["sources"]
        assert {key: row["why_not"] for key, row in mine.items() if row["why_not"]} == version["not_known"]
        assert version["samples"] == {}
    assert checked(world) == {}


def _write(folder: Path, chance: random.Random) -> None:
    """A run of one or several event files, each of which may go back to an earlier step."""
    folder.mkdir(parents=True)
    odd = (math.nan, math.inf, -math.inf, -0.0, 3.4e38, 1e-45)
    first, now = 0, START.timestamp()
    for number in range(chance.randint(1, 3)):
        data = begin(now)
        for step in range(first, first + chance.randint(1, 15)):
            for tag in ("loss", "epoch_accuracy", "things"):
                if chance.random() < 0.8:
                    value = chance.choice(odd) if chance.random() < 0.2 else chance.uniform(-1, 1)
                    data += scalar(tag, step, value, wall_time=moment(step).timestamp() + 40 * number)
            first = step
        first, now = max(0, first - chance.randint(-1, 6)), now + 40
        (folder / f"events.out.tfevents.{1_000 + number}.made").write_bytes(data)


def _plain(point: Any) -> tuple[Any, str]:
    return (None, "None") if point is None else (point[0], repr(point[1]))


def _point(row: Mapping[str, Any], name: str) -> tuple[Any, str]:
    return row[f"{name}_step"], repr(row[name])


def _wire(value: float) -> Any:
    return value if math.isfinite(value) else payload.wire_number(value)


def _listed(world: World) -> list[dict[str, Any]]:
    places = ["--logdir", os.fspath(world.logs), "--models-dir", os.fspath(world.models)]
    done = CliRunner().invoke(main, ["list", "--json", *places], prog_name="tb-versions")
    assert done.exit_code == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _of_list(world: World, path: str) -> dict[str, Any]:
    return next(row for row in _listed(world) if f"{row['model']}/{row['number']}" == path)


# Hostile and damaged input.


def test_a_run_that_can_not_be_read_is_named_and_keeps_its_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    valued(world)
    before = rows(world)
    real = LinkedCurves.refresh

    def failing(self: Any, exports: Any) -> Any:
        curves, changed = real(self, exports)
        self.failures["cnn"] = "torn"
        return {run: of_run for run, of_run in curves.items() if run != "cnn"}, changed

    monkeypatch.setattr(LinkedCurves, "refresh", failing)
    world.scalars("cnn", "loss", [(40, 0.0)])
    world.scalars("rnn/train", "epoch_loss", [(40, -1.0)])
    done = indexed(world)
    assert ("curves of run cnn", "torn") in done.problems
    found = rows(world)
    assert found["digits/1", "loss"] == before["digits/1", "loss"]
    assert found["digits/2", "loss"]["last"] == -1.0
    assert check(os.fspath(world.models), logdir=os.fspath(world.logs)).counts == {}


@pytest.mark.usefixtures("settled")
def test_a_damaged_record_is_told_each_time(world: World, read: list[str]) -> None:
    world.close()
    (path,) = (world.logs / "cnn").iterdir()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    for _ in range(2):
        read.clear()
        done = indexed(world)
        assert any("damaged record" in why for _, why in done.problems)
        assert "cnn" in read
    assert {row["runs_read"] for key, row in rows(world).items() if key[0] == "digits/1"} == {None}


def test_rows_of_runs_that_may_be_where_nobody_could_look_stay(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    valued(world)
    world.close()
    (world.logs / "rnn").rename(world.base / "hidden")
    real = event_files.reading

    def with_problem(logdir: str, problems: list[tuple[str, str]], **more: Any) -> Any:
        problems.append((f"{logdir}/rnn", "can't be read: Permission denied."))
        return real(logdir, problems, **more)

    monkeypatch.setattr(runs, "reading", with_problem)
    done = indexed(world)
    assert done.values is not None
    assert (done.values.removed, done.values.rows) == (0, 3)
    assert checked(world) == {}


def test_hostile_names_of_tags_and_runs_are_data(tmp_path: Path) -> None:
    world = World(tmp_path)
    hostile = "x'; DROP TABLE versions; --\u202e\x1b[31m"
    world.scalars("r'; --", hostile, [(1, 0.5), (2, 0.25)])
    world.scalars("r'; --", "../../etc/passwd", [(2, 1.0)])
    world.version("digits", 1, run="r'; --", step=2)
    valued(world)
    assert {row["metric"] for row in table(world)} == {
        "x'; DROP TABLE versions; --\\u{202e}\\u{1b}[31m",
        "../../etc/passwd",
    }
    world.scalars("r'; --", hostile, [(3, 7.0)])
    valued(world)
    assert {row["last"] for row in table(world)} == {7.0, 1.0}
    assert checked(world) == {}


def test_a_hundred_tags_are_sixty_rows_as_in_the_tab(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(100):
        world.scalars("r", f"t{number}", [(1, 0.5)])
    world.version("digits", 1, run="r", step=1)
    assert valued(world).rows == 60


def test_a_table_that_others_changed_is_refused(world: World) -> None:
    index(os.fspath(world.models))
    folder = os.fspath(world.models / ".index" / "values")
    write_deltalake(folder, pa.table({"id": ["x"]}), name="tb_versions.values", description="schema 1")
    with pytest.raises(StorageError, match="not as tb-versions index made it"):
        indexed(world)


def test_a_row_without_an_id_is_found_and_made_anew(world: World) -> None:
    valued(world)
    extra = table(world)[0] | {"id": None, "path": None}
    write_deltalake(os.fspath(world.models / ".index" / "values"), values.values_table([extra]), mode="append")
    assert checked(world) == {"values": 1}
    with pytest.raises(StorageError, match="--rebuild"):
        indexed(world)
    valued(world, rebuild=True)
    assert checked(world) == {}


@pytest.mark.usefixtures("settled")
def test_a_table_that_lies_is_found_and_made_anew(world: World) -> None:
    valued(world)
    before = without_reading(table(world))
    folder = os.fspath(world.models / ".index" / "values")
    DeltaTable(folder).update(updates={"best": "99.0"}, predicate="metric = 'loss' AND path = 'digits/1'")
    DeltaTable(folder).delete("path = 'digits/2'")
    extra = DeltaTable(folder).to_pyarrow_table().slice(0, 1).to_pylist()[0] | {"id": "not an id'", "path": "../x"}
    write_deltalake(folder, values.values_table([extra]), mode="append")
    found = check(os.fspath(world.models), logdir=os.fspath(world.logs))
    assert found.counts == {"values": 3}
    assert any("digits/1" in sentence for sentence in found.named)
    with pytest.raises(StorageError, match="--rebuild"):
        indexed(world)
    valued(world, rebuild=True)
    assert without_reading(table(world)) == before
    assert checked(world) == {}


def test_a_row_of_versions_that_lies_about_its_manifest_has_no_values(world: World) -> None:
    index(os.fspath(world.models))
    DeltaTable(os.fspath(world.models / ".index" / "versions")).update(
        updates={"id": f"'{'0' * 32}'"}, predicate="path = 'digits/1'"
    )
    drafts = list(values.drafts_in(table_in(os.fspath(world.models / ".index"), VERSIONS)))
    assert [draft.path for draft in drafts] == ["digits/2", "digits/3"]


# Several at once.


@pytest.mark.usefixtures("settled")
def test_of_two_who_read_at_once_the_one_counts_who_read_the_runs_as_they_are(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    valued(world)
    real = values._put
    others: list[int] = []

    def late(*arguments: Any) -> int:
        if not others:
            others.append(1)
            world.scalars("cnn", "loss", [(50, -8.0)])
            valued(world)  # another indexer reads the newer run, and is first
        return real(*arguments)

    world.scalars("cnn", "loss", [(40, -7.0)])
    monkeypatch.setattr(values, "_put", late)
    valued(world)
    assert rows(world)["digits/1", "loss"]["last"] == -8.0
    assert checked(world) == {}


@pytest.mark.usefixtures("settled")
def test_rows_that_another_put_there_meanwhile_are_not_taken_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    valued(world)
    world.close()
    (world.logs / "rnn").rename(world.base / "hidden")
    real = values._take_away
    others: list[int] = []

    def late(*arguments: Any) -> None:
        if not others:
            others.append(1)
            (world.base / "hidden").rename(world.logs / "rnn")
            (path,) = (world.logs / "rnn" / "train").iterdir()
            with path.open("ab") as file:
                file.write(scalar("epoch_loss", 60, -9.0, wall_time=moment(60).timestamp()))
            valued(world)
        real(*arguments)

    monkeypatch.setattr(values, "_take_away", late)
    assert valued(world).removed == 0
    assert rows(world)["digits/2", "loss"]["last"] == -9.0
    assert checked(world) == {}


def test_the_catalog_of_the_tab_has_the_same_values_of_every_version(tmp_path: Path) -> None:
    """Runs of Keras, announcements beside a run, copies of runs, two runs of one name, a run that was begun again."""
    world = World(tmp_path)
    for number, run in enumerate(("keras/train", "keras/validation", "exp1/tb", "exp2/tb", "gone", "lone"), 1):
        for tag in ("epoch_loss", "loss", "lr", "custom"):
            world.scalars(run, tag, [(step, (step - 2 * number) ** 2) for step in range(10)])
    loss = (Metric(name="loss", value=4.0, step=3, run="keras/train", tag="epoch_loss"), Metric(name="f1", value=0.5))
    named = tuple(Run(name=f"keras/{child}", step=3, wall_time=moment(3)) for child in ("train", "validation"))
    world.announce("keras/versions", world.version("m", 1, runs=named, metrics=loss))
    for number, folder in ((2, "exp1/tb"), (3, "exp2/tb"), (4, "gone")):
        identity = identity_in(os.fspath(world.logs / folder))
        name = folder.rpartition("/")[2]
        world.version("m", number, runs=(Run(name=name, step=4, wall_time=moment(4), identity=identity),))
    world.announce("lone", world.version("m", 5, hyperparameters={"loss": "mse"}))
    world.version("m", 6, run="nothing", step=1, metrics=loss)
    world.version("copy", 1, folder=world.models / "copied" / "1", run="lone", step=20)
    world.raw("damaged/1", b"{")
    world.close()
    shutil.copytree(world.logs / "lone", world.logs / "copies" / "lone")
    shutil.rmtree(world.logs / "gone")
    world.scalars("gone", "loss", [(4, 1.0)])
    world.close()
    reader = open_reader(os.fspath(world.logs), [os.fspath(world.models)], check=False, cached=False)
    indexed(world)
    told = {
        (version.manifest_digest, value.kind.key): value
        for version in reader.catalog.versions
        if any(run.known for run in version.runs)
        for value in metric_values(version, reader.catalog.curves)
    }
    digests = {row["id"]: row["manifest_digest"] for row in table(world, "versions")}
    found = {(digests[row["id"]], row["metric"]): row for row in table(world)}
    assert told.keys() == found.keys()
    assert {row["number"] for row in found.values() if row["model"] == "m"} == {1, 2, 3, 5}
    for key, value in told.items():
        row = found[key]
        assert (row["at_export"], row["at_export_step"]) == (value.at_export, value.step)
        assert (row["best"], row["last"]) == (value.best and value.best.value, value.last and value.last.value)
        assert (row["run"], row["tag"]) == ((value.curve.run, value.curve.tag) if value.curve else (None, None))
        assert (row["why_not"] or "", row["regret"], row["sample"] or 0) == (value.why_not, value.regret, value.sample)
        assert row["other_life"] == value.is_other_life
    assert checked(world) == {}
