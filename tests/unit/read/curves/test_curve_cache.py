from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.file_curves import FileCurves
from tb_versions.read.curves.run_files import EventFile, RunFiles
from tb_versions.read.curves.whole_runs import WholeRuns
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.manifests.cache import Cache
from tests.support.world import World, moment

pytestmark = pytest.mark.slow

EXPORTS = {run: frozenset({Export(20, moment(20).timestamp())}) for run in ("a", "b/train")}


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Two runs, for readers whose clock is ahead of the file system's."""
    monkeypatch.setattr(time, "time_ns", lambda now=time.time_ns: now() + 10_000_000_000)
    made = World(tmp_path)
    for run in EXPORTS:
        made.scalars(run, "loss", [(step, 1 / (1 + step)) for step in range(30)])
    made.close()
    yield made
    made.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The name of each run that is read whole, and "+<bytes>" for each part of an event file that is read."""
    seen: list[str] = []
    whole, part = WholeRuns.read, RunFiles.read

    def counting_whole(self: WholeRuns, runs: dict[str, tuple[EventFile, ...]]) -> object:
        seen.extend(runs)
        return whole(self, runs)

    def counting_part(self: RunFiles, file: EventFile, offset: int, size: int) -> bytes:
        seen.append(f"+{size}")
        return part(self, file, offset, size)

    monkeypatch.setattr(WholeRuns, "read", counting_whole)
    monkeypatch.setattr(RunFiles, "read", counting_part)
    return seen


def look(world: World, *, cached: bool = True, exports: dict[str, frozenset[Export]] | None = None) -> FileCurves:
    """What a new process sees."""
    cache = Cache(str(world.base / "cache")) if cached else None
    curves = FileCurves(RunFiles(roots_of(str(world.logs))), cache)
    curves.refresh(exports or EXPORTS)
    return curves


def seen(curves: FileCurves) -> object:
    return curves.curves, curves.unread, curves.warnings


def test_a_second_process_opens_no_event_file_and_says_the_same(world: World, read: list[str]) -> None:
    first = look(world)
    assert "a" in read
    assert first.curves["a"]["loss"].at
    read.clear()
    assert seen(look(world)) == seen(first)
    assert read == []
    assert seen(look(world, cached=False)) == seen(first)


def test_of_a_run_that_went_on_only_what_was_appended_is_read(world: World, read: list[str]) -> None:
    look(world)
    path = next((world.logs / "a").iterdir())
    other = World(world.base / "other")
    other.scalars("a", "loss", [(30, 0.0001)])
    other.close()
    new = next((other.logs / "a").iterdir()).read_bytes()
    process = look(world)
    with path.open("ab") as file:
        file.write(new)
    read.clear()
    process.refresh(EXPORTS)
    assert not {"a", "b/train"} & set(read)
    assert process.curves["a"]["loss"].last
    assert process.curves["a"]["loss"].last.step == 30
    assert seen(process) == seen(look(world, cached=False))


def _other_content(world: World) -> bytes:
    """As long as the event file of `a`, with other values."""
    other = World(world.base / "other")
    other.scalars("a", "loss", [(step, 2 / (1 + step)) for step in range(30)])
    other.close()
    return next((other.logs / "a").iterdir()).read_bytes()


def _event_file(world: World) -> Path:
    return next((world.logs / "a").iterdir())


def _in_place(world: World) -> None:
    path = _event_file(world)
    status, data = path.stat(), _other_content(world)
    assert len(data) == status.st_size
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _replaced(world: World) -> None:
    path = _event_file(world)
    status = path.stat()
    (world.base / "made").write_bytes(_other_content(world))
    os.utime(world.base / "made", ns=(status.st_atime_ns, status.st_mtime_ns))
    (world.base / "made").replace(path)


def _other_folder(world: World) -> None:
    path, data = _event_file(world), _other_content(world)
    status = path.stat()
    (world.logs / "a").rename(world.base / "moved")
    (world.logs / "a").mkdir()
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _clock_back(world: World) -> None:
    path = _event_file(world)
    path.write_bytes(_other_content(world))
    os.utime(path, (1_000_000_000, 1_000_000_000))


def _linked(world: World) -> None:
    path = _event_file(world)
    (world.logs / "target").mkdir()
    (world.logs / "target" / "made").write_bytes(_other_content(world))
    path.unlink()
    path.symlink_to(world.logs / "target" / "made")


@pytest.mark.parametrize("change", [_in_place, _replaced, _other_folder, _clock_back, _linked])
def test_a_run_that_was_replaced_is_read_again(world: World, change: Callable[[World], None]) -> None:
    look(world)
    change(world)
    found = look(world)
    assert found.curves["a"]["loss"].highest
    assert found.curves["a"]["loss"].highest.value == 2
    assert seen(found) == seen(look(world, cached=False))


def test_what_changed_in_the_last_two_seconds_is_not_kept(
    world: World, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time_ns", lambda now=time.time_ns: now() - 10_000_000_000)
    look(world)
    look(world)
    assert read.count("a") == 2


def test_what_is_of_the_future_is_not_kept(world: World, read: list[str]) -> None:
    ahead = time.time() + 365 * 86_400
    os.utime(_event_file(world), (ahead, ahead))
    look(world)
    look(world)
    assert (read.count("a"), read.count("b/train")) == (2, 1)


def test_another_export_is_answered_as_if_all_was_read(world: World) -> None:
    look(world)
    for step in (3, 27, 29, 40):
        exports = {run: frozenset({Export(step, moment(step).timestamp())}) for run in EXPORTS}
        assert seen(look(world, exports=exports)) == seen(look(world, exports=exports, cached=False))


def test_what_is_wrong_with_a_file_is_said_by_the_next_process_too(world: World) -> None:
    path = _event_file(world)
    path.write_bytes(path.read_bytes()[:-3] + b"abc" + path.read_bytes())
    first = look(world)
    assert "damaged" in first.warnings["a"]
    assert seen(look(world)) == seen(first)


def test_a_damaged_cache_and_one_of_another_user_are_as_good_as_none(world: World, read: list[str]) -> None:
    first = look(world)
    for path in (world.base / "cache").iterdir():
        path.write_bytes(path.read_bytes()[:-3] + b"abc")
    assert seen(look(world)) == seen(first)
    assert read.count("a") == 2
    (world.base / "cache").chmod(0o777)
    assert seen(look(world)) == seen(first)
    assert read.count("a") == 3


def test_a_process_that_reads_some_runs_keeps_what_others_read(world: World, read: list[str]) -> None:
    look(world)
    world.scalars("c", "loss", [(0, 1.0)])
    world.close()
    exports = {"c": frozenset[Export]()}
    look(world, exports=exports)
    shutil.rmtree(world.logs / "b")
    look(world, exports={**EXPORTS, **exports})
    assert (read.count("a"), read.count("c")) == (1, 1)
