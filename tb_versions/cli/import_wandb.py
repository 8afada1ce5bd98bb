"""`tb-versions import-wandb`: model artifacts that W&B's offline runs logged become versions."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tb_versions.cli import importing


@click.command("import-wandb")
@click.option("--dir", "folder", metavar="DIR", required=True, help="The folder wandb, with its offline-run-… folders.")
@click.option("--runs", is_flag=True, help="Make a version of each run without a model artifact, too.")
@click.option(
    "--staging",
    metavar="DIR",
    multiple=True,
    help="Where W&B put copies of artifacts' files, for --copy-files; else its own data folder. Repeatable.",
)
@importing.imports
def import_wandb(
    folder: str,
    into: importing.Import,
    *,
    runs: bool,
    staging: Sequence[str],
) -> None:
    """Import the model artifacts of W&B's offline runs: metrics as they were then, config, aliases, files.

    Reads the runs' record files, which W&B itself would send, and changes nothing there. Given again, it adds what is
    new.
    """
    from tb_versions.core.storage import existing_folder
    from tb_versions.interop.wandb.reading import Wanted, default_staging, read_runs

    places = [str(existing_folder(path, "The staging folder")) for path in staging] or default_staging()
    with into.assembly() as place:
        looked = read_runs(folder, Wanted(runs=runs, staging=places, assembly=place))
        into.run(looked.versions, notes=looked.notes, problems=looked.skipped)
