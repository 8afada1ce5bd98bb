"""`tb-versions list`. It reads what it prints: curves and the files of versions only where somebody asks for them."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice

import click

from tb_versions.cli import options, text
from tb_versions.core.manifest import visible
from tb_versions.core.references import parse_reference
from tb_versions.errors import InvalidReferenceError
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.listed_metrics import MetricKind
from tb_versions.read.reader import CatalogReader

_MAX_METRICS = 5


@click.command("list")
@click.argument("model", required=False)
@options.places
@click.option("--filter", "wanted", metavar="EXPR", default="", help="Only versions that pass this filter of the tab.")
@click.option("--sort", metavar="NAME", default="", help="Sort by this column, like created; -NAME sorts descending.")
@click.option("--limit", metavar="N", type=click.IntRange(1), default=None, help="Only the first N versions.")
@click.option("--columns", metavar="NAME,...", default="", help="Columns to show beside the version.")
@options.as_json
def list_versions(
    model: str | None,
    *,
    logdir: str,
    models_dirs: tuple[str, ...],
    wanted: str,
    sort: str,
    limit: int | None,
    columns: str,
    json: bool,
) -> None:
    """List every version, or those of MODEL (or the one that a reference like digits:3 names)."""
    if json and columns:
        raise click.UsageError("--columns is for the table; --json prints all of a version.")
    names = [name.strip() for name in columns.split(",")] if columns else []
    states, curves = _asked(wanted, [*names, *([sort.removeprefix("-")] if sort else [])])
    shows_states = json or not names
    checked = states or (shows_states and not wanted and limit is None)
    reader = _read(logdir, models_dirs, model, check=checked, curves=curves or json)
    with options.blaming_no_logdir(logdir, wanted=wanted):
        versions = _passing(reader.catalog, wanted, model)
    found = len(versions)
    versions = _sorted(reader.catalog, versions, sort)[:limit]
    if shows_states and not checked:
        versions = _checked(reader, versions)
    if not names and not json and logdir and not _complete(versions):
        reader.refresh_curves()
    catalog = reader.catalog
    if json:
        from tb_versions import payload

        click.echo(text.json_of(payload.rows(catalog, versions)))
    elif versions:
        text.print_rows(*(_columns(catalog, versions, names) if names else _table(catalog, versions)))
    elif wanted.strip():
        click.echo("No version passes the filter.")
    else:
        click.echo(visible(f"No versions in {', '.join(root.shown for root, _ in catalog.roots)}."))
    if len(versions) < found:
        click.echo(f"{len(versions):,} of {found:,} versions are shown.", err=True)
    _note_samples(catalog, versions)
    text.report_problems(catalog)


def _asked(wanted: str, columns: Sequence[str]) -> tuple[bool, bool]:
    """Whether the files of all versions and the runs' curves have to be known to choose or show versions."""
    if not wanted and not columns:
        return False, False
    from tb_versions.query.asking import asked_by

    return asked_by(wanted, columns)


def _read(logdir: str, models_dirs: tuple[str, ...], model: str | None, *, check: bool, curves: bool) -> CatalogReader:
    """Reads everything, or the folder of the one model where that holds all of its versions."""
    name = _model_of(model)
    if name:
        reader = options.read(logdir, models_dirs, model=name, check=check, curves=curves)
        versions = reader.catalog.by_model.get(name)
        if versions and all(version.places for version in versions):
            return reader
    return options.read(logdir, models_dirs, check=check, curves=curves)


def _model_of(model: str | None) -> str:
    """The model that a reference names; "" where it can't be a folder's name."""
    try:
        name = parse_reference(model).model if model else ""
    except InvalidReferenceError:
        return ""
    return "" if name.startswith(".") else name


def _note_samples(catalog: Catalog, versions: tuple[Version, ...]) -> None:
    """Says on stderr that numbers may be wrong, whichever columns show them."""
    from tb_versions.read.values import metric_values

    sampled = {value.kind.key for v in versions for value in metric_values(v, catalog.curves) if value.sample}
    if sampled:
        names = visible(", ".join(sorted(sampled)[:_MAX_METRICS]))
        more = f" and {len(sampled) - _MAX_METRICS:,} more" if len(sampled) > _MAX_METRICS else ""
        click.echo(f"From samples of the runs' curves, so they may be wrong: {names}{more}.", err=True)


def _passing(catalog: Catalog, wanted: str, model: str | None) -> tuple[Version, ...]:
    # Neither a model nor a version: find raises, naming the models there are.
    versions = catalog.versions if model is None else catalog.by_model.get(model) or (catalog.find(model),)
    if not wanted:
        return versions
    from tb_versions.query import compile_filter

    return tuple(filter(compile_filter(wanted, catalog), versions))


def _sorted(catalog: Catalog, versions: tuple[Version, ...], by: str) -> tuple[Version, ...]:
    if not by:
        return versions
    from tb_versions.cli.columns import Columns

    return Columns(catalog).sorted(versions, by)


def _checked(reader: CatalogReader, versions: tuple[Version, ...]) -> tuple[Version, ...]:
    """The same versions with the state of their files; without those that are gone by now."""
    found = reader.check(folders=[place.folder for version in versions for place in version.places]).by_id
    return tuple([found[version.id] for version in versions if version.id in found])


def _columns(
    catalog: Catalog, versions: Sequence[Version], names: Sequence[str]
) -> tuple[Sequence[str], Iterator[Sequence[str]]]:
    from tb_versions.cli.columns import Columns

    columns = Columns(catalog)
    texts = [columns.texts(name) for name in names]
    return ("version", *names), ((version.id, *(of(version) for of in texts)) for version in versions)


def _table(catalog: Catalog, versions: Sequence[Version]) -> tuple[Sequence[str], Iterator[Sequence[str]]]:
    values = [_at_export(version, catalog) for version in versions]
    leads = {catalog.lead_metrics.get(version.model, "") for version in versions}
    metrics = _shown_metrics(values, leads)
    return ("version", "created", "files", "run", "step", *metrics), map(
        _row, versions, values, [metrics] * len(values)
    )


def _row(version: Version, values: Mapping[str, float | None], metrics: Sequence[str]) -> Sequence[str]:
    listing = version.listing
    semantic = f" ({listing.semantic_version})" if listing and listing.semantic_version else ""
    step = version.step
    return (
        version.id + semantic,
        text.time(listing.created_ms if listing else None),
        version.state,
        version.runs[0].name if version.runs else "",
        "" if step is None else str(step),
        *[text.number(values.get(metric)) for metric in metrics],
    )


def _shown_metrics(values: Sequence[Mapping[str, object]], leads: Container[str]) -> list[str]:
    """The first few names, lead metrics before all others."""
    names = dict.fromkeys(key for of_version in values for key in of_version)
    return sorted(names, key=lambda name: name not in leads)[:_MAX_METRICS]


def _at_export(version: Version, catalog: Catalog) -> dict[str, float | None]:
    if catalog.curves:
        from tb_versions.read.values import metric_values

        return {value.kind.key: value.at_export for value in metric_values(version, catalog.curves)}
    metrics = version.listing.metrics if version.listing else None
    return dict(zip(_keys(metrics.kinds), metrics.values, strict=True)) if metrics else {}


@lru_cache(maxsize=1_024)
def _keys(kinds: tuple[MetricKind, ...]) -> tuple[str, ...]:
    return tuple(kind.key for kind in kinds)


def _complete(versions: Sequence[Version]) -> bool:
    """Whether the manifests say all that the table shows, so that no curve is needed."""
    known = [_keys(version.listing.metrics.kinds) for version in versions if version.listing]
    shown = islice(dict.fromkeys(key for keys in known[:1] for key in keys), _MAX_METRICS)
    wanted = set(shown)
    leads = {version.listing.lead_metric for version in versions if version.listing} - {""}
    has_leads = all(leads.issubset(keys) for keys in dict.fromkeys(known))
    return len(wanted) == _MAX_METRICS and has_leads and all(map(wanted.issubset, dict.fromkeys(known)))
