"""`tb-versions show`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from tb_versions import payload
from tb_versions.cli import options, text
from tb_versions.cli.tables import use as table_use
from tb_versions.core import codec
from tb_versions.core.elsewhere import in_words
from tb_versions.core.manifest import Golden, visible
from tb_versions.errors import TbVersionsError
from tb_versions.payload.trust import NOTHING_KNOWN, trust_payload
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.reader import CatalogReader
from tb_versions.read.replays import installed_tensorflow, not_since
from tb_versions.read.said import OF_ANOTHER, Said
from tb_versions.read.sliced import WHOLE, Sliced, interval_text, sliced_metrics
from tb_versions.read.sources import SOURCES
from tb_versions.read.values import MetricValue, metric_values, remarks
from tb_versions.registry.state import By, VersionState

if TYPE_CHECKING:
    from rich.table import Table

_CHECKED = {"files": "verified", "signature": "signature", "replay": "replay"}
_MOST_NOTES = 10
_MOST_EVENTS = 500
_MOST_MEASURED = 20
_MOST_SLICES = 20


@click.command()
@click.argument("ref")
@options.places
@table_use.options
@options.as_json
def show(ref: str, *, logdir: str, models_dirs: tuple[str, ...], use: table_use.Use, json: bool) -> None:
    """Show everything about one version.

    REF is model:3, model:1.4.0, model@alias, model for the newest that is there, or the path of a version's folder
    (./3).
    """
    reader = _by_table(use, models_dirs, ref, logdir=logdir, whole=json)
    reader = reader or options.read(logdir, models_dirs, refs=[ref], check=False)
    reader.check(folders=[place.folder for place in options.find(reader.catalog, ref).places])
    version = options.find(reader.catalog, ref)
    text.report_problems(reader.catalog)
    options.note_newer(reader.catalog, [ref])
    try:
        data: bytes | None = reader.manifest_bytes(version)
    except (TbVersionsError, OSError):
        data = None
    if json:
        click.echo(
            text.json_of(payload.version_payload(reader.catalog, version, data, tensorflow=installed_tensorflow()))
        )
    else:
        _print(reader.catalog, version, logdir, data=data)


def _by_table(
    use: table_use.Use, models_dirs: tuple[str, ...], ref: str, *, logdir: str, whole: bool
) -> CatalogReader | None:
    """A reader of what the tables find; None where all files are to be read."""
    if not table_use.may_be_asked(use, models_dirs):
        return None
    from tb_versions.cli.tables import showing

    return showing.reader_of(use, models_dirs, ref, logdir=logdir, whole=whole)


def _when(values: Sequence[MetricValue]) -> str:
    """What the values are: another tracker does not say that they are those of the export."""
    return "as recorded" if all(value.kind.source == "imported" for value in values) else "at export"


def _print(catalog: Catalog, version: Version, logdir: str, *, data: bytes | None) -> None:
    console = text.console()
    facts = text.table("", "")
    facts.show_header = False
    golden = (*_golden(data), *_not_replayed(catalog, version, data))
    told = (*_facts(catalog, version, logdir), *_format(data), *golden, *_inferred(data), *_imported(data))
    for name, value in told:
        if value not in (None, ""):
            facts.add_row(name, text.plain(value))
    console.print(text.plain(version.id), style="bold")
    console.print(facts)
    values = metric_values(version, catalog.curves)
    if values:
        metrics = text.table("metric", "goal", _when(values), "best", "at step", "last", "from")
        for value in values:
            metrics.add_row(
                text.plain(value.kind.key),
                value.kind.goal + (" (guessed)" if value.kind.goal_source == "inferred" else ""),
                text.number(value.at_export),
                text.number(value.best.value if value.best else None),
                text.plain(value.best.step if value.best else None),
                text.number(value.last.value if value.last else None),
                SOURCES[value.kind.source].words,
            )
        console.print()
        console.print(metrics)
        for value in values:
            if value.regret:
                console.print(text.plain(f"The run was better: {value.regret}."))
            for remark in remarks(value):
                console.print(text.plain(visible(remark)))
    for group in _sliced(data):
        console.print()
        console.print(_slices(group))
        if len(group.slices) > _MOST_SLICES:
            console.print(f"And {len(group.slices) - _MOST_SLICES:,} more slices; --json has all.")


def _facts(catalog: Catalog, version: Version, logdir: str) -> Iterator[tuple[str, object]]:
    listing = version.listing
    yield "files", version.state
    yield "notice", version.notice
    yield from _said(catalog, version)
    yield "folder", version.places[0].shown if version.places else None
    yield "files elsewhere", _elsewhere(version)
    if listing is None:
        return
    yield "semantic version", catalog.semantic_version(version)
    yield "created", text.moment(listing.created_ms)
    yield "lead metric", listing.lead_metric
    yield "description", catalog.summary(version)
    unknown = " (not in this log directory)" if logdir else " (not looked for: no --logdir was given)"
    for run in version.runs:
        step = "" if run.step is None else f", step {run.step:,}"
        yield "run", f"{run.name}{step}" + ("" if run.known else unknown)
    for parent in listing.parents:
        yield parent.relation, f"{parent.model}:{parent.number}"
    for child, relation in catalog.children.get((version.model, version.number), ()):
        yield "parent of", f"{child.id} ({relation})"
    for name, value in version.hyperparameters.items():
        is_of_run = name in (version.run_hyperparameters or ())
        yield f"hyperparameter {name}", f"{value} (from the run)" if is_of_run else value
    for name, value in catalog.labels(version).items():
        yield f"label {name}", value
    yield "framework", listing.framework
    yield "parameters", None if listing.parameters is None else f"{listing.parameters:,}"
    yield "size", None if listing.size is None else f"{listing.size:,} bytes"
    yield "digest", listing.digest


def _elsewhere(version: Version) -> str | None:
    """Where files are that lie elsewhere: as the manifest has it, and what the source is bound to."""
    elsewhere = version.listing.elsewhere if version.listing else None
    if elsewhere is None:
        return None
    source = version.places[0].root.sources.get(elsewhere.source) if version.places else None
    return f"{in_words(elsewhere)}, which is {source or 'bound to no folder here'}"


def _sliced(data: bytes | None) -> tuple[Sliced, ...]:
    """What its manifest says of slices; a manifest that can't be read is told of elsewhere."""
    try:
        return () if data is None else sliced_metrics(codec.decode(data))
    except TbVersionsError:
        return ()


def _slices(group: Sliced) -> Table:
    """The slices of one metric, the lowest values first, or the highest where lower is better."""
    kind = next(iter(group.slices.values())).kind
    sign = -1 if kind.goal == "min" else 1
    worst = sorted(group.slices.values(), key=lambda each: (math.isfinite(each.value), sign * each.value))
    order = {"max": "lowest first", "min": "highest first"}.get(kind.goal, "lowest first, goal not known")
    table = text.table(visible(f"slices of {group.key} ({order})"), "value", "interval", "examples")
    for each in (*filter(None, [group.whole]), *worst[:_MOST_SLICES]):
        few = " (few)" if each.is_few else ""
        table.add_row(
            text.plain(each.kind.slice or WHOLE),
            text.number(each.value),
            text.plain(interval_text(each)),
            "" if each.examples is None else f"{each.examples:,}{few}",
        )
    return table


def _format(data: bytes | None) -> Iterator[tuple[str, object]]:
    """What its files are; a manifest that can't be read is told of elsewhere."""
    with suppress(TbVersionsError):
        yield "format", "" if data is None else visible(codec.decode(data).format)


def _said_of_golden(data: bytes | None) -> Golden | None:
    """What its manifest says of golden outputs; a manifest that can't be read is told of elsewhere."""
    try:
        return None if data is None else codec.decode(data).golden
    except TbVersionsError:
        return None


def _golden(data: bytes | None) -> Iterator[tuple[str, object]]:
    """Whether there are golden outputs, and whether the export answered as the model in memory."""
    golden = _said_of_golden(data)
    if golden is None:
        return
    compared = {
        "same": "the export answered as the model in memory",
        "different": "the export did NOT answer as the model in memory",
    }.get(golden.compared, "not, or not all, compared with the model in memory")
    error = f", max error {golden.max_error:.2g}" if golden.max_error is not None else ""
    yield "golden outputs", visible(f"{', '.join(golden.signatures)}: {compared}{error} (TF {golden.tensorflow} / CPU)")
    for note in golden.notes:
        yield "note of the golden outputs", visible(note)


def _not_replayed(catalog: Catalog, version: Version, data: bytes | None) -> Iterator[tuple[str, object]]:
    """Whether it was replayed since TensorFlow changed here."""
    said = catalog.said.get(version.id)
    golden = _said_of_golden(data)
    yield (
        "replay",
        not_since(
            said.state.replayed if said else None,
            manifest=version.manifest_digest,
            recorded_on=golden.tensorflow if golden else "",
            installed=installed_tensorflow(),
        ),
    )


def _inferred(data: bytes | None) -> Iterator[tuple[str, object]]:
    """What nobody stated of an adopted version, and the evidence."""
    try:
        inferred = () if data is None else codec.decode(data).inferred
    except TbVersionsError:
        return
    for each in inferred:
        yield f"inferred {visible(each.field)}", visible(each.evidence)


def _imported(data: bytes | None) -> Iterator[tuple[str, object]]:
    """Where an imported version is from, and what could not be taken over."""
    try:
        imported = None if data is None else codec.decode(data).imported
    except TbVersionsError:
        return
    if imported is None:
        return
    files = "; its files were not at hand" if imported.files == "absent" else ""
    yield "imported from", visible(f"{imported.tracker}: {imported.model} {imported.version}{files}")
    yield "model's description", visible(imported.model_description)
    for name, value in imported.model_labels.items():
        yield f"model's label {visible(name)}", visible(value)
    for note in imported.notes:
        yield "note of the import", visible(note)


def _said(catalog: Catalog, version: Version) -> Iterator[tuple[str, object]]:
    """What was said of it later: who, when and why."""
    said = catalog.said.get(version.id)
    if said is None:
        return
    state = said.state
    if said.registry.kind:
        yield "registry", f"{said.registry.problem} What follows is the last that is known."
    yield "aliases", ", ".join(said.alias_texts)
    yield from _approved(state, version.manifest_digest)
    yield "deprecated", state.deprecated and _who(state.deprecated)
    yield "removed", state.removed and f"{_who(state.removed)}, by {visible(state.removed_by)}"
    for row in trust_payload(catalog, version):
        if row["what"] in _CHECKED and row["state"] not in NOTHING_KNOWN:
            yield _CHECKED[row["what"]], row["words"]
    for now in catalog.gates(version):
        yield "gate", f"{now.words}, event {now.result.by.event}, {_who(now.result.by)}"
    for measured in reversed(said.measured[-_MOST_MEASURED:]):
        where = ", ".join(visible(part) for part in (measured.dataset, measured.slice, measured.source) if part)
        for value in measured.values:
            yield (
                f"measured {visible(value.name)}",
                f"{text.number(value.number)} ({where or 'later'}, {text.moment(measured.time_ms)})",
            )
    if state.notes:
        yield from _notes(said)


def _approved(state: VersionState, manifest: str) -> Iterator[tuple[str, object]]:
    for by in state.approvals_of(manifest).values():
        yield "approved", _who(by)
    for by in state.approvals_of_another(manifest).values():
        yield "approved before", f"{_who(by)} ({OF_ANOTHER})"


def _who(by: By) -> str:
    reason = f": {visible(by.reason)}" if by.reason else ""
    return f"{visible(by.actor)}, {text.moment(by.ms)}{reason}"


def _notes(said: Said) -> Iterator[tuple[str, object]]:
    """The newest notes, which only the log has."""
    from tb_versions.read.timeline import Timelines
    from tb_versions.registry import events

    try:
        found, _ = Timelines().page(said.registry, limit=_MOST_EVENTS, version=said.number)
    except TbVersionsError as error:
        yield "notes", f"not known: {error}"
        return
    notes = [one for one in found if one.event.kind == "noted"]
    for one in notes[:_MOST_NOTES]:
        yield (
            "note",
            f"{visible(events.said(one.event).text)} ({visible(one.event.actor)}, {text.moment(one.effective_ms)})",
        )
    if said.state.notes > min(len(notes), _MOST_NOTES):
        yield "notes", f"{said.state.notes:,}; tb-versions history has all"
