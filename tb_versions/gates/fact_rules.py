"""Rules about what a version is: size, parameters, files, and facts that must be there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tb_versions.comparison import Member
from tb_versions.comparison.rows.row import bytes_text
from tb_versions.core.manifest import VersionManifest, shown, visible
from tb_versions.gates.changes import wanted_change
from tb_versions.gates.findings import SIGNS, finding, holds, margin_of, not_known, number_text
from tb_versions.gates.rules import LIMITS, Rule, amount_of, limit_of
from tb_versions.gates.subject import Baseline, Checked, Subject
from tb_versions.read.manifests.recipes import TRAINING_SPLITS
from tb_versions.registry.gate_facts import DESCRIPTION, LABEL, PROMOTION, Finding, Verdict


class _Fact(NamedTuple):
    """A number that a manifest has; None where it is not known, and why."""

    value: float | None
    why_not: str = ""


def judge_fact(rule: Rule, subject: Subject, baseline: Baseline | None) -> Iterator[Finding]:
    """Yields the results of a rule about size, parameters or files: one for each thing that is wanted."""
    fact = _fact(rule, subject.member)
    for limit in LIMITS:
        if getattr(rule, limit) is not None:
            yield _judge_limit(rule, limit, fact)
    if rule.grows_by_at_most is not None:
        yield _judge_growth(rule, fact, subject, baseline=baseline)


def judge_required(rule: Rule, subject: Subject) -> Finding:
    """Returns the result of a rule about a fact that must be there."""
    wanted = f"{rule.required.replace('_', ' ')} known" if not rule.required.startswith(LABEL) else "a value"
    manifest = subject.member.manifest
    if manifest is None:
        return not_known(rule, wanted, f"The manifest of {subject.member.id} can't be read: {subject.member.notice}")
    if rule.required.startswith(LABEL):
        key = rule.required.removeprefix(LABEL)
        checked = _label(key, subject)
    elif rule.required == DESCRIPTION:
        has = bool(subject.description.strip())
        checked = Checked(has, "there is one" if has else "There is no description.")
    elif rule.required == "clean_commit":
        checked = _clean_commit(manifest)
    else:
        checked = _dataset_digest(manifest)
    return from_checked(rule, wanted, checked)


def from_checked(rule: Rule, wanted: str, checked: Checked) -> Finding:
    """Returns the result of what was asked of files, of the log or of the manifest."""
    if checked.ok is None:
        return not_known(rule, wanted, checked.words)
    if checked.ok:
        return finding(rule, wanted, checked.words, verdict="passed")
    return finding(rule, wanted, "no", verdict="failed", why=checked.words)


def removable(rules: Iterable[Rule], subject: Subject) -> tuple[str, ...]:
    """Returns what rules require, the version has, and its log may take away later: labels and the description."""
    asked = {rule.required for rule in rules if rule.required == DESCRIPTION or rule.required.startswith(LABEL)}
    return tuple(sorted(each for each in asked if _has(each, subject)))


def _has(required: str, subject: Subject) -> bool:
    text = subject.description if required == DESCRIPTION else subject.labels.get(required.removeprefix(LABEL), "")
    return bool(text.strip())


def training_digests(manifest: VersionManifest) -> tuple[list[str], str]:
    """Returns the digest of each dataset that a version was trained on, sorted; or a sentence why one is not known.

    Where no dataset is marked as training data, those without a split count.
    """
    named = [d for d in manifest.datasets if d.split.lower() in TRAINING_SPLITS]
    named = named or [d for d in manifest.datasets if not d.split]
    if not named:
        return [], f"{manifest.reference} names no training data."
    unknown = next((d for d in named if not d.digest), None)
    if unknown is not None:
        return [], f"The digest of the training data {shown(unknown.name or unknown.uri)} is not known."
    return sorted({d.digest for d in named}), ""


def _fact(rule: Rule, member: Member) -> _Fact:
    manifest = member.manifest
    if manifest is None:
        return _Fact(None, f"The manifest of {member.id} can't be read: {member.notice}")
    if rule.fact == "size":
        return _Fact(manifest.size_bytes) if manifest.size_bytes > 0 else _Fact(None, f"{member.id} does not say.")
    if rule.fact == "parameters":
        count = manifest.saved_model.parameter_count if manifest.saved_model else 0
        return _Fact(count) if count > 0 else _Fact(None, f"How many parameters {member.id} has is not known.")
    count = manifest.file_list.count if manifest.file_list else len(manifest.files)
    return _Fact(count) if count > 0 else _Fact(None, f"{member.id} lists no files.")


def _judge_limit(rule: Rule, limit: str, fact: _Fact) -> Finding:
    most = limit_of(rule, limit)
    wanted = f"{SIGNS[limit]} {_text(rule, most)}"
    if fact.value is None:
        return not_known(rule, wanted, fact.why_not, limit=most)
    value = fact.value
    verdict: Verdict = "passed" if holds(limit, value, most) else "failed"
    why = f"{value:,.0f} bytes." if rule.fact == "size" else ""
    margin = margin_of(limit, value, most)
    return finding(rule, wanted, _text(rule, value), verdict=verdict, why=why, value=value, limit=most, margin=margin)


def _judge_growth(rule: Rule, fact: _Fact, subject: Subject, *, baseline: Baseline | None) -> Finding:
    wanted = wanted_change(rule, "grows_by_at_most")
    name = baseline.id if baseline else ""
    if fact.value is None:
        return not_known(rule, wanted, fact.why_not, baseline=name)
    missing = no_baseline(rule, wanted, subject, baseline)
    if missing is not None:
        return missing
    assert baseline is not None
    assert baseline.member is not None
    base = _fact(rule, baseline.member)
    if base.value is None:
        return not_known(rule, wanted, base.why_not, baseline=name)
    more, allowed = fact.value - base.value, amount_of(rule.grows_by_at_most or 0).of(base.value)
    verdict: Verdict = "passed" if more <= allowed + 1e-9 * base.value else "failed"
    found = "the same" if more == 0 else f"{_text(rule, abs(more))} {'larger' if more > 0 else 'smaller'}"
    why = f"{_text(rule, fact.value)} against {_text(rule, base.value)} of {name}."
    return finding(
        rule, wanted, found, verdict=verdict, why=why, value=more, limit=allowed, margin=allowed - more, baseline=name
    )


def no_baseline(rule: Rule, wanted: str, subject: Subject, baseline: Baseline | None) -> Finding | None:
    """Returns the result of a rule whose baseline is not known; None where it is."""
    if baseline is None or baseline.name == PROMOTION:
        return not_known(rule, wanted, "It names no version to compare with; add against.")
    if baseline.is_empty and subject.passes_without_baseline:
        why = f'{baseline.why_not} By without_baseline = "pass" that is allowed.'
        return finding(rule, wanted, "no baseline", verdict="passed", why=why)
    if baseline.why_not or baseline.member is None:
        return not_known(rule, wanted, baseline.why_not or "It names no version to compare with.", baseline=baseline.id)
    return None


def _text(rule: Rule, value: float) -> str:
    return bytes_text(int(value)) if rule.fact == "size" else number_text(value)


def _label(key: str, subject: Subject) -> Checked:
    value = subject.labels.get(visible(key), "")
    return Checked(True, value) if value.strip() else Checked(False, f"There is no label {shown(key)}.")


def _clean_commit(manifest: VersionManifest) -> Checked:
    code = manifest.code
    if code is None or not code.commit:
        return Checked(None, "The commit of its code is not known.")
    if code.dirty is None:
        return Checked(None, f"Whether the work tree was clean at commit {code.commit[:12]} is not known.")
    if code.dirty:
        return Checked(False, f"The work tree had changes beside commit {code.commit[:12]}.")
    return Checked(True, f"commit {code.commit[:12]}")


def _dataset_digest(manifest: VersionManifest) -> Checked:
    digests, why_not = training_digests(manifest)
    return Checked(None, why_not) if why_not else Checked(True, ", ".join(digest[:19] for digest in digests))
