"""`tb-versions import-gto`: versions that GTO's git tags register become versions, its stages become aliases."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tb_versions.cli import importing


@click.command("import-gto")
@click.option("--repo", metavar="DIR", required=True, help="The git repository: a work tree, or a bare one.")
@click.option("--model", "artifacts", metavar="NAME", multiple=True, help="Only this artifact; repeatable.")
@click.option(
    "--cache", metavar="DIR", default="", help="DVC's cache, for --copy-files; else .dvc/cache in the repository."
)
@importing.imports
def import_gto(
    repo: str,
    into: importing.Import,
    *,
    artifacts: Sequence[str],
    cache: str,
) -> None:
    """Import the versions that GTO's tags register, with DVC's metrics, parameters and data at their commits.

    Reads git and changes nothing there. Given again, it adds what is new.
    """
    from tb_versions.core.storage import existing_folder
    from tb_versions.interop.gto.reading import read_repository

    if cache:
        existing_folder(cache, "DVC's cache")
    with into.assembly() as place:
        looked = read_repository(repo, artifacts, cache=cache, assembly=place)
        into.run(looked.versions, notes=looked.notes, problems=looked.skipped)
