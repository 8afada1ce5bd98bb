"""The whole table as columns: `VersionsPayload` in types.ts, docs/http-api.md in prose. Pure.

The golden files in tests/contract/ hold the three together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.payload.columns import coded, codes_of, metric_columns, value_columns
from tb_versions.payload.wire import SCHEMA_VERSION, wire_integer
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.listing import ListedDataset


def versions_payload(catalog: Catalog) -> dict[str, Any]:
    """Returns the whole table as columns; see `VersionsPayload` in types.ts."""
    versions = catalog.versions
    runs = _Runs(catalog)
    data = _Data(versions)
    metrics, left_out = metric_columns(catalog)
    hyperparameters, more = value_columns(versions, lambda v: v.listing.hyperparameters if v.listing else {})
    labels, rest = value_columns(versions, lambda v: v.listing.labels if v.listing else {})
    problems = [{"where": visible(where), "reason": visible(reason)} for where, reason in catalog.problems]
    for count, what in ((left_out, "metrics"), (more, "hyperparameters"), (rest, "labels")):
        if count:
            reason = f"the {count:,} rarest {what} have no column; each version's details show them."
            problems.append({"where": "table", "reason": reason})
    payload: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "status": "loading" if catalog.loading else "ready",
        "looked_in": [{"path": r.shown, "kind": r.kind, "exists": exists} for r, exists in catalog.roots],
        "problems": problems,
        "unregistered": catalog.unregistered,
        "unregistered_in": [visible(folder) for folder in catalog.unregistered_in],
        "columns": {**_columns(versions, runs), "datasets": data.of_versions},
        "runs": runs.names,
        "datasets": data.wire,
        "metrics": metrics,
        "hyperparameters": hyperparameters,
        "labels": labels,
    }
    return payload


class _Runs:
    """Gives run names their index."""

    def __init__(self, catalog: Catalog) -> None:
        names = sorted({run.name for version in catalog.versions for run in version.runs})
        self.names = names
        self.index = {name: position for position, name in enumerate(names)}


class _Data:
    """Gives datasets their index; versions that share a tuple of them share a list."""

    def __init__(self, versions: Sequence[Version]) -> None:
        index: dict[ListedDataset, int] = {}
        lists: dict[tuple[ListedDataset, ...], list[int]] = {}
        self.of_versions: list[list[int]] = []
        for version in versions:
            named = version.listing.datasets if version.listing else ()
            if named not in lists:
                lists[named] = [index.setdefault(each, len(index)) for each in named]
            self.of_versions.append(lists[named])
        self.wire = [{"name": d.name, "digest": d.digest or None, "split": d.split} for d in index]


def _columns(versions: Sequence[Version], runs: _Runs) -> dict[str, Any]:
    listings = [version.listing for version in versions]
    return {
        "id": [v.id for v in versions],
        "model": coded(v.model for v in versions),
        "number": [wire_integer(v.number) for v in versions],
        "semantic_version": [x.semantic_version or None if x else None for x in listings],
        "description": [x.summary or None if x else None for x in listings],
        "aliases": [[] for _ in versions],
        "created": [x.created_ms if x else None for x in listings],
        "run": [runs.index[v.runs[0].name] if v.runs else -1 for v in versions],
        "runs": [[runs.index[run.name] for run in v.runs] for v in versions],
        "run_known": [bool(v.runs) and v.runs[0].known for v in versions],
        "step": [None if v.step is None else wire_integer(v.step) for v in versions],
        "size": [x.size if x else None for x in listings],
        "parameters": [x.parameters if x else None for x in listings],
        "digest": [x.digest[7:19] or None if x else None for x in listings],
        "state": coded(v.state for v in versions),
        "notice": [v.notice or None for v in versions],
        "parents": [[f"{p.model}:{p.number}" for p in x.parents] if x else [] for x in listings],
        "relations": [[p.relation for p in x.parents] if x else [] for x in listings],
        "recipe": codes_of(x.recipe if x else "" for x in listings)[0],
        "seeds": codes_of(x.seeds if x else "" for x in listings)[0],
        "framework": coded(x.framework if x else "" for x in listings),
    }
