"""Rules about what must not change: signature, preprocessing, training data. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from tb_versions.comparison import Member
from tb_versions.comparison.rows.row import some
from tb_versions.core.manifest import visible
from tb_versions.gates.fact_rules import no_baseline, training_digests
from tb_versions.gates.findings import finding, not_known
from tb_versions.gates.rules import Rule
from tb_versions.gates.subject import Baseline, Subject
from tb_versions.registry.gate_facts import Finding

ASSETS = "assets/"
"""Where a SavedModel keeps the files that preprocess its inputs, such as vocabularies."""

_WANTED = {
    "signature": "clients go on working",
    "preprocessing": "the same assets",
    "dataset": "the same training data",
}


def judge(rule: Rule, subject: Subject, baseline: Baseline | None) -> Finding:
    """Returns the result of a rule about what must not change."""
    wanted = _WANTED[rule.unchanged]
    missing = no_baseline(rule, wanted, subject, baseline)
    if missing is not None:
        return missing
    assert baseline is not None
    of = {"signature": _signature, "preprocessing": _preprocessing, "dataset": _dataset}[rule.unchanged]
    return of(rule, wanted, subject, baseline)


def _signature(rule: Rule, wanted: str, _: Subject, baseline: Baseline) -> Finding:
    row = baseline.row("signature", "")
    cells = row.cells if row else ()
    if baseline.comparison is None or not cells or not all(cell.known for cell in cells):
        return not_known(rule, wanted, "One of the two has no signature that is known.", baseline=baseline.id)
    cell = cells[baseline.position]
    if cell.verdict == "breaking":
        why = f"Against {baseline.id}: {some(cell.reasons, 3)}."
        return finding(rule, wanted, "breaking", verdict="failed", why=why, baseline=baseline.id)
    if cell.verdict not in ("identical", "compatible"):
        return not_known(rule, wanted, f"It was not compared with {baseline.id}.", baseline=baseline.id)
    return finding(rule, wanted, cell.verdict, verdict="passed", why=_reasons(cell.reasons), baseline=baseline.id)


def _preprocessing(rule: Rule, wanted: str, subject: Subject, baseline: Baseline) -> Finding:
    if subject.files is None or baseline.files is None:
        which = subject.member.id if subject.files is None else baseline.id
        return not_known(rule, wanted, f"The files of {which} are not known.", baseline=baseline.id)
    ours, theirs = _assets(subject.files), _assets(baseline.files)
    if not ours and not theirs and not all(map(_is_saved_model, (subject.member, baseline.member))):
        why = "Only SavedModels keep what prepares inputs in assets/; where these do is not known."
        return not_known(rule, wanted, why, baseline=baseline.id)
    changed = sorted(path for path in ours.keys() | theirs.keys() if ours.get(path) != theirs.get(path))
    if changed:
        why = f"Other than in {baseline.id}: {some([visible(path) for path in changed], 3)}."
        return finding(rule, wanted, "changed", verdict="failed", why=why, baseline=baseline.id)
    found = f"{len(ours):,} the same" if ours else "neither has any"
    return finding(rule, wanted, found, verdict="passed", baseline=baseline.id)


def _dataset(rule: Rule, wanted: str, subject: Subject, baseline: Baseline) -> Finding:
    ours, theirs = (member.manifest if member else None for member in (subject.member, baseline.member))
    if ours is None or theirs is None:
        return not_known(rule, wanted, "A manifest can't be read.", baseline=baseline.id)
    (mine, why_not), (others, base_why_not) = training_digests(ours), training_digests(theirs)
    if why_not or base_why_not:
        return not_known(rule, wanted, why_not or base_why_not, baseline=baseline.id)
    if mine != others:
        why = f"{_short(mine)} against {_short(others)} of {baseline.id}."
        return finding(rule, wanted, "other data", verdict="failed", why=why, baseline=baseline.id)
    return finding(rule, wanted, "the same", verdict="passed", why=f"{_short(mine)}.", baseline=baseline.id)


def _is_saved_model(member: Member | None) -> bool:
    return member is not None and member.manifest is not None and member.manifest.format == "saved_model"


def _assets(files: Mapping[str, str]) -> dict[str, str]:
    return {path: digest for path, digest in files.items() if path.startswith(ASSETS)}


def _short(digests: list[str]) -> str:
    return some([digest[:19] for digest in digests], 3)


def _reasons(reasons: tuple[str, ...]) -> str:
    return f"{some(reasons, 3)}." if reasons else ""
