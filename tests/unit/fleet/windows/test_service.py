"""The process of the tables: what it answers, and that it ends and begins again."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.manifest import Metric
from tb_versions.errors import InvalidFilterError, InvalidQueryError, StorageError
from tb_versions.fleet.indexing import index
from tb_versions.fleet.windows import service as module
from tb_versions.fleet.windows.service import Service
from tb_versions.fleet.windows.told import Told
from tests.support.effort import HANGS
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(module, "SECONDS", HANGS)
    monkeypatch.setattr(module, "START_SECONDS", HANGS)
    world = World(tmp_path)
    for number in range(1, 6):
        world.version("digits", number, metrics=(Metric(name="loss", value=1 / number, source="typed"),))
    return world


@pytest.fixture
def serve(world: World) -> Iterator[Callable[..., Service]]:
    made: list[Service] = []

    def service(**options: Any) -> Service:
        made.append(Service(os.fspath(world.models), None, **{"above": 3, **options}))
        made[-1].start()
        return made[-1]

    yield service
    for each in made:
        each.stop()


def until(service: Service, condition: Callable[[Told], bool]) -> Told:
    for _ in range(HANGS * 20):
        told = service.standing()
        if condition(told):
            return told
        time.sleep(0.05)
    raise AssertionError(told)


def is_ready(told: Told) -> bool:
    return told.state != "starting"


def ids(service: Service, **question: Any) -> list[str]:
    found: list[str] = json.loads(service.ask("ids", question))["ids"]
    return found


def pid_of(service: Service) -> int:
    assert service._process is not None
    assert service._process._popen is not None
    return service._process._popen.pid


def test_questions_are_answered_and_what_comes_later_is_seen(world: World, serve: Callable[..., Service]) -> None:
    index(os.fspath(world.models))
    service = serve()
    assert until(service, is_ready).state == "windowed"
    window = json.loads(service.ask("window", {"sort": ["loss"], "count": "2", "facets": "1"}))
    assert (window["found"], window["table"]["status"], len(window["revision"])) == (5, "ready", 16)
    assert window["window"]["rows"] == 5
    assert json.loads(service.ask("head", {}))["status"] == "windowed"
    assert json.loads(service.ask("density", {"x": "version", "y": "loss"}))["counted"] == 5
    with pytest.raises(InvalidFilterError, match="character 7") as wrong:
        service.ask("window", {"filter": "loss >"})
    assert wrong.value.at == 6
    with pytest.raises(InvalidFilterError, match=r"files are there\.$"):
        service.ask("window", {"filter": "state = present"})
    with pytest.raises(InvalidQueryError, match="no column"):
        service.ask("window", {"sort": "nonsense"})
    world.version("digits", 9)
    shutil.rmtree(world.models / "digits" / "1")
    told = until(service, lambda told: (told.newer, told.gone) == (1, 1))
    assert (told.rows, told.problem) == (5, "")
    assert told.looked_ms is not None
    assert ids(service) == [f"digits:{number}" for number in (2, 3, 4, 5, 9)]
    index(os.fspath(world.models))
    told = until(service, lambda told: told.newer == 0)
    assert ids(service) == [f"digits:{number}" for number in (2, 3, 4, 5, 9)]


def test_a_killed_process_is_started_anew(world: World, serve: Callable[..., Service]) -> None:
    index(os.fspath(world.models))
    service = serve()
    until(service, is_ready)
    first = pid_of(service)
    os.kill(first, signal.SIGKILL)
    until(service, lambda _: service._process is not None and pid_of_or_none(service) not in (None, first))
    assert len(ids(service)) == 5


def pid_of_or_none(service: Service) -> int | None:
    process = service._process
    return None if process is None or process._popen is None else process._popen.pid


def test_a_process_that_dies_while_it_is_asked_is_told(
    world: World, serve: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    index(os.fspath(world.models))
    service = serve()
    until(service, is_ready)
    monkeypatch.setattr(module._Process, "_put", lambda self, *_: os.kill(self._popen.pid, signal.SIGKILL))
    with pytest.raises(StorageError, match="did not answer"):
        service.ask("ids", {})
    monkeypatch.undo()
    assert len(ids(service)) == 5


def test_a_question_that_takes_too_long_is_given_up(
    world: World, serve: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    index(os.fspath(world.models))
    service = serve()
    until(service, is_ready)
    os.kill(pid_of(service), signal.SIGSTOP)
    monkeypatch.setattr(module, "SECONDS", 0.1)
    monkeypatch.setattr(module, "_GRACE_S", 0.1)
    with pytest.raises(StorageError, match="took too long"):
        service.ask("ids", {})
    monkeypatch.setattr(module, "SECONDS", HANGS)
    assert len(ids(service)) == 5


def test_a_process_that_needs_too_much_memory_is_stopped(
    world: World, serve: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    index(os.fspath(world.models))
    monkeypatch.setattr(module, "MEMORY", 1 << 20)
    service = serve()
    told = until(service, is_ready)
    assert told.state == "failed"
    assert "memory" in told.problem
    with pytest.raises(StorageError, match="memory"):
        service.ask("ids", {})


def test_without_tables_nothing_is_started(serve: Callable[..., Service]) -> None:
    service = serve()
    assert service.standing() == Told("absent")
    assert service._process is None
    with pytest.raises(StorageError, match="tb-versions index"):
        service.ask("window", {})


def test_small_tables_need_no_process_until_they_grow(world: World, serve: Callable[..., Service]) -> None:
    index(os.fspath(world.models))
    service = serve(above=5)
    assert until(service, is_ready) == Told("small", rows=5)
    assert service._process is None
    assert service.standing().state == "small"
    world.version("digits", 6)
    index(os.fspath(world.models))
    assert until(service, lambda told: told.state == "windowed").rows == 6


def test_a_table_that_is_deleted_is_absent(world: World, serve: Callable[..., Service]) -> None:
    index(os.fspath(world.models))
    service = serve()
    until(service, is_ready)
    shutil.rmtree(world.models / ".index")
    assert until(service, lambda told: told.state == "absent").rows == 0


def test_the_process_ends_with_the_one_that_started_it(world: World, tmp_path: Path) -> None:
    index(os.fspath(world.models))
    script = (
        "import sys, time; from tb_versions.fleet.windows.service import Service; "
        f"service = Service({os.fspath(world.models)!r}, None, above=1); service.start()\n"
        "while service.standing().state == 'starting': time.sleep(0.05)\n"
        "print(service._process._popen.pid, 'duckdb' in sys.modules, 'pyarrow' in sys.modules, flush=True)\n"
        "time.sleep(10_000)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid, *heavy = parent.stdout.readline().split()
        parent.kill()
    assert heavy == ["False", "False"]
    for _ in range(HANGS * 20):
        if not os.path.exists(f"/proc/{pid}") or b"\0" not in Path(f"/proc/{pid}/cmdline").read_bytes():
            return
        time.sleep(0.05)
    raise AssertionError(f"{pid} is still there")


def test_nothing_heavy_that_trains_is_loaded(world: World, serve: Callable[..., Service]) -> None:
    index(os.fspath(world.models))
    service = serve()
    until(service, is_ready)
    maps = Path(f"/proc/{pid_of(service)}/maps").read_text()
    assert "duckdb" in maps
    assert "tensorflow" not in maps


def test_a_folder_whose_name_is_no_text_has_no_tables(world: World, tmp_path: Path) -> None:
    folder = os.fsdecode(os.path.join(os.fsencode(tmp_path), b"models \xff"))
    os.makedirs(os.path.join(folder, ".index", "versions", "_delta_log"))
    service = Service(folder, None, above=3)
    service.start()
    told = until(service, lambda told: told.state != "starting")
    service.stop()
    assert (told.state, "what is no UTF-8 is in its path" in told.problem) == ("failed", True)
