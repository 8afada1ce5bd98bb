"""The long tables: metrics with slices, points of curves with the exports at them, events of registries."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

from tb_versions import payload
from tb_versions.actions.telling import Told
from tb_versions.actions.wire import told_payload
from tb_versions.actions.wording import in_words
from tb_versions.comparison.loading import Source
from tb_versions.core.codec import manifest_digest
from tb_versions.core.manifest import visible
from tb_versions.errors import InvalidQueryError, TbVersionsError
from tb_versions.exports.tables.columns import Column, Kind, Table
from tb_versions.notebooks.frame import Frame
from tb_versions.payload.history import precision_of
from tb_versions.payload.registry import latest_measured
from tb_versions.payload.wire import without_surrogates
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.curves.current import Point
from tb_versions.read.registries import ModelRegistry
from tb_versions.read.timeline import Timelines
from tb_versions.read.values import export_from

MOST_POINTS = 5_000_000
"""Most points of a frame of curves, some 1 GB."""

_PAGE = 1_000
_SAID = 5

_METRICS: Mapping[str, Kind] = {
    "version": "text",
    "metric": "text",
    "dataset": "text",
    "slice": "text",
    "value": "number",
    "source": "text",
    "step": "integer",
    "run": "text",
    "goal": "text",
    "best": "number",
    "best_step": "integer",
    "last": "number",
    "last_step": "integer",
    "lower": "number",
    "upper": "number",
    "confidence": "number",
    "examples": "integer",
    "measured": "time",
    "measured_source": "text",
    "sample": "integer",
    "not_known": "text",
}
_CURVES: Mapping[str, Kind] = {
    "run": "text",
    "tag": "text",
    "step": "integer",
    "time": "time",
    "value": "number",
    "exported": "texts",
    "sample": "integer",
}
_EVENTS: Mapping[str, Kind] = {
    "model": "text",
    "event": "integer",
    "time": "time",
    "kind": "text",
    "version": "integer",
    "words": "text",
    "actor": "text",
    "reason": "text",
    "alias": "text",
    "skewed": "truth",
    "folder": "text",
}


def metrics(source: Source, versions: Sequence[Version]) -> Frame:
    """Returns every metric of some versions in long form; see `Versions.metrics`."""
    left_out: list[str] = []
    rows: list[dict[str, Any]] = []
    for version in versions:
        try:
            data: bytes | None = source.manifest_bytes(version)
        except (TbVersionsError, OSError) as error:
            data = None
            left_out.append(f"{version.id}: its manifest can't be read, so its slices are not known: {error}")
        if version.listing is None:
            left_out.append(f"{version.id} is damaged: {version.notice}")
        rows += ({"version": version.id, **row} for row in _of_version(source.catalog, version, data))
    return _frame(_METRICS, rows, "metric", left_out)


def _of_version(catalog: Catalog, version: Version, data: bytes | None) -> Iterator[dict[str, Any]]:
    # What was not read as it is now may be anything.
    keeps_schema = version.listing is not None and data is not None and manifest_digest(data) == version.manifest_digest
    told = payload.version_payload(catalog, version, data, keeps_schema=keeps_schema)
    for metric in told["metrics"]:
        told_here = {name: metric[name] for name in _METRICS if name in metric}
        yield {
            **told_here,
            "metric": metric["name"],
            "value": _number(metric["at_export"]),
            "best": _number(metric["best"]),
            "last": _number(metric["last"]),
            "not_known": metric["why_not"],
        }
    for group in told["slices"]:
        yield from (row for row in _of_group(group) if row["slice"])  # that of all data stands above
    said = catalog.said.get(version.id)
    for (name, dataset, part, source), (measured, value) in latest_measured(said.measured if said else ()).items():
        yield {
            "metric": visible(name),
            "dataset": visible(dataset),
            "slice": visible(part),
            "value": value.number,
            "source": "measured",
            "goal": value.goal or "unknown",
            "measured": measured.time_ms,
            "measured_source": visible(source) or None,
            **precision_of(value),
        }


def _of_group(group: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of a group of slices; columns of one value stand for all of its rows."""
    names = ("slice", "value", "source", "lower", "upper", "confidence", "examples")
    columns = [group[name] if isinstance(group[name], list) else repeat(group[name]) for name in names]
    for slice_, value, source, *precision in zip(*columns, strict=False):
        yield {
            "metric": group["name"],
            "dataset": group["dataset"],
            "goal": group["goal"],
            "slice": slice_,
            "value": _number(value),
            "source": source,
            **dict(zip(names[3:], precision, strict=True)),
        }


def curves(source: Source, versions: Sequence[Version]) -> Frame:
    """Returns every point of the curves of linked runs; see `Versions.curves`."""
    _, logdir = source.read_from
    if not logdir:
        return _frame(_CURVES, (), "point", ["Curves are read from the log directory, and no logdir was given."])
    from tb_versions.read.curves.curve import joinable_tags
    from tb_versions.read.curves.curve_reader import CurveReader
    from tb_versions.read.curves.event_files import reading

    linked = _linked(versions)
    problems: list[tuple[str, str]] = []
    columns: dict[str, list[Any]] = {name: [] for name in _CURVES}
    with reading(logdir, problems) as finish:
        reader = CurveReader(finish())
        tags = {run: joinable_tags(of) for run, of in reader.list(sorted(linked)).items()}
        for some in reader.read(tags):
            for run, of_run in some.items():
                for tag, points in of_run.items():
                    exported = _exported(source.catalog, linked[run], run, tag=tag)
                    count = len(points.steps)
                    if len(columns["run"]) + count > MOST_POINTS:
                        raise InvalidQueryError(
                            f"The curves have more than {MOST_POINTS:,} points; filter the versions first."
                        )
                    steps = points.steps.tolist()
                    columns["run"] += repeat(run, count)
                    columns["tag"] += repeat(tag, count)
                    columns["step"] += steps
                    columns["time"] += map(_milliseconds, points.wall_times.tolist())
                    columns["value"] += points.values.astype("float64").tolist()
                    columns["exported"] += (exported.get(step, ()) for step in steps)
                    columns["sample"] += repeat(reader.sample(points) or None, count)
    left_out = [f"{where}: {why}" for where, why in problems]
    missing = sorted(linked.keys() - tags.keys())
    left_out += [f"Run {visible(run)}: it has no curves in this log directory." for run in missing[:_SAID]]
    if len(missing) > _SAID:
        left_out.append(f"And {len(missing) - _SAID:,} more runs have no curves in this log directory.")
    return _frame_of(_CURVES, columns, "point", left_out)


def _linked(versions: Iterable[Version]) -> dict[str, list[Version]]:
    linked: dict[str, list[Version]] = defaultdict(list)
    for version in versions:
        for link in version.links:
            linked[link.name].append(version)
    return linked


def _exported(catalog: Catalog, versions: Iterable[Version], run: str, *, tag: str) -> dict[int, tuple[str, ...]]:
    """Step to the versions whose value at export is the point there; not those of which it is not known."""
    curve = catalog.curves.get(run, {}).get(tag)
    found: dict[int, tuple[str, ...]] = {}
    for version in versions if curve else ():
        export = export_from(version, run)
        point = curve.at.get(export) if curve and export else None
        if isinstance(point, Point):
            found[point.step] = (*found.get(point.step, ()), version.id)
    return found


def events(source: Source, versions: Sequence[Version]) -> Frame:
    """Returns every event of the models of some versions, oldest first; see `Versions.events`."""
    registries = source.catalog.registries
    models = dict.fromkeys(version.model for version in versions)
    left_out: list[str] = []
    rows: list[dict[str, Any]] = []
    for registry in (registry for model in models for registry in registries.get(model, ())):
        if registry.problem:
            left_out.append(registry.problem)
        try:
            rows += _of_log(registry)
        except (TbVersionsError, OSError) as error:
            left_out.append(f"The log of {registry.model} in {registry.place.shown} can't be read: {error}")
    return _frame(_EVENTS, rows, "event", left_out)


def _of_log(registry: ModelRegistry) -> list[dict[str, Any]]:
    lines, found, before = Timelines(), [], None
    more = bool(registry.state.head.number)
    while more:
        page, more = lines.page(registry, before=before, limit=_PAGE)
        found += page
        before = found[-1].event.number if found else None
    told = (Told(registry.model, one.event, one.effective_ms, one.skewed) for one in reversed(found))
    return [_event(one, visible(registry.place.shown)) for one in told]


def _event(told: Told, folder: str) -> dict[str, Any]:
    wire = told_payload(told)
    return {
        "model": told.model,
        "event": wire["number"],
        "time": told.effective_ms,
        "kind": wire["kind"],
        "version": told.event.version,
        "words": in_words(told),
        "actor": wire["actor"],
        "reason": wire["reason"],
        "alias": wire.get("alias"),
        "skewed": told.skewed,
        "folder": folder,
    }


def _frame(kinds: Mapping[str, Kind], rows: Iterable[Mapping[str, Any]], what: str, left_out: Sequence[str]) -> Frame:
    columns: dict[str, list[Any]] = {name: [] for name in kinds}
    for row in rows:
        for name, column in columns.items():
            column.append(row.get(name))
    return _frame_of(kinds, columns, what, left_out)


def _frame_of(
    kinds: Mapping[str, Kind], columns: Mapping[str, Sequence[Any]], what: str, left_out: Sequence[str]
) -> Frame:
    made = [Column(name, kind, tuple(_sound(kind, columns[name]))) for name, kind in kinds.items()]
    return Frame(Table(tuple(made), len(made[0].values), tuple(map(visible, left_out))), what)


def _sound(kind: Kind, values: Iterable[Any]) -> Iterable[Any]:
    """Texts that are Unicode, and integers that travelled as texts."""
    if kind in ("text", "texts"):
        return map(without_surrogates, values)
    return (int(v) if isinstance(v, str) else v for v in values) if kind == "integer" else values


def _number(wire: float | str | None) -> float | None:
    """A number that travelled: NaN and infinities are texts."""
    return None if wire is None else float(wire)


def _milliseconds(seconds: float) -> int | None:
    milliseconds = seconds * 1_000
    return round(milliseconds) if math.isfinite(milliseconds) and abs(milliseconds) < 2**53 else None
