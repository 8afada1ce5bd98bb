"""Catalog to JSON: the contract that the HTTP routes, the command line and exports share. Pure.

`frontend/src/api/types.ts` says the same in TypeScript, docs/http-api.md in prose; the golden files in
tests/contract/ hold them together.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from tb_versions.core.codec import decode, load_json
from tb_versions.core.digest import Changes
from tb_versions.core.manifest import visible
from tb_versions.errors import TbVersionsError
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.curves import RunPoints
from tb_versions.read.listed_metrics import MetricKind
from tb_versions.read.listing import ListedDataset
from tb_versions.read.values import MetricValue, metric_values

SCHEMA_VERSION = 1
"""Schema of every payload."""

MAX_COLUMNS = 300
"""Most columns each of metrics, hyperparameters and labels; the rarest are left out and counted."""

LARGE_TABLE = 200
"""With more versions, a column needs at least 2 versions, and 0.1 %, that have it …"""

ALWAYS_SHOWN = 40
"""… unless it is among the most frequent ones of its kind."""

MAX_DEPTH = 100
"""Deepest manifest that travels as JSON: what is much deeper can be read, but not written again."""

_DIGITS = 9
_EXACT = 2**53
_SURROGATE = re.compile("[\ud800-\udfff]")


def dump(payload: object) -> bytes:
    """Returns strict JSON; NaN and infinities must be texts already."""
    try:
        return orjson.dumps(payload)
    except orjson.JSONEncodeError:  # a file or run whose name is no UTF-8
        return orjson.dumps(_without_surrogates(payload))


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value) if _SURROGATE.search(value) else value
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_surrogates(item) for item in value]
    return value


def wire_number(value: float | None) -> float | str | None:
    """Returns a number as it travels: NaN and infinities as texts."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def wire_integer(value: int) -> int | str:
    """Returns an integer as it travels: as text above 2^53, which a browser's numbers can't hold."""
    return value if abs(value) <= _EXACT else str(value)


def versions_payload(catalog: Catalog) -> dict[str, Any]:
    """Returns the whole table as columns; see `VersionsPayload` in types.ts."""
    versions = catalog.versions
    runs = _Runs(catalog)
    data = _Data(versions)
    metrics, left_out = _metric_columns(catalog)
    hyperparameters, more = _value_columns(versions, lambda v: v.listing.hyperparameters if v.listing else {})
    labels, rest = _value_columns(versions, lambda v: v.listing.labels if v.listing else {})
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


def revision_of(body: bytes) -> str:
    """Returns the revision of a payload: it changes when, and only when, the content does."""
    return hashlib.sha256(body).hexdigest()[:16]


def with_revision(payload: dict[str, Any]) -> tuple[bytes, str]:
    """Returns the payload's JSON with its `revision` in it, and the revision."""
    body = dump(payload)
    revision = revision_of(body)
    return b'{"revision":"' + revision.encode() + b'",' + body[1:], revision


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
        "model": _coded(v.model for v in versions),
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
        "state": _coded(v.state for v in versions),
        "notice": [v.notice or None for v in versions],
        "parents": [[f"{p.model}:{p.number}" for p in x.parents] if x else [] for x in listings],
        "relations": [[p.relation for p in x.parents] if x else [] for x in listings],
        "recipe": _codes(x.recipe if x else "" for x in listings)[0],
        "seeds": _codes(x.seeds if x else "" for x in listings)[0],
        "framework": _coded(x.framework if x else "" for x in listings),
    }


def _coded(texts: Iterable[str]) -> dict[str, Any]:
    codes, values = _codes(texts)
    return {"values": values, "codes": codes}


def _codes(texts: Iterable[str]) -> tuple[list[int], list[str]]:
    """Equal numbers for equal texts, -1 for the empty one; and the texts in the order of their numbers."""
    values: dict[str, int] = {}
    codes = [values.setdefault(text, len(values)) if text else -1 for text in texts]
    return codes, list(values)


class _MetricColumn:
    """One metric's values and the rows that have them; `joined` where a row's run has a curve for it."""

    __slots__ = ("joined", "kind", "rows", "sources", "values")

    def __init__(self, kind: MetricKind) -> None:
        self.kind = kind
        self.rows: list[int] = []
        self.values: list[float | None] = []
        self.sources: list[str] = []
        self.joined: dict[int, MetricValue] = {}

    def add(self, row: int, kind: MetricKind, value: float | None) -> None:
        if kind is not self.kind and kind.goal_source == "manifest" and self.kind.goal_source != "manifest":
            self.kind = kind
        self.rows.append(row)
        self.values.append(value)
        self.sources.append(kind.source)


def _metric_columns(catalog: Catalog) -> tuple[list[dict[str, Any]], int]:
    columns: dict[str, _MetricColumn] = {}
    for row, version in enumerate(catalog.versions):
        if not any(catalog.curves.get(run.name) for run in version.runs):
            for metric in version.listing.metrics if version.listing else ():
                _column_of(columns, metric.kind).add(row, metric.kind, metric.value)
            continue
        for value in metric_values(version, catalog.curves):
            column = _column_of(columns, value.kind)
            column.add(row, value.kind, value.at_export)
            if value.curve:
                column.joined[row] = value
    kept = _most_frequent(columns, lambda key: len(columns[key].rows), len(catalog.versions))
    # What an author recorded comes before what only the curves have.
    kept.sort(key=lambda key: all(source == "run" for source in columns[key].sources))
    count = len(catalog.versions)
    return [_metric_column(columns[key], count) for key in kept], len(columns) - len(kept)


def _column_of(columns: dict[str, _MetricColumn], kind: MetricKind) -> _MetricColumn:
    column = columns.get(kind.key)
    if column is None:
        column = columns[kind.key] = _MetricColumn(kind)
    return column


def _metric_column(column: _MetricColumn, count: int) -> dict[str, Any]:
    rows, kind, joined = column.rows, column.kind, column.joined
    wire: dict[str, Any] = {
        "key": kind.key,
        "name": kind.name,
        "dataset": kind.dataset,
        "slice": kind.slice,
        "goal": kind.goal,
        "goal_source": kind.goal_source,
        "at_export": _spread(_rounded(column.values), rows, count),
        "source": _coded(_spread(column.sources, rows, count, absent="")),
    }
    if joined:
        at, values = list(joined), list(joined.values())
        wire["best"] = _spread(_rounded([v.best.value if v.best else None for v in values]), at, count)
        wire["best_step"] = _spread([wire_integer(v.best.step) if v.best else None for v in values], at, count)
        wire["last"] = _spread(_rounded([v.last.value if v.last else None for v in values]), at, count)
        wire["regret"] = _spread([v.regret for v in values], at, count)
    return wire


def _spread(values: Sequence[Any], rows: Sequence[int], count: int, *, absent: Any = None) -> list[Any]:
    if len(rows) == count:
        return list(values)
    column = [absent] * count
    for row, value in zip(rows, values, strict=True):
        column[row] = value
    return column


def _rounded(values: list[float | None]) -> list[Any]:
    """Nine significant digits, NaN and infinities as texts; a whole column at once."""
    array = nine_digits(np.array([math.nan if value is None else value for value in values], dtype=np.float64))
    rounded: list[Any] = array.tolist()
    for position in np.flatnonzero(~np.isfinite(array)):
        rounded[position] = None if values[position] is None else wire_number(rounded[position])
    return rounded


def nine_digits(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns numbers rounded to nine significant digits, as they travel; NaN and infinities stay."""
    rounded = values.copy()
    finite = np.isfinite(values) & (values != 0)
    exponent = np.zeros_like(values)
    with np.errstate(all="ignore"):
        exponent[finite] = _DIGITS - 1 - np.floor(np.log10(np.abs(values[finite])))
        # Powers of ten up to 22 are exact doubles: outside, numbers travel as they are.
        usual = finite & (np.abs(exponent) <= 22)
        scale = 10.0 ** np.abs(exponent[usual])
        down = exponent[usual] >= 0
        part = values[usual]
        rounded[usual] = np.where(down, np.round(part * scale) / scale, np.round(part / scale) * scale)
    return rounded


def _value_columns(versions: Sequence[Version], of: Callable[[Version], Any]) -> tuple[list[dict[str, Any]], int]:
    columns: dict[str, tuple[list[int], list[Any]]] = {}
    for row, version in enumerate(versions):
        for name, value in of(version).items():
            rows, values = columns.setdefault(name, ([], []))
            rows.append(row)
            values.append(value)
    kept = _most_frequent(columns, lambda name: len(columns[name][0]), len(versions))
    wire = [{"name": name, "values": _spread(columns[name][1], columns[name][0], len(versions))} for name in kept]
    return wire, len(columns) - len(kept)


def _most_frequent(columns: dict[str, Any], frequency: Callable[[str], int], count: int) -> list[str]:
    """The columns that are shown: in a large table a column that few versions have costs all others a place."""
    least = max(2, math.ceil(count / 1_000)) if count > LARGE_TABLE else 0
    if len(columns) <= MAX_COLUMNS and not least:
        return list(columns)
    ranked = sorted(columns, key=lambda key: (-frequency(key), key))[:MAX_COLUMNS]
    shown = {key for place, key in enumerate(ranked) if place < ALWAYS_SHOWN or frequency(key) >= least}
    return [key for key in columns if key in shown]


def models_payload(catalog: Catalog) -> dict[str, Any]:
    """Returns the models with their counts; see `ModelsPayload` in types.ts."""
    models = []
    for name, versions in sorted(catalog.by_model.items()):
        latest = versions[-1]
        models.append(
            {
                "name": name,
                "versions": len(versions),
                "latest": wire_integer(latest.number),
                "latest_created": latest.listing.created_ms if latest.listing else None,
                "damaged": Counter(v.state for v in versions)["damaged"],
            }
        )
    return {"schema_version": SCHEMA_VERSION, "models": models}


def version_payload(
    catalog: Catalog,
    version: Version,
    data: bytes | None,
    *,
    changes: Changes | None = None,
    checked: str | None = None,
    keeps_schema: bool = False,
) -> dict[str, Any]:
    """Returns everything about one version; see `VersionPayload` in types.ts.

    Args:
        catalog: The catalog that holds the version.
        version: The version.
        data: Its manifest's bytes; None where they can't be read.
        changes: How its files differ by names and sizes; None where they were not looked at.
        checked: What was compared, in words.
        keeps_schema: Whether the manifest is known to keep to the schema: finding out takes most of the time.
    """
    manifest, why_not = _manifest_json(data, keeps_schema)
    return {
        "id": version.id,
        "model": version.model,
        "number": wire_integer(version.number),
        "state": version.state,
        "notice": _notice(version, why_not) or None,
        "checked": checked,
        "files_changed": _files_changed(changes),
        "folder": version.places[0].shown if version.places else None,
        "from_event": version.from_event,
        "runs": [
            {
                "name": run.name,
                "step": None if run.step is None else wire_integer(run.step),
                "wall_time": run.wall_ms,
                "known": run.known,
            }
            for run in version.runs
        ],
        "metrics": [metric_detail(value) for value in metric_values(version, catalog.curves)],
        "lineage": _lineage(catalog, version),
        "manifest_digest": version.manifest_digest,
        "manifest": manifest,
        "manifest_text": "" if data is None else data.decode("utf-8", "replace"),
    }


def _manifest_json(data: bytes | None, keeps_schema: bool) -> tuple[dict[str, Any] | None, str]:
    """A manifest that keeps to the schema, as it is on disk; or None, and why."""
    if data is None:
        return None, ""
    try:
        if not keeps_schema:
            decode(data)
        fields = load_json(data)
    except TbVersionsError as error:
        return None, str(error)
    if _is_deep(fields):
        return None, f"The manifest is nested more than {MAX_DEPTH} levels deep; it is shown as text only."
    return fields, ""


def _is_deep(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for outer in level
            for item in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return False
    return True


def _notice(version: Version, why_not: str) -> str:
    """What there is to say; of a damaged manifest the table knows the reason already."""
    if version.state == "damaged" and version.notice:
        return version.notice
    return " ".join(words for words in (version.notice, why_not) if words)


def _files_changed(changes: Changes | None) -> list[dict[str, str]]:
    if changes is None:
        return []
    unsafe = tuple(str(item) for item in changes.unsafe)
    kinds = (("missing", changes.missing), ("extra", changes.extra), ("size", changes.resized), ("extra", unsafe))
    return [{"path": path, "what": what} for what, paths in kinds for path in paths[:1_000]]


def metric_detail(value: MetricValue) -> dict[str, Any]:
    """Returns one metric of one version, in full precision; see `MetricDetail` in types.ts."""
    return {
        "key": value.kind.key,
        "name": value.kind.name,
        "dataset": value.kind.dataset,
        "slice": value.kind.slice,
        "goal": value.kind.goal,
        "goal_source": value.kind.goal_source,
        "source": value.kind.source,
        "step": None if value.step is None else wire_integer(value.step),
        "at_export": wire_number(value.at_export),
        "run": value.curve.run if value.curve else None,
        "tag": value.curve.tag if value.curve else None,
        "best": wire_number(value.best.value) if value.best else None,
        "best_step": wire_integer(value.best.step) if value.best else None,
        "last": wire_number(value.last.value) if value.last else None,
        "last_step": wire_integer(value.last.step) if value.last else None,
        "regret": value.regret,
    }


def _lineage(catalog: Catalog, version: Version) -> dict[str, Any]:
    listing = version.listing
    same_run = [v.id for run in version.runs[:1] for v in catalog.by_run.get(run.name, ()) if v.id != version.id]
    same_content = catalog.by_digest.get(listing.digest, ()) if listing else ()
    parents = [(f"{p.model}:{p.number}", p.relation) for p in listing.parents] if listing else []
    return {
        "parents": [{"ref": ref, "relation": how, "known": ref in catalog.by_id} for ref, how in parents],
        "children": [
            {"ref": child.id, "relation": how}
            for child, how in catalog.children.get((version.model, version.number), ())[:500]
        ],
        "same_run": same_run[:500],
        "same_content": [v.id for v in same_content if v.id != version.id][:500],
    }


def rows(catalog: Catalog, versions: Iterable[Version]) -> list[dict[str, Any]]:
    """Returns one object per version, for `tb-versions list --json`; numbers in full precision."""
    return [_row(catalog, version) for version in versions]


def _row(catalog: Catalog, version: Version) -> dict[str, Any]:
    listing = version.listing
    values = metric_values(version, catalog.curves)
    return {
        "id": version.id,
        "model": version.model,
        "number": version.number,
        "semantic_version": (listing.semantic_version or None) if listing else None,
        "digest": (listing.digest or None) if listing else None,
        "created": listing.created_ms if listing else None,
        "run": version.runs[0].name if version.runs else None,
        "step": version.step,
        "metrics": {value.kind.key: wire_number(value.at_export) for value in values if value.at_export is not None},
        "hyperparameters": dict(listing.hyperparameters) if listing else {},
        "labels": dict(listing.labels) if listing else {},
        "aliases": [],
        "path": version.places[0].shown if version.places else None,
        "state": version.state,
        "notice": version.notice or None,
    }


def scalars_payload(runs: Sequence[str], tags: Sequence[str], curves: RunPoints, max_points: int) -> dict[str, Any]:
    """Returns requested curves; see `ScalarsPayload` in types.ts.

    Args:
        runs: Requested runs.
        tags: Requested tags.
        curves: What was read.
        max_points: Points requested of each curve.
    """
    found, missing = [], []
    for run in runs:
        for tag in tags:
            points = curves.get(run, {}).get(tag)
            if points is None:
                missing.append({"run": run, "tag": tag})
                continue
            found.append(
                {
                    "run": run,
                    "tag": tag,
                    "steps": [wire_integer(step) for step in points.steps.tolist()],
                    "wall_times": points.wall_times.tolist(),
                    "values": [wire_number(value) for value in points.values.tolist()],
                    "sampled": len(points.steps) >= max_points,
                }
            )
    return {"series": found, "missing": missing}


def checked_in_words(count: int) -> str:
    """Returns what the state of a version with so many files rests on."""
    files = "1 file" if count == 1 else f"{count:,} files"
    return f"names and sizes of {files}; contents were not read"
