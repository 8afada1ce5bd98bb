"""The table, in blocks of rows: `VersionsPayload` in types.ts, docs/http-api.md in prose. Pure.

The golden files in tests/contract/ hold the three together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.payload.blocks import blocks_of
from tb_versions.payload.columns import Named, most_frequent
from tb_versions.payload.parts import PARTS, Kept, Rows
from tb_versions.payload.registry import registry_payload
from tb_versions.payload.wire import TABLE_SCHEMA_VERSION, dump, revision_of
from tb_versions.read.catalog import Catalog


def table_payload(catalog: Catalog) -> dict[str, Any]:
    """Returns the whole table in blocks, without digests and revision, which `sealed` adds."""
    blocks = [Rows(catalog.versions[rows], catalog.curves) for rows in blocks_of(catalog.versions)]
    named = [part.names(rows) for rows in blocks for part in PARTS]
    kept, left_out = kept_names(named, len(catalog.versions))
    return {
        **head(catalog, kept, left_out),
        "blocks": [
            {"rows": len(rows.versions), "parts": [part.columns(rows, kept) for part in PARTS]} for rows in blocks
        ],
    }


def sealed(table: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a table as it travels: each part once, with its digest, and a revision that follows the content.

    Args:
        table: As `table_payload` makes it; of a redacted one the digests are those of what it says now.
    """
    parts: dict[str, Any] = {}
    blocks = []
    for block in table["blocks"]:
        digests = []
        for part in block["parts"]:
            digest = revision_of(dump(part))
            digests.append(digest)
            parts[digest] = {"digest": digest, **part}
        blocks.append({"rows": block["rows"], "parts": digests})
    first = {**table, "blocks": blocks}
    return {"revision": revision_of(dump(first)), **first, "parts": list(parts.values())}


def kept_names(named: Iterable[Named], count: int) -> tuple[Kept, Mapping[str, int]]:
    """Returns the names that have columns, and how many of each kind have none.

    Args:
        named: The names of every part.
        count: Number of versions.
    """
    everything = Named()
    for each in named:
        everything.add(each)
    # What an author recorded comes before what only the curves have.
    metrics = sorted(everything.metrics.items(), key=lambda item: item[1].kind.source == "run")
    rows = {key: metric.rows for key, metric in metrics}
    kept = Kept(
        {key: everything.metrics[key] for key in most_frequent(rows, count)},
        dict.fromkeys(most_frequent(everything.hyperparameters, count)),
        dict.fromkeys(most_frequent(everything.labels, count)),
    )
    left_out = {
        "metrics": len(everything.metrics) - len(kept.metrics),
        "hyperparameters": len(everything.hyperparameters) - len(kept.hyperparameters),
        "labels": len(everything.labels) - len(kept.labels),
    }
    return kept, left_out


def head(catalog: Catalog, kept: Kept, left_out: Mapping[str, int]) -> dict[str, Any]:
    """Returns what the table says of itself, and its columns' names."""
    problems = [{"where": visible(where), "reason": visible(reason)} for where, reason in catalog.problems]
    for what, count in left_out.items():
        if count:
            reason = f"the {count:,} rarest {what} have no column; each version's details show them."
            problems.append({"where": "table", "reason": reason})
    return {
        "schema_version": TABLE_SCHEMA_VERSION,
        "status": "loading" if catalog.loading else "ready",
        "looked_in": [{"path": r.shown, "kind": r.kind, "exists": exists} for r, exists in catalog.roots],
        "problems": problems,
        "unregistered": catalog.unregistered,
        "unregistered_in": [visible(folder) for folder in catalog.unregistered_in],
        "metrics": [metric.payload() for metric in kept.metrics.values()],
        "hyperparameters": [{"name": name} for name in kept.hyperparameters],
        "labels": [{"name": name} for name in kept.labels],
        "registry": registry_payload(catalog),
    }
