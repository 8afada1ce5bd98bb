"""Joins a run's scalars to its versions: value at export, best and last. Reads through the DataProvider.

Only runs that versions link to are read, only when they have news, and no curve is kept: what stays is
the best, the last and the value at each asked step.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tensorboard.data.provider import RunTagFilter

from tb_versions.read.goals import KnownGoal, infer_goal

SCALARS = "scalars"
"""Plugin name under which TensorBoard serves scalars."""

MAX_POINTS = 1_000
"""Points asked for per curve: what TensorBoard keeps of a curve by default."""

MAX_TAGS = 60
"""Most curves of one run that are joined."""

CLEARLY = 0.01
"""Share by which a step must be better to be worth a remark."""

_RUNS_PER_READ = 50
_MAX_FAILURES = 20
_WRONG_STEPS = ("_vs_iterations",)
_WRONG_PREFIXES = ("batch_",)
_SCHEDULES = frozenset({"learning_rate", "lr"})


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a curve and its step."""

    step: int
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """Points of a curve, steps ascending; values may be NaN or infinite."""

    steps: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """What is known of one curve.

    Attributes:
        run: Name of the run.
        tag: Tag of the scalar.
        highest: Point with the highest value (first of equals); NaN is never it.
        lowest: Point with the lowest value.
        last: Last point.
        within_unit: Every value lies in [0, 1].
        at: For each asked step: the point at it, or else the last one before it, or None.
    """

    run: str
    tag: str
    highest: Point | None
    lowest: Point | None
    last: Point | None
    within_unit: bool
    at: Mapping[int, Point | None]

    def best(self, goal: KnownGoal) -> Point | None:
        """The best point by the goal; None where the goal is unknown."""
        return {"max": self.highest, "min": self.lowest}.get(goal)


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

    Keras' per-iteration curves count other steps; a learning rate is what training was told, not what came out.
    """
    if tag.endswith(_WRONG_STEPS) or tag.startswith(_WRONG_PREFIXES):
        return False
    return tag.removeprefix("epoch_") not in _SCHEDULES


def summarize(run: str, tag: str, *, steps: Sequence[int], values: Sequence[float], asked: Iterable[int]) -> Curve:
    """Returns what is kept of a curve.

    Args:
        run: Name of the run.
        tag: Tag.
        steps: Ascending steps.
        values: Their values; any double.
        asked: Steps of exports.
    """
    points = sorted((Point(int(s), float(v)) for s, v in zip(steps, values, strict=True)), key=lambda p: p.step)
    numbers = [p for p in points if not math.isnan(p.value)]
    return Curve(
        run=run,
        tag=tag,
        highest=max(numbers, key=lambda p: p.value, default=None),
        lowest=min(numbers, key=lambda p: p.value, default=None),
        last=points[-1] if points else None,
        within_unit=bool(numbers) and all(0.0 <= p.value <= 1.0 for p in numbers),
        at=_points_at(points, asked),
    )


def _points_at(points: Sequence[Point], asked: Iterable[int]) -> dict[int, Point | None]:
    """The last point at or before each step; points are sorted."""
    steps = [point.step for point in points]
    after = {step: bisect_right(steps, step) for step in asked}
    return {step: points[position - 1] if position else None for step, position in after.items()}


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
    amount = f"{100 * gain / abs(value):.0f} %" if value and gain / abs(value) >= 0.01 else f"{gain:.2g}"
    return f"best {name} was at step {best.step:,}, {amount} {'higher' if goal == 'max' else 'lower'}"


class CurveReader:
    """Keeps the curves of linked runs current; asks only for runs that have news."""

    def __init__(self, provider: Any) -> None:
        """Keeps the provider; reads nothing yet.

        Args:
            provider: A `tensorboard.data.provider.DataProvider`.
        """
        self._provider = provider
        self._news: dict[str, tuple[object, frozenset[int]]] = {}
        self._curves: dict[str, Mapping[str, Curve]] = {}
        self.failures: dict[str, str] = {}

    def refresh(self, context: Any, asked: Mapping[str, frozenset[int]]) -> tuple[dict[str, Mapping[str, Curve]], bool]:
        """Reads what is new.

        Args:
            context: TensorBoard's request context.
            asked: Linked run to the steps of its exports.

        Returns:
            Run to tag to curve, and whether anything changed. `failures` says which runs could not be read, and
            why; they are tried again. An error of listing passes through.
        """
        before = self._curves
        self._curves = {run: curves for run, curves in self._curves.items() if run in asked}
        self._news = {run: news for run, news in self._news.items() if run in asked}
        changed = len(before) != len(self._curves)
        if asked:
            listed = self._provider.list_scalars(
                context, experiment_id="", plugin_name=SCALARS, run_tag_filter=RunTagFilter(runs=list(asked))
            )
            news = {run: _news(listed.get(run, {}), steps) for run, steps in asked.items()}
            stale = [run for run in asked if self._news.get(run) != news[run]]
            self.failures = {}
            for start in range(0, len(stale), _RUNS_PER_READ):
                self._read_apart(context, stale[start : start + _RUNS_PER_READ], listed, asked)
            self._news.update((run, news[run]) for run in stale if run not in self.failures)
            changed = changed or any(run not in self.failures for run in stale)
        return dict(self._curves), changed

    def _read_apart(
        self, context: Any, runs: list[str], listed: Mapping[str, Any], asked: Mapping[str, frozenset[int]]
    ) -> None:
        """Reads runs together; if that fails, in halves: one damaged run must not hide the others."""
        try:
            self._read(context, runs, listed, asked)
        except Exception as error:  # noqa: BLE001 - whatever the provider raises, the other runs stay
            if len(runs) == 1 or len(self.failures) >= _MAX_FAILURES:
                reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
                self.failures.update(dict.fromkeys(runs, reason))
                return
            half = len(runs) // 2
            self._read_apart(context, runs[:half], listed, asked)
            self._read_apart(context, runs[half:], listed, asked)

    def _read(
        self, context: Any, runs: list[str], listed: Mapping[str, Any], asked: Mapping[str, frozenset[int]]
    ) -> None:
        tags = sorted({tag for run in runs for tag in joinable_tags(listed.get(run, {}))})
        series: Mapping[str, Mapping[str, Any]] = {}
        if tags:
            series = self._provider.read_scalars(
                context,
                experiment_id="",
                plugin_name=SCALARS,
                downsample=MAX_POINTS,
                run_tag_filter=RunTagFilter(runs=runs, tags=tags),
            )
        for run in runs:
            self._curves[run] = {
                tag: summarize(run, tag, steps=[d.step for d in data], values=[d.value for d in data], asked=asked[run])
                for tag, data in series.get(run, {}).items()
                if data
            }


def _news(tags: Mapping[str, Any], steps: frozenset[int]) -> tuple[object, frozenset[int]]:
    return tuple(sorted((tag, s.max_step, s.max_wall_time) for tag, s in tags.items())), steps


def joinable_tags(tags: Iterable[str]) -> list[str]:
    """Returns the tags of a run that are joined: at most 60, those whose name tells a goal first."""
    candidates = sorted((t for t in tags if is_joinable(t)), key=lambda t: (infer_goal(t) == "unknown", t))
    return candidates[:MAX_TAGS]
