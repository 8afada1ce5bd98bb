"""`tb-versions import-mlflow`: versions that MLflow knows become versions here, and follow it later."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tb_versions.cli import importing
from tb_versions.core.manifest import check_source, shown
from tb_versions.errors import InvalidNameError, InvalidQueryError, VersionNotFoundError


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
    "--artifacts",
    metavar="DIR",
    multiple=True,
    help="Where files may be opened; else ./mlruns itself, or mlruns and mlartifacts beside the database.",
)
@click.option("--label", metavar="LABEL", default="mlflow", help="Name of the source of files that stay in place.")
@importing.imports
def import_mlflow(
    uri: str,
    *,
    models: Sequence[str],
    artifacts: Sequence[str],
    label: str,
    models_dir: str,
    copy_files: bool,
    actor: str | None,
    dry_run: bool,
    json: bool,
) -> None:
    """Import the registered models of an MLflow store: versions, aliases, tags, metrics, parameters, lineage.

    Nothing in the store is changed. Given again, it adds what is new there and changes nothing else.
    """
    from tb_versions.interop.imports import plan_import
    from tb_versions.interop.mlflow.converting import foreign_of
    from tb_versions.interop.mlflow.opening import open_store

    try:
        check_source(label)
    except InvalidNameError as error:
        raise InvalidQueryError(str(error)) from error
    opened = open_store(uri, artifacts=artifacts)
    foreign = list(foreign_of(opened.store, models, roots=opened.roots, label=label))
    for name in models:
        if not any(one.model == name for one in foreign):
            raise VersionNotFoundError(f"MLflow has no registered model {shown(name)} with a version.")
    plan = plan_import(foreign, models_dir, copy_files=copy_files)
    importing.run_import(plan, actor=actor, dry_run=dry_run, json=json, problems=opened.store.problems)
