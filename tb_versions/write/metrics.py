"""The metrics that the author gives, as the manifest's metrics."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from tb_versions.core.manifest import Metric, shown
from tb_versions.errors import InvalidManifestError
from tb_versions.write.values import described, to_float, to_mapping, to_step, to_text


def to_metrics(given: object, goals: object, step: int | None) -> tuple[Metric, ...]:
    """Returns metrics with plain numbers, each with its goal and step.

    Args:
        given: As in `Facts`: numbers, `Metric` objects or sequences of them by name, or a sequence of `Metric`.
        goals: "max" or "min" by name, for metrics that have none of their own.
        step: Training step, for metrics that have none of their own.

    Raises:
        TypeError: A value is not a number, or `given` is neither a mapping nor metrics.
        InvalidManifestError: A goal is neither "max" nor "min" or has no metric, or a metric has two names.
    """
    metrics = [_metric(metric, step) for metric in _named(given)]
    goal_by_name = to_mapping(goals, "goals")
    _check_goals(goal_by_name, {metric.name for metric in metrics})
    return tuple(m if m.goal else replace(m, goal=goal_by_name.get(m.name, "")) for m in metrics)


def _check_goals(goals: Mapping[str, object], names: Collection[str]) -> None:
    for name, goal in goals.items():
        if goal not in ("max", "min"):
            raise InvalidManifestError(f'The goal of metric {shown(name)} must be "max" or "min", not {shown(goal)}.')
        if name not in names:
            near = difflib.get_close_matches(str(name), names, n=1)
            hint = f" Did you mean {shown(near[0])}?" if near else ""
            raise InvalidManifestError(f"There is a goal for {shown(name)}, but no such metric.{hint}")


def _named(given: object) -> Iterable[Metric]:
    if isinstance(given, Mapping):
        return [_under(name, value) for name, values in given.items() for value in _several(values)]
    if isinstance(given, Metric):
        return [given]
    if isinstance(given, Sequence) and all(isinstance(metric, Metric) for metric in given):
        return given
    raise TypeError(f"metrics must be a mapping of names to numbers, or Metric objects, not {described(given)}.")


def _several(values: object) -> Sequence[object]:
    """What a mapping has under one name: a number or a metric, or metrics, such as those of slices."""
    is_several = isinstance(values, Sequence) and values and all(isinstance(value, Metric) for value in values)
    return values if is_several else [values]  # type: ignore[return-value]  # mypy does not keep what was asked


def _under(name: str, value: object) -> Metric:
    """The metric that a mapping has under a name."""
    if not isinstance(value, Metric):
        return Metric(name=name, value=value)  # type: ignore[arg-type]  # made a float by _metric
    if value.name not in ("", name):
        raise InvalidManifestError(f"The metric under {shown(name)} has another name, {shown(value.name)}.")
    return replace(value, name=name)


def _metric(metric: Metric, step: int | None) -> Metric:
    name = to_text(metric.name, "A metric's name")
    own_step = to_step(metric.step, f"The step of metric {shown(name)}")
    return replace(
        metric,
        value=to_float(metric.value, f"The metric {shown(name)}"),
        step=step if own_step is None else own_step,
        source=metric.source or "typed",
        lower=_optional(metric.lower, f"The lower end of metric {shown(name)}"),
        upper=_optional(metric.upper, f"The upper end of metric {shown(name)}"),
        examples=to_step(metric.examples, f"The number of examples of metric {shown(name)}"),
        confidence=_optional(metric.confidence, f"The confidence of metric {shown(name)}"),
    )


def _optional(value: object, what: str) -> float | None:
    return None if value is None else to_float(value, what)
