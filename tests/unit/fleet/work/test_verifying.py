"""One version of many is verified as one alone, and recorded once."""

from __future__ import annotations

import os
import pickle
import time
from pathlib import Path
from typing import Any

import pytest

from tb_versions.errors import VersionDamagedError
from tb_versions.fleet.work.leading import Outcome
from tb_versions.fleet.work.verifying import DIFFERS, PUBLISHED, Verify
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.version("digits", 1)
    return world


def now() -> int:
    return time.time_ns() // 1_000_000


def events(world: World) -> int:
    return len(list(world.models.glob("*/.versions/log/*.json")))


def verify(world: World, **more: Any) -> Verify:
    return Verify(os.fspath(world.models), actor="tests", **more)


def test_what_is_as_published(world: World) -> None:
    assert verify(world)("digits/1") == Outcome(PUBLISHED)
    assert events(world) == 0


def test_what_differs_is_a_no_with_the_files(world: World) -> None:
    (world.models / "digits" / "1" / "saved_model.pb").write_bytes(b"digits x")
    found = verify(world)("digits/1")
    assert (found.count, found.answer) == (DIFFERS, "no")
    assert "1 file is of another content: saved_model.pb." in found.why
    assert verify(world, quick=True)("digits/1").count == PUBLISHED


def test_a_damaged_manifest_is_no_answer(world: World) -> None:
    world.raw("digits/2", b"{")
    with pytest.raises(VersionDamagedError, match="can't be read"):
        verify(world)("digits/2")


def test_a_worker_that_is_started_again_records_nothing_twice(world: World) -> None:
    work = pickle.loads(pickle.dumps(verify(world, record=True, since=now())))
    assert work("digits/1") == Outcome(PUBLISHED)
    assert work("digits/1") == Outcome(PUBLISHED, is_old=True)
    assert events(world) == 1


def test_a_worker_whose_clock_is_behind_records_nothing_twice(world: World) -> None:
    work = verify(world, record=True, since=now() + 60_000)
    assert [work("digits/1").is_old for _ in range(2)] == [False, True]
    assert events(world) == 1


def test_what_was_recorded_before_is_done_again_in_another_run(world: World) -> None:
    verify(world, record=True, since=now())("digits/1")
    time.sleep(0.002)
    assert not verify(world, record=True, since=now())("digits/1").is_old
    assert events(world) == 2


def test_a_recorded_no_says_what_differed(world: World) -> None:
    (world.models / "digits" / "1" / "saved_model.pb").write_bytes(b"digits x")
    work = verify(world, record=True, since=now())
    first, second = work("digits/1"), work("digits/1")
    assert (second.why, second.answer, second.is_old) == (first.why, "no", True)


def test_a_version_without_a_registry_is_verified_and_said_not_to_be_recorded(world: World) -> None:
    world.version("digits", 5, folder=world.models / "elsewhere" / "x")
    found = verify(world, record=True, since=now())("elsewhere/x")
    assert (found.count, found.answer) == (PUBLISHED, "not known")
    assert "It was not recorded: " in found.why
    assert verify(world, since=now())("elsewhere/x") == Outcome(PUBLISHED)
