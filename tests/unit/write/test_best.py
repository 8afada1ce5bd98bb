"""The best value follows the rules of Keras' own callbacks."""

from __future__ import annotations

import math

import pytest

from tb_versions.core.manifest import Goal
from tb_versions.write.best import Best


def improvements(goal: Goal, values: list[float], *, min_delta: float = 0, baseline: float | None = None) -> list[bool]:
    best, found = Best(min_delta=min_delta, baseline=baseline), []
    best.start(goal, ())
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
    best.start("max", [0.25, 0.75])
    assert best.value == 0.75
    assert not best.improves(0.5)
