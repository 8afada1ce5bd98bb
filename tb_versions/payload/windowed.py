"""The head of a table whose rows come by window: `VersionsPayload` in types.ts, docs/http-api.md in prose. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tb_versions.payload.parts import Kept
from tb_versions.payload.tables import head
from tb_versions.payload.wire import dump, revision_of
from tb_versions.read.catalog import Catalog

_OF_THE_TABLES = ("metrics", "hyperparameters", "labels")


def windowed_payload(catalog: Catalog, told: Mapping[str, Any], window: Mapping[str, Any]) -> bytes:
    """Returns the head of a table whose rows come by window, as it travels: on lines as any table, without blocks.

    Args:
        catalog: Its folders and problems; it has no versions. One that is loading stands for tables that are not open.
        told: What the tables have: heads of `metrics`, `hyperparameters` and `labels`, `problems`, and a `revision`
            that follows their content. All of them may be absent.
        window: How the tables stand. `looked` is no part of the revision, or it would change at every look.
    """
    found = head(catalog, Kept({}, {}, {}), {})
    found.update({name: told[name] for name in _OF_THE_TABLES if name in told})
    found["problems"] += told.get("problems", [])
    found["status"] = "loading" if catalog.loading else "windowed"
    found["window"] = dict(window)
    lasting = {**window, "looked": None}
    revision = revision_of(dump([{**found, "window": lasting}, told.get("revision", "")]))
    first = dump({"revision": revision, **found, "blocks": []})
    return first[:-1] + b',"parts":[\n]}'
