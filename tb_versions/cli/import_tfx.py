"""`tb-versions import-tfx`: models that a TFX pipeline trained become versions, with what it says of them."""

from __future__ import annotations

import click

from tb_versions.cli import importing
from tb_versions.core.manifest import check_alias, check_source
from tb_versions.errors import InvalidNameError, InvalidQueryError


@click.command("import-tfx")
@click.option("--pipeline", metavar="DIR", required=True, help="The pipeline's output folder, its pipeline_root.")
@click.option("--metadata", metavar="FILE", default="", help="Its metadata store; else metadata.sqlite in DIR.")
@click.option(
    "--name", metavar="MODEL", default="", help="The model that all are versions of; else the pipeline's name."
)
@click.option("--pushed-alias", metavar="NAME", default="", help="An alias for the version that was pushed last.")
@click.option("--label", metavar="LABEL", default="tfx", help="Name of the source of files that stay in place.")
@importing.imports
def import_tfx(
    into: importing.Import,
    *,
    pipeline: str,
    metadata: str,
    name: str,
    pushed_alias: str,
    label: str,
) -> None:
    """Import the models that a TFX pipeline trained: lineage, hyperparameters, TFMA's metrics by slice, blessings.

    Reads the metadata store and the output folder, and changes nothing there. Given again, it adds what is new.
    """
    from tb_versions.interop.tfx.reading import read_pipelines

    try:
        check_source(label)
        if pushed_alias:
            check_alias(pushed_alias)
    except InvalidNameError as error:
        raise InvalidQueryError(str(error)) from error
    read = read_pipelines(pipeline, metadata=metadata, name=name, source=label, pushed_alias=pushed_alias)
    into.run(read.versions, notes=read.notes, problems=read.skipped)
