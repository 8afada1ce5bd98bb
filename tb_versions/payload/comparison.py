"""A comparison as JSON: `ComparePayload` in types.ts. The page, `--json` and exports share it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tb_versions.comparison import Comparison, Member
from tb_versions.comparison.rows.row import GROUPS, Cell, Row
from tb_versions.core.manifest import visible
from tb_versions.payload.wire import SCHEMA_VERSION, wire_integer, wire_number


def compare_payload(comparison: Comparison) -> dict[str, Any]:
    """Returns a comparison; see `ComparePayload` in types.ts."""
    return {
        "schema_version": SCHEMA_VERSION,
        "summary": comparison.summary,
        "baseline": comparison.baseline,
        "members": [member_payload(member) for member in comparison.members],
        "groups": _groups(comparison),
        "rows": [_row(row) for row in comparison.rows],
        "differing": len(comparison.differing),
        "equal": comparison.equal,
        "problems": [visible(problem) for problem in comparison.problems],
    }


def member_payload(member: Member) -> dict[str, Any]:
    """Returns a member without its cells; see `CompareMember` in types.ts."""
    version, manifest = member.version, member.manifest
    semantic = member.semantic_version or (manifest.semantic_version if manifest else "")
    listing = version.listing if version else None
    created = listing.created_ms if listing else None
    return {
        "id": visible(member.id),
        "kind": member.kind,
        "label": visible(member.label),
        "model": visible(version.model) if version else None,
        "number": wire_integer(version.number) if version else None,
        "semantic_version": visible(semantic) or None,
        "aliases": [visible(name) for name in member.aliases],
        "created": created,
        "lead_metric": member.lead_metric or None,
        "state": version.state if version else None,
        "notice": visible(member.notice) or None,
        "runs": [
            {
                "name": visible(run.name),
                "step": None if run.step is None else wire_integer(run.step),
                "wall_time": run.wall_ms,
                "known": run.known,
            }
            for run in member.runs
        ],
        "siblings": [visible(sibling.name) for sibling in member.siblings],
    }


def _groups(comparison: Comparison) -> list[dict[str, Any]]:
    groups = []
    for key, label in GROUPS.items():
        rows = [row for row in comparison.rows if row.group == key]
        if rows:
            differing = sum(1 for row in rows if row.differs)
            groups.append({"key": key, "label": label, "rows": len(rows), "differing": differing})
    return groups


def _row(row: Row) -> dict[str, Any]:
    return {
        "group": row.group,
        "key": row.key,
        "label": row.label,
        "differs": row.differs,
        "caution": visible(row.caution) or None,
        "details": wire_value(row.details),
        "cells": [cell_payload(cell) for cell in row.cells],
    }


def cell_payload(cell: Cell) -> dict[str, Any]:
    """Returns a cell; see `CompareCell` in types.ts."""
    return {
        "text": visible(cell.text),
        "value": wire_value(cell.value),
        "absent": cell.absent,
        "known": cell.known,
        "verdict": cell.verdict or None,
        "reasons": [visible(reason) for reason in cell.reasons],
        "details": wire_value(cell.details),
    }


def wire_value(value: Any) -> Any:
    """Returns a value as it travels: NaN, infinities and integers above 2^53 as texts."""
    if isinstance(value, Mapping):
        return {key: wire_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [wire_value(item) for item in value]
    if isinstance(value, float):
        return wire_number(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return wire_integer(value)
    return value
