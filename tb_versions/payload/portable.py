"""What an export tells of a member so that a page without a server can compare it with any other. Pure.

Manifest and metrics are in the export anyway. Beside them a comparison needs only what is here: nothing of it
depends on whom the member is compared with, so it is told once for each member and not for each pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tb_versions.comparison.evidence import seeds_of, shown_point, spreads_of
from tb_versions.comparison.members import Member
from tb_versions.payload.comparison import member_payload
from tb_versions.payload.version import metric_detail
from tb_versions.payload.wire import wire_integer, wire_number
from tb_versions.read.curves import Curve
from tb_versions.read.values import MetricValue


def portable_facts(member: Member) -> dict[str, Any]:
    """Returns `PortableFacts` of types.ts; docs/export-format.md has the fields."""
    metrics = {value.kind.key: value for value in reversed(member.metrics)}
    return {
        "member": member_payload(member),
        "recipe": member.recipe,
        "seeds": dict(_seeds(member, metrics)),
        "curves": dict(_curves(member, metrics)),
        "hyperparameters": None if member.manifest else _hyperparameters(member),
        "metrics": [metric_detail(value) for value in member.metrics] if member.kind == "run" else None,
    }


def _hyperparameters(member: Member) -> dict[str, Any] | None:
    known = member.hyperparameters
    return None if known is None else {k: wire_number(v) if isinstance(v, float) else v for k, v in known.items()}


def _seeds(member: Member, metrics: dict[str, MetricValue]) -> Iterator[tuple[str, list[Any]]]:
    """Each metric that a sibling has: number of trainings, their mean, and the deviation from it."""
    named = {key for sibling in member.siblings for key in sibling.values}
    for key, metric in metrics.items():
        value, point, _ = shown_point(metric, is_run=member.kind == "run")
        if point and key in named:
            group = seeds_of(member, key, value)
            yield key, [group.count, wire_number(group.mean), wire_number(group.deviation)]


def _curves(member: Member, metrics: dict[str, MetricValue]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, metric in metrics.items():
        told = {} if metric.curve is None else _other_extremes(metric, metric.curve)
        _, point, step = shown_point(metric, is_run=member.kind == "run")
        for spread in spreads_of(member, metric, step) if point else ():
            told["spread"] = spread and [wire_number(spread.deviation), wire_number(spread.degrees), spread.count]
        if told:
            yield key, told


def _other_extremes(metric: MetricValue, curve: Curve) -> dict[str, Any]:
    """What is best by another goal than the metric's own, whose best is in the metrics: a page can set the goal."""
    ends = (("highest", "max", curve.highest), ("lowest", "min", curve.lowest))
    told = [(name, point) for name, goal, point in ends if point is not None and goal != metric.kind.goal]
    return {name: [wire_integer(point.step), wire_number(point.value)] for name, point in told}
