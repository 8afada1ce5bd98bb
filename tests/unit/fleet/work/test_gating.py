"""One version of many is judged as one alone, and recorded once; what still stands is not judged again."""

from __future__ import annotations

import os
import pickle
import time
from pathlib import Path
from typing import Any

import pytest

from tb_versions.errors import VersionDamagedError
from tb_versions.fleet.work.gating import FAILED, PASSED, Gate
from tb_versions.fleet.work.leading import Outcome
from tb_versions.gates.checking import Check
from tb_versions.gates.rule_files import read_rules
from tests.support.gating import accuracy, rules_file
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    for number, value in ((1, 0.8), (2, 0.9), (3, 0.7)):
        world.version("digits", number, metrics=(accuracy(value),))
    return world


def gate(world: World, limit: float = 0.75, *, again: bool = False, **more: Any) -> Gate:
    rules = read_rules(rules_file(world.base, f'metric = "accuracy"\nat_least = {limit}', head=""))
    return Gate(os.fspath(world.models), Check(rules, actor="tests", **more), again=again)


def events(world: World) -> int:
    return len(list(world.models.glob("*/.versions/log/*.json")))


def now() -> int:
    return time.time_ns() // 1_000_000


def test_passed_and_failed(world: World) -> None:
    assert gate(world)("digits/1") == Outcome(PASSED)
    found = gate(world)("digits/3")
    assert (found.count, found.answer) == (FAILED, "no")
    assert found.why.startswith("accuracy failed: wanted ≥ 0.75, found 0.7.")
    assert events(world) == 0


def test_what_still_stands_is_not_judged_again(world: World) -> None:
    for _ in range(2):
        work = pickle.loads(pickle.dumps(gate(world, record=True, since=now() + 1)))
        found = [work(f"digits/{number}") for number in (1, 2, 3)]
    assert [each.is_old for each in found] == [True] * 3
    assert [each.count for each in found] == [PASSED, PASSED, FAILED]
    assert found[2].why.startswith("accuracy failed: wanted ≥ 0.75, found 0.7.")
    assert events(world) == 3


def test_other_rules_and_another_manifest_are_judged(world: World) -> None:
    gate(world, record=True, since=now())("digits/1")
    time.sleep(0.002)
    assert not gate(world, 0.85, record=True, since=now())("digits/1").is_old
    world.version("digits", 1, metrics=(accuracy(0.99),))
    assert gate(world, 0.85, record=True, since=now())("digits/1") == Outcome(PASSED)
    assert events(world) == 3


def test_what_has_a_dead_letter_is_judged_again_but_not_recorded_twice(world: World) -> None:
    work = gate(world, record=True, since=now(), again=True)
    assert [work("digits/1").is_old for _ in range(2)] == [False, False]
    assert events(world) == 1


def test_without_record_all_is_judged(world: World) -> None:
    gate(world, record=True, since=now())("digits/1")
    assert not gate(world)("digits/1").is_old


def test_a_damaged_manifest_is_no_answer_and_no_event(world: World) -> None:
    world.raw("digits/4", b"{")
    with pytest.raises(VersionDamagedError, match="can't be read"):
        gate(world, record=True, since=now())("digits/4")
    assert events(world) == 0
