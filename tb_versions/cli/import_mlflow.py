"""`tb-versions import-mlflow`: versions that MLflow knows become versions here, and follow it later."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tb_versions.cli import importing
from tb_versions.core.elsewhere import parse_sources
from tb_versions.core.manifest import shown
from tb_versions.errors import VersionNotFoundError


@click.command("import-mlflow")
@click.option(
    "--uri",
    metavar="URI",
    required=True,
    envvar="MLFLOW_TRACKING_URI",
    help="sqlite:///mlflow.db, a folder like ./mlruns, or http://…; else MLFLOW_TRACKING_URI.",
)
@click.option("--model", "models", metavar="NAME", multiple=True, help="Only this registered model; repeatable.")
@click.option(
    "--source",
    "sources",
    metavar="LABEL=DIR",
    multiple=True,
    help="Where files may be opened; else mlflow= the folder ./mlruns itself, or the mlruns beside the database.",
)
@importing.imports
def import_mlflow(
    uri: str,
    into: importing.Import,
    *,
    models: Sequence[str],
    sources: Sequence[str],
) -> None:
    """Import the registered models of an MLflow store: versions, aliases, tags, metrics, parameters, lineage.

    Nothing in the store is changed. Given again, it adds what is new there and changes nothing else.
    """
    from tb_versions.interop.mlflow.converting import foreign_of
    from tb_versions.interop.mlflow.opening import open_store

    opened = open_store(uri, sources=parse_sources(sources))
    foreign = list(foreign_of(opened.store, models, sources=opened.sources))
    for name in models:
        if not any(one.model == name for one in foreign):
            raise VersionNotFoundError(f"MLflow has no registered model {shown(name)} with a version.")
    into.run(foreign, problems=opened.store.problems)
