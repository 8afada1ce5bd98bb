"""Rules about the metrics that a version was published with. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, cast

from tb_versions.comparison import Member
from tb_versions.comparison.rows.row import Cell, Row
from tb_versions.core.manifest import metric_key, visible
from tb_versions.gates.changes import Change, judge_change, wanted_change
from tb_versions.gates.findings import SIGNS, finding, holds, margin_of, name_of, not_known, number_text
from tb_versions.gates.rules import CHANGES, EVERY_SLICE, LIMITS, Rule, limit_of
from tb_versions.gates.subject import Baseline, Subject
from tb_versions.read.values import MetricValue
from tb_versions.registry.gate_facts import PROMOTION, Finding

_MOST_NAMED = 5
_FROM_RUN = "run"  # only the run's curve has it


def judge(rule: Rule, subject: Subject, baseline: Baseline | None) -> Iterator[Finding]:
    """Yields the results of a rule about a metric of the manifest: one for each slice and each thing that is wanted."""
    for part in _slices(rule, subject, baseline):
        if part == EVERY_SLICE:
            where = f" of {visible(rule.dataset)}" if rule.dataset else ""
            why = f"Neither version has {visible(rule.metric)} of a slice{where}."
            yield not_known(rule, "a value of each slice", why)
            continue
        yield from _judge_part(rule, part, subject, baseline=baseline)
    why_not = _why_slices_are_not_known(rule, subject, baseline)
    if why_not:
        yield not_known(rule, "a value of each slice of the baseline", why_not)


def _why_slices_are_not_known(rule: Rule, subject: Subject, baseline: Baseline | None) -> str:
    """Why nobody can say which slices the baseline has; "" where they are known, or changes are not known."""
    if not rule.needs_slices_of_baseline or rule.needs_baseline or baseline is None or baseline.is_empty:
        return ""
    is_itself = baseline.version is not None and baseline.version.id == subject.member.id
    return "" if is_itself else baseline.why_not


def _judge_part(rule: Rule, part: str, subject: Subject, *, baseline: Baseline | None) -> Iterator[Finding]:
    key = metric_key(rule.metric, rule.dataset, part)
    metric, why_not = recorded(subject.member, key, rule.metric)
    if not why_not and rule.min_examples is not None:
        why_not = _too_few(subject.member, key, rule.min_examples)
        metric = None if why_not else metric
    name = name_of(rule, part)
    for limit in LIMITS:
        if getattr(rule, limit) is not None:
            if rule.interval and not why_not:
                yield _judge_interval(rule, limit, subject.member, key=key, name=name)
            else:
                yield _judge_limit(rule, limit, metric, why_not=why_not, name=name)
    for change in CHANGES:
        if getattr(rule, change) is not None:
            yield _judge_change(rule, change, part, why_not=why_not, name=name, baseline=baseline, subject=subject)


def recorded(member: Member, key: str, name: str) -> tuple[MetricValue | None, str]:
    """Returns a metric of a version's manifest, or a sentence why there is none.

    A value that only a run's curve has does not count: nothing binds it to the version.

    Args:
        member: The version.
        key: Name with dataset and slice.
        name: Name alone.
    """
    if member.manifest is None:
        return None, f"The manifest of {member.id} can't be read: {member.notice}"
    found = next((m for m in _metrics(member) if m.kind.key == visible(key)), None)
    if found is not None and found.kind.source != _FROM_RUN and found.at_export is not None:
        return found, ""
    if found is not None:
        return None, f"Only the curve of its run has {visible(key)}; publish the value with the version, as a metric."
    others = [m.kind.key for m in _metrics(member) if m.kind.name == visible(name) and m.kind.source != _FROM_RUN]
    has = f"; it has {_some(others)}" if others else ""
    return None, f"{member.id} has no metric {visible(key)}{has}."


def _metrics(member: Member) -> Iterator[MetricValue]:
    """Yields what a version has of whole datasets, and then of slices, which no table has."""
    yield from member.metrics
    for group in member.slices:
        yield from (MetricValue(each.kind, each.step, each.value) for each in group.slices.values())


def _slices(rule: Rule, subject: Subject, baseline: Baseline | None) -> Iterable[str]:
    if rule.slice != EVERY_SLICE:
        return (rule.slice,)
    members = [subject.member, *([baseline.member] if baseline and baseline.member else [])]
    name, dataset = visible(rule.metric), visible(rule.dataset)
    found = dict.fromkeys(
        m.kind.slice
        for member in members
        for m in _metrics(member)
        if m.kind.name == name and m.kind.dataset == dataset and m.kind.slice
    )
    return sorted(found) or (EVERY_SLICE,)


def _judge_limit(rule: Rule, limit: str, metric: MetricValue | None, *, why_not: str, name: str) -> Finding:
    most = limit_of(rule, limit)
    if metric is None or metric.at_export is None:
        return not_known(rule, f"{SIGNS[limit]} {number_text(most)}", why_not, limit=most, name=name)
    return judged_limit(rule, limit, metric.at_export, name=name, why=_origin(metric))


def _judge_interval(rule: Rule, limit: str, member: Member, *, key: str, name: str) -> Finding:
    """The result of a limit for the end of the interval that is nearer to it."""
    end = "lower" if limit in ("at_least", "above") else "upper"
    found = _said_of(member, key, end)
    if found is None:
        wanted = f"{SIGNS[limit]} {number_text(limit_of(rule, limit))}"
        why = f"The manifest of {member.id} has no interval of {visible(key)}."
        return not_known(rule, wanted, why, limit=limit_of(rule, limit), name=name)
    return judged_limit(rule, limit, float(found), name=name, why=f"It is the {end} end of the value's interval.")


def _too_few(member: Member, key: str, least: int) -> str:
    count = _said_of(member, key, "examples")
    if count is None:
        return f"On how many examples {visible(key)} was measured is not known; {least:,} are wanted."
    return f"{visible(key)} was measured on {int(count):,} examples; {least:,} are wanted." if count < least else ""


def _said_of(member: Member, key: str, field: str) -> float | None:
    """What a manifest says of a metric beside its value: "lower", "upper", "examples"; None where it is silent."""
    metrics = member.manifest.metrics if member.manifest else ()
    found = next((m for m in metrics if metric_key(m.name, m.dataset, m.slice) == key), None)
    said: float | None = getattr(found, field, None)
    return said


def judged_limit(rule: Rule, limit: str, value: float, *, why: str = "", **more: Any) -> Finding:
    """Returns the result of a limit for a value that is known."""
    most = limit_of(rule, limit)
    wanted = f"{SIGNS[limit]} {number_text(most, value)}"
    if not math.isfinite(value):
        return finding(
            rule, wanted, number_text(value), verdict="failed", why="It is no finite number.", limit=most, **more
        )
    verdict: Any = "passed" if holds(limit, value, most) else "failed"
    margin = margin_of(limit, value, most)
    return finding(
        rule, wanted, number_text(value, most), verdict=verdict, why=why, value=value, limit=most, margin=margin, **more
    )


def _judge_change(
    rule: Rule, change: str, part: str, *, why_not: str, name: str, baseline: Baseline | None, subject: Subject
) -> Finding:
    key = metric_key(rule.metric, rule.dataset, part)
    wanted = wanted_change(rule, change)
    more = {"name": name, "baseline": baseline.id if baseline else ""}
    if why_not:
        return not_known(rule, wanted, why_not, **more)
    if baseline is None or baseline.name == PROMOTION:
        return not_known(rule, wanted, "It names no version to compare with; add against.", **more)
    if baseline.is_empty and subject.passes_without_baseline:
        return finding(rule, wanted, "no baseline", verdict="passed", why=f"{baseline.why_not} {_ALLOWED}", **more)
    if baseline.why_not:
        return not_known(rule, wanted, baseline.why_not, **more)
    said = {rule.goal, *manifest_goals(subject.member, rule.metric), *manifest_goals(baseline.member, rule.metric)}
    if rule.goal and len(said) > 1:
        return not_known(rule, wanted, DISAGREE, **more)
    base, base_why_not = recorded(cast("Member", baseline.member), key, rule.metric)
    row = baseline.row("slices" if part else "metrics", visible(key))
    if base is None or row is None or baseline.comparison is None:
        return not_known(rule, wanted, base_why_not or f"{visible(key)} was not compared.", **more)
    return judge_change(rule, change, _change_of(row, baseline), **more)


_ALLOWED = 'By without_baseline = "pass" that is allowed.'


def _change_of(row: Row, baseline: Baseline) -> Change:
    assert baseline.comparison is not None
    cell, base = row.cells[baseline.position], row.cells[baseline.comparison.baseline]
    goal = str(row.details.get("goal", "unknown"))
    is_guess = row.details.get("goal_source") == "inferred"
    return Change(
        value=_number(cell),
        base=_number(base),
        goal=goal,
        base_name=baseline.id,
        why_not=_obstacle(row, cell),
        noise=cell.verdict,
        noise_words=_words(cell),
        note="Whether higher is better is guessed from the name." if is_guess else "",
    )


DISAGREE = "Rule, manifests and measurements disagree on whether higher or lower is better; correct one of them."


def manifest_goals(member: Member | None, name: str) -> set[str]:
    """Returns what a manifest says of the goal of a metric, on any data; nothing where it is silent."""
    metrics = member.manifest.metrics if member and member.manifest else ()
    return {metric.goal for metric in metrics if metric.name == name and metric.goal}


def _obstacle(row: Row, cell: Cell) -> str:
    if row.details.get("goal") == "unknown":
        said = row.caution if "disagree" in row.caution else ""
        return said or "Whether higher or lower is better is not known; add goal, max or min."
    if not cell.details.get("is_comparable", True):
        return _words(cell) or row.caution or "The numbers were not measured alike."
    return ""


def _words(cell: Cell) -> str:
    noise = cell.details.get("noise")
    if isinstance(noise, dict):
        return str(noise.get("words", ""))
    return cell.reasons[-1] if len(cell.reasons) > 1 else ""  # of a slice: the difference, then the verdict


def _number(cell: Cell) -> float:
    return float(cell.value) if isinstance(cell.value, (int, float)) else math.nan


def _origin(metric: MetricValue) -> str:
    return "An adopter found it in a log." if metric.kind.source == "inferred" else ""


def _some(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
