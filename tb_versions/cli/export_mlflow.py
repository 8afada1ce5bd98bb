"""`tb-versions export-mlflow`: versions become versions of a registered model in MLflow."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tb_versions.cli import options, text, verbs
from tb_versions.core.manifest import visible
from tb_versions.core.references import is_path, parse_range, parse_reference
from tb_versions.read.reuse.finding import numbers_of


@click.command("export-mlflow")
@click.argument("refs", metavar="REF...", nargs=-1, required=True)
@click.option(
    "--uri",
    metavar="URI",
    required=True,
    envvar="MLFLOW_TRACKING_URI",
    help="http://…, or a database such as sqlite:///mlflow.db; else MLFLOW_TRACKING_URI.",
)
@click.option(
    "--name", metavar="NAME", default="", help="Registered model; else the model's name, as it was in MLflow."
)
@click.option(
    "--experiment", metavar="NAME", default="tb-versions", help="Experiment that gets a run for each version."
)
@click.option("--dry-run", is_flag=True, help="Check everything, say what would be done, and write nothing.")
@options.as_json
@options.sources
@options.models
def export_mlflow(
    refs: Sequence[str],
    *,
    uri: str,
    name: str,
    experiment: str,
    models_dirs: tuple[str, ...],
    dry_run: bool,
    json: bool,
) -> None:
    """Register the versions REF in MLflow, with their files; the name of a model stands for all its versions.

    Description, labels, metrics, hyperparameters and aliases go along. A version that was registered before is not
    registered again, and an alias that names another version in MLflow stays there.
    """
    from tb_versions.interop.mlflow.returning import Registrar

    wanted = _expanded(refs, models_dirs)
    registrar = Registrar(uri, name=name, experiment=experiment, dry_run=dry_run)
    done = []
    for ref in wanted:
        done.append(registrar.register(ref, verbs.folder_for(ref, models_dirs)))
        if not json:
            click.echo(visible(str(done[-1])))
            for note in done[-1].notes:
                click.echo(visible(f"  {note}"))
    if json:
        told = [
            {"id": one.reference, "model": visible(one.model), "number": one.number or None, "new": one.is_new}
            | {"notes": list(map(visible, one.notes)), "dry_run": dry_run}
            for one in done
        ]
        click.echo(text.json_of(told))


def _expanded(refs: Sequence[str], models_dirs: Sequence[str]) -> list[str]:
    """References, oldest first; a model's name alone stands for all its versions."""
    wanted: list[str] = []
    for ref in refs:
        if is_path(ref) or parse_range(ref) is not None:
            wanted += verbs.expanded([ref], models_dirs)
            continue
        parsed = parse_reference(ref)
        if ref == parsed.model:
            wanted += [f"{ref}:{number}" for number in numbers_of(ref, verbs.folder_of(ref, models_dirs))]
        else:
            wanted.append(ref)
    return wanted
