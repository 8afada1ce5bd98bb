"""What events say of gates. Pure."""

from __future__ import annotations

from typing import Literal

from tb_versions.core.manifest import (
    check_alias,
    check_text,
)
from tb_versions.errors import InvalidManifestError
from tb_versions.registry.gate_facts import MAX_BASELINES, MAX_FINDINGS, MAX_GATE_TEXT, Finding, SeenBaseline
from tb_versions.registry.said.base import Said, check_digest, check_number


class GateChecked(Said, frozen=True):
    """The version was judged by the rules of a gate. What it saw is bound by digests: see `staleness`.

    Attributes:
        gate: Name of the gate.
        passed: Whether every rule passed.
        on: Source of metrics measured later to which the check was restricted; "" for all rules.
        rules: Digest of the file of rules.
        files: Digest of the version's files, as its manifest says.
        metrics: Digest of the metrics that were seen.
        sources: Of metrics measured later that were read.
        baselines: Versions that it was compared with.
        until: Until when the values measured later are not too old, milliseconds since the epoch; None: for ever.
        required: What rules require and the version had, and may be taken away: "description", "label:owner".
        replayed: What the last replay was for the rule that reads it, or "" where no rule does.
        findings: What came of each rule.
    """

    gate: str
    passed: bool
    on: str = ""
    rules: str = ""
    files: str = ""
    metrics: str = ""
    sources: tuple[str, ...] = ()
    baselines: tuple[SeenBaseline, ...] = ()
    until: int | None = None
    required: tuple[str, ...] = ()
    replayed: Literal["", "passed", "failed", "not known"] = ""
    findings: tuple[Finding, ...] = ()

    @property
    def key(self) -> str:
        """What it is a result of: the gate, with the source to which it was restricted."""
        return gate_key(self.gate, self.on)

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_alias(self.gate)
        for text in (self.on, *self.sources):
            check_text(text, "A source", limit=256)
        for text in self.required:
            check_text(text, "What is required", limit=MAX_GATE_TEXT)
        for digest in (self.rules, self.files, self.metrics):
            check_digest(digest)
        check_number(self.until)
        for what, many, most in (
            ("sources of metrics measured later", self.sources, MAX_BASELINES),
            ("baselines", self.baselines, MAX_BASELINES),
            ("required labels", self.required, MAX_FINDINGS),
            ("results of rules", self.findings, MAX_FINDINGS),
        ):
            if len(many) > most:
                raise InvalidManifestError(
                    f"A result of a gate has at most {most} {what}, and this one has {len(many):,}: make several files "
                    "of rules."
                )
        for baseline in self.baselines:
            baseline.check()
        for finding in self.findings:
            finding.check()
        if self.passed != all(each.verdict == "passed" for each in self.findings) or not self.findings:
            raise InvalidManifestError("Whether the gate passed is not what its rules say.")


def gate_key(gate: str, on: str) -> str:
    """Returns what a result is of: "release", or "release on monitoring"; a part never stands for the whole."""
    return f"{gate} on {on}" if on else gate
