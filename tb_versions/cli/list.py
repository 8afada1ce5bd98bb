"""`tb-versions list`."""

from __future__ import annotations

import click

from tb_versions.cli import options, text
from tb_versions.core.manifest import visible
from tb_versions.payload import tables as payload
from tb_versions.query import compile_filter
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.values import metric_values

_MAX_METRICS = 5


@click.command("list")
@click.argument("model", required=False)
@options.places
@click.option("--filter", "wanted", metavar="EXPR", default="", help="Only versions that pass this filter of the tab.")
@options.as_json
def list_versions(model: str | None, *, logdir: str, models_dirs: tuple[str, ...], wanted: str, json: bool) -> None:
    """List every version, or those of MODEL (or the one that a reference like digits:3 names)."""
    catalog = options.read(logdir, models_dirs).catalog
    with options.blaming_no_logdir(logdir, wanted=wanted):
        passes = compile_filter(wanted, catalog)
    versions = tuple(filter(passes, catalog.versions if model is None else _of_model(catalog, model)))
    if json:
        click.echo(text.json_of(payload.rows(catalog, versions)))
    elif versions:
        _print(catalog, versions)
    elif wanted.strip():
        click.echo("No version passes the filter.")
    else:
        click.echo(visible(f"No versions in {', '.join(root.shown for root, _ in catalog.roots)}."))
    text.report_problems(catalog)


def _of_model(catalog: Catalog, model: str) -> tuple[Version, ...]:
    # Neither a model nor a version: find raises, naming the models there are.
    return catalog.by_model.get(model) or (catalog.find(model),)


def _print(catalog: Catalog, versions: tuple[Version, ...]) -> None:
    values = [{v.kind.key: v.at_export for v in metric_values(version, catalog.curves)} for version in versions]
    metrics = list(dict.fromkeys(key for row in values for key in row))[:_MAX_METRICS]
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
