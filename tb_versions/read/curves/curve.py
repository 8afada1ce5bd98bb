"""What a curve is, and what is kept of one: its best, its last and its values at exports. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from tb_versions.core.amounts import amount_text
from tb_versions.core.manifest import metric_key
from tb_versions.read.curves.at_export import DAMAGED, ONE_LIFE, REPLACED, Export, Lives, verdict
from tb_versions.read.curves.current import Current, CurrentPoints, Point
from tb_versions.read.manifests.goals import KnownGoal, infer_goal

if TYPE_CHECKING:  # the functions that need it import it: a table without curves does without
    import numpy as np
    from numpy.typing import NDArray

MAX_TAGS = 60
"""Most curves of one run that are joined."""

TAIL = 8
"""Last points of a curve that are kept, so that new points can follow them, or replace some of them."""

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

    def at(self, positions: NDArray[Any]) -> Points:
        """Returns the points at some positions, or those where a mask holds."""
        return Points(self.steps[positions], self.wall_times[positions], self.values[positions])


RunPoints = Mapping[str, Mapping[str, Points]]
"""Run to tag to points."""


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
        at: Each export to the point that was current then; to a sentence if that is not known; to None if there was
            no point yet.
        sample: Number of points if they are a sample of the curve: others may be better. 0 if all were read.
        damage: Why the best point, and mostly the last one too, is not known though the run has a curve, or "".
    """

    run: str
    tag: str
    highest: Point | None
    lowest: Point | None
    last: Point | None
    within_unit: bool
    at: Mapping[Export, Current]
    sample: int = 0
    damage: str = ""

    def best(self, goal: KnownGoal) -> Point | None:
        """Returns the best point by the goal; None where the goal is unknown."""
        return {"max": self.highest, "min": self.lowest}.get(goal)


RunCurves = Mapping[str, Mapping[str, Curve]]
"""Run to tag to what is kept of the curve."""


def without_overwritten(points: Points) -> Points:
    """Returns the points that TensorBoard keeps, of all points in the order in which they were written.

    A point removes every earlier one with the same or a higher step: the training was started again from there.
    """
    import numpy as np

    steps = points.steps
    if len(steps) < 2 or bool(np.all(steps[1:] > steps[:-1])):
        return points
    lowest_after = np.minimum.accumulate(steps[::-1])[::-1]
    return points.at(np.append(steps[:-1] < lowest_after[1:], True))


def essence(points: Points, exports: Iterable[Export], tail: int = TAIL) -> Points:
    """Returns the few points that a curve's summary is made of, and its last ones: `summarize` says the same of these.

    Args:
        points: The curve.
        exports: Of versions from this run.
        tail: How many of the last points are kept.
    """
    import numpy as np

    settled = len(points.steps) - tail
    if settled <= 0:
        return points
    kept = {*range(settled, len(points.steps))}
    values = points.values[:settled]
    numbers = np.flatnonzero(~np.isnan(values))
    if len(numbers):
        kept |= {int(numbers[values[numbers].argmax()]), int(numbers[values[numbers].argmin()])}
    kept.add(int(points.wall_times[:settled].argmax()))
    for export in exports:
        after = int(np.searchsorted(points.steps, export.step, side="right"))
        if after:
            kept |= {after - 1, max(after - 2, 0), int(points.wall_times[:after].argmax())}
    return points.at(np.array(sorted(kept)))


def summarize(
    run: str, tag: str, points: Points, exports: Iterable[Export] = (), *, lives: Lives = ONE_LIFE, sample: int = 0
) -> Curve:
    """Returns what is kept of a curve.

    Args:
        run: Name of the run.
        tag: Tag of the scalar.
        points: The curve, or the essence of it.
        exports: Of versions from this run.
        lives: What the event files of the run tell beside.
        sample: See `Curve`.
    """
    import numpy as np

    steps, values = points.steps, points.values
    numbers = np.flatnonzero(~np.isnan(values))
    known = values[numbers]
    replaced = {one.export: one.value for one in lives.replaced if one.tag == tag}

    def point(position: int) -> Point:
        return Point(int(steps[position]), float(values[position]))

    def written(position: int) -> tuple[int, float]:
        return int(steps[position]), float(points.wall_times[position])

    def current(export: Export) -> Current:
        after = int(np.searchsorted(steps, export.step, side="right"))
        if not after:
            return None
        last = slice(max(after - 2, 0), after)
        times = points.wall_times
        why_not = verdict(export, steps[last].tolist(), times[last].tolist(), lives, latest=times[:after].max())
        damage = next((one for one in lives.damages if one.hides(export, written(after - 1), written(-1))), None)
        if not why_not and damage:
            return DAMAGED.format(damage.words)
        if not why_not and export in replaced:
            value = replaced[export]
            return REPLACED if value is None else Point(export.step, value)
        return why_not or point(after - 1)

    is_whole = not lives.damages
    has_last = len(values) and all(written(-1)[1] > one.until for one in lives.damages)
    return Curve(
        run=run,
        tag=tag,
        highest=point(int(numbers[known.argmax()])) if len(known) and is_whole else None,
        lowest=point(int(numbers[known.argmin()])) if len(known) and is_whole else None,
        last=point(-1) if has_last else None,
        within_unit=bool(len(known)) and bool(known.min() >= 0) and bool(known.max() <= 1),
        at=CurrentPoints(frozenset(exports), current),
        sample=sample,
        damage=lives.damages[0].words if lives.damages else "",
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


class CurveName(NamedTuple):
    """What a curve shows.

    Attributes:
        metric: The metric; see `metric_name`.
        of: What tells its run from others of the same version that show this metric, too: "eval"; "" where none does.
    """

    metric: str
    of: str = ""

    @property
    def key(self) -> str:
        """The column that it belongs to, as of a metric with a dataset."""
        return metric_key(self.metric, self.of, "")


def named(tags: Mapping[str, Iterable[str]]) -> dict[CurveName, tuple[str, str]]:
    """Returns run and tag of each curve of some runs, by name.

    A `loss` in `r/train` and one in `r/eval` are two metrics, and so are those of `r/fold0` and `r/fold1`. Of one run's
    curves with one name the first counts.

    Args:
        tags: Of each run, in the order of the runs.
    """
    found: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)  # by metric and by run
    for run, of_run in tags.items():
        for tag in of_run:
            found[metric_name(run, tag)].setdefault(run, (run, tag))
    return {
        CurveName(metric, label): curve
        for metric, by_run in found.items()
        for label, curve in zip(_labels(list(by_run)), by_run.values(), strict=True)
    }


def _labels(runs: Sequence[str]) -> list[str]:
    """What tells runs apart: the last part of each that differs, or all such parts; "" for a single one.

    "eval" of `r/eval` and "" of `r`; "fold0" of `r/fold0/train` beside `r/fold1/train`.
    """
    paths = [[] if run == "." else run.split("/") for run in runs]
    start = _same_parts(paths)
    paths = [path[start:] for path in paths]
    end = _same_parts([path[::-1] for path in paths])
    paths = [path[: len(path) - end] for path in paths]
    last = ["".join(path[-1:]) for path in paths]
    return last if len(set(last)) == len(last) else ["/".join(path) for path in paths]


def _same_parts(paths: Sequence[Sequence[str]]) -> int:
    """How many parts at the beginning are the same in all paths."""
    alike = takewhile(lambda parts: len(set(parts)) == 1, zip(*paths, strict=False))
    return sum(1 for _ in alike)


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
    [0, 1], by more than 1 % of its distance from 1 (from 0.98 to 0.99 halves the errors). A sample says nothing: its
    best point may not be the curve's.
    """
    best = curve.best(goal)
    if curve.sample or best is None or math.isnan(value) or not math.isfinite(best.value):
        return None
    gain = best.value - value if goal == "max" else value - best.value
    bounded = goal == "max" and curve.within_unit and 0 <= value < 1
    scale = 1.0 - value if bounded else abs(value)
    if gain <= 0 or not math.isfinite(gain) or gain <= CLEARLY * scale:
        return None
    amount = amount_text(value, best.value, goal) or f"{gain:.2g}"
    return f"best {name} was at step {best.step:,}, {amount} {'higher' if goal == 'max' else 'lower'}"
