from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tensorboard.plugins.hparams import summary_v2 as hp

from tb_versions.read.catalog import Catalog
from tb_versions.read.curves import data_server
from tb_versions.read.reader import open_reader
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Two runs with a version each, for readers whose clock is ahead of the file system's."""
    monkeypatch.setattr(time, "time_ns", lambda now=time.time_ns: now() + 10_000_000_000)
    monkeypatch.setenv("TB_VERSIONS_CACHE_DIR", str(tmp_path / "cache"))
    made = World(tmp_path)
    for number, run in enumerate(("a", "deep/b"), start=1):
        made.scalars(run, "loss", [(0, 1.0), (1, 0.5)])
        made.announce(run, made.version("m", number, run=run, step=1))
        made.event(run, hp.hparams_pb({"lr": number / 8}))
    made.close()
    yield made
    made.close()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The event files that each started data server could read."""
    started: list[list[str]] = []
    start = data_server._start

    def counting(binary: str, logdir: str, port_file: str, *, every_point: bool) -> object:
        found = [Path(folder, name) for folder, _, names in os.walk(logdir, followlinks=True) for name in names]
        started.append(sorted({path.parent.relative_to(logdir).as_posix() for path in found}))
        return start(binary, logdir, port_file, every_point=every_point)

    monkeypatch.setattr(data_server, "_start", counting)
    return started


def look(world: World, *, cached: bool = True) -> Catalog:
    """What `list --logdir` of a new process sees."""
    return open_reader(str(world.logs), [str(world.models)], curves=False, cached=cached).catalog


def seen(catalog: Catalog) -> object:
    versions = [(v.id, v.state, v.notice, v.runs, v.hyperparameters, v.announced) for v in catalog.versions]
    return versions, catalog.known_runs, catalog.problems


def test_a_second_process_reads_no_event_file_and_says_the_same(world: World, served: list[list[str]]) -> None:
    first = seen(look(world))
    assert served == [["a", "deep/b"]]
    assert seen(look(world)) == first
    assert len(served) == 1
    assert seen(look(world, cached=False)) == first
    assert len(served) == 2


def test_only_a_run_that_changed_is_read(world: World, served: list[list[str]]) -> None:
    look(world)
    world.announce("a", world.version("m", 3, run="a", step=1))
    found = look(world)
    assert served == [["a", "deep/b"], ["a"]]
    assert seen(found) == seen(look(world, cached=False))
    assert "m:3" in found.by_id
    assert seen(look(world)) == seen(found)
    assert len(served) == 3


def _event_file(world: World) -> Path:
    return next((world.logs / "a").iterdir())


def _other_content(world: World) -> bytes:
    """As long as the event file of `a`, with other hyperparameters."""
    data = _event_file(world).read_bytes()
    other = World(world.base / "other")
    other.scalars("a", "loss", [(0, 1.0), (1, 0.5)])
    other.announce("a", world.models / "m" / "1", location="../../models/m/1")
    other.event("a", hp.hparams_pb({"lr": 7 / 8}))
    other.close()
    made = next((other.logs / "a").iterdir()).read_bytes()
    return made + b"\0" * max(0, len(data) - len(made))


def _in_place(world: World) -> None:
    path = _event_file(world)
    status = path.stat()
    path.write_bytes(_other_content(world))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _replaced(world: World) -> None:
    path = _event_file(world)
    status = path.stat()
    other = world.base / "made"
    other.write_bytes(_other_content(world))
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)


def _other_folder(world: World) -> None:
    path, data = _event_file(world), _other_content(world)
    (world.logs / "a").rename(world.base / "moved")
    (world.logs / "a").mkdir()
    path.write_bytes(data)


def _behind_a_symlink(world: World) -> None:
    path, data = _event_file(world), _other_content(world)
    (world.base / "target").write_bytes(data)
    path.unlink()
    path.symlink_to(world.base / "target")


def _one_more_file(world: World) -> None:
    (world.logs / "a" / "events.out.tfevents.9999999999.more").write_bytes(_other_content(world))


@pytest.mark.parametrize("change", [_in_place, _replaced, _other_folder, _behind_a_symlink, _one_more_file])
def test_a_run_that_was_replaced_is_read_again(world: World, change: Callable[[World], None]) -> None:
    before = seen(look(world))
    change(world)
    after = seen(look(world))
    assert after == seen(look(world, cached=False))
    assert after != before or change is _one_more_file


def test_a_run_that_is_gone_or_new_is_noticed(world: World, served: list[list[str]]) -> None:
    look(world)
    shutil.rmtree(world.logs / "a")
    world.scalars("c", "loss", [(0, 1.0)])
    found = look(world)
    assert found.known_runs == ("c", "deep/b")
    assert served[1:] == [["c"]]


def test_what_changed_in_the_last_two_seconds_is_not_kept(
    world: World, served: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda now=time.time_ns: now() - 10_000_000_000)
    look(world)
    look(world)
    assert served == [["a", "deep/b"]] * 2


def test_what_was_read_with_a_problem_is_not_kept(world: World, served: list[list[str]]) -> None:
    path = _event_file(world)
    path.write_bytes(path.read_bytes()[:-3] + b"abc" + path.read_bytes())
    first = look(world)
    assert first.problems
    assert seen(look(world)) == seen(first)
    assert len(served) == 2


def test_a_problem_of_a_run_that_changed_is_told_as_ever(world: World) -> None:
    look(world)
    path = _event_file(world)
    path.write_bytes(path.read_bytes()[:-3] + b"abc" + path.read_bytes())
    found = look(world)
    assert found.problems == look(world, cached=False).problems != ()


def test_a_manifest_that_only_an_event_file_has_is_read_from_there(world: World, served: list[list[str]]) -> None:
    shutil.rmtree(world.models / "m" / "2")
    first = look(world)
    assert first.by_id["m:2"].state == "missing"
    assert seen(look(world)) == seen(first)
    assert served == [["a", "deep/b"]] * 2


def test_a_damaged_cache_and_one_of_another_user_are_as_good_as_none(world: World, served: list[list[str]]) -> None:
    first = seen(look(world))
    for path in (world.base / "cache").iterdir():
        path.write_bytes(path.read_bytes()[:-3] + b"abc")
    assert seen(look(world)) == first
    assert len(served) == 2
    (world.base / "cache").chmod(0o777)
    assert seen(look(world)) == first
    assert len(served) == 3


def test_a_fifo_among_event_files_is_reported_every_time(world: World) -> None:
    look(world)
    os.mkfifo(world.logs / "deep" / "events.out.tfevents.1.fifo")
    found = look(world)
    assert seen(found) == seen(look(world, cached=False))
    assert any("none" in why for _, why in found.problems)


def test_points_and_manifests_are_asked_of_the_data_server(world: World, served: list[list[str]]) -> None:
    look(world)
    reader = open_reader(str(world.logs), [str(world.models)])
    assert reader.catalog.curves["a"]["loss"].last
    assert reader.manifest_bytes(reader.catalog.find("m:1"))
