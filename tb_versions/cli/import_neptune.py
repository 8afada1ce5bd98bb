"""`tb-versions import-neptune`: what Neptune Exporter wrote becomes versions."""

from __future__ import annotations

import click

from tb_versions.cli import importing
from tb_versions.core.manifest import check_source
from tb_versions.errors import InvalidNameError, InvalidQueryError


@click.command("import-neptune")
@click.option(
    "--data-path", "data", metavar="DIR", required=True, help="Folder of Parquet that neptune-exporter wrote."
)
@click.option("--files-path", "files", metavar="DIR", default="", help="Folder of files that it downloaded.")
@click.option("--runs", is_flag=True, help="Make a version of each run, too.")
@click.option("--label", metavar="LABEL", default="neptune", help="Name of the source of files that stay in place.")
@importing.imports
def import_neptune(
    into: importing.Import,
    *,
    data: str,
    files: str,
    runs: bool,
    label: str,
) -> None:
    """Import the model versions that Neptune Exporter wrote as Parquet: attributes, series, stages, files.

    Reads the export and changes nothing there. Given again, it adds what is new.
    """
    import os

    from tb_versions.core.storage import existing_folder
    from tb_versions.interop.neptune.reading import Files, read_export

    try:
        check_source(label)
    except InvalidNameError as error:
        raise InvalidQueryError(str(error)) from error
    root = os.path.realpath(existing_folder(files, "The exported files")) if files else ""
    looked = read_export(data, Files(root, label), runs=runs)
    into.run(looked.versions, notes=looked.notes, problems=looked.skipped)
