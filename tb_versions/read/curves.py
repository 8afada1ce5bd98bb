"""What a curve is, and what is kept of one: its best, its last and its values at exports. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tb_versions.core.amounts import amount_text
from tb_versions.read.goals import KnownGoal, infer_goal

MAX_TAGS = 60
"""Most curves of one run that are joined."""

CLEARLY = 0.01
"""Share by which a step must be better to be worth a remark."""

_WRONG_STEPS = ("_vs_iterations",)
_WRONG_PREFIXES = ("batch_",)
_SCHEDULES = frozenset({"learning_rate", "lr"})


class Points(NamedTuple):
    """A curve, by ascending step.

    Attributes:
        steps: int64, shape (n,).
        wall_times: float64, shape (n,), seconds since 1970 (UTC); 0 for what is no number.
        values: float32 as event files have it, or float64 where a value is no float32; shape (n,); may hold NaN.
    """

    steps: NDArray[np.int64]
    wall_times: NDArray[np.float64]
    values: NDArray[np.floating[Any]]


RunPoints = Mapping[str, Mapping[str, Points]]
"""Run to tag to points."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a curve and its step."""

    step: int
    value: float


@dataclass(frozen=True, slots=True)
class Curve:
    """What is kept of one curve.

    Attributes:
        run: Name of the run.
        tag: Tag of the scalar.
        highest: Point with the highest value (the first of equals); never NaN.
        lowest: Point with the lowest value.
        last: Last point.
        within_unit: Every value lies in [0, 1].
        at: Step of each export to the point at it, else to the last one before it, else to None.
    """

    run: str
    tag: str
    highest: Point | None
    lowest: Point | None
    last: Point | None
    within_unit: bool
    at: Mapping[int, Point | None]

    def best(self, goal: KnownGoal) -> Point | None:
        """Returns the best point by the goal; None where the goal is unknown."""
        return {"max": self.highest, "min": self.lowest}.get(goal)


RunCurves = Mapping[str, Mapping[str, Curve]]
"""Run to tag to what is kept of the curve."""


def summarize(run: str, tag: str, points: Points, exports: Iterable[int] = ()) -> Curve:
    """Returns what is kept of a curve.

    Args:
        run: Name of the run.
        tag: Tag of the scalar.
        points: The curve.
        exports: Steps of exports.
    """
    steps, values = points.steps, points.values
    numbers = np.flatnonzero(~np.isnan(values))
    known = values[numbers]

    def point(position: int) -> Point:
        return Point(int(steps[position]), float(values[position]))

    def before(step: int) -> Point | None:
        position = int(np.searchsorted(steps, step, side="right"))
        return point(position - 1) if position else None

    return Curve(
        run=run,
        tag=tag,
        highest=point(int(numbers[known.argmax()])) if len(known) else None,
        lowest=point(int(numbers[known.argmin()])) if len(known) else None,
        last=point(-1) if len(values) else None,
        within_unit=bool(len(known)) and bool(known.min() >= 0) and bool(known.max() <= 1),
        at={step: before(step) for step in exports},
    )


def metric_name(run: str, tag: str) -> str:
    """Returns the metric that a curve shows, by Keras' conventions.

    Keras' TensorBoard callback writes `epoch_accuracy` to `<run>/train` and `<run>/validation`; its logs
    call them `accuracy` and `val_accuracy`.
    """
    if not tag.startswith("epoch_"):
        return tag
    name = tag.removeprefix("epoch_")
    return f"val_{name}" if run.rpartition("/")[2] == "validation" else name


def is_joinable(tag: str) -> bool:
    """Whether a curve is a metric at the steps of versions.

    Keras' curves over iterations count other steps, and a learning rate is an input of the training.
    """
    if tag.endswith(_WRONG_STEPS) or tag.startswith(_WRONG_PREFIXES):
        return False
    return tag.removeprefix("epoch_") not in _SCHEDULES


def joinable_tags(tags: Iterable[str]) -> list[str]:
    """Returns the tags of a run that are joined: at most 60, those whose name tells a goal first."""
    candidates = sorted((t for t in tags if is_joinable(t)), key=lambda t: (infer_goal(t) == "unknown", t))
    return candidates[:MAX_TAGS]


def regret(name: str, goal: KnownGoal, value: float, curve: Curve) -> str | None:
    """Returns a sentence where the run had a clearly better step than the exported one, else None.

    Clearly: better by more than 1 % of the value at export; for a metric to maximise that stays within
    [0, 1], by more than 1 % of its distance from 1 (from 0.98 to 0.99 halves the errors).
    """
    best = curve.best(goal)
    if best is None or math.isnan(value) or not math.isfinite(best.value):
        return None
    gain = best.value - value if goal == "max" else value - best.value
    bounded = goal == "max" and curve.within_unit and 0 <= value < 1
    scale = 1.0 - value if bounded else abs(value)
    if gain <= 0 or not math.isfinite(gain) or gain <= CLEARLY * scale:
        return None
    amount = amount_text(value, best.value, goal) or f"{gain:.2g}"
    return f"best {name} was at step {best.step:,}, {amount} {'higher' if goal == 'max' else 'lower'}"
