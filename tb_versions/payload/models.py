"""The models with their counts: `ModelsPayload` in types.ts. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tb_versions.payload.wire import SCHEMA_VERSION, wire_integer
from tb_versions.read.catalog import Catalog


def models_payload(catalog: Catalog, wanted: Collection[str] = ()) -> dict[str, Any]:
    """Returns the models with their counts; see `ModelsPayload` in types.ts.

    Args:
        catalog: The versions.
        wanted: Names of models, only these; none means all.
    """
    models = []
    for name, versions in sorted(catalog.by_model.items()):
        if wanted and name not in wanted:
            continue
        latest = versions[-1]
        models.append(
            {
                "name": name,
                "versions": len(versions),
                "latest": wire_integer(latest.number),
                "latest_created": latest.listing.created_ms if latest.listing else None,
                "damaged": sum(v.state == "damaged" for v in versions),
                "lead_metric": catalog.lead_metrics.get(name),
            }
        )
    return {"schema_version": SCHEMA_VERSION, "models": models}
