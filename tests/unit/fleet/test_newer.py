"""What came since a table was made is read from the files, and what is gone is left out."""

from __future__ import annotations

import os
import random
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions.core.manifest import MANIFEST_NAME, Metric
from tb_versions.errors import StorageError, UnreadableFolderError
from tb_versions.fleet import names, newer
from tb_versions.fleet.answering import catalog_of
from tb_versions.fleet.asking import Question, ask
from tb_versions.fleet.indexing import index
from tb_versions.fleet.newer import Newer, fresh
from tb_versions.fleet.overlay import Overlay, said_of
from tb_versions.fleet.standing import Standing
from tb_versions.read.folders.relisting import Relisting
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def indexed(world: World) -> str:
    index(os.fspath(world.models))
    return os.fspath(world.models)


def by_files(world: World) -> list[str]:
    return [version.id for version in tbv.open_catalog(models_dir=world.models).versions]


def test_versions_that_came_since_are_rows_like_all_others(world: World) -> None:
    for number in (1, 2, 3):
        world.version("digits", number, metrics=(Metric(name="loss", value=1 / number, source="typed"),))
    models = indexed(world)
    world.version("digits", 4, metrics=(Metric(name="loss", value=0.1, source="typed"),))
    world.version("group/faces", 1, folder=world.models / "group" / "faces" / "1")
    world.version("faces", 2, folder=world.models / "hand" / "made")
    shutil.rmtree(world.models / "digits" / "2")
    found = fresh(models)
    assert found.ids == by_files(world)
    assert found.ids == ["digits:1", "digits:3", "digits:4", "faces:2", "group/faces:1"] or len(found.ids) == 5
    assert (found.overlay.newer, len(found.overlay.gone)) == (3, 1)
    best = ask(found, Question("has loss", "loss", 1))
    assert [found.ids[row] for row in best.rows] == ["digits:4"]
    catalog, (version,) = catalog_of(found, best.rows)
    assert (version.id, version.listing.metrics[0].value if version.listing else None) == ("digits:4", 0.1)
    assert catalog.find("digits:4") is version


def test_a_table_that_is_up_to_date_stays_as_it_is(world: World) -> None:
    world.version("digits", 1)
    world.version("hand", 7, folder=world.models / "hand" / "made")
    Chronicle(world.models / "digits").say("approved", 1)
    found = fresh(indexed(world))
    assert found.overlay.rows is None
    assert not len(found.overlay.gone)
    assert found.overlay.logs == {}
    assert found.overlay.looked_ms is not None


def test_what_logs_say_since_is_read(world: World) -> None:
    for model in ("a", "b", "c"):
        world.version(model, 1)
        Chronicle(world.models / model).say("alias_set", 1, events.AliasSet("production"))
    models = indexed(world)
    world.version("new", 1)
    Chronicle(world.models / "new").say("deprecated", 1)
    Chronicle(world.models / "a").say("deprecated", 1)
    shutil.rmtree(world.models / "b")
    found = fresh(models)
    assert found.ids == by_files(world) == ["a:1", "c:1", "new:1"]
    assert sorted(found.overlay.logs) == ["a", "b", "new"]
    assert {found.ids[row] for row, said in found.said.items() if said.state.deprecated} == {"a:1", "new:1"}
    assert ask(found, Question()).hidden == "2 deprecated"


def test_manifests_that_can_not_be_read_are_told(world: World) -> None:
    world.version("a", 1)
    models = indexed(world)
    world.raw("a/2", b"{")
    found = fresh(models)
    assert found.ids == ["a:1"]
    assert [path for path, _ in found.overlay.unread] == ["a/2"]
    assert "1 newer can't be read" in said_of(found.overlay, 0, 0)


def test_a_folder_without_a_manifest_and_what_is_being_written_are_no_versions(world: World) -> None:
    world.version("a", 1)
    models = indexed(world)
    (world.models / "a" / "2").mkdir()
    unfinished = world.models / "a" / ".versions" / "unfinished"
    unfinished.mkdir(parents=True)
    (unfinished / "3").write_bytes(b"")
    (world.models / "a" / "3" / "4").mkdir(parents=True)
    (world.models / "a" / "3" / "4" / MANIFEST_NAME).write_bytes(
        (world.models / "a" / "1" / MANIFEST_NAME).read_bytes()
    )
    outside = world.base / "outside" / "9"
    world.version("a", 9, folder=outside)
    (world.models / "a" / "9").symlink_to(outside)
    assert fresh(models).ids == by_files(world) == ["a:1"]


def test_a_folder_that_became_a_link_is_gone(world: World) -> None:
    world.version("a", 1)
    world.version("a", 2)
    models = indexed(world)
    shutil.move(world.models / "a" / "2", world.base / "two")
    (world.models / "a" / "2").symlink_to(world.base / "two")
    assert fresh(models).ids == by_files(world) == ["a:1"]


def test_a_manifest_that_was_replaced_is_not_noticed(world: World) -> None:
    folder = world.version("a", 1, description="before")
    models = indexed(world)
    world.version("a", 1, description="after", folder=folder)
    found = fresh(models)
    assert found.overlay.rows is None
    _, (version,) = catalog_of(found, [0])
    assert version.listing is not None
    assert version.listing.summary == "before"


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_is_below_a_folder_that_can_not_be_read_stays(world: World) -> None:
    world.version("a", 1)
    world.version("b", 1)
    models = indexed(world)
    (world.models / "a").chmod(0)
    try:
        assert fresh(models).ids == ["a:1", "b:1"]
    finally:
        (world.models / "a").chmod(0o755)


def test_what_can_not_be_listed_is_not_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.version("a", 1)
    world.version("b", 1)
    models = indexed(world)
    scandir = os.scandir

    def failing(path: Any = ".") -> Any:
        if isinstance(path, str) and path.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(names.os, "scandir", failing)
    shutil.rmtree(world.models / "b")
    assert fresh(models).ids == ["a:1"]


def test_a_folder_that_is_gone_altogether_is_an_error(world: World) -> None:
    world.version("a", 1)
    models = indexed(world)
    tables = os.fspath(world.base / "tables")
    shutil.move(world.models / ".index", tables)
    shutil.rmtree(world.models)
    with pytest.raises(UnreadableFolderError):
        fresh(models, tables)


def test_too_many_newer_versions_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.version("a", 1)
    models = indexed(world)
    monkeypatch.setattr(newer, "MOST_NEWER", 1)
    world.version("a", 2)
    assert fresh(models).ids == ["a:1", "a:2"]
    world.version("a", 3)
    with pytest.raises(StorageError, match="tb-versions index"):
        fresh(models)


def test_a_look_that_takes_too_long_says_so(world: World) -> None:
    world.version("a", 1)
    models = indexed(world)
    world.version("a", 2)
    found = fresh(models, longest=-1)
    assert found.ids == ["a:1"]
    assert found.overlay.looked_ms is None
    assert "takes longer" in found.overlay.problem
    assert "not looked for" in said_of(found.overlay, None, 0)


def test_a_later_look_lists_what_changed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for model in ("a", "b", "c"):
        world.version(model, 1)
    standing = Standing(indexed(world))
    monkeypatch.setattr(names, "tick_ns", lambda _device: 0)
    monkeypatch.setattr(Relisting, "is_due", lambda *_: False)
    looks = Newer(os.fspath(world.models))
    looks.look(standing)
    time.sleep(0.02)
    looks.look(standing)
    listed: list[str] = []
    real = names._list
    monkeypatch.setattr(names, "_list", lambda folder, *rest: (listed.append(folder), real(folder, *rest))[1])
    world.version("b", 2)
    shutil.rmtree(world.models / "c" / "1")
    overlay = looks.look(standing)
    assert sorted(map(os.path.basename, listed)) == ["b", "c"]
    assert (overlay.newer, overlay.gone.tolist()) == (1, [standing.paths.to_pylist().index("c/1")])
    assert standing.under(overlay).ids == by_files(world)


def test_where_times_stand_still_folders_are_listed_all_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.version("a", 1)
    standing = Standing(indexed(world))
    looks = Newer(os.fspath(world.models))
    real = os.stat

    def still(path: Any, **options: Any) -> os.stat_result:
        found = real(path, **options)
        return os.stat_result((*found[:7], 1, 1, 1), {"st_mtime_ns": 10**9, "st_ctime_ns": 10**9})

    monkeypatch.setattr(names.os, "stat", still)
    looks.look(standing)
    world.version("a", 2)
    monkeypatch.setattr(Relisting, "is_due", lambda *_: True)
    assert looks.look(standing).newer == 1


def test_an_overlay_of_another_table_is_refused(world: World) -> None:
    world.version("a", 1)
    standing = Standing(indexed(world))
    world.version("a", 2)
    overlay = Newer(os.fspath(world.models)).look(standing)
    assert standing.under(overlay).ids == ["a:1", "a:2"]
    with pytest.raises(StorageError, match="changed meanwhile"):
        Standing(indexed(world)).under(overlay)


def test_any_changes_give_what_the_files_say(world: World) -> None:
    """But for folders of the table in which something else is now: that is not looked at."""
    made = random.Random(20261130)
    models = indexed(world)
    looks = Newer(models)
    folders = [f"{model}/{number}" for model in ("a", "b/c", "b", "n/1") for number in (1, 2, 30, 4)]
    folders += ["a/hand", "d", "d/5"]
    were: set[Path] = set()
    for round_ in range(30):
        for _ in range(made.randint(0, 6)):
            folder = world.models / made.choice(folders)
            if made.random() < 0.4:
                shutil.rmtree(folder, ignore_errors=True)
            elif made.random() < 0.2 and folder not in were:
                folder.mkdir(parents=True, exist_ok=True)
            elif not (folder / MANIFEST_NAME).exists():
                were.add(folder)
                number = int(folder.name) if folder.name.isdigit() else 8
                world.version(folder.parts[-2], number, folder=folder)
        if made.random() < 0.3:
            index(models)
        standing = Standing(models)
        assert standing.under(looks.look(standing)).ids == by_files(world), round_


def test_how_old_rows_are_is_said_in_words() -> None:
    minute = 60_000
    assert said_of(Overlay(looked_ms=0), 0, 3 * minute) == "indexed 3 min ago"
    assert said_of(Overlay(), None, 0) == "indexed, files that came since were not looked for"
