"""A result of a gate as JSON: the same for the command line and for programs that read it. Pure."""

from __future__ import annotations

from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.gates.results import GateResult
from tb_versions.payload.wire import wire_integer
from tb_versions.registry.gate_facts import Finding


def result_payload(result: GateResult) -> dict[str, Any]:
    """Returns a result; docs/cli.md explains its fields."""
    return {
        "reference": visible(result.reference),
        "model": visible(result.model),
        "number": wire_integer(result.number),
        "gate": result.gate,
        "on": visible(result.on) or None,
        "passed": result.passed,
        "time": result.checked_ms,
        "rules": {"file": visible(result.rules.shown), "digest": result.rules.digest},
        "manifest": result.manifest or None,
        "files": result.files or None,
        "metrics": result.metrics or None,
        "sources": [visible(source) for source in result.sources],
        "baselines": [
            {"name": visible(each.name), "version": visible(each.version) or None, "manifest": each.manifest or None}
            for each in result.baselines
        ],
        "results": [finding_payload(each) for each in result.findings],
        "until": result.until,
        "left_out": result.left_out,
        "problems": [visible(problem) for problem in result.problems],
        "event": result.event.number if result.event else None,
    }


def finding_payload(finding: Finding) -> dict[str, Any]:
    """Returns what came of one rule."""
    return {
        "rule": visible(finding.rule),
        "wanted": visible(finding.wanted),
        "found": visible(finding.found),
        "verdict": finding.verdict,
        "why": visible(finding.why),
        "value": finding.value,
        "limit": finding.limit,
        "margin": finding.margin,
        "baseline": visible(finding.baseline) or None,
    }
