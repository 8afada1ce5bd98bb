"""An inspection as JSON. Pure."""

from __future__ import annotations

from typing import Any

from tb_versions.core.fields import to_json
from tb_versions.trust.findings import KINDS, Finding, Inspection, Part


def inspection_payload(found: Inspection) -> dict[str, Any]:
    """Returns an inspection as JSON, as docs/cli.md has it."""
    return {
        "path": found.path,
        "files": found.files,
        "size": found.size,
        "counts": {kind: sum(finding.kind == kind for finding in found.findings) for kind in KINDS},
        "findings": [_finding(finding) for finding in found.findings],
        "models": [_part(part) for part in found.parts],
        "not_looked_at": list(found.others),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "file": finding.file,
        "name": finding.name,
        "why": finding.why,
        "count": finding.count,
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "file": part.file,
        "format": part.format,
        "size": part.size,
        "software": part.software or None,
        "model": None if part.model is None else to_json(part.model),
    }
