"""`tb-versions list`."""

from __future__ import annotations

import click

from tb_versions import payload
from tb_versions.cli import options, text
from tb_versions.cli.columns import Columns
from tb_versions.core.manifest import visible
from tb_versions.query import compile_filter
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.values import metric_values

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
    catalog = options.read(logdir, models_dirs).catalog
    with options.blaming_no_logdir(logdir, wanted=wanted):
        passes = compile_filter(wanted, catalog)
    versions = tuple(filter(passes, catalog.versions if model is None else _of_model(catalog, model)))
    found = len(versions)
    versions = (Columns(catalog).sorted(versions, sort) if sort else versions)[:limit]
    if json:
        click.echo(text.json_of(payload.rows(catalog, versions)))
    elif versions:
        if columns:
            _print_columns(catalog, versions, columns.split(","))
        else:
            _print(catalog, versions)
    elif wanted.strip():
        click.echo("No version passes the filter.")
    else:
        click.echo(visible(f"No versions in {', '.join(root.shown for root, _ in catalog.roots)}."))
    if len(versions) < found:
        click.echo(f"{len(versions):,} of {found:,} versions are shown.", err=True)
    text.report_problems(catalog)


def _of_model(catalog: Catalog, model: str) -> tuple[Version, ...]:
    # Neither a model nor a version: find raises, naming the models there are.
    return catalog.by_model.get(model) or (catalog.find(model),)


def _print_columns(catalog: Catalog, versions: tuple[Version, ...], names: list[str]) -> None:
    columns = Columns(catalog)
    texts = [columns.texts(name.strip()) for name in names]
    table = text.table("version", *(visible(name.strip()) for name in names))
    for version in versions:
        table.add_row(text.plain(version.id), *(text.plain(of(version)) for of in texts))
    text.console().print(table)


def _print(catalog: Catalog, versions: tuple[Version, ...]) -> None:
    values = [{v.kind.key: v.at_export for v in metric_values(version, catalog.curves)} for version in versions]
    leads = {catalog.lead_metrics.get(version.model, "") for version in versions}
    metrics = sorted(dict.fromkeys(key for row in values for key in row), key=lambda key: key not in leads)
    metrics = metrics[:_MAX_METRICS]
    table = text.table("version", "created", "files", "run", "step", *map(visible, metrics))
    for version, row in zip(versions, values, strict=True):
        listing = version.listing
        semantic = f" ({listing.semantic_version})" if listing and listing.semantic_version else ""
        run = version.runs[0] if version.runs else None
        table.add_row(
            text.plain(version.id + semantic),
            text.time(listing.created_ms if listing else None),
            version.state,
            text.plain(run.name if run else None),
            text.plain(version.step),
            *(text.number(row.get(metric)) for metric in metrics),
        )
    text.console().print(table)
