"""Checks a version by the rules of a gate, and records the result."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from tb_versions.actions.target import Decision, Path, Target, checked_reason, find_target, who
from tb_versions.core.digest import Progress
from tb_versions.core.manifest import shown, visible
from tb_versions.errors import ConflictError, InvalidQueryError
from tb_versions.gates.fact_rules import removable
from tb_versions.gates.judging import judge
from tb_versions.gates.later_rules import until_ms
from tb_versions.gates.reading import Asked, in_catalog, read_subject, source_of
from tb_versions.gates.results import GateResult
from tb_versions.gates.rule_files import RuleFile, read_rules
from tb_versions.gates.rules import Rule, check_baseline
from tb_versions.gates.subject import Subject
from tb_versions.read.freshness import numbers_seen, own_metrics_digest, seen_baseline
from tb_versions.registry import events
from tb_versions.registry.events import GateChecked
from tb_versions.registry.gate_facts import PROMOTION, SeenBaseline, Verdict
from tb_versions.registry.said.gates import gate_key
from tb_versions.registry.state import GateState, State


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
    file = rules if isinstance(rules, RuleFile) else read_rules(rules)
    logs = os.fspath(logdir) if logdir else ""
    check = Check(file, against=against, on=on, logdir=logs, record=record, reason=reason, actor=who(actor))
    return check.result(reference, models_dir, progress=progress)


@dataclass(frozen=True)
class Check:
    """A gate, and how versions are judged by it; can be pickled.

    Attributes:
        file: The rules.
        against: As of `check_gate`.
        on: As of `check_gate`.
        logdir: As of `check_gate`; "" for none.
        record: As of `check_gate`.
        reason: As of `check_gate`.
        actor: Who checks.
        since: When work on many versions began, milliseconds since the epoch, not later than now: nothing is recorded
            where a result by these rules is from then or later, so that a worker that is started again records none
            twice. None for one version.
    """

    file: RuleFile
    against: str = ""
    on: str = ""
    logdir: str = ""
    record: bool = False
    reason: str = ""
    actor: str = ""
    since: int | None = None

    def asked(self, progress: Progress | None = None) -> Asked:
        """Returns what is to be found out of a version.

        Args:
            progress: As of `check_gate`.

        Raises:
            InvalidQueryError: An argument breaks a rule.
        """
        checked_reason(self.reason)
        against = _against(self.file, self.against, record=self.record)
        chosen = _chosen(self.file, self.on)
        return Asked(rules=self.file.rules, chosen=chosen, against=against, logdir=self.logdir, progress=progress)

    def result(
        self, reference: Path, models_dir: Path | None = None, *, progress: Progress | None = None
    ) -> GateResult:
        """Judges a version, and records the result if asked for; arguments and errors as of `check_gate`."""
        asked = self.asked(progress)
        subject, target = read_subject(reference, models_dir, asked)
        result = _result(subject, target, self.file, asked=asked, on=self.on)
        return self._recorded(result, target, seen=subject.head) if self.record else result

    def standing(self, reference: Path, models_dir: Path | None = None) -> GateChecked | None:
        """Returns the recorded result by these rules that need not be found out again.

        Args:
            reference: As of `check_gate`.
            models_dir: As of `check_gate`.

        Returns:
            What its event says; None where there is none that still stands, or is from `since` or later.

        Raises:
            TbVersionsError: As of `check_gate`.
        """
        asked, target = self.asked(), find_target(reference, models_dir)
        known = self._last(target.opened.state(), target.number, target.found.manifest_digest)
        if known is None or not (self._is_new(known) or self._stands(target, asked)):
            return None
        found: GateChecked = events.said(target.opened.registry.event(known.by.event))
        return found

    def _last(self, state: State, number: int, manifest: str) -> GateState | None:
        """The last result of the gate for a version, if it is by these rules and of this manifest."""
        known = state.version(number).gates.get(gate_key(self.file.rules.name, self.on))
        if known is None or (known.bound.rules, known.bound.manifest) != (self.file.digest, manifest):
            return None
        return known

    def _is_new(self, known: GateState) -> bool:
        return self.since is not None and known.by.ms >= self.since

    def _stands(self, target: Target, asked: Asked) -> bool:
        catalog = source_of(target, replace(asked, logdir="")).catalog
        key = gate_key(self.file.rules.name, self.on)
        found = [each for each in catalog.gates(in_catalog(catalog, target.found)) if each.key == key]
        return bool(found) and found[0].verdict != "stale"

    def _recorded(self, result: GateResult, target: Target, *, seen: int) -> GateResult:
        said = _said(result)

        def decide(state: State) -> Decision:
            _check_same(result, target, state, seen=seen)
            draft = target.draft("gate_checked", said, actor=self.actor, reason=self.reason)
            if self.since is not None:
                known = self._last(state, target.number, result.manifest)
                if known is not None and self._is_new(known):
                    return Decision(None, str(result))
                now = time.time_ns() // 1_000_000
                draft = structs.replace(draft, time_ms=max(self.since, now))  # a worker's clock may be behind
            return Decision(draft, str(result), None, target.number)

        return replace(result, event=target.apply(decide).event)


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
    if record and not file.rules.against:
        raise InvalidQueryError(
            f"A result that is recorded counts for promotions, and {visible(file.shown)} does not say against = "
            f"{shown(against)}: anybody could choose a worse one. Write it into the file, or leave out --record."
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
        replayed=_VERDICTS[subject.replayed.ok] if any(rule.replayed for rule in asked.chosen) else "",
        checked_ms=subject.now_ms,
        problems=subject.problems,
    )


_VERDICTS: Mapping[bool | None, Verdict] = {True: "passed", False: "failed", None: "not known"}


def _seen(name: str, subject: Subject) -> SeenBaseline:
    return seen_baseline(name, subject.member.version if name == PROMOTION else subject.baselines[name].version)


def _said(result: GateResult) -> GateChecked:
    """What a result becomes in the log."""
    return GateChecked(
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
        replayed=result.replayed,
        findings=result.findings,
    )


def _check_same(result: GateResult, target: Target, state: State, *, seen: int) -> None:
    """Raises ConflictError where the version is not any more what was judged."""
    verified = state.version(target.number).verified
    if verified is not None and not verified[0] and verified[2].event > seen:
        raise ConflictError(
            f"The files of {result.reference} were found to be changed while it was checked (event "
            f"{verified[2].event}); check it again."
        )
    if target.at(target.number).found.manifest_digest != result.manifest:
        raise ConflictError(f"The manifest of {result.reference} was replaced while it was checked; check it again.")
