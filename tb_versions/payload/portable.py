"""What an export says of a member's metrics so that a page without a server can compare it with any other. Pure.

Nothing here depends on whom the member is compared with, so it is there once for each member and not for each pair.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tb_versions.comparison.evidence import seeds_of, shown_point, spreads_of
from tb_versions.comparison.members import Member
from tb_versions.comparison.rows.data import Measured
from tb_versions.comparison.rows.row import short_digest
from tb_versions.payload.comparison import member_payload
from tb_versions.payload.version import metric_detail
from tb_versions.payload.wire import wire_integer, wire_number
from tb_versions.read.curves.curve import Curve
from tb_versions.read.values import MetricValue


def portable_facts(member: Member) -> dict[str, Any]:
    """Returns `PortableFacts` of types.ts; docs/export-format.md has the fields."""
    metrics = {value.kind.key: value for value in reversed(member.metrics)}
    return {
        "member": member_payload(member),
        "recipe": member.recipe,
        "seeds": dict(_seeds(member, metrics)),
        "curves": dict(_curves(member, metrics)),
        "metrics": [metric_detail(value) for value in member.metrics] if member.kind == "run" else None,
    }


def _seeds(member: Member, metrics: dict[str, MetricValue]) -> Iterator[tuple[str, list[Any]]]:
    """Each metric that a sibling has: number of trainings, their mean, and the deviation from it."""
    named = {key for sibling in member.siblings for key in sibling.values}
    for key, metric in metrics.items():
        value, point, _ = shown_point(metric, is_run=member.kind == "run")
        if point and key in named:
            group = seeds_of(member, key, value)
            yield key, [group.count, wire_number(group.mean), wire_number(group.deviation)]


def _curves(member: Member, metrics: dict[str, MetricValue]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is known of each metric beside its values: of its curve, and of the data that it was measured on."""
    measured = Measured(member.manifest) if member.manifest else None
    for key, metric in metrics.items():
        known = {} if metric.curve is None else _other_extremes(metric, metric.curve)
        _, point, step = shown_point(metric, is_run=member.kind == "run")
        for spread in spreads_of(member, metric, step) if point else ():
            known["spread"] = spread and [wire_number(spread.deviation), wire_number(spread.degrees), spread.count]
        digest = measured.on(metric.kind.name, metric.kind.dataset) if measured else ""
        if digest:
            known["digest"] = short_digest(digest)
        if known:
            yield key, known


def _other_extremes(metric: MetricValue, curve: Curve) -> dict[str, Any]:
    """What is best by the other goal, for a page can set it; the best by the metric's own is in the metrics."""
    ends = (("highest", "max", curve.highest), ("lowest", "min", curve.lowest))
    points = [(name, point) for name, goal, point in ends if point is not None and goal != metric.kind.goal]
    return {name: [wire_integer(point.step), wire_number(point.value)] for name, point in points}
