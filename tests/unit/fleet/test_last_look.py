"""A run that follows another one lists only folders that changed, and the tables say what the files say."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.core.manifest import MANIFEST_NAME, Metric
from tb_versions.core.user_folders import NO_CACHE
from tb_versions.errors import UnreadableFolderError
from tb_versions.fleet import indexing, last_look, names
from tb_versions.fleet.checking import check
from tb_versions.fleet.found import Shard
from tb_versions.fleet.indexing import Indexed, index
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def fast_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tick of the file system's clock is shorter than the time between two runs; see `settle`."""
    for module in (names, last_look):
        monkeypatch.setattr(module, "tick_ns", lambda _device: 0)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for model in ("a", "b", "c"):
        for number in (1, 2):
            made.version(model, number, metrics=(Metric(name="loss", value=1 / number),))
        Chronicle(made.models / model).say("alias_set", 1, events.AliasSet("production"))
    settle()
    return made


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that were listed."""
    found: list[str] = []
    real = names._list

    def listing(folder: str, path: str, *rest: object) -> names.Listed:
        found.append(path)
        return real(folder, path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(names, "_list", listing)
    return found


def settle() -> None:
    """Waits until what happens next has another time than what happened before, on any local file system."""
    time.sleep(0.03)


def indexed(world: World, **options: object) -> Indexed:
    settle()
    done = index(os.fspath(world.models), **options)  # type: ignore[arg-type]
    settle()
    return done


def is_right(world: World) -> bool:
    return check(os.fspath(world.models)).ok


def test_only_folders_that_changed_are_listed(world: World, listed: list[str]) -> None:
    assert not indexed(world).by_names
    indexed(world)  # the tables beside the models appeared since the first look
    listed.clear()
    done = indexed(world)
    assert (done.by_names, done.added, done.versions, listed) == (True, 0, 6, [])
    world.version("b", 3)
    world.version("d", 1)
    done = indexed(world)
    assert (done.by_names, done.added, done.versions) == (True, 2, 8)
    assert sorted(listed) == ["", "b", "d"]
    assert is_right(world)
    listed.clear()
    assert indexed(world).added == 0
    assert sorted(listed) == ["b", "d"]  # they were compared with a table that did not have the new versions
    listed.clear()
    assert (indexed(world).by_names, listed) == (True, [])
    assert is_right(world)


def gone(world: World) -> None:
    shutil.rmtree(world.models / "b" / "1")


def version_gone_altogether(world: World) -> None:
    """One of many, and one that is the only one of its model."""
    world.version("b", 3)
    shutil.rmtree(world.models / "b" / "1")
    shutil.rmtree(world.models / "a" / "1")
    shutil.rmtree(world.models / "a" / "2")


def model_gone(world: World) -> None:
    shutil.rmtree(world.models / "b")


def another_manifest_beside_a_new_version(world: World) -> None:
    world.version("b", 2, metrics=(Metric(name="loss", value=0.25),))
    world.version("b", 3)


def other_versions_in_their_places(world: World) -> None:
    for number in (1, 2):
        shutil.move(world.models / "b" / str(number), world.base / str(number))
        world.version("b", number, metrics=(Metric(name="loss", value=7.0),))


def manifest_gone_beside_a_new_version(world: World) -> None:
    (world.models / "b" / "2" / MANIFEST_NAME).unlink()
    world.version("b", 3)


def damaged(world: World) -> None:
    world.version("b", 3)
    (world.models / "b" / "3" / MANIFEST_NAME).write_text("{")


def alias_moved(world: World) -> None:
    Chronicle(world.models / "b").say("alias_set", 2, events.AliasSet("production"))


def new_log(world: World) -> None:
    world.version("d", 1)
    Chronicle(world.models / "d").say("approved", 1)


def loose(world: World) -> None:
    world.version("hand", 4, folder=world.models / "hand" / "made")


def deep(world: World) -> None:
    world.version("group/deep", 1, folder=world.models / "group" / "deep" / "1")


def moved(world: World) -> None:
    (world.models / "group").mkdir()
    shutil.move(world.models / "b", world.models / "group" / "b")


@pytest.mark.parametrize(
    ("change", "by_names"),
    [
        (gone, True),
        (version_gone_altogether, True),
        (model_gone, False),
        (another_manifest_beside_a_new_version, True),
        (other_versions_in_their_places, True),
        (manifest_gone_beside_a_new_version, False),
        (damaged, True),
        (alias_moved, True),
        (new_log, True),
        (loose, True),
        (deep, True),
        (moved, False),
    ],
)
def test_what_changed_is_in_the_tables(world: World, change: Callable[[World], None], by_names: bool) -> None:
    indexed(world)
    change(world)
    done = indexed(world)
    assert done.by_names == by_names
    assert is_right(world)
    assert len(done.unread) == (change is damaged)
    again = indexed(world)
    assert (again.by_names, again.added, again.removed, again.events) == (True, 0, 0, 0)
    assert len(again.unread) == (change is damaged)
    assert is_right(world)


def test_a_manifest_that_was_replaced_in_place_is_seen_by_a_whole_look(world: World) -> None:
    indexed(world)
    manifest = world.models / "b" / "2" / MANIFEST_NAME
    settle()
    manifest.write_bytes(manifest.read_bytes().replace(b'"value": 0.5', b'"value": 0.4'))
    assert indexed(world).by_names
    assert not is_right(world)
    done = indexed(world, full=True)
    assert (done.by_names, done.added, done.removed) == (False, 1, 1)
    assert is_right(world)


def numbers_changed_places(world: World) -> None:
    for old, new in (("1", "t"), ("2", "1"), ("t", "2")):
        os.rename(world.models / "b" / old, world.models / "b" / new)


def models_changed_places(world: World) -> None:
    for old, new in (("b", "t"), ("c", "b"), ("t", "c")):
        shutil.rmtree(world.models / old / ".versions", ignore_errors=True)
        os.rename(world.models / old, world.models / new)


def prepared_before(world: World) -> None:
    shutil.rmtree(world.models / "b" / "1")
    os.rename(world.base / "prepared", world.models / "b" / "1")


@pytest.mark.parametrize("change", [numbers_changed_places, models_changed_places, prepared_before])
def test_manifests_that_are_older_than_the_last_look_are_seen_where_they_were_moved_to(
    world: World, change: Callable[[World], None]
) -> None:
    world.version("b", 1, folder=world.base / "prepared", metrics=(Metric(name="loss", value=7.0),))
    for model in ("b", "c"):
        shutil.rmtree(world.models / model / ".versions")
    indexed(world)
    change(world)
    done = indexed(world)
    assert done.by_names
    assert done.added == done.removed > 0
    assert is_right(world)


def test_a_clock_that_was_set_back_hides_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as ahead:
        ahead.setattr(time, "time_ns", lambda now=time.time_ns: now() + 3_600_000_000_000)
        indexed(world)
    another_manifest_beside_a_new_version(world)
    assert indexed(world).by_names
    assert is_right(world)


def test_a_models_folder_that_is_a_link_is_looked_at_itself(world: World, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(world.models)
    settle()
    index(os.fspath(link))
    world.version("d", 1)
    settle()
    done = index(os.fspath(link))
    assert (done.by_names, done.added) == (True, 1)
    assert check(os.fspath(link)).ok


def test_a_models_folder_that_is_a_version_itself(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("m", 1, folder=world.models)
    indexed(world)
    assert (indexed(world).added, indexed(world).versions) == (0, 1)
    world.version("m", 2, folder=world.models, files={"other": b""})
    assert indexed(world).added == 1
    assert is_right(world)
    (world.models / MANIFEST_NAME).unlink()
    done = indexed(world)
    assert (done.by_names, done.versions) == (True, 0)


@pytest.mark.parametrize("full", [True, False])
def test_a_manifest_that_became_unreadable_in_its_place_is_told_each_time(world: World, full: bool) -> None:
    indexed(world)
    (world.models / "b" / "2" / MANIFEST_NAME).write_text("{")
    world.version("b", 3)
    for number in range(3):
        done = indexed(world, full=full and not number)
        assert [path for path, _ in done.unread] == ["b/2"]


@pytest.mark.parametrize("gone", [".versions", ".versions/log"])
def test_another_log_in_the_place_of_one_is_seen(world: World, gone: str) -> None:
    indexed(world)
    shutil.rmtree(world.models / "b" / gone)
    if gone == ".versions":
        Chronicle(world.models / "b").say("alias_set", 2, events.AliasSet("production"))
    for _ in range(2):  # that a log is gone is told each time
        assert indexed(world).problems
        assert "aliases" not in check(os.fspath(world.models)).counts


def hidden(world: World) -> None:
    world.version("b", 5, folder=world.models / "b" / "named" / "5")


def unfinished(world: World) -> None:
    (world.models / "b" / "3").mkdir()
    marks = world.models / "b" / ".versions" / "unfinished"
    marks.mkdir()
    (marks / "3").touch()


@pytest.mark.parametrize("change", [hidden, unfinished])
def test_why_a_folder_is_no_version_is_told_each_time(world: World, change: Callable[[World], None]) -> None:
    world.version("b", 4, folder=world.models / "b" / "named")
    indexed(world)
    change(world)
    for _ in range(2):
        assert len(indexed(world).problems) == 1
        assert is_right(world)


def test_a_table_that_was_restored_is_compared_with_everything(world: World, tmp_path: Path) -> None:
    """Of versions it has as many commits as before, and of events fewer."""
    tables = world.models / ".index"
    indexed(world)
    shutil.copytree(tables, tmp_path / "backup")
    alias_moved(world)
    indexed(world)
    shutil.rmtree(tables)
    shutil.copytree(tmp_path / "backup", tables)
    assert not indexed(world).by_names
    assert is_right(world)


def test_a_table_that_was_restored_and_went_on_elsewhere_is_another_one(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = world.models / ".index"
    indexed(world)
    shutil.copytree(tables, tmp_path / "backup")
    world.version("b", 3)
    indexed(world)
    shutil.move(world.models / "b" / "3", tmp_path / "b3")
    shutil.rmtree(tables)
    shutil.copytree(tmp_path / "backup", tables)
    world.version("c", 3)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv(NO_CACHE, "1")
        indexed(world)
    shutil.move(tmp_path / "b3", world.models / "b" / "3")
    assert not indexed(world).by_names
    assert is_right(world)


def test_folders_that_the_table_can_not_tell_apart_are_compared_with_everything(world: World) -> None:
    world.version("b", 1, folder=world.models / "x\u202e" / "1")
    indexed(world)
    world.version("b", 7, folder=world.models / "x\\u{202e}" / "1")
    assert not indexed(world).by_names


def test_a_model_with_a_saved_model_of_its_own_has_no_log_as_for_a_whole_look(world: World) -> None:
    indexed(world)
    new_log(world)
    (world.models / "d" / "saved_model.pb").write_text("x")
    done = indexed(world)
    assert (done.by_names, done.events) == (True, 0)
    assert is_right(world)


def test_a_run_that_ends_before_it_keeps_what_it_saw_is_completed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed(world)
    world.version("b", 3)
    alias_moved(world)
    with monkeypatch.context() as interrupted:
        interrupted.setattr(indexing, "_aliases_with", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            indexed(world)
    indexed(world)
    assert is_right(world)


@pytest.mark.parametrize("what", ["b/2", f"b/2/{MANIFEST_NAME}"])
def test_a_damaged_manifest_that_is_taken_away_is_named_no_longer(world: World, what: str) -> None:
    indexed(world)
    (world.models / "b" / "2" / MANIFEST_NAME).write_text("{")
    indexed(world, full=True)
    path = world.models / what
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    done = indexed(world)
    assert (done.removed, done.unread) == (1, [])
    assert is_right(world)


def test_a_table_that_another_changed_is_compared_with_everything(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed(world)
    world.version("b", 3)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv(NO_CACHE, "1")
        assert not indexed(world).by_names
    assert not indexed(world).by_names
    assert indexed(world).by_names


def test_another_who_writes_at_the_same_time_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both add the same version, and one of them another one."""
    indexed(world)
    world.version("b", 3)
    real = indexing._read
    calls = []

    def late(*arguments: object) -> object:
        if not calls:
            calls.append(arguments)
            world.version("b", 4)
            index(os.fspath(world.models), full=True)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(indexing, "_read", late)
    done = indexed(world)
    assert (done.by_names, done.added, done.versions) == (True, 0, 8)
    assert is_right(world)
    assert not indexed(world).by_names  # for the table went on without this run
    assert is_right(world)


@pytest.mark.parametrize("options", [{"full": True}, {"rebuild": True}, {"shard": Shard(1, 2)}])
def test_who_asks_for_everything_gets_it(world: World, options: dict[str, object]) -> None:
    indexed(world)
    assert not indexed(world, **options).by_names


def test_tables_that_were_deleted_are_made_anew(world: World) -> None:
    indexed(world)
    shutil.rmtree(world.models / ".index")
    done = indexed(world)
    assert (done.by_names, done.added) == (False, 6)
    for table in ("events", "aliases", "unread"):
        shutil.rmtree(world.models / ".index" / table)
        indexed(world)
        assert is_right(world), table


def test_a_log_that_can_not_be_read_is_told_each_time(world: World) -> None:
    log = world.models / "b" / ".versions" / "log"
    log.joinpath(f"{2:020}.json").write_text("{")
    for _ in range(3):
        done = indexed(world)
        assert [where for where, _ in done.problems] == [os.fspath(world.models / "b")]


def test_a_model_that_took_the_place_of_another_one_is_compared_with_everything(world: World) -> None:
    indexed(world)
    shutil.move(world.models / "b", world.base / "old")
    for number in (1, 2):
        world.version("b", number, metrics=(Metric(name="loss", value=7.0),))
    for _ in range(2):  # that a log is gone is told each time
        assert not indexed(world).by_names
        assert is_right(world)


def test_a_models_folder_that_is_gone_is_an_error(world: World, tmp_path: Path) -> None:
    tables = os.fspath(tmp_path / "other")
    indexed(world, to=tables)
    shutil.move(world.models, world.base / "gone")
    with pytest.raises(UnreadableFolderError, match="does not exist"):
        indexed(world, to=tables)
    shutil.move(world.base / "gone", world.models)
    assert indexed(world, to=tables).versions == 6


def test_other_tables_of_the_same_models_have_their_own(world: World, tmp_path: Path) -> None:
    indexed(world)
    assert not indexed(world, to=os.fspath(tmp_path / "other")).by_names
    assert indexed(world).by_names
    assert indexed(world, to=os.fspath(tmp_path / "other")).by_names


def test_where_times_of_folders_are_not_kept_all_is_compared(
    world: World, listed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    indexed(world)
    monkeypatch.setattr(names, "keeps_times", lambda _device: False)
    manifest = world.models / "b" / "2" / MANIFEST_NAME
    manifest.write_bytes(manifest.read_bytes().replace(b'"value": 0.5', b'"value": 0.4'))
    listed.clear()
    done = indexed(world)
    assert (done.by_names, done.added, done.removed) == (True, 1, 1)
    assert sorted(listed) == ["", "a", "b", "c"]
    assert is_right(world)


def test_a_name_that_is_no_utf_8_is_looked_at_each_time(world: World) -> None:
    folder = os.fsencode(world.models) + b"/\xff"
    os.mkdir(folder)
    shutil.copytree(os.fsencode(world.models / "b" / "1"), folder + b"/1")
    for _ in range(2):
        assert indexed(world).versions == 7
        assert is_right(world)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_changes_give_what_the_files_say(world: World, seed: int) -> None:
    made = random.Random(seed)
    folders = [f"{model}/{number}" for model in ("a", "b/c", "b", "n/1") for number in (1, 2, 30, 4)]
    folders += ["a/hand", "d", "d/5"]
    fast = 0
    for step in range(15):
        settle()
        for _ in range(made.randint(0, 3)):
            folder = world.models / made.choice(folders)
            if made.random() < 0.2:
                shutil.rmtree(folder, ignore_errors=True)
            elif made.random() < 0.2:
                folder.mkdir(parents=True, exist_ok=True)
            elif not (folder / MANIFEST_NAME).exists():
                number = int(folder.name) if folder.name.isdigit() else 8
                world.version(folder.parts[-2], number, folder=folder)
        fast += indexed(world).by_names
        found = check(os.fspath(world.models))
        assert found.ok, (step, found.named)
    assert fast
