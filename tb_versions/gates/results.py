"""What a check of a gate came to. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tb_versions.gates.rule_files import RuleFile
from tb_versions.registry.events import Event
from tb_versions.registry.gate_facts import Finding, SeenBaseline, Verdict


@dataclass(frozen=True, kw_only=True, repr=False)
class GateResult:
    """What came of the rules of a gate for one version.

    Attributes:
        reference: The version: "digits:4".
        model: Its model.
        number: Its number.
        gate: Name of the gate.
        on: Source of metrics measured later to which the check was restricted; "" for all rules.
        findings: A result for each rule, or several, in the order of the file.
        left_out: Rules of the file that were not judged, because of `on`.
        rules: The file.
        manifest: Digest of the version's manifest.
        files: Digest of its files, as the manifest says.
        metrics: Digest of the metrics that were seen.
        sources: Of metrics measured later that were read.
        baselines: Versions that it was compared with.
        until: Until when the values measured later are not too old, milliseconds since the epoch; None: for ever.
        required: What rules require and the version had, and may be taken away: "description", "label:owner".
        replayed: What the last replay is for the rule that reads it; "" where no rule does.
        checked_ms: Milliseconds since the epoch.
        problems: Sentences about what could not be read.
        event: As it was recorded; None where it was not.
    """

    reference: str
    model: str
    number: int
    gate: str
    on: str = ""
    findings: tuple[Finding, ...]
    left_out: int = 0
    rules: RuleFile
    manifest: str
    files: str = ""
    metrics: str = ""
    sources: tuple[str, ...] = ()
    baselines: tuple[SeenBaseline, ...] = ()
    until: int | None = None
    required: tuple[str, ...] = ()
    replayed: Verdict | Literal[""] = ""
    checked_ms: int = 0
    problems: tuple[str, ...] = ()
    event: Event | None = field(default=None, compare=False)

    @property
    def passed(self) -> bool:
        """Whether every rule passed; what is not known did not."""
        return all(each.verdict == "passed" for each in self.findings)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """The results that did not pass."""
        return tuple(each for each in self.findings if each.verdict != "passed")

    def __repr__(self) -> str:
        return f"GateResult({str(self)!r})"

    def __str__(self) -> str:
        """One sentence: "digits:4 passes release: 5 of 5 rules."."""
        good = len(self.findings) - len(self.failed)
        unknown = sum(each.verdict == "not known" for each in self.findings)
        on = f" on {self.on}" if self.on else ""
        how = "passes" if self.passed else "does not pass"
        more = f", {unknown} not known" if unknown else ""
        return f"{self.reference} {how} {self.gate}{on}: {good} of {len(self.findings)} passed{more}."
