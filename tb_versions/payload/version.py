"""Everything about one version, with its files as they are now: `VersionPayload` in types.ts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec.structs import replace

from tb_versions.core.codec import from_fields, load_json
from tb_versions.core.digest import Changes
from tb_versions.core.manifest import VersionManifest, visible
from tb_versions.errors import TbVersionsError, UnsafeFileError
from tb_versions.payload.registry import version_said
from tb_versions.payload.slices import slices_payload
from tb_versions.payload.trust import trust_payload
from tb_versions.payload.wire import wire_integer, wire_number
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.manifests.files_at import elsewhere_of, files_at
from tb_versions.read.manifests.integrity import State, compare_sizes, in_words, listed_files, not_known
from tb_versions.read.replays import not_since
from tb_versions.read.sliced import SliceValue, whole_values
from tb_versions.read.values import MetricValue, metric_values
from tb_versions.registry.checked import trusted_keys

MAX_DEPTH = 100
"""Deepest manifest that travels as JSON: what is much deeper can be read, but not written again."""

_ON_DISK = ("present", "changed", "unchecked")


def details(
    catalog: Catalog,
    version: Version,
    manifest_bytes: Callable[[Version], bytes],
    *,
    keeps_schema: bool = False,
    tensorflow: str = "",
) -> dict[str, Any]:
    """Returns the payload of one version.

    Args:
        catalog: The catalog that holds it.
        version: The version.
        manifest_bytes: Reads its manifest.
        keeps_schema: Whether the manifest is already known to fit the schema.
        tensorflow: The one that is used here; "" where that is not known, or is not the reader's.
    """
    try:
        data = manifest_bytes(version)
    except (TbVersionsError, OSError) as error:
        return version_payload(catalog, _unreachable(version, error), None)
    changes, checked = None, None
    if version.places and version.state in _ON_DISK and not version.places[0].root.is_remote:
        version, changes, checked = _compared(version, data)
    return version_payload(
        catalog,
        version,
        data,
        changes=changes,
        checked=checked,
        keeps_schema=keeps_schema,
        tensorflow=tensorflow,
    )


def _compared(version: Version, data: bytes) -> tuple[Version, Changes | None, str]:
    """Returns the version with the state of its files now, how they differ, and what was compared."""
    place = version.places[0]
    try:
        fields = load_json(data)
        listed = listed_files(fields, place.folder, within=place.root.path)
        elsewhere = elsewhere_of(fields)
        if elsewhere is not None and not listed:
            return version, None, not_known(elsewhere)
        changes = compare_sizes(files_at(place, elsewhere), listed)
        checked = checked_in_words(len(listed))
    except (TbVersionsError, OSError) as error:
        return _unreachable(version, error), None, str(error)
    state: State = "changed" if changes else "present"
    if version.state != state:
        version = replace(version, state=state, notice=in_words(changes) if changes else "")
    return version, changes, checked


def _unreachable(version: Version, error: Exception) -> Version:
    """Returns the version as it is if its folder is not safe to read any more."""
    if isinstance(error, UnsafeFileError) and version.state in _ON_DISK:
        return replace(version, state="unreachable", notice=str(error))
    return version


def version_payload(
    catalog: Catalog,
    version: Version,
    data: bytes | None,
    *,
    changes: Changes | None = None,
    checked: str | None = None,
    keeps_schema: bool = False,
    tensorflow: str = "",
) -> dict[str, Any]:
    """Returns everything about one version; see `VersionPayload` in types.ts.

    Args:
        catalog: The catalog that holds the version.
        version: The version.
        data: Its manifest's bytes; None where they can't be read.
        changes: How its files differ by names and sizes; None where they were not looked at.
        checked: What was compared, in words; None where nothing was.
        keeps_schema: Whether the manifest is already known to fit the schema: checking that takes most of the time.
        tensorflow: As in `details`.
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
        "elsewhere": elsewhere_payload(version),
        "from_event": version.from_event,
        "run_hyperparameters": dict(version.run_hyperparameters) if version.run_hyperparameters else None,
        "lead_metric": (version.listing.lead_metric or None) if version.listing else None,
        "said": _said(catalog, version),
        **_not_replayed(catalog, version, manifest, tensorflow=tensorflow),
        "trust": trust_payload(catalog, version),
        "runs": [
            {
                "name": run.name,
                "step": None if run.step is None else wire_integer(run.step),
                "wall_time": run.wall_ms,
                "known": run.known,
            }
            for run in version.runs
        ],
        **_metrics(catalog, version, manifest),
        "lineage": _lineage(catalog, version),
        "manifest_digest": version.manifest_digest,
        "manifest": manifest,
        "manifest_text": "" if data is None else data.decode("utf-8", "replace"),
    }


def elsewhere_payload(version: Version) -> dict[str, str | None] | None:
    """Returns source and path of files that lie elsewhere, and the folder that the source is bound to; or None."""
    elsewhere = version.listing.elsewhere if version.listing else None
    if elsewhere is None:
        return None
    folder = version.places[0].root.sources.get(elsewhere.source) if version.places else None
    return {"source": visible(elsewhere.source), "path": visible(elsewhere.path), "bound_to": folder}


def _metrics(catalog: Catalog, version: Version, fields: dict[str, Any] | None) -> dict[str, Any]:
    """Metrics of whole datasets, and those of slices, with what the manifest says of their intervals and examples."""
    manifest = _precise(fields)
    metrics = metric_details(metric_values(version, catalog.curves), manifest)
    return {"metrics": metrics, "slices": slices_payload(manifest) if manifest else []}


def metric_details(values: Iterable[MetricValue], manifest: VersionManifest | None) -> list[dict[str, Any]]:
    """Returns metrics of one version; see `MetricDetail` in types.ts.

    Args:
        values: Its metrics.
        manifest: Its manifest, which has their intervals; None where it says nothing of them.
    """
    whole = whole_values(manifest) if manifest else {}
    return [{**metric_detail(value), **_precision(whole.get(value.kind.key))} for value in values]


def _precise(fields: dict[str, Any] | None) -> VersionManifest | None:
    """The manifest where its metrics say more than a name and a value, as few do: reading it all takes its time."""
    metrics = (fields or {}).get("metrics") or ()
    if not any(metric.keys() & {"slice", "lower", "upper", "examples"} for metric in metrics):
        return None
    try:
        return from_fields(fields or {})
    except TbVersionsError:
        return None  # then the manifest is not told either


def _precision(value: SliceValue | None) -> dict[str, Any]:
    """What is known of a value's interval and examples; nothing where nothing is."""
    if value is None:
        return {}
    examples = None if value.examples is None else wire_integer(value.examples)
    known = {"lower": value.lower, "upper": value.upper, "confidence": value.confidence, "examples": examples}
    return {name: item for name, item in known.items() if item is not None}


def _said(catalog: Catalog, version: Version) -> dict[str, Any] | None:
    said = catalog.said.get(version.id)
    if said is None:
        return None
    others = [visible(name) for name in said.aliases_of_another_manifest]
    return {
        **version_said(
            said.state,
            manifest=version.manifest_digest,
            trusted=trusted_keys(said.registry.state),
            gates=catalog.gates(version),
            is_whole=True,
        ),
        "aliases": [visible(name) for name in said.aliases],
        **({"aliases_of_another_manifest": others} if others else {}),
        "folder": visible(said.registry.place.shown),
    }


def _not_replayed(
    catalog: Catalog, version: Version, manifest: dict[str, Any] | None, *, tensorflow: str
) -> dict[str, Any]:
    said, golden = catalog.said.get(version.id), (manifest or {}).get("golden") or {}
    words = not_since(
        said.state.replayed if said else None,
        manifest=version.manifest_digest,
        recorded_on=str(golden.get("tensorflow") or ""),
        installed=tensorflow,
    )
    return {"not_replayed": words} if words else {}


def _manifest_json(data: bytes | None, keeps_schema: bool) -> tuple[dict[str, Any] | None, str]:
    """Returns a manifest that fits the schema, as it is on disk; or None, and why."""
    if data is None:
        return None, ""
    try:
        fields = load_json(data)
        if not keeps_schema:
            from_fields(fields)
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
    """Returns the notice; that of a damaged version has the reason already."""
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
        "why_not": value.why_not or None,
        "sample": value.sample or None,
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


def checked_in_words(count: int) -> str:
    """Returns what was compared to find the state of a version with so many files."""
    files = "1 file" if count == 1 else f"{count:,} files"
    return f"names and sizes of {files}; contents were not read"
