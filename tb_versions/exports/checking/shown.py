"""Checks that the table and the details of an export show what its manifests say: it makes them again from these.

Best and last values, curves and comparisons come from event files, which an export does not hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tb_versions.core.codec import from_fields
from tb_versions.core.manifest import one_form, shown, visible
from tb_versions.errors import TbVersionsError
from tb_versions.exports.checking.agreement import catalog_of
from tb_versions.exports.checking.same import compare
from tb_versions.exports.container import Export
from tb_versions.exports.manifests import SharedManifest
from tb_versions.exports.page.frame import GENERATOR
from tb_versions.payload import versions_payload, whole
from tb_versions.payload.columns import LARGE_TABLE, MAX_COLUMNS, optional_numbers
from tb_versions.payload.slices import slices_payload
from tb_versions.payload.version import metric_detail
from tb_versions.read.catalog import Catalog
from tb_versions.read.sliced import sliced_metrics
from tb_versions.read.values import MetricValue, metric_values

NOT_CHECKED = (
    "Not checked: what comes from event files and folders: runs, best and last values, values and hyperparameters of "
    "runs, curves, comparisons, the state of files, aliases; and how descriptions are shortened."
)
"""What `tb-versions verify` says about values that it can't check."""

_COLUMNS = (
    *("id", "model", "number", "semantic_version", "created", "step", "size", "parameters", "digest"),
    *("parents", "relations", "framework", "lead_metric"),
)
_SINCE_0_2 = frozenset({"lead_metric"})
_OF_A_METRIC = ("at_export", "step", "source")
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
    same_rules = export.head.get("generator") == GENERATOR
    try:
        table = whole(export.section("versions"))
        slices = [_Slices(one) for one in shared]
        found = [
            *_of_table(table, catalog, same_rules),
            *_of_slices(table, catalog, slices),
            *_of_details(shared, catalog, same_rules, slices=slices),
        ]
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return ["The table of the export does not belong to its manifests."]
    return [_sentence(what, ids) for what, ids in found if ids]


def _sentence(what: str, ids: Sequence[str]) -> str:
    names = ", ".join(shown(each) for each in ids[:_NAMED])
    more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
    return f"{what} of {names}{more} is not the one in the manifest."


def _of_table(table: Mapping[str, Any], catalog: Catalog, same_rules: bool) -> Iterator[tuple[str, list[str]]]:
    expected = versions_payload(catalog)
    for name in _COLUMNS:
        if name in _SINCE_0_2 and name not in table["columns"]:
            continue
        values = _plain(table["columns"][name]), _plain(expected["columns"][name])
        yield f"In the table, the {name.replace('_', ' ')}", _unlike(*values, catalog)
    if same_rules:
        yield "In the table, a dataset", _unlike(_datasets(table), _datasets(expected), catalog)
    for kind, key, field in (
        ("metrics", "key", "at_export"),
        ("hyperparameters", "name", "values"),
        ("labels", "name", "values"),
    ):
        columns, derived = (
            {column[key]: column for column in of[kind] if not column.get("slice")} for of in (table, expected)
        )
        may_lack = not same_rules or len(columns) >= MAX_COLUMNS or len(catalog.versions) > LARGE_TABLE
        nowhere = [None] * len(catalog.versions)
        for name in {**columns, **derived}:
            if name not in columns and may_lack:  # in a large table rare ones have no column
                continue
            there = _recorded(columns[name], field) if name in columns else nowhere
            recorded = _recorded(derived[name], field) if name in derived else nowhere
            if kind == "hyperparameters":
                there = _without_those_of_runs(there, recorded, table, catalog)
            yield f"In the table, {shown(name)}", _unlike(there, recorded, catalog)
            if kind == "metrics" and not _is_named_alike(columns.get(name), derived.get(name), same_rules):
                yield f"In the table, the name or goal of {shown(name)}", [version.id for version in catalog.versions]


class _Slices:
    """What a version's manifest says of slices.

    Attributes:
        groups: As an export shows them; None where the manifest can't be read.
        by_key: As releases before 0.3 show them: each is a metric.
    """

    def __init__(self, one: SharedManifest) -> None:
        self.groups: list[dict[str, Any]] | None = None
        self.by_key: dict[str, dict[str, Any]] = {}
        try:
            manifest = None if one.fields is None else from_fields(dict(one.fields))
        except TbVersionsError:
            manifest = None
        if manifest is not None:
            self.groups = slices_payload(manifest)
            values = [value for group in sliced_metrics(manifest) for value in group.slices.values()]
            metrics = [metric_detail(MetricValue(value.kind, value.step, value.value)) for value in values]
            self.by_key = {metric["key"]: metric for metric in metrics}


def _of_slices(
    table: Mapping[str, Any], catalog: Catalog, slices: Sequence[_Slices]
) -> Iterator[tuple[str, list[str]]]:
    """Of releases whose tables have columns of slices."""
    for column in table["metrics"]:
        if column.get("slice"):
            recorded = [of.by_key.get(column["key"], {}).get("at_export") for of in slices]
            expected = optional_numbers([None if value is None else float(value) for value in recorded])
            yield f"In the table, {shown(column['key'])}", _unlike(_recorded(column, "at_export"), expected, catalog)


def _is_named_alike(column: Mapping[str, Any] | None, expected: Mapping[str, Any] | None, same_rules: bool) -> bool:
    """Whether a metric, if both have it, has the expected name and goal. Releases guess goals by rules of their own."""
    if column is None or expected is None:
        return True
    if any(compare(column.get(part), expected[part]) != "same" for part in ("name", "dataset", "slice")):
        return False
    is_recorded = "manifest" in (column.get("goal_source"), expected["goal_source"])
    return not (same_rules or is_recorded) or all(column.get(p) == expected[p] for p in ("goal", "goal_source"))


def _datasets(table: Mapping[str, Any]) -> list[Any]:
    return [[table["datasets"][place] for place in places] for places in table["columns"]["datasets"]]


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


def _of_details(
    shared: Sequence[SharedManifest], catalog: Catalog, same_rules: bool, *, slices: Sequence[_Slices]
) -> Iterator[tuple[str, list[str]]]:
    wrong, misnamed, missliced = [], [], []
    for one, version, sliced in zip(shared, catalog.versions, slices, strict=True):
        if version.listing is None:
            continue
        recorded = {metric["key"]: metric for metric in one.metrics if metric["source"] != "run"}
        expected = {metric["key"]: metric for metric in map(metric_detail, metric_values(version, {}))}
        if one.slices is None:
            expected |= sliced.by_key
        elif sliced.groups is not None and compare(one.slices, sliced.groups) != "same":
            missliced.append(version.id)
        if not _are_alike(recorded, expected, same_rules):
            wrong.append(version.id)
        if (one_form(visible(one.model)), one.number) != (version.listing.model, version.listing.number):
            misnamed.append(version.id)
    yield "In the details, a metric", wrong
    yield "In the details, a slice", missliced
    yield "In the details, the name", misnamed


def _are_alike(metrics: Mapping[str, Any], expected: Mapping[str, Any], same_rules: bool) -> bool:
    for part in _OF_A_METRIC:
        there, derived = ({key: one.get(part) for key, one in each.items()} for each in (metrics, expected))
        if compare(there, derived) != "same":
            return False
    return all(_is_named_alike(metrics[key], one, same_rules) for key, one in expected.items())
