"""One object per version, for `tb-versions list --json` and tables. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.payload.registry import latest_measured, measured_key, version_said
from tb_versions.payload.version import elsewhere_payload
from tb_versions.payload.wire import wire_number
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.said import Said
from tb_versions.read.values import metric_values
from tb_versions.registry.checked import files_word


def rows(catalog: Catalog, versions: Iterable[Version]) -> list[dict[str, Any]]:
    """Returns one object per version, for `tb-versions list --json`; numbers in full precision."""
    return [_row(catalog, version) for version in versions]


def _said(catalog: Catalog, version: Version) -> dict[str, Any]:
    said: Said | None = catalog.said.get(version.id)
    if said is None:
        return {
            "aliases": [],
            "aliases_of_another_manifest": [],
            "approved_by": [],
            "approved_by_of_another_manifest": [],
            "deprecated": None,
            "removed": None,
            "gates": [],
            "verified": None,
            "measured": {},
        }
    told = version_said(said.state, manifest=version.manifest_digest, gates=catalog.gates(version), is_whole=True)
    latest = latest_measured(said.measured)
    return {
        "aliases": [visible(name) for name in said.aliases],
        "aliases_of_another_manifest": [visible(name) for name in said.aliases_of_another_manifest],
        "approved_by": [by["actor"] for by in told.get("approvals", [])],
        "approved_by_of_another_manifest": [by["actor"] for by in told.get("approvals_of_another_manifest", [])],
        "deprecated": told.get("deprecated"),
        "removed": told.get("removed"),
        "gates": told.get("gates", []),
        "verified": files_word(said.state, version.manifest_digest) or None,
        "measured": {visible(measured_key(kind)): wire_number(value.number) for kind, (_, value) in latest.items()},
    }


def _row(catalog: Catalog, version: Version) -> dict[str, Any]:
    listing = version.listing
    values = metric_values(version, catalog.curves)
    return {
        "id": version.id,
        "model": version.model,
        "number": version.number,
        "semantic_version": catalog.semantic_version(version) or None,
        "digest": (listing.digest or None) if listing else None,
        "created": listing.created_ms if listing else None,
        "run": version.runs[0].name if version.runs else None,
        "step": version.step,
        "metrics": {value.kind.key: wire_number(value.at_export) for value in values if value.at_export is not None},
        "sources": {value.kind.key: value.kind.source for value in values if value.at_export is not None},
        "not_known": {value.kind.key: value.why_not for value in values if value.why_not},
        "samples": {value.kind.key: value.sample for value in values if value.sample},
        "hyperparameters": dict(version.hyperparameters),
        "hyperparameters_from": "run" if version.run_hyperparameters else None,
        "labels": dict(catalog.labels(version)),
        "lead_metric": (listing.lead_metric or None) if listing else None,
        **_said(catalog, version),
        "path": version.places[0].shown if version.places else None,
        "elsewhere": elsewhere_payload(version),
        "state": version.state,
        "notice": version.notice or None,
    }
