"""The parts of a block's columns: what manifests say, what folders say, and what runs say. Pure.

They are apart because they change apart: a training that goes on changes what its run says of the versions every few
seconds, while their manifests never change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from tb_versions.payload.columns import (
    Named,
    coded,
    metric_name,
    names_of_metrics,
    names_of_values,
    optional_numbers,
    recorded_metrics,
    value_columns,
)
from tb_versions.payload.wire import wire_integer
from tb_versions.read.catalog import Version
from tb_versions.read.curves.curve import RunCurves
from tb_versions.read.manifests.listing import ListedDataset, Listing
from tb_versions.read.sources import in_order
from tb_versions.read.values import Joined, MetricValue, join, values_with_curves

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Kept(NamedTuple):
    """The names that have columns, by kind; in their order."""

    metrics: Mapping[str, Any]
    hyperparameters: Mapping[str, Any]
    labels: Mapping[str, Any]

    def of(self, named: Named) -> object:
        """Returns which of a part's names have columns: the part is the same while this is."""
        pairs = (
            (self.metrics, named.metrics),
            (self.hyperparameters, named.hyperparameters),
            (self.labels, named.labels),
        )
        return [[name in kept for name in names] for kept, names in pairs]


class Rows(NamedTuple):
    """The versions of a block, and what their runs say."""

    versions: Sequence[Version]
    curves: RunCurves


class Part(NamedTuple):
    """What one source says of some rows.

    Attributes:
        made_of: What it follows from: the part is the same while these are equal.
        names: The names of its columns.
        columns: Its columns, as they travel.
    """

    made_of: Callable[[Rows], list[Any]]
    names: Callable[[Rows], Named]
    columns: Callable[[Rows, Kept], dict[str, Any]]


def _made_of_manifests(rows: Rows) -> list[Any]:
    return [[version.id for version in rows.versions], [version.listing for version in rows.versions]]


def _names_in_manifests(rows: Rows) -> Named:
    listings = [version.listing for version in rows.versions]
    named = Named(
        hyperparameters=names_of_values([_recorded_hyperparameters(x) for x in listings]),
        labels=names_of_values([x.labels if x else _NOTHING for x in listings]),
    )
    names_of_metrics([x.metrics if x else None for x in listings], named)
    return named


def _of_manifests(rows: Rows, kept: Kept) -> dict[str, Any]:
    listings = [version.listing for version in rows.versions]
    datasets = _Datasets(rows.versions)
    return {
        "columns": {**_recorded_columns(rows.versions), "datasets": datasets.of_versions},
        "datasets": datasets.wire,
        "metrics": recorded_metrics([x.metrics if x else None for x in listings], kept.metrics),
        "hyperparameters": value_columns([_recorded_hyperparameters(x) for x in listings], kept.hyperparameters),
        "labels": value_columns([x.labels if x else _NOTHING for x in listings], kept.labels),
    }


def _recorded_hyperparameters(listing: Listing | None) -> Mapping[str, Any]:
    """Those of a manifest, or else the options of its command."""
    return (listing.hyperparameters or listing.arguments) if listing else _NOTHING


def _logged_hyperparameters(rows: Rows) -> list[Mapping[str, Any]]:
    return [version.run_hyperparameters or _NOTHING for version in rows.versions]


def _made_of_folders(rows: Rows) -> list[Any]:
    return [[version.state for version in rows.versions], [version.notice for version in rows.versions]]


def _of_folders(rows: Rows, _kept: Kept) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "state": coded(version.state for version in rows.versions),
        "notice": [version.notice or None for version in rows.versions],
    }
    return {"columns": columns}


def _made_of_runs(rows: Rows) -> list[Any]:
    links = [version.links for version in rows.versions]
    names = dict.fromkeys(link.name for linked in links for link in linked)
    listings = [version.listing for version in rows.versions]
    return [links, listings, _logged_hyperparameters(rows), [rows.curves.get(name) for name in names]]


def _names_in_runs(rows: Rows) -> Named:
    named = Named(hyperparameters=names_of_values(_logged_hyperparameters(rows)))
    for places, joined in _joined(rows):
        for value in values_with_curves(rows.versions[places[0]], joined):
            if value.kind.source == "run":
                named.add_metric(value.kind, len(places))
    return named


def _of_runs(rows: Rows, kept: Kept) -> dict[str, Any]:
    versions = rows.versions
    names = sorted({link.name for version in versions for link in version.links})
    index = {name: position for position, name in enumerate(names)}
    columns = {
        "run": [index[v.links[0].name] if v.links else -1 for v in versions],
        "runs": [[index[link.name] for link in v.links] for v in versions],
        "run_known": [bool(v.links) and v.links[0].known for v in versions],
        "step": [None if (step := v.step) is None else wire_integer(step) for v in versions],
    }
    found: dict[str, dict[int, MetricValue]] = {}
    from_run = [False] * len(versions)
    for places, joined in _joined(rows):
        for row in places:
            for value in values_with_curves(versions[row], joined):
                from_run[row] |= value.kind.source == "run" and value.at_export is not None
                if value.kind.key in kept.metrics:
                    found.setdefault(value.kind.key, {})[row] = value
    logged = _logged_hyperparameters(rows)
    if any(logged):
        columns["run_hyperparameters"] = [bool(values) for values in logged]
    if any(from_run):
        columns["from_run"] = from_run
    return {
        "columns": columns,
        "runs": names,
        "hyperparameters": value_columns(logged, kept.hyperparameters),
        "metrics": [_metric_of_runs(of_rows, len(versions)) for of_rows in found.values()],
    }


PARTS = (
    Part(_made_of_manifests, _names_in_manifests, _of_manifests),
    Part(_made_of_folders, lambda _rows: Named(), _of_folders),
    Part(_made_of_runs, _names_in_runs, _of_runs),
)
"""The parts of each block, in their order."""


def _recorded_columns(versions: Sequence[Version]) -> dict[str, Any]:
    listings = [version.listing for version in versions]
    return {
        **_sources(listings),
        "id": [v.id for v in versions],
        "model": coded(v.model for v in versions),
        "number": [wire_integer(v.number) for v in versions],
        "semantic_version": [x.semantic_version or None if x else None for x in listings],
        "description": [x.summary or None if x else None for x in listings],
        "created": [x.created_ms if x else None for x in listings],
        "size": [x.size if x else None for x in listings],
        "parameters": [x.parameters if x else None for x in listings],
        "digest": [x.digest[7:19] or None if x else None for x in listings],
        "parents": [[f"{p.model}:{p.number}" for p in x.parents] if x else [] for x in listings],
        "relations": [[p.relation for p in x.parents] if x else [] for x in listings],
        "recipe": [_number(x.recipe) if x else -1 for x in listings],
        "seeds": [_number(x.seeds) if x else -1 for x in listings],
        "framework": coded(x.framework if x else "" for x in listings),
        "lead_metric": coded(x.lead_metric if x else "" for x in listings),
    }


def _sources(listings: Sequence[Listing | None]) -> dict[str, Any]:
    """Where the numbers of manifests are from; in most tables somebody stated everything."""
    of_kinds: dict[int, str] = {}
    sources = []
    for listing in listings:
        kinds = listing.metrics.kinds if listing else ()
        if id(kinds) not in of_kinds:
            of_kinds[id(kinds)] = " ".join(in_order(kind.source for kind in kinds))
        sources.append(of_kinds[id(kinds)])
    unstated = [x.unstated if x else "" for x in listings]
    return {"sources": coded(sources), **({"unstated": coded(unstated)} if any(unstated) else {})}


def _number(digest: str) -> int:
    """Equal numbers for equal digests, also in other blocks, and small enough for a browser; -1 for none."""
    return int(digest[:13], 16) if digest else -1


class _Datasets:
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


def _joined(rows: Rows) -> list[tuple[list[int], Joined]]:
    """Rows with the curves of their metrics; joined once for versions of one training."""
    groups: dict[object, list[int]] = {}
    for row, version in enumerate(rows.versions if rows.curves else ()):
        listing = version.listing
        if listing is not None and version.links:
            groups.setdefault((version.links, id(listing.metrics.kinds), id(listing.hyperparameters)), []).append(row)
    found = [(places, join(rows.versions[places[0]], rows.curves)) for places in groups.values()]
    return [(places, joined) for places, joined in found if joined is not None]


def _metric_of_runs(of_rows: Mapping[int, MetricValue], count: int) -> dict[str, Any]:
    """One metric as curves have it; `at_export` only of versions whose manifest does not have the metric."""
    values = [of_rows.get(row) for row in range(count)]
    own = [value if value and value.kind.source == "run" else None for value in values]
    wire = metric_name(next(iter(of_rows.values())).kind)
    if any(own):
        wire["at_export"] = optional_numbers([value.at_export if value else None for value in own])
        wire["source"] = "run"
    best = [value.best if value else None for value in values]
    last = [value.last if value else None for value in values]
    wire["best"] = optional_numbers([point.value if point else None for point in best])
    wire["best_step"] = [wire_integer(point.step) if point else None for point in best]
    wire["last"] = optional_numbers([point.value if point else None for point in last])
    wire["regret"] = [value.regret if value else None for value in values]
    # Most tables have none of these.
    for name, told in (
        ("why_not", [value.why_not or None if value else None for value in values]),
        ("sample", [value.sample or None if value else None for value in values]),
    ):
        if any(told):
            wire[name] = told
    return wire
