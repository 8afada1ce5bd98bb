"""What is known of a member's own noise: its siblings' values, and the late part of its curves. Pure.

Nothing here looks at a second member, so an export holds it once per member, and its page can judge any pair.
"""

from __future__ import annotations

import math

from tb_versions.comparison.members import Member
from tb_versions.comparison.noise import Group, Spread, group_of, late_spread, late_window
from tb_versions.read.values import MetricValue

FROM_LOG = frozenset({"log", "run", "inferred"})
"""Sources whose numbers are points of a training curve."""


def shown_point(metric: MetricValue, *, is_run: bool) -> tuple[float, str, int | None]:
    """Returns the number that stands for a metric in a comparison, which point it is, and its step.

    Args:
        metric: Of the member.
        is_run: Whether the member is a run that made no version.

    Returns:
        The value "at export"; of a run the "last"; else NaN, and "" for the point.
    """
    if metric.at_export is not None:
        return metric.at_export, "at export", metric.step
    if is_run and metric.last is not None:
        return metric.last.value, "last", metric.last.step
    return math.nan, "", None


def seeds_of(member: Member, key: str, value: float) -> Group:
    """Returns the group of a metric's value and those of the member's siblings."""
    return group_of([value, *(s.values[key] for s in member.siblings if key in s.values)])


def spreads_of(member: Member, metric: MetricValue, step: int | None) -> list[Spread | None]:
    """Returns how much a metric's curve varies before a step: [] without a curve, [None] if that is not known."""
    points = member.curves.get(metric.kind.key)
    if points is not None and metric.is_other_life:
        return [None]
    if points is None or not len(points.steps) or metric.kind.source not in FROM_LOG:
        return []
    return [late_spread(late_window(points.steps, points.values, step=step))]
