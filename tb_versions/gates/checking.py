"""Checks a version by the rules of a gate, and records the result."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace

from tb_versions.actions.target import Decision, Path, Target, checked_reason, who
from tb_versions.core.digest import Progress
from tb_versions.core.manifest import shown, visible
from tb_versions.errors import ConflictError, InvalidQueryError
from tb_versions.gates.fact_rules import removable
from tb_versions.gates.judging import judge
from tb_versions.gates.later_rules import until_ms
from tb_versions.gates.reading import Asked, read_subject
from tb_versions.gates.results import GateResult
from tb_versions.gates.rule_files import RuleFile, read_rules
from tb_versions.gates.rules import Rule, check_baseline
from tb_versions.gates.subject import Subject
from tb_versions.read.freshness import numbers_seen, own_metrics_digest, seen_baseline
from tb_versions.registry.events import GateChecked
from tb_versions.registry.gate_facts import PROMOTION, SeenBaseline
from tb_versions.registry.state import State


def check_gate(
    reference: Path,
    models_dir: Path | None = None,
    *,
    rules: Path | RuleFile,
    against: str = "",
    on: str = "",
    logdir: Path | None = None,
    record: bool = False,
    reason: str = "",
    actor: str | None = None,
    progress: Progress | None = None,
) -> GateResult:
    """Judges a version by the rules of a gate: what is not known fails, and says why.

    Args:
        reference: As in `promote`: `digits:4`, `digits@staging`, or the path of a version's folder.
        models_dir: Folder of models; not needed for a path.
        rules: A file of rules, TOML or YAML.
        against: The baseline of rules that name none, where the file names none either: an alias like "production",
            "parent", "promotion", or a version like "digits:3".
        on: Only rules that read metrics measured later from this source, like "monitoring".
        logdir: What `tensorboard --logdir` gets; without it what is noise is known only where there are other seeds.
        record: Whether the result becomes an event of the model's log, which a policy may ask for.
        reason: Why, kept with the event; at most 4,096 characters.
        actor: Who checks, as in `promote`.
        progress: Called with the bytes read so far and the bytes in all, where files are read.

    Returns:
        A result for each rule.

    Raises:
        InvalidQueryError: The rules can't be understood, or an argument breaks a rule.
        ConflictError: The version's manifest was replaced while it was checked.
        TbVersionsError: As in `promote`.
    """
    reason, actor = checked_reason(reason), who(actor)
    file = rules if isinstance(rules, RuleFile) else read_rules(rules)
    asked = Asked(
        rules=file.rules,
        chosen=_chosen(file, on),
        against=_against(file, against, record=record),
        logdir=os.fspath(logdir) if logdir else "",
        progress=progress,
    )
    subject, target = read_subject(reference, models_dir, asked)
    result = _result(subject, target, file, asked=asked, on=on)
    return _recorded(result, target, actor=actor, reason=reason) if record else result


def _chosen(file: RuleFile, on: str) -> Sequence[Rule]:
    if not on:
        return file.rules.rules
    chosen = [rule for rule in file.rules.rules if rule.source == on]
    if not chosen:
        sources = sorted({shown(rule.source) for rule in file.rules.rules if rule.source is not None})
        has = f"its rules read from {', '.join(sources)}" if sources else "no rule has a source"
        raise InvalidQueryError(f"{visible(file.shown)} has no rule with source = {shown(on)}; {has}.")
    return chosen


def _against(file: RuleFile, against: str, *, record: bool) -> str:
    """The baseline that was asked for; the file's own can't be replaced, or its name would mean another gate."""
    if not against:
        return ""
    check_baseline(against)
    if file.rules.against and file.rules.against != against:
        raise InvalidQueryError(
            f"{visible(file.shown)} says against = {shown(file.rules.against)}; --against {visible(against)} can't "
            "change that. Leave it out here, or take it out of the file."
        )
    if record and ":" in against and not file.rules.against:
        raise InvalidQueryError(
            f"A result that is recorded counts for promotions, and {visible(file.shown)} does not say against = "
            f"{shown(against)}: anybody could choose a worse one. Write it into the file, or name an alias."
        )
    return against


def _result(subject: Subject, target: Target, file: RuleFile, *, asked: Asked, on: str) -> GateResult:
    version = subject.member.version
    listing = version.listing if version else None
    sources = tuple(sorted({rule.source for rule in asked.chosen if rule.source is not None}))
    baselines = tuple(_seen(name, subject) for name in subject.baselines)
    numbers = numbers_seen(target.model, target.number, baselines)
    return GateResult(
        reference=target.found.id,
        model=target.model,
        number=target.number,
        gate=file.rules.name,
        on=on,
        findings=judge(file.rules, asked.chosen, subject, against=asked.against),
        left_out=len(file.rules.rules) - len(asked.chosen),
        rules=file,
        manifest=subject.manifest_digest,
        files=listing.digest if listing else "",
        metrics=own_metrics_digest(listing, subject.measured, sources=sources, numbers=numbers),
        sources=sources,
        baselines=baselines,
        until=until_ms(asked.chosen, subject),
        required=removable(asked.chosen, subject),
        checked_ms=subject.now_ms,
        problems=subject.problems,
    )


def _seen(name: str, subject: Subject) -> SeenBaseline:
    return seen_baseline(name, subject.member.version if name == PROMOTION else subject.baselines[name].version)


def _recorded(result: GateResult, target: Target, *, actor: str, reason: str) -> GateResult:
    said = GateChecked(
        gate=result.gate,
        passed=result.passed,
        on=result.on,
        rules=result.rules.digest,
        files=result.files,
        metrics=result.metrics,
        sources=result.sources,
        baselines=result.baselines,
        until=result.until,
        required=result.required,
        findings=result.findings,
    )

    def decide(_: State) -> Decision:
        if target.at(target.number).found.manifest_digest != result.manifest:
            raise ConflictError(
                f"The manifest of {result.reference} was replaced while it was checked; check it again."
            )
        draft = target.draft("gate_checked", said, actor=actor, reason=reason)
        return Decision(draft, str(result), None, target.number)

    return replace(result, event=target.apply(decide).event)
