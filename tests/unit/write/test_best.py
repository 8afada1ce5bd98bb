"""The best value follows the rules of Keras' own callbacks."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tb_versions.core.manifest import Goal
from tb_versions.write.best import Best


def improvements(goal: Goal, values: list[float], *, min_delta: float = 0, baseline: float | None = None) -> list[bool]:
    best, found = Best(min_delta=min_delta, baseline=baseline), []
    best.start(goal, {})
    for value in values:
        found.append(best.improves(value))
        if found[-1]:
            best.value = value
    return found


def test_a_value_must_be_better_than_all_before() -> None:
    assert improvements("min", [3, 4, 3, 2]) == [True, False, False, True]
    assert improvements("max", [3, 4, 3, 5]) == [True, True, False, True]


@pytest.mark.parametrize("min_delta", [0.5, -0.5])
def test_a_small_difference_is_no_improvement(min_delta: float) -> None:
    assert improvements("min", [3, 2.6, 2.5, 2.4], min_delta=min_delta) == [True, False, False, True]


def test_the_first_value_must_improve_on_the_baseline() -> None:
    assert improvements("max", [1, 2, 2.5], baseline=2) == [False, False, True]


def test_nan_is_never_the_best() -> None:
    assert improvements("min", [math.nan, 1, math.nan]) == [False, True, False]


def test_a_resumed_training_must_improve_on_earlier_ones() -> None:
    best = Best(min_delta=0, baseline=None)
    best.start("max", {"m:1": 0.25, "m:2": 0.75})
    assert best.value == 0.75
    assert not best.improves(0.5)


def told(values: list[float], earlier: dict[str, float], *, min_delta: float = 0, baseline: float | None = None) -> Any:
    best = Best(min_delta=min_delta, baseline=baseline)
    best.start("min", earlier)
    assert not any(best.improves(value) for value in values)
    assert not best.improved
    return best.obstacle()


def test_a_training_without_an_improvement_says_what_was_in_its_way() -> None:
    assert told([0.5, 0.31, math.nan], {"m:2": 0.4, "m:3": 0.25}) == (
        "it was 0.31 at best, which does not improve on the 0.25 of m:3",
        "m:3",
    )


def test_what_is_no_version_may_be_in_the_way_too() -> None:
    assert told([3], {}, baseline=2.5) == ("it was 3 at best, which does not improve on baseline=2.5", "")
    assert told([math.nan], {"m:1": 1}) == ("it was not a number in any epoch", "")
    why, name = told([1], {"m:1": 1.2}, min_delta=0.5)
    assert "more than min_delta=0.5 on" in why
    assert name == "m:1"


def test_the_same_callback_in_another_run_starts_with_its_baseline() -> None:
    best = Best(min_delta=0, baseline=2)
    best.start("min", {})
    best.value = 0.5
    best.start("min", {})
    assert not best.improves(1)
    best.forget()
    best.start("min", {})
    assert best.improves(1)
    assert best.improved
