"""Checks that the table and the details of an export show what its manifests say: it makes them again from these.

Best and last values, curves and comparisons come from event files, which an export does not hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tb_versions.core.manifest import shown
from tb_versions.exports.checking.agreement import catalog_of
from tb_versions.exports.checking.same import compare
from tb_versions.exports.container import Export
from tb_versions.exports.manifests import SharedManifest
from tb_versions.payload import versions_payload, whole
from tb_versions.payload.version import metric_detail
from tb_versions.read.catalog import Catalog
from tb_versions.read.values import metric_values

NOT_CHECKED = (
    "Not checked: what comes from event files: best and last values, values and hyperparameters of runs, curves, "
    "comparisons."
)
"""What `tb-versions verify` says about values that it can't check."""

_COLUMNS = (
    *("id", "model", "number", "semantic_version", "created", "step", "size", "parameters", "digest"),
    *("parents", "relations", "framework", "lead_metric"),
)
_SINCE_0_2 = frozenset({"lead_metric"})
_NAMED = 3


def wrong_values(export: Export, shared: Sequence[SharedManifest]) -> list[str]:
    """Returns sentences about values that the export shows and its manifests contradict.

    Args:
        export: Its sections were found unaltered.
        shared: Its manifests, in the order of the table.

    Raises:
        InvalidExportError: As `Export.section`.
    """
    catalog = catalog_of(shared)
    try:
        found = [*_of_table(whole(export.section("versions")), catalog), *_of_details(shared, catalog)]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return ["The table of the export does not belong to its manifests."]
    return [_sentence(what, ids) for what, ids in found if ids]


def _sentence(what: str, ids: Sequence[str]) -> str:
    names = ", ".join(shown(each) for each in ids[:_NAMED])
    more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
    return f"{what} of {names}{more} is not the one in the manifest."


def _of_table(table: Mapping[str, Any], catalog: Catalog) -> Iterator[tuple[str, list[str]]]:
    expected = versions_payload(catalog)
    for name in _COLUMNS:
        if name in _SINCE_0_2 and name not in table["columns"]:
            continue
        there, derived = _plain(table["columns"][name]), _plain(expected["columns"][name])
        yield f"In the table, the {name.replace('_', ' ')}", _unlike(there, derived, catalog)
    for kind, key, field in (
        ("metrics", "key", "at_export"),
        ("hyperparameters", "name", "values"),
        ("labels", "name", "values"),
    ):
        columns = {column[key]: column for column in table[kind]}
        for column in expected[kind]:
            if column[key] in columns:  # rare ones have no column
                values = _recorded(columns[column[key]], field), _recorded(column, field)
                if kind == "hyperparameters":
                    values = _without_those_of_runs(*values, table, catalog), values[1]
                yield f"In the table, {shown(column[key])}", _unlike(*values, catalog)


def _plain(column: Any) -> list[Any]:
    """Returns a column's values: the column is a list, or `values` with the position of each row's value in `codes`."""
    if isinstance(column, dict):
        return [column["values"][code] if code >= 0 else "" for code in column["codes"]]
    return list(column)


def _recorded(column: Mapping[str, Any], field: str) -> list[Any]:
    """Returns a column's values without those that come from a run's curve."""
    values = list(column[field])
    sources = _plain(column["source"]) if "source" in column else []
    return (
        [None if source == "run" else value for value, source in zip(values, sources, strict=True)]
        if sources
        else values
    )


def _without_those_of_runs(
    there: list[Any], expected: list[Any], table: Mapping[str, Any], catalog: Catalog
) -> list[Any]:
    """A column of hyperparameters without what the table says is from a run, where the manifest has none at all."""
    claimed = table["columns"].get("run_hyperparameters") or [False] * len(there)
    return [
        None
        if is_of_run is True and value is None and not (version.listing and version.listing.hyperparameters)
        else one
        for one, value, is_of_run, version in zip(there, expected, claimed, catalog.versions, strict=True)
    ]


def _unlike(there: list[Any], expected: list[Any], catalog: Catalog) -> list[str]:
    rows = zip(there, expected, catalog.versions, strict=True)
    return [version.id for one, other, version in rows if version.listing and compare(one, other) != "same"]


def _of_details(shared: Sequence[SharedManifest], catalog: Catalog) -> Iterator[tuple[str, list[str]]]:
    wrong = []
    for one, version in zip(shared, catalog.versions, strict=True):
        recorded = {metric["key"]: metric["at_export"] for metric in one.metrics if metric["source"] != "run"}
        expected = {metric["key"]: metric["at_export"] for metric in map(metric_detail, metric_values(version, {}))}
        if version.listing and compare(recorded, expected) != "same":
            wrong.append(version.id)
    yield "In the details, a metric", wrong
