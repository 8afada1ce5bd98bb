"""Metrics of parts of the data, as a manifest has them: thousands in one version, so no table and no listing has them.

Pure. Whoever shows one version, or a few side by side, asks here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from tb_versions.core.amounts import significant
from tb_versions.core.manifest import Goal, Metric, VersionManifest, metric_key, precision_problem, visible
from tb_versions.read.manifests.goals import KnownGoal, infer_goal
from tb_versions.read.manifests.listed_metrics import MetricKind, shared_kind

FEW = 30
"""With fewer examples than these a value is marked: one example more or less moves an accuracy by over 3 points."""

WHOLE = "all data"
"""How the value over all of a dataset is called among its slices."""


class SliceValue(NamedTuple):
    """A metric of one part of a dataset.

    Attributes:
        kind: Its name, dataset, slice and goal; the slice "" is the whole dataset.
        value: Any double.
        lower: Lower end of the value's interval, or None; with what can't be right left out, as `upper` and others.
        upper: Upper end of it.
        examples: How many examples it was measured on.
        confidence: Of the interval: 0.95.
        step: Training step at which it was taken.
    """

    kind: MetricKind
    value: float
    lower: float | None
    upper: float | None
    examples: int | None
    confidence: float | None
    step: int | None

    @property
    def is_few(self) -> bool:
        """Whether there were so few examples that it is marked."""
        return self.examples is not None and self.examples < FEW


def interval_text(value: SliceValue) -> str:
    """Returns the interval of a value: "0.72 to 0.95 (95 %)"; "" where none is known."""
    if value.lower is None and value.upper is None:
        return ""
    lower, upper = ("?" if end is None else significant(end) for end in (value.lower, value.upper))
    confidence = "confidence not said" if value.confidence is None else f"{100 * value.confidence:.5g} %"
    return f"{lower} to {upper} ({confidence})"


class Sliced(NamedTuple):
    """All values of one metric on one dataset.

    Attributes:
        name: Of the metric.
        dataset: That was sliced; "" where unsaid.
        whole: Over all of it, or None.
        slices: By the name of the slice, in the manifest's order; at least one.
    """

    name: str
    dataset: str
    whole: SliceValue | None
    slices: Mapping[str, SliceValue]

    @property
    def key(self) -> str:
        """How the metric over the whole dataset is called: "accuracy [digits-test]"."""
        return metric_key(self.name, self.dataset, "")


def sliced_metrics(manifest: VersionManifest) -> tuple[Sliced, ...]:
    """Returns the metrics of a manifest that have slices, in its order; of a slice that is given twice the first."""
    goals = _goals(manifest.metrics)
    found: dict[tuple[str, str], dict[str, SliceValue]] = {}
    for metric in manifest.metrics:
        value = _value(metric, goals)
        found.setdefault((value.kind.name, value.kind.dataset), {}).setdefault(value.kind.slice, value)
    groups = (Sliced(*key, values.pop("", None), values) for key, values in found.items())
    return tuple(group for group in groups if group.slices)


def whole_values(manifest: VersionManifest) -> dict[str, SliceValue]:
    """Returns the metrics of a manifest that are of no slice, by key; of those that are given twice the first."""
    goals = _goals(manifest.metrics)
    found: dict[str, SliceValue] = {}
    for value in (_value(metric, goals) for metric in manifest.metrics if not metric.slice):
        found.setdefault(value.kind.key, value)
    return found


_Goals = Mapping[str, frozenset[Goal]]


def _goals(metrics: Sequence[Metric]) -> _Goals:
    """What is said of a metric's goal anywhere in the manifest holds for all of its slices."""
    said: dict[str, set[Goal]] = {}
    for metric in metrics:
        if metric.goal:
            said.setdefault(metric.name, set()).add(metric.goal)
    return {name: frozenset(goals) for name, goals in said.items()}


def _goal(name: str, said: frozenset[Goal]) -> tuple[KnownGoal, str]:
    """The goal and who says so; a manifest that says both says nothing."""
    if said:
        goal = next(iter(said))
        return (goal, "manifest") if goal and len(said) == 1 else ("unknown", "unknown")
    inferred = infer_goal(name)
    return inferred, "unknown" if inferred == "unknown" else "inferred"


def _value(metric: Metric, goals: _Goals) -> SliceValue:
    name, dataset, part, run, tag = map(visible, (metric.name, metric.dataset, metric.slice, metric.run, metric.tag))
    kind = shared_kind(
        metric_key(name, dataset, part),
        name,
        dataset,
        part,
        *_goal(name, goals.get(metric.name, frozenset())),
        metric.source or "typed",
        run,
        tag,
    )
    sound = _sound(metric)
    return SliceValue(kind, metric.value, sound.lower, sound.upper, sound.examples, sound.confidence, metric.step)


def _sound(metric: Metric) -> Metric:
    """The metric without an interval or a number of examples that can't be right: writers refuse these."""
    if metric.examples is not None and metric.examples < 0:
        metric = replace(metric, examples=None)
    return replace(metric, lower=None, upper=None, confidence=None) if precision_problem(metric) else metric
