"""`tb-versions import-trackio`: versions of Trackio's model artifacts become versions."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tb_versions.cli import importing


@click.command("import-trackio")
@click.option(
    "--dir", "folder", metavar="DIR", required=True, envvar="TRACKIO_DIR", help="Trackio's folder; else TRACKIO_DIR."
)
@click.option("--project", "projects", metavar="NAME", multiple=True, help="Only this project; repeatable.")
@click.option("--runs", is_flag=True, help="Make a version of each run without a model artifact, too.")
@importing.imports
def import_trackio(
    folder: str,
    into: importing.Import,
    *,
    projects: Sequence[str],
    runs: bool,
) -> None:
    """Import the model artifacts in Trackio's database files: numbers, aliases, metrics, configuration, files.

    Reads the databases and changes nothing there. Given again, it adds what is new.
    """
    from tb_versions.interop.trackio.reading import Wanted, read_projects

    with into.assembly() as place:
        looked = read_projects(folder, Wanted(projects=projects, runs=runs, assembly=place))
        into.run(looked.versions, notes=looked.notes, problems=looked.skipped)
