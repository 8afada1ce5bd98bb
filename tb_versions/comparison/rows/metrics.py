"""Metrics side by side: value at export, difference to the baseline, better or worse, and beyond noise or not. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tb_versions.comparison import noise
from tb_versions.comparison.evidence import seeds_of, shown_point, spreads_of
from tb_versions.comparison.members import Member
from tb_versions.comparison.rows.data import Measured
from tb_versions.comparison.rows.intervals import Interval, interval_of
from tb_versions.comparison.rows.readings import (
    ORIGINS,
    SOURCES,
    Goal,
    Judgement,
    Reading,
    by_intervals,
    difference_text,
    direction_of,
    goal_of,
    judgement_text,
    minus,
    model_of,
    obstacles,
    of_one_recipe,
    provenance,
)
from tb_versions.comparison.rows.row import ABSENT, UNKNOWN, Cell, Row, first, number_text, row, some
from tb_versions.core.manifest import visible
from tb_versions.read.curves.current import Point
from tb_versions.read.manifests.goals import KnownGoal
from tb_versions.read.sliced import whole_values
from tb_versions.read.values import MetricValue

_Read = tuple[Member, Reading]


class _Metrics:
    """A member's metrics, found by key and by name without a search."""

    def __init__(self, member: Member) -> None:
        self._is_run = member.kind == "run"
        self._by_key = {value.kind.key: value for value in reversed(member.metrics)}
        self._measured = None if member.manifest is None else Measured(member.manifest)
        self._model = model_of(member)
        self._whole = whole_values(member.manifest) if member.manifest else {}
        self._keys: dict[str, list[str]] = {}
        for value in member.metrics:
            self._keys.setdefault(value.kind.name, []).append(value.kind.key)

    def named(self, name: str) -> list[str]:
        return self._keys.get(name, [])

    def reading(self, key: str) -> Reading | None:
        metric = self._by_key.get(key)
        if metric is None:
            return None
        data = self._measured.on(metric.kind.name, metric.kind.dataset) if self._measured else ""
        value, point, step = shown_point(metric, is_run=self._is_run)
        recorded = self._whole.get(key)
        interval = interval_of(recorded) if recorded and not self._is_run else Interval(value, None, None, None)
        return Reading(metric, value, point, step, data, self._model, interval)


def metric_rows(
    members: Sequence[Member],
    baseline: int,
    goals: Mapping[str, KnownGoal],
    left_out: Counter[str] | None = None,
) -> Iterator[Row]:
    """Yields one row for each metric of any member, those of the baseline first."""
    order = [members[baseline], *members]
    keys = dict.fromkeys(value.kind.key for member in order for value in member.metrics)
    metrics = [_Metrics(member) for member in members]
    for key in first(keys, "metrics", left_out):
        found = [of.reading(key) for of in metrics]
        goal, disagreement = goal_of([r.metric for r in found if r], goals)
        cautions = [disagreement, *_cautions(members, found), _elsewhere(members, found, metrics)]
        base = members[baseline], found[baseline]
        cells = [
            _cell(member, reading, base, goal=goal, why_not=" ".join(obstacles((base[1], reading))))
            for member, reading in zip(members, found, strict=True)
        ]
        caution = " ".join(c for c in cautions if c)
        yield row("metrics", key, key, cells=cells, caution=caution, goal=goal.goal, goal_source=goal.source)


def _cautions(members: Sequence[Member], found: Sequence[Reading | None]) -> Iterator[str]:
    having = [(m, r) for m, r in zip(members, found, strict=True) if r is not None and r.point]
    by_source: dict[str, list[str]] = {}
    for member, reading in having:
        by_source.setdefault(provenance(reading.metric.kind.source), []).append(member.label)
    if len(by_source) > 1:
        origins = "; ".join(f"{some(names, 3)}: {SOURCES[source]}" for source, names in by_source.items())
        yield f"The numbers have different origins ({origins})."
    lasts = [m.label for m, r in having if r.point == "last"]
    if lasts and len(lasts) < len(having):
        yield f"{some(lasts, 3)}: the last value, because there is no export; all others: the value at export."
    for member, each in zip(members, found, strict=True):
        if each is not None and each.metric.why_not:
            yield f"{member.label}: the value at export is {each.metric.why_not}."
    yield from (sentence for sentence in obstacles(found) if sentence != ORIGINS)


def _elsewhere(members: Sequence[Member], found: Sequence[Reading | None], metrics: Sequence[_Metrics]) -> str:
    """Returns a sentence if a member has this metric only on other data."""
    kind = next(r.metric.kind for r in found if r is not None)
    sentences = []
    for member, reading, of in zip(members, found, metrics, strict=True):
        if reading is None:
            others = of.named(kind.name)
            if others:
                sentences.append(f"{member.label} has {some(others, 2)}")
    return f"Measured on other data, so not compared: {'; '.join(sentences[:3])}." if sentences else ""


def _cell(
    member: Member,
    reading: Reading | None,
    base: tuple[Member, Reading | None],
    *,
    goal: Goal,
    why_not: str,
) -> Cell:
    if reading is None:
        return UNKNOWN if member.kind != "run" and member.version is None else ABSENT
    metric = reading.metric
    if not reading.point:
        return replace(ABSENT, details=_details(reading, goal))
    text = number_text(reading.value) + (" (last)" if reading.point == "last" else "")
    details = _details(reading, goal)
    if member is base[0] or base[1] is None or not base[1].point:
        return Cell(text, reading.value, details=details)
    direction = direction_of(base[1].value, reading.value, goal.goal)
    judged = Judgement("unknown", "", why_not)
    if not why_not:
        judged = _judge((base[0], base[1]), (member, reading), goal=goal.goal, direction=direction)
    details |= _difference(base[1].value, reading.value, judged) | {
        "direction": direction,
        "is_comparable": not why_not,
        "judgement": judgement_text(judged, direction, is_comparable=not why_not),
    }
    reasons = [difference_text(base[1].value, reading.value, goal.goal), judged.words]
    if metric.regret:
        reasons.append(f"The run was better: {visible(metric.regret)}.")
    return Cell(text, reading.value, verdict=judged.verdict, reasons=tuple(r for r in reasons if r), details=details)


def _details(reading: Reading, goal: Goal) -> dict[str, object]:
    metric = reading.metric
    return {
        "point": reading.point,
        "step": reading.step,
        "at_export": metric.at_export,
        "best": _value(goal_best(metric, goal.goal)),
        "best_step": _step(goal_best(metric, goal.goal)),
        "last": _value(metric.last),
        "last_step": _step(metric.last),
        "source": metric.kind.source,
        "run": visible(metric.curve.run) if metric.curve else None,
        "tag": visible(metric.curve.tag) if metric.curve else None,
        "regret": metric.regret,
        "why_not": metric.why_not or None,
        "sample": metric.sample or None,
    }


def goal_best(metric: MetricValue, goal: KnownGoal) -> Point | None:
    """Returns the best point of a metric's curve by a goal."""
    return metric.curve.best(goal) if metric.curve else metric.best


def _value(point: Point | None) -> float | None:
    return None if point is None else point.value


def _step(point: Point | None) -> int | None:
    return None if point is None else point.step


def _difference(base: float, value: float, judged: Judgement) -> dict[str, object]:
    difference = minus(value, base)
    test = judged.test
    return {
        "difference": difference,
        "relative": difference / abs(base) if base and math.isfinite(base) and difference is not None else None,
        "noise": {
            "verdict": judged.verdict,
            "method": judged.method,
            "n": list(judged.counts),
            "difference": _rounded(test.difference) if test else None,
            "threshold": _rounded(test.threshold) if test else None,
            "spread": _rounded(test.spread) if test else None,
            "degrees": _rounded(test.degrees) if test else None,
            "confidence": noise.CONFIDENCE,
            "words": judged.words,
        },
    }


def _rounded(value: float) -> float:
    """Returns nine significant digits: cos and pow differ between processors in the digits behind them."""
    return float(f"{value:.9g}")


def _judge(base: _Read, other: _Read, *, goal: KnownGoal, direction: str) -> Judgement:
    values = base[1].value, other[1].value
    if not all(map(math.isfinite, values)):
        return Judgement("unknown", "", "A value that is not a finite number can't be compared.")
    if direction == "equal":
        return Judgement("within noise", "", "The values are equal.")
    judged = _by_seeds(base, other) or _by_curves(base, other)
    if judged is None and any(each[1].interval.is_known for each in (base, other)):
        return by_intervals(base[1], other[1], goal=goal, direction=direction)
    if judged is None:
        why = "there are no trainings with other seeds, and no curves that are long enough"
        return Judgement("unknown", "", f"The noise is not known: {why}.")
    if judged.verdict != "beyond":
        return judged
    if goal == "unknown":
        return replace(judged, verdict="unknown", words=f"{judged.words} Whether higher is better is not known.")
    return replace(judged, verdict=direction)


def _by_seeds(base: _Read, other: _Read) -> Judgement | None:
    key = base[1].metric.kind.key
    groups = [seeds_of(member, key, reading.value) for member, reading in (base, other)]
    counts = (groups[0].count, groups[1].count)
    by_recipe = of_one_recipe(base[0], other[0])
    if by_recipe:
        return replace(by_recipe, counts=counts)
    if base[0].recipe and base[0].recipe == other[0].recipe:
        return None  # two exports of one training
    test = noise.over_seeds(groups[0], groups[1])
    if test is None:
        return None
    agrees = (test.difference > 0) == (other[1].value > base[1].value)
    verdict = "beyond" if test.is_beyond and agrees else "within noise"
    words = (
        f"Means of {counts[1]} and {counts[0]} trainings with different seeds differ by "
        f"{_signed(test.difference)}; seed noise explains up to {number_text(test.threshold)} "
        f"(95 %, spread {number_text(test.spread)})."
    )
    return Judgement(verdict, "seeds", words, counts, test)


def _by_curves(base: _Read, other: _Read) -> Judgement | None:
    all_spreads = [spread for m, r in (base, other) for spread in spreads_of(m, r.metric, r.step)]
    spreads = [spread for spread in all_spreads if spread is not None]
    if len(spreads) < len(all_spreads):
        return None
    test = noise.over_curves(other[1].value - base[1].value, spreads)
    if test is None:
        return None
    words = (
        f"The values differ by {_signed(test.difference)}; the late part of the curves varies so much that differences "
        f"up to {number_text(test.threshold)} mean nothing (95 %, spread {number_text(test.spread)}). "
        "The effect of other seeds is not known."
    )
    counts = (spreads[0].count, spreads[-1].count)
    return Judgement("beyond" if test.is_beyond else "within noise", "curves", words, counts, test)


def _signed(value: float) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + number_text(abs(value))
