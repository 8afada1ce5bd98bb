"""`tb-versions list`. It reads what it prints: curves and the files of versions only where somebody asks for them."""

from __future__ import annotations

import os
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import click

from tb_versions.cli import options, text
from tb_versions.cli.numbers import WholeNumberIn
from tb_versions.cli.tables import use as table_use
from tb_versions.core.manifest import visible
from tb_versions.core.references import parse_range, parse_reference
from tb_versions.errors import InvalidReferenceError
from tb_versions.read.catalog import Catalog, Version, moved
from tb_versions.read.folders.part import part_of
from tb_versions.read.manifests.listed_metrics import MetricKind
from tb_versions.read.reader import CatalogReader
from tb_versions.read.said import OF_ANOTHER

if TYPE_CHECKING:
    from tb_versions.cli.tables.listing import Listed
    from tb_versions.registry.state import VersionState

_MAX_METRICS = 5
_MOST_MOVED = 5
_MOST_NOT_PROMOTED = 5


@click.command("list")
@click.argument("refs", metavar="[MODEL|REF]...", nargs=-1)
@options.places
@click.option("--filter", "wanted", metavar="EXPR", default="", help="Only versions that pass this filter of the tab.")
@click.option("--sort", metavar="NAME", default="", help="Sort by this column, like created; -NAME sorts descending.")
@click.option("--limit", metavar="N", type=WholeNumberIn(1), default=None, help="Only the first N versions.")
@click.option("--all", "everything", is_flag=True, help="Also deprecated and removed versions, which are hidden else.")
@click.option("--columns", metavar="NAME,...", default="", help="Columns to show beside the version.")
@table_use.options
@options.as_json
def list_versions(
    refs: tuple[str, ...],
    *,
    logdir: str,
    models_dirs: tuple[str, ...],
    wanted: str,
    sort: str,
    limit: int | None,
    everything: bool,
    columns: str,
    use: table_use.Use,
    json: bool,
) -> None:
    """List every version, or those of each MODEL; or those that references name, like digits:3 or digits:3..7."""
    if json and columns:
        raise click.UsageError("--columns is for the table; --json prints all of a version.")
    names = [name.strip() for name in columns.split(",")] if columns else []
    if _may_be_by_table(use, models_dirs, refs):
        from tb_versions.cli.tables import listing

        asked = listing.Wanted(refs=refs, filter=wanted, sort=sort, limit=limit, everything=everything, columns=names)
        by_table = listing.listed(use, models_dirs, asked, logdir=logdir)
        if by_table is not None:
            _print_listed(by_table, names, wanted, json=json)
            return
    states, curves = _asked(wanted, [*names, *([sort.removeprefix("-")] if sort else [])])
    shows_states = json or not names
    checked = states or (shows_states and not wanted and limit is None)
    reader = _read(logdir, models_dirs, refs, check=checked, curves=curves or json)
    with options.blaming_no_logdir(logdir, wanted=wanted):
        versions = _passing(reader.catalog, wanted, refs)
    versions, hidden = (versions, "") if everything else _without_hidden(reader.catalog, versions, wanted, refs)
    found = len(versions)
    versions = _sorted(reader.catalog, versions, sort, whole=curves)[:limit]
    if shows_states and not checked:
        versions = _checked(reader, versions)
    if not names and not json and logdir and not _complete(versions):
        reader.refresh_curves()
    catalog = reader.catalog
    if json:
        from tb_versions import payload

        click.echo(text.json_of(payload.rows(catalog, versions)))
    elif versions:
        text.print_rows(*(_columns(catalog, versions, names, whole=curves) if names else _table(catalog, versions)))
    else:
        _note_none(catalog, wanted, hidden, has_some=bool(catalog.versions))
    _note_others(len(versions), found, hidden)
    _note_samples(catalog, versions)
    _note_moved(versions)
    _note_not_promoted(catalog, versions)
    text.report_problems(catalog)


def _may_be_by_table(use: table_use.Use, models_dirs: tuple[str, ...], refs: Sequence[str]) -> bool:
    """Whether tables may be asked: by themselves not for one model, whose versions have a folder of their own."""
    names = {_model_of(ref) for ref in refs}
    if not use.is_told and len(names) == 1 and any(os.path.isdir(os.path.join(each, *names)) for each in models_dirs):
        return False
    return table_use.may_be_asked(use, models_dirs)


def _print_listed(asked: Listed, names: Sequence[str], wanted: str, *, json: bool) -> None:
    """Prints what the tables say."""
    from tb_versions.cli.tables import listing

    catalog, versions = asked.catalog, asked.versions
    if json:
        from tb_versions import payload

        click.echo(text.json_of(listing.json_rows(asked, payload.rows(catalog, versions))))
    elif versions:
        text.print_rows(*(listing.column_rows(asked, names) if names else _table(catalog, versions)))
    else:
        _note_none(catalog, wanted, asked.hidden, has_some=len(asked.tables.standing) > 0)
    _note_others(len(versions), asked.found, asked.hidden)
    listing.say(asked)
    _note_moved(versions)
    _note_not_promoted(catalog, versions)
    text.report_problems(catalog)


def _note_none(catalog: Catalog, wanted: str, hidden: str, *, has_some: bool) -> None:
    """Says why no version is shown."""
    if hidden:
        click.echo("All versions are hidden.")
    elif wanted.strip() and has_some:
        click.echo("No version passes the filter.")
    else:
        click.echo(visible(f"No versions in {', '.join(root.shown for root, _ in catalog.roots)}."))


def _note_others(shown: int, found: int, hidden: str) -> None:
    """Says on stderr which versions are not shown."""
    if shown < found:
        click.echo(f"{shown:,} of {found:,} versions are shown.", err=True)
    if hidden:
        click.echo(f"Hidden: {hidden}; --all shows them.", err=True)


def _asked(wanted: str, columns: Sequence[str]) -> tuple[bool, bool]:
    """Whether the files of all versions and the runs' curves have to be known to choose or show versions."""
    if not wanted and not columns:
        return False, False
    from tb_versions.query.asking import asked_by

    return asked_by(wanted, columns)


def _read(
    logdir: str, models_dirs: tuple[str, ...], refs: Sequence[str], *, check: bool, curves: bool
) -> CatalogReader:
    """Reads everything, or the folder of the one model where that holds all of its versions."""
    names = {_model_of(ref) for ref in refs}
    name = names.pop() if len(names) == 1 else ""
    if name:
        reader = options.read(logdir, models_dirs, part=part_of(name), check=check, curves=curves)
        versions = reader.catalog.by_model.get(name)
        if versions and all(version.places for version in versions):
            return reader
    return options.read(logdir, models_dirs, check=check, curves=curves)


def _model_of(ref: str) -> str:
    """The model that a reference or range names; "" where it can't be a folder's name."""
    try:
        named = parse_range(ref)
        name = named[0] if named else parse_reference(ref).model
    except InvalidReferenceError:
        return ""
    return "" if name.startswith(".") else name


def _note_moved(versions: tuple[Version, ...]) -> None:
    """Says on stderr which versions lie in a folder that is named by another number."""
    said = [f"{version.id}: {sentence}" for version in versions if (sentence := moved(version))]
    for line in said[:_MOST_MOVED]:
        click.echo(visible(line), err=True)
    if len(said) > _MOST_MOVED:
        click.echo(f"So it is with {len(said) - _MOST_MOVED:,} more.", err=True)


def _note_not_promoted(catalog: Catalog, versions: tuple[Version, ...]) -> None:
    """Says on stderr which versions hold an alias that was given to another manifest, whichever columns are shown."""
    found = []
    for version in versions if catalog.registries else ():
        said = catalog.said.get(version.id)
        if said is not None and said.aliases_of_another_manifest:
            aliases = ", ".join(said.aliases_of_another_manifest)
            why = "its manifest is another one. tb-versions fsck says what to do."
            found.append(f"{version.id} is not what was promoted to {aliases}: {why}")
    for line in found[:_MOST_NOT_PROMOTED]:
        click.echo(visible(line), err=True)
    if len(found) > _MOST_NOT_PROMOTED:
        click.echo(f"So it is with {len(found) - _MOST_NOT_PROMOTED:,} more.", err=True)


def _note_samples(catalog: Catalog, versions: tuple[Version, ...]) -> None:
    """Says on stderr that numbers may be wrong, whichever columns show them."""
    if not any(curve.sample for curves in catalog.curves.values() for curve in curves.values()):
        return
    from tb_versions.read.values import metric_values

    sampled = {value.kind.key for v in versions for value in metric_values(v, catalog.curves) if value.sample}
    if sampled:
        names = visible(", ".join(sorted(sampled)[:_MAX_METRICS]))
        more = f" and {len(sampled) - _MAX_METRICS:,} more" if len(sampled) > _MAX_METRICS else ""
        click.echo(f"From samples of the runs' curves, so they may be wrong: {names}{more}.", err=True)


def _passing(catalog: Catalog, wanted: str, refs: Sequence[str]) -> tuple[Version, ...]:
    versions = catalog.versions
    if refs:
        # Neither a model nor a version: find raises, naming the models there are.
        known = options.expanded(refs, options.in_catalog(catalog))
        named = {v.id: v for ref in known for v in catalog.by_model.get(ref) or (catalog.find(ref),)}
        versions = tuple(named.values())
    if not wanted:
        return versions
    from tb_versions.query import compile_filter

    return tuple(filter(compile_filter(wanted, catalog), versions))


def _without_hidden(
    catalog: Catalog, versions: tuple[Version, ...], wanted: str, refs: Sequence[str]
) -> tuple[tuple[Version, ...], str]:
    """Leaves out what is deprecated or removed unless it was asked for; returns the rest, and says what."""
    if not catalog.registries or {ref for ref in refs if ref not in catalog.by_model}:
        return versions, ""
    from tb_versions.query.hidden import without_hidden

    return without_hidden(catalog, versions, wanted)


def _sorted(catalog: Catalog, versions: tuple[Version, ...], by: str, *, whole: bool) -> tuple[Version, ...]:
    if not by:
        return versions
    from tb_versions.cli.columns import Columns

    return Columns(catalog, whole=whole).sorted(versions, by)


def _checked(reader: CatalogReader, versions: tuple[Version, ...]) -> tuple[Version, ...]:
    """The same versions with the state of their files; without those that are gone by now."""
    found = reader.check(folders=[place.folder for version in versions for place in version.places]).by_id
    return tuple([found[version.id] for version in versions if version.id in found])


def _columns(
    catalog: Catalog, versions: Sequence[Version], names: Sequence[str], *, whole: bool
) -> tuple[Sequence[str], Iterator[Sequence[str]]]:
    from tb_versions.cli.columns import Columns

    columns = Columns(catalog, whole=whole)
    texts = [columns.texts(name) for name in names]
    return ("version", *names), ((version.id, *(of(version) for of in texts)) for version in versions)


def _table(catalog: Catalog, versions: Sequence[Version]) -> tuple[Sequence[str], Iterator[Sequence[str]]]:
    leads = {catalog.lead_metrics.get(version.model, "") for version in versions}
    if catalog.curves:
        from tb_versions.read.values import metric_values

        found = [{v.kind.key: v.at_export for v in metric_values(version, catalog.curves)} for version in versions]
        metrics = _first_few(found, leads)
        values = ([of_version.get(metric) for metric in metrics] for of_version in found)
    else:
        metrics = _first_few(map(_keys_of, versions), leads)
        values = (_recorded(version, tuple(metrics)) for version in versions)
    names, said = _said(catalog, versions)
    rows = (_row(catalog, version, value, said[version.id]) for version, value in zip(versions, values, strict=True))
    return ("version", *names, "created", "files", "run", "step", *metrics), rows


def _said(catalog: Catalog, versions: Sequence[Version]) -> tuple[list[str], dict[str, list[str]]]:
    """The columns of what logs say that any of the versions needs, and by id the texts in them."""
    names = ("aliases", "approved", "deprecated", "removed", "gates", "verified")
    columns: dict[str, dict[str, str]] = {name: {} for name in names}
    for version in versions:
        said = catalog.said.get(version.id)
        if said is not None:
            from tb_versions.registry.checked import files_word

            state = said.state
            columns["aliases"][version.id] = ", ".join(said.alias_texts)
            columns["approved"][version.id] = ", ".join(_approved(state, version.manifest_digest))
            columns["deprecated"][version.id] = visible(state.deprecated.actor) if state.deprecated else ""
            columns["gates"][version.id] = ", ".join(visible(now.words) for now in catalog.gates(version))
            columns["removed"][version.id] = visible(state.removed_by) if state.removed else ""
            columns["verified"][version.id] = files_word(state, version.manifest_digest)
    told = [name for name in names if any(columns[name].values())]
    return told, {v.id: [columns[name].get(v.id, "") for name in told] for v in versions}


def _approved(state: VersionState, manifest: str) -> Iterator[str]:
    """Who approved a version; those who approved another manifest under its number are told apart."""
    yield from map(visible, state.approvals_of(manifest))
    yield from (f"{visible(actor)} ({OF_ANOTHER})" for actor in state.approvals_of_another(manifest))


def _row(catalog: Catalog, version: Version, values: Sequence[float | None], said: Sequence[str]) -> Sequence[str]:
    listing = version.listing
    semantic = catalog.semantic_version(version)
    step = version.step
    return (
        f"{version.id} ({semantic})" if semantic else version.id,
        *said,
        text.time(listing.created_ms if listing else None),
        version.state,
        version.links[0].name if version.links else "",
        "" if step is None else str(step),
        *map(text.number, values),
    )


def _first_few(names_of_versions: Iterable[Iterable[str]], leads: Container[str] = ()) -> list[str]:
    """The first few names, lead metrics before all others."""
    names = dict.fromkeys(name for names in dict.fromkeys(map(tuple, names_of_versions)) for name in names)
    return sorted(names, key=lambda name: name not in leads)[:_MAX_METRICS]


def _recorded(version: Version, names: tuple[str, ...]) -> list[float | None]:
    """What a manifest says of some metrics."""
    if version.listing is None:
        return [None] * len(names)
    metrics = version.listing.metrics
    values = metrics.values
    return [None if place is None else values[place] for place in _places(metrics.kinds, names)]


def _keys_of(version: Version) -> tuple[str, ...]:
    return _keys(version.listing.metrics.kinds) if version.listing else ()


@lru_cache(maxsize=1_024)
def _keys(kinds: tuple[MetricKind, ...]) -> tuple[str, ...]:
    return tuple(kind.key for kind in kinds)


@lru_cache(maxsize=1_024)
def _places(kinds: tuple[MetricKind, ...], names: tuple[str, ...]) -> list[int | None]:
    place_of = {kind.key: place for place, kind in enumerate(kinds)}
    return [place_of.get(name) for name in names]


def _complete(versions: Sequence[Version]) -> bool:
    """Whether the manifests say all that the table shows, so that no curve is needed."""
    known = dict.fromkeys(_keys(version.listing.metrics.kinds) for version in versions if version.listing)
    wanted = set(_first_few(list(known)[:1]))
    leads = {version.listing.lead_metric for version in versions if version.listing} - {""}
    return len(wanted) == _MAX_METRICS and all(map((wanted | leads).issubset, known))
