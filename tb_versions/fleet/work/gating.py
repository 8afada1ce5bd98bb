"""Judges one version of many by the rules of a gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tb_versions.core.elsewhere import binding
from tb_versions.errors import VersionDamagedError
from tb_versions.fleet.work.leading import Outcome
from tb_versions.fleet.work.listing import joined
from tb_versions.gates.checking import Check
from tb_versions.read.reuse.finding import find
from tb_versions.registry.gate_facts import Finding

PASSED, FAILED, UNKNOWN = "passed", "failed", "unknown"

_MOST_NAMED = 5


@dataclass(frozen=True)
class Gate:
    """Judges a version; what workers get.

    Attributes:
        models_dir: The models folder, as workers reach it.
        check: The gate; where it records, what is recorded and still stands is not found out again.
        sources: Folders of the sources of files that lie elsewhere.
        again: Whether also what still stands is judged.
    """

    models_dir: str
    check: Check
    sources: Mapping[str, str] = field(default_factory=dict)
    again: bool = False

    def __call__(self, path: str) -> Outcome:
        """Judges the version at a path below the models folder.

        Raises:
            TbVersionsError: It can't be judged, or the result was not recorded.
        """
        place = joined(self.models_dir, path)
        with binding(self.sources):
            version = find(place)
            if version.state == "damaged":  # there is nothing that a result could be bound to
                raise VersionDamagedError(f"The manifest of {version.id} can't be read: {version.notice}")
            if self.check.record and not self.again:
                known = self.check.standing(place)
                if known is not None:
                    return _outcome(known.passed, known.findings, is_old=True)
            result = self.check.result(place)
        return _outcome(result.passed, result.findings)


def _outcome(passed: bool, findings: Iterable[Finding], *, is_old: bool = False) -> Outcome:
    if passed:
        return Outcome(PASSED, is_old=is_old)
    bad = [_words(each) for each in findings if each.verdict != "passed"]
    more = f" And {len(bad) - _MOST_NAMED:,} more." if len(bad) > _MOST_NAMED else ""
    return Outcome(FAILED, "no", " ".join(bad[:_MOST_NAMED]) + more, is_old)


def _words(finding: Finding) -> str:
    said = f"{finding.rule} {finding.verdict}: wanted {finding.wanted}, found {finding.found}."
    return f"{said} {finding.why}".rstrip()
