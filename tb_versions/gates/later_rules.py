"""Rules about metrics that were measured after publishing, by their source. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tb_versions.core.manifest import metric_key, shown, visible
from tb_versions.core.times import utc_text
from tb_versions.gates.changes import Change, judge_change, wanted_change
from tb_versions.gates.findings import SIGNS, finding, not_known, number_text
from tb_versions.gates.metric_rules import DISAGREE, judged_limit, manifest_goals, recorded
from tb_versions.gates.rules import CHANGES, EVERY_SLICE, LIMITS, Rule, limit_of
from tb_versions.gates.subject import Baseline, Later, Subject
from tb_versions.read.manifests.goals import infer_goal
from tb_versions.registry.gate_facts import PROMOTION, Finding

_MOST_AHEAD_MS = 5 * 60_000
_HOUR = 3_600_000
_EVERYWHERE = 'slice = "*" is for metrics of the manifest; name the slice.'


class _Base(NamedTuple):
    """What a later value is compared with, and how sentences call it; or why there is none."""

    value: float = math.nan
    name: str = ""
    goal: str = ""
    why_not: str = ""


def judge(rule: Rule, subject: Subject, baseline: Baseline | None) -> Iterator[Finding]:
    """Yields the results of a rule about a metric that was measured later: one for each thing that is wanted."""
    found, why_not = _latest(rule, subject)
    for limit in LIMITS:
        if getattr(rule, limit) is not None:
            if found is None:
                most = limit_of(rule, limit)
                yield not_known(rule, f"{SIGNS[limit]} {number_text(most)}", why_not, limit=most)
            else:
                yield judged_limit(rule, limit, found.value.number, why=_sentence(_when(found)))
    for change in CHANGES:
        if getattr(rule, change) is not None:
            yield _judge_change(rule, change, found, why_not=why_not, subject=subject, baseline=baseline)


def _latest(rule: Rule, subject: Subject) -> tuple[Later | None, str]:
    """The newest value, if it is not too old; else why it does not count."""
    if rule.slice == EVERY_SLICE:
        return None, _EVERYWHERE
    found = latest(rule, subject, number=subject.number, manifest=subject.manifest_digest)
    if found is None:
        return None, _no_value(rule, subject)
    if subject.unread_ms is not None and subject.unread_ms >= found.measured.time_ms:
        return None, f"A file of metrics that can't be read may have a newer value than that {_when(found)}."
    age = subject.now_ms - found.measured.time_ms
    if age < -_MOST_AHEAD_MS:
        when = utc_text(found.measured.time_ms)
        return None, f"The newest value is of {when}, which is still to come by this computer's clock."
    if rule.age_ms is not None and age > rule.age_ms:
        return None, f"The newest value is {_age(age)} old ({_when(found)}); at most {rule.max_age} is allowed."
    return found, ""


def latest(rule: Rule, subject: Subject, *, number: int, manifest: str, until_ms: int | None = None) -> Later | None:
    """Returns the newest value of a rule's metric.

    Args:
        rule: Names metric, source, slice, and the dataset; without one, data of any name count.
        subject: Has what was measured.
        number: Of the version.
        manifest: Digest of its manifest: what was measured of another one does not count.
        until_ms: Only values until then, milliseconds since the epoch.
    """
    for measured in reversed(subject.measured):
        if measured.version != number or measured.source != rule.source or measured.slice != rule.slice:
            continue
        if measured.manifest not in ("", manifest) or (rule.dataset and measured.dataset != rule.dataset):
            continue
        if until_ms is not None and measured.time_ms > until_ms:
            continue
        for value in measured.values:
            if value.name == rule.metric:
                return Later(measured, value)
    return None


def until_ms(rules: Iterable[Rule], subject: Subject) -> int | None:
    """Returns until when no value that rules read is too old, milliseconds since the epoch; None: for ever."""
    ends = []
    for rule in rules:
        if rule.source is not None and rule.age_ms is not None:
            found = latest(rule, subject, number=subject.number, manifest=subject.manifest_digest)
            ends += [max(found.measured.time_ms + rule.age_ms, 0)] if found is not None else []
    return min(ends, default=None)


def _no_value(rule: Rule, subject: Subject) -> str:
    key = visible(metric_key(rule.metric, rule.dataset, rule.slice))
    source = shown(rule.source or "") if rule.source else "later, without a source"
    of_version = [m for m in subject.measured if m.version == subject.number]
    others = sorted({m.source for m in of_version if any(v.name == rule.metric for v in m.values)})
    has = ", ".join(visible(name) or "no source" for name in others[:5])
    return f"{key} was not measured by {source}" + (f"; it has other data or a source of: {has}." if others else ".")


def _judge_change(
    rule: Rule, change: str, found: Later | None, *, why_not: str, subject: Subject, baseline: Baseline | None
) -> Finding:
    wanted = wanted_change(rule, change)
    name = baseline.id if baseline else ""
    if found is None:
        return not_known(rule, wanted, why_not, baseline=name)
    if baseline is None:
        return not_known(rule, wanted, "It names nothing to compare with; add against, like promotion.")
    if baseline.is_empty and subject.passes_without_baseline:
        return finding(rule, wanted, "no baseline", verdict="passed", why=baseline.why_not)
    if baseline.why_not:
        return not_known(rule, wanted, baseline.why_not, baseline=name)
    base = (
        _at_promotion(rule, found, subject)
        if baseline.name == PROMOTION
        else _of_baseline(rule, found, subject, baseline)
    )
    said = _said_goals(rule, found, base, subject)
    goal = next(iter(said)) if len(said) == 1 else "unknown" if said else infer_goal(rule.metric)
    note = "" if said else "Whether higher is better is guessed from the name."
    why = base.why_not
    if not why and goal not in ("max", "min"):
        why = DISAGREE if said else "Whether higher or lower is better is not known; add goal, max or min."
    of = Change(
        value=found.value.number,
        base=base.value,
        goal=goal,
        base_name=base.name,
        why_not=why,
        note=" ".join(part for part in (_sentence(_when(found)), note) if part),
    )
    return judge_change(rule, change, of, baseline=name)


def _said_goals(rule: Rule, found: Later, base: _Base, subject: Subject) -> set[str]:
    """What rule, measurements and manifest say of the goal; more than one where they disagree."""
    return {rule.goal, found.value.goal, base.goal, *manifest_goals(subject.member, rule.metric)} - {""}


def _at_promotion(rule: Rule, found: Later, subject: Subject) -> _Base:
    """The value when the version got its alias: the last from this source before, else that of its manifest."""
    if subject.promoted_ms is None:
        return _Base(why_not=f"{subject.member.id} has no alias, so there is no promotion to compare with.")
    if found.measured.time_ms <= subject.promoted_ms:
        return _Base(
            why_not=f"Nothing was measured since the promotion of {utc_text(subject.promoted_ms)}; {_when(found)}."
        )
    name = f"{subject.member.id} at promotion"
    before = latest(
        rule, subject, number=subject.number, manifest=subject.manifest_digest, until_ms=subject.promoted_ms
    )
    if before is not None and before.measured.dataset != found.measured.dataset:
        return _Base(why_not=_other_data(found, before))
    if before is not None:
        return _Base(before.value.number, f"{name} ({_when(before)})", before.value.goal)
    key = metric_key(rule.metric, "", rule.slice)
    for each in (metric_key(rule.metric, rule.dataset, rule.slice), key):
        metric, _ = recorded(subject.member, each, rule.metric)
        if metric is not None and metric.at_export is not None:
            goal = metric.kind.goal if metric.kind.goal_source == "manifest" else ""
            return _Base(metric.at_export, f"{name} ({visible(each)} of its manifest)", goal)
    nobody = f"neither its manifest nor {shown(rule.source or '')} had it then"
    return _Base(why_not=f"What {visible(key)} was at promotion is not known: {nobody}.")


def _of_baseline(rule: Rule, found: Later, subject: Subject, baseline: Baseline) -> _Base:
    member = baseline.member
    if member is None or member.version is None or member.version.model != (_model(subject)):
        return _Base(why_not="Metrics measured later are compared between versions of one model.")
    version = member.version
    base = latest(rule, subject, number=version.number, manifest=version.manifest_digest)
    if base is None:
        return _Base(why_not=f"{baseline.id} was not measured by {shown(rule.source or '')}.")
    if base.measured.dataset != found.measured.dataset:
        return _Base(why_not=_other_data(found, base))
    return _Base(base.value.number, f"{baseline.id} ({_when(base)})", base.value.goal)


def _other_data(found: Later, base: Later) -> str:
    both = f"{shown(found.measured.dataset)} and {shown(base.measured.dataset)}"
    return f"The two were measured on different data, {both}; name one with dataset."


def _model(subject: Subject) -> str:
    return subject.member.version.model if subject.member.version else ""


def _when(found: Later) -> str:
    where = "/".join(visible(part) for part in (found.measured.dataset, found.measured.slice) if part)
    return f"{f'on {where}, ' if where else ''}measured {utc_text(found.measured.time_ms)}"


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _age(ms: int) -> str:
    return f"{ms // (24 * _HOUR):,} days" if ms >= 48 * _HOUR else f"{ms / _HOUR:.1f} hours"
