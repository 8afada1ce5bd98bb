"""Reads what a document tells of a version, and takes out what must not leave this machine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tb_versions.comparison.loading import Source
from tb_versions.core.elsewhere import in_words
from tb_versions.core.manifest import File, VersionManifest, visible
from tb_versions.documents.before import release_before
from tb_versions.documents.opened import Reading, fields_of, redacted
from tb_versions.documents.subject import Drawn, Event, Number, Subject
from tb_versions.errors import TbVersionsError
from tb_versions.exports.contents.registries import shared_registries
from tb_versions.exports.contents.selection import Selector, select
from tb_versions.exports.contents.snapshot import redacted_in_words
from tb_versions.exports.redaction.fields import Included
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.payload.registry import latest_measured, version_said
from tb_versions.privacy.patterns import compile_patterns
from tb_versions.read.catalog import Version
from tb_versions.read.manifests.goals import infer_goal
from tb_versions.read.manifests.integrity import listed_files
from tb_versions.read.said import Said
from tb_versions.read.sliced import SliceValue, sliced_metrics, whole_values
from tb_versions.read.values import MetricValue, export_from, is_sampled, metric_values, remarks

_MOST_CHILDREN = 20
_ALIAS_WORDS = {"alias_set": "was given the alias", "alias_rolled_back": "got the alias back", "alias_removed": "lost"}


def read_subject(
    source: Source, version: Version, *, include: Iterable[Included] = (), redact: Sequence[str] = ()
) -> Subject:
    """Returns what a document tells of a version.

    Args:
        source: The versions and runs that are known.
        version: One of them.
        include: What stays although it is taken out by default, as in an export.
        redact: Regular expressions; matches are masked in every text.

    Raises:
        InvalidManifestError: The version's manifest can't be read: then nothing is known of it.
        TbVersionsError: A folder can't be read.
    """
    include = frozenset(include)
    folders = [folder for root, _ in source.catalog.roots for folder in (root.path, root.shown)]
    redactor = Redactor(include=include, patterns=compile_patterns(redact), folders=folders)
    selection, history = shared_registries(
        select(source.catalog, Selector(refs=(version.id,))), keeps_people="actors" in include
    )
    if "arguments" not in include:
        selection = selection.without_arguments()
    version = selection.versions[0]  # without names of people, which a notice may have
    reading = Reading(source, version, selection, history, redactor)
    fields = fields_of(reading)
    manifest = redacted(fields, redactor)
    values = metric_values(version, source.catalog.curves)
    before, why_not = release_before(reading, manifest)
    subject = Subject(
        id=redactor.name(version.id),
        manifest=manifest,
        state=version.state,
        notice=redactor.text(visible(version.notice)),
        files=_files(reading, manifest, fields),
        numbers=(*_of_manifest(manifest), *_of_curves(reading, values), *_measured(reading)),
        slices=tuple(_slices(manifest)),
        semantic_version=selection.catalog.semantic_version(version),
        lineage=tuple(_lineage(reading)),
        curve=_curve(reading, values),
        before=before,
        why_nothing_before=why_not,
        problems=tuple(redactor.text(visible(words)) for words in _problems(reading, values)),
        **_now(reading, manifest),
    )
    return replace(subject, left_out=(*redacted_in_words(redactor.counts), *map(redactor.text, history.left_out)))


def _problems(reading: Reading, values: Iterable[MetricValue]) -> Iterator[str]:
    """What may be wrong: values that were read as samples, and a log that is not known to its end."""
    yield from (remark for value in values for remark in remarks(value))
    for registry in reading.shared.catalog.registries.get(reading.version.model, ()):
        if registry.kind:
            yield f"{registry.problem} What is told of the log is the last that is known, which may be nothing."


def _files(reading: Reading, manifest: VersionManifest, fields: dict[str, Any]) -> tuple[File, ...] | None:
    """The files, from the list beside the manifest where there is one; None where it is not known which there are."""
    if manifest.file_list is None:
        return manifest.files or None
    if not reading.version.places:
        return None
    place = reading.version.places[0]
    try:
        found = listed_files(fields, place.folder, within=place.root.path)
    except (TbVersionsError, OSError):
        return None
    return tuple(replace(file, path=reading.redactor.text(file.path)) for file in found)


def _of_manifest(manifest: VersionManifest) -> Iterator[Number]:
    yield from map(_number, whole_values(manifest).values())


def _number(value: SliceValue) -> Number:
    kind = value.kind
    where = (kind.run and f"run {kind.run}", kind.tag and f"tag {kind.tag}")
    return Number(
        name=kind.name,
        dataset=kind.dataset,
        slice=kind.slice,
        value=value.value,
        goal=kind.goal,
        is_guess=kind.goal_source == "inferred",
        source=kind.source,
        detail=", ".join(filter(None, where)),
        step=value.step,
        lower=value.lower,
        upper=value.upper,
        confidence=value.confidence,
        examples=value.examples,
    )


def _of_curves(reading: Reading, values: Iterable[MetricValue]) -> Iterator[Number]:
    """Values that only a run's curve has, where they are known to be those of the export."""
    for value in values:
        if value.kind.source == "run" and value.at_export is not None and not is_sampled(value) and value.curve:
            run, tag = reading.redactor.name(value.curve.run), reading.redactor.name(value.curve.tag)
            yield Number(
                name=reading.redactor.name(value.kind.name),
                value=value.at_export,
                goal=value.kind.goal,
                is_guess=value.kind.goal_source == "inferred",
                source="run",
                detail=f"run {run}, tag {tag}",
                step=value.step,
            )


def _measured(reading: Reading) -> Iterator[Number]:
    """The latest value of each metric that was measured later."""
    name = reading.redactor.name
    for (metric, dataset, part, source), (of, value) in latest_measured(
        reading.said.measured if reading.said else ()
    ).items():
        goal = value.goal or infer_goal(metric)
        yield Number(
            name=name(visible(metric)),
            dataset=name(visible(dataset)),
            slice=name(visible(part)),
            value=value.number,
            goal=goal,
            is_guess=not value.goal and goal != "unknown",
            source="measured",
            detail=", ".join(filter(None, (reading.redactor.text(visible(source)), reading.redactor.text(of.actor)))),
            lower=value.lower,
            upper=value.upper,
            confidence=value.confidence,
            examples=value.examples,
            ms=of.time_ms,
        )


def _slices(manifest: VersionManifest) -> Iterator[Number]:
    """Values of parts of data, of each metric the worst first; in the manifest's order where the goal is unknown."""
    for group in sliced_metrics(manifest):
        numbers = [_number(value) for value in group.slices.values()]
        sign = {"max": 1, "min": -1}.get(numbers[0].goal, 0)
        yield from sorted(numbers, key=lambda one: (math.isfinite(one.value), sign * one.value if sign else 0.0))


def _now(reading: Reading, manifest: VersionManifest) -> dict[str, Any]:
    """What is said of the version now: by its log or else by its manifest."""
    said, catalog, redactor = reading.said, reading.shared.catalog, reading.redactor
    later = said.state.description if said else None
    from_run = not manifest.hyperparameters
    settings = dict(reading.version.run_hyperparameters or {}) if from_run else manifest.hyperparameters
    told = _told(said, reading) if said else {}
    return {
        "description": manifest.description if later is None else redactor.text(later),
        "labels": redactor.tree(dict(catalog.labels(reading.version)), "labels"),
        "hyperparameters": redactor.tree(settings, "hyperparameters") if from_run else settings,
        "from_run": from_run and bool(settings),
        "aliases": tuple(redactor.name(alias) + said.doubt_of(alias) for alias in said.aliases) if said else (),
        "events": tuple(_events(reading)),
        "gates": tuple(redactor.text(visible(now.words)) for now in catalog.gates(reading.version)),
        "said": redactor.tree(told),
    }


def _told(said: Said, reading: Reading) -> dict[str, Any]:
    """What the log says of the manifest that is there."""
    version = reading.version
    gates = reading.shared.catalog.gates(version)
    told = version_said(said.state, manifest=version.manifest_digest, gates=gates, is_whole=True)
    is_of_this = {
        "verified": bool(told.get("verified", {}).get("now")),
        "replayed": told.get("replayed", {}).get("manifest") is None,
    }
    return {name: value for name, value in told.items() if is_of_this.get(name, True)}


def _events(reading: Reading) -> Iterator[Event]:
    number = reading.version.number
    for event in reading.history.events.get(reading.version.model, ()):
        if event["version"] not in (number, str(number)):
            continue
        told = reading.redactor.text
        yield Event(
            number=event["number"],
            ms=event["effective"],
            actor=told(event["actor"]),
            words=told(_words(event)),
            reason=told(event["reason"]),
        )


def _words(event: Mapping[str, Any]) -> str:
    """What an event says, on one line: "was given the alias production", "label set: team = vision"."""
    words = _ALIAS_WORDS.get(event["kind"], event["kind"].replace("_", " "))
    if event.get("alias"):
        return f"{words} {event['alias']}"
    more = next((str(event[key]) for key in ("text", "semantic_version", "words", "how", "key") if event.get(key)), "")
    more += f" = {event['value']}" if event.get("value") else ""
    return f"{words}: {' '.join(more.split())[:200]}" if more else words


def _lineage(reading: Reading) -> Iterator[str]:
    catalog, name = reading.source.catalog, reading.redactor.name
    version = reading.version
    for parent in version.listing.parents if version.listing else ():
        ref = f"{parent.model}:{parent.number}"
        known = "" if ref in catalog.by_id else ", which is not known here"
        yield f"{parent.relation} {name(ref)}{known}"
    children = catalog.children.get((version.model, version.number), ())
    for child, relation in children[:_MOST_CHILDREN]:
        yield f"{name(child.id)} is {relation} it"
    if len(children) > _MOST_CHILDREN:
        yield f"and {len(children) - _MOST_CHILDREN:,} more versions were made from it"
    elsewhere = version.listing.elsewhere if version.listing else None
    if elsewhere is not None:
        yield reading.redactor.text(f"files are elsewhere: {in_words(elsewhere)}")


def _curve(reading: Reading, values: Sequence[MetricValue]) -> Drawn | None:
    """The curve of the lead metric, or of the first metric of the manifest that has one, or of any."""
    drawn = [value for value in values if value.curve is not None]
    lead = reading.version.listing.lead_metric if reading.version.listing else ""
    drawn.sort(key=lambda value: (value.kind.name != lead, value.kind.source == "run"))
    if not drawn or drawn[0].curve is None:
        return None
    value, curve = drawn[0], drawn[0].curve
    points = next(
        (of[curve.run][curve.tag] for of in reading.source.curves.read({curve.run: [curve.tag]}) if curve.run in of),
        None,
    )
    if points is None or not len(points.steps):
        return None
    export = export_from(reading.version, curve.run)
    return Drawn(
        name=reading.redactor.name(value.kind.name),
        run=reading.redactor.name(curve.run),
        points=points,
        step=export.step if export else None,
        sampled=bool(reading.source.curves.sample(points)),
    )
