"""Judges a version by rules: each becomes one result or several. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tb_versions.gates import fact_rules, later_rules, metric_rules, unchanged_rules
from tb_versions.gates.findings import not_known
from tb_versions.gates.rules import Rule, Rules
from tb_versions.gates.subject import Baseline, Subject
from tb_versions.registry.gate_facts import MAX_FINDINGS, Finding


def judge(rules: Rules, chosen: Sequence[Rule], subject: Subject, *, against: str = "") -> tuple[Finding, ...]:
    """Returns what came of rules, in their order.

    Args:
        rules: The file that they are of.
        chosen: Those that are judged.
        subject: What is known of the version and of the baselines that the rules name.
        against: The baseline of rules that name none, where the file names none either.

    Returns:
        At least one result for each rule. Where slices make too many, the last says how many are left out, and is no
        pass.
    """
    found = [each for rule in chosen for each in _judge(rule, subject, baseline_name(rule, rules, against))]
    left_out = len(found) - MAX_FINDINGS
    if left_out > 0:
        why = f"{left_out + 1:,} more results are left out; name fewer slices, or make several files of rules."
        return (*found[: MAX_FINDINGS - 1], not_known(chosen[-1], "every result", why))
    return tuple(found)


def baseline_name(rule: Rule, rules: Rules, against: str) -> str:
    """Returns how the baseline of a rule is called; "" where none is named, or none needed."""
    is_needed = rule.needs_baseline or rule.needs_slices_of_baseline
    return (rule.against or rules.against or against) if is_needed else ""


def _judge(rule: Rule, subject: Subject, name: str) -> Iterator[Finding]:
    baseline: Baseline | None = subject.baselines.get(name)
    if rule.metric:
        of = metric_rules if rule.source is None else later_rules
        yield from of.judge(rule, subject, baseline)
    elif rule.fact:
        yield from fact_rules.judge_fact(rule, subject, baseline)
    elif rule.unchanged:
        yield unchanged_rules.judge(rule, subject, baseline)
    elif rule.required:
        yield fact_rules.judge_required(rule, subject)
    elif rule.verified:
        yield fact_rules.from_checked(rule, "as published", subject.verified)
    else:
        yield fact_rules.from_checked(rule, "the same outputs", subject.replayed)
