from __future__ import annotations

import math
import time
from typing import Any

import pytest

from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.current import Point
from tb_versions.read.curves.curve import is_joinable, joinable_tags, metric_name, regret, summarize
from tests.support.points import made_points

NAN, INFINITY, LATER = float("nan"), float("inf"), 2e9


def kept(steps: Any, values: Any, exports: Any = ()) -> Any:
    return summarize("r", "t", made_points(steps, values), [Export(step, LATER) for step in exports])


def test_a_curve_is_kept_as_its_extremes_its_last_and_the_asked_steps() -> None:
    curve = kept([1, 2, 3, 4], [0.5, 0.25, 0.25, 0.75], [0, 1, 2, 10])
    assert (curve.lowest, curve.highest, curve.last) == (Point(2, 0.25), Point(4, 0.75), Point(4, 0.75))
    at = {export.step: point for export, point in curve.at.items()}
    assert at == {0: None, 1: Point(1, 0.5), 2: Point(2, 0.25), 10: Point(4, 0.75)}
    assert curve.within_unit
    assert (curve.best("min"), curve.best("max"), curve.best("unknown")) == (Point(2, 0.25), Point(4, 0.75), None)


@pytest.mark.parametrize(
    ("goal", "value", "best", "words"),
    [
        ("max", 0.98, 0.9803, "best t was at step 2, 0.03 points higher"),  # more than 1 % of what is missing to 1
        ("max", 0.98, 0.9801, None),
        ("max", 0.5, 0.504, None),
        ("max", 1.0, 1.0, None),
        ("max", 90.0, 90.8, None),  # not within [0, 1]: 1 % of the value counts
        ("max", 90.0, 92.0, "best t was at step 2, 2.2 % higher"),
        ("min", 0.98, 0.9785, None),  # a loss: 1 % of the value, whatever is missing to 1
        ("min", 0.98, 0.49, "best t was at step 2, 50 % lower"),
        ("max", 0.0, 0.5, "best t was at step 2, 50 points higher"),
        ("min", 0.5, 0.6, None),
        ("unknown", 0.5, 0.9, None),
        ("max", NAN, 0.9, None),
    ],
)
def test_a_clearly_better_step_is_named(goal: Any, value: float, best: float, words: str | None) -> None:
    assert regret("t", goal, value, kept([1, 2], [value, best])) == words


def test_many_asked_steps_are_looked_up_quickly() -> None:
    steps = list(range(0, 100_000, 10))
    begin = time.process_time()
    curve = kept(steps, [float(s) for s in steps], range(0, 100_000, 2))
    assert curve.at[Export(12_398, LATER)] == Point(12_390, 12_390.0)
    assert time.process_time() - begin < 10  # a look at each point for each step takes longer


def test_a_point_removes_earlier_ones_of_its_step_and_higher_ones() -> None:
    curve = kept([3, 10, 4, 4], [3.0, 10.0, 4.0, 5.0], [4])
    assert (curve.highest, curve.lowest, curve.last) == (Point(4, 5.0), Point(3, 3.0), Point(4, 5.0))


def test_an_empty_curve_has_nothing() -> None:
    empty = kept([], [], [1])
    assert (empty.highest, empty.lowest, empty.last, empty.at, empty.within_unit) == (
        None,
        None,
        None,
        {Export(1, LATER): None},
        False,
    )


def test_nan_is_never_an_extreme_but_may_be_last() -> None:
    curve = kept([1, 2, 3], [NAN, 1.0, NAN], [])
    assert curve.highest == curve.lowest == Point(2, 1.0)
    assert curve.last is not None
    assert math.isnan(curve.last.value)
    assert kept([1], [NAN], []).highest is None


def curve_of(*values: float) -> Any:
    return kept(range(1, len(values) + 1), values)


@pytest.mark.parametrize(
    ("goal", "value", "values", "sentence"),
    [
        ("min", 0.5, (0.5, 0.25), "best x was at step 2, 50 % lower"),
        ("min", 100.0, (100.0, 99.5), None),
        ("min", 100.0, (100.0, 98.0), "best x was at step 2, 2 % lower"),
        ("min", 0.25, (0.5, 0.25), None),
        ("max", 0.98, (0.98, 0.99), "best x was at step 2, 1 point higher"),
        ("max", 0.98, (0.98, 0.9801), None),
        ("max", 2.0, (2.0, 3.0), "best x was at step 2, 50 % higher"),
        ("max", 0.0, (0.0, 0.5), "best x was at step 2, 50 points higher"),
        ("max", -2.0, (-2.0, -1.0), "best x was at step 2, 1 higher"),
        ("unknown", 0.5, (0.5, 0.9), None),
        ("min", NAN, (0.5, 0.25), None),
        ("max", 0.5, (INFINITY,), None),
        ("min", INFINITY, (1.0,), None),
    ],
)
def test_regret_is_said_only_where_it_is_clear(
    goal: Any, value: float, values: tuple[float, ...], sentence: str | None
) -> None:
    said = regret("x", goal, value, curve_of(*values))
    assert said == sentence


@pytest.mark.parametrize(
    ("run", "tag", "name"),
    [
        ("cnn/train", "epoch_accuracy", "accuracy"),
        ("cnn/validation", "epoch_accuracy", "val_accuracy"),
        ("validation", "epoch_loss", "val_loss"),
        ("cnn", "loss", "loss"),
        ("cnn/validation", "loss", "loss"),
    ],
)
def test_keras_curves_have_keras_names(run: str, tag: str, name: str) -> None:
    assert metric_name(run, tag) == name


def test_curves_that_count_other_steps_are_not_joined() -> None:
    assert not is_joinable("evaluation_loss_vs_iterations")
    assert not is_joinable("batch_loss")
    assert is_joinable("epoch_loss")


def test_of_many_curves_those_with_a_goal_come_first() -> None:
    tags = joinable_tags([f"weight{i:03}" for i in range(100)] + ["z_loss", "accuracy"])
    assert len(tags) == 60
    assert tags[:2] == ["accuracy", "z_loss"]
