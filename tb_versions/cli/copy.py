"""`tb-versions copy`: versions between models folders."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tb_versions.actions import copying
from tb_versions.cli import options, text, verbs
from tb_versions.cli.progress import reading
from tb_versions.core.manifest import visible


@click.command()
@click.argument("refs", metavar="REF...", nargs=-1, required=True)
@click.option("--to", metavar="DIR", required=True, help="Folder of models that they are copied to.")
@click.option("--number", metavar="N", type=click.IntRange(0), default=None, help="Number there, of one version.")
@options.sources
@verbs.changing
def copy(
    refs: Sequence[str],
    *,
    models_dirs: tuple[str, ...],
    to: str,
    number: int | None,
    actor: str | None,
    dry_run: bool,
    json: bool,
) -> None:
    """Copy the versions REF into another models folder, every file compared before and after.

    They keep their numbers where those are free there. Their history goes along for reading; aliases are not set there.
    A version that was copied before is not copied again, and an interrupted copy goes on where it stopped.
    """
    wanted = verbs.expanded(refs, models_dirs)
    if number is not None and len(wanted) > 1:
        raise click.UsageError("--number is for one version.")
    done = []
    for ref in wanted:
        with reading(ref) as progress:
            folder = verbs.folder_for(ref, models_dirs)
            done.append(
                copying.copy(ref, folder, to=to, number=number, actor=actor, dry_run=dry_run, progress=progress)
            )
        if not json:
            click.echo(visible(str(done[-1])))
    if json:
        told = [{"source": c.source, "reference": c.reference, "folder": c.folder, "copied": c.is_new} for c in done]
        click.echo(text.json_of(told))
