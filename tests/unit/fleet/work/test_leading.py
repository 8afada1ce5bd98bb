"""Many things are given to an engine; what failed has a dead letter, and is done again when that is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tb_versions.errors import StorageError
from tb_versions.fleet.work.leading import ALREADY, Here, Outcome, Work, Worked, lead
from tb_versions.fleet.work.letters import Letter, Letters

THINGS = {f"a/{number}": number for number in range(10)}


@dataclass
class Doing:
    """What is done with a number: those that are bad raise."""

    bad: set[int] = field(default_factory=set)
    done: list[int] = field(default_factory=list)

    def __call__(self, number: int) -> Outcome:
        self.done.append(number)
        if number in self.bad:
            raise StorageError(f"{number} is bad")
        return Outcome("good", is_old=number == 7)


def led(tmp_path: Path, one: Callable[[int], Outcome], *, jobs: int = 1, **more: object) -> Worked:
    work = Work(one, Letters(os.fspath(tmp_path / "letters"), "verify"), "unknown", "/models")
    return lead(more.pop("things", THINGS), work, engine=Here(jobs), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("jobs", [1, 4])
def test_all_are_counted_and_what_failed_is_named(tmp_path: Path, jobs: int) -> None:
    found = led(tmp_path, Doing({3, 5}), jobs=jobs)
    assert found.counts == {"good": 8, "unknown": 2, ALREADY: 1}
    assert [(each.what, each.where, each.why) for each in found.letters] == [
        ("a/3", "/models/a/3", "3 is bad"),
        ("a/5", "/models/a/5", "5 is bad"),
    ]


def test_a_mistake_of_ours_stops_no_others(tmp_path: Path) -> None:
    def one(number: int) -> Outcome:
        return Outcome(["good"][number // 9])

    found = led(tmp_path, one)
    assert found.counts == {"good": 9, "unknown": 1}
    assert "a mistake in tb_versions (IndexError" in found.letters[0].why


def test_only_what_has_a_letter_is_done_again(tmp_path: Path) -> None:
    led(tmp_path, Doing({3, 5}))
    again = Doing({5})
    found = led(tmp_path, again, again=True)
    assert sorted(again.done) == [3, 5]
    assert (found.counts, found.solved) == ({"good": 1, "unknown": 1}, 1)
    assert [each.what for each in found.letters] == ["a/5"]
    last = Doing()
    assert led(tmp_path, last, again=True).solved == 1
    assert (last.done, led(tmp_path, last, again=True).counts) == ([5], {})


def test_another_run_takes_back_what_it_did(tmp_path: Path) -> None:
    led(tmp_path, Doing({3, 5}))
    found = led(tmp_path, Doing())
    assert (found.letters, found.solved) == ([], 2)


@pytest.mark.parametrize("answer", ["no", "yes"])
@pytest.mark.parametrize("when", [4_000_000_000_000, 253_402_300_799_000])
def test_the_letters_of_a_host_whose_clock_is_ahead_take_nothing_back(tmp_path: Path, answer: str, when: int) -> None:
    letters = Letters(os.fspath(tmp_path / "letters"), "verify")
    letters.add([Letter("", "a/3", answer, when=when)])  # type: ignore[arg-type]
    found = led(tmp_path, Doing({3}))
    assert ([each.what for each in found.letters], found.solved) == (["a/3"], 0)
    again = Doing()
    assert (led(tmp_path, again, again=True).solved, again.done) == (1, [3])
    assert letters.outstanding() == {}


def test_letters_of_other_shares_stay(tmp_path: Path) -> None:
    led(tmp_path, Doing({3, 5}))
    half = {what: number for what, number in THINGS.items() if number < 4}
    assert led(tmp_path, Doing(), things=half).solved == 1
    assert list(Letters(os.fspath(tmp_path / "letters"), "verify").outstanding()) == ["a/5"]


def test_what_is_not_there_any_more_has_no_letter(tmp_path: Path) -> None:
    led(tmp_path, Doing({3, 5}))
    found = led(tmp_path, Doing(), things={"a/1": 1}, is_gone=lambda what: what == "a/3")
    assert found.solved == 1
    assert list(Letters(os.fspath(tmp_path / "letters"), "verify").outstanding()) == ["a/5"]
