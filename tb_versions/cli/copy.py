"""`tb-versions copy`: versions between models folders."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tb_versions.actions import copying
from tb_versions.cli import options, text, verbs
from tb_versions.cli.numbers import WholeNumberIn
from tb_versions.cli.progress import reading
from tb_versions.core.manifest import visible


@click.command()
@click.argument("refs", metavar="REF...", nargs=-1, required=True)
@click.option("--to", metavar="DIR", required=True, help="Folder of models that they are copied to.")
@click.option("--number", metavar="N", type=WholeNumberIn(0), default=None, help="Number there, of one version.")
@click.option("--with-golden", is_flag=True, help="Copy golden outputs, too: inputs that the author gave, and answers.")
@options.sources
@verbs.changing
def copy(
    refs: Sequence[str],
    how: verbs.How,
    *,
    to: str,
    number: int | None,
    with_golden: bool,
) -> None:
    """Copy the versions REF into another models folder, every file compared before and after.

    They keep their numbers where those are free there. Their history and signatures go along; aliases are not set
    there. A version that was copied before is not copied again, and an interrupted copy goes on where it stopped.
    """
    wanted = verbs.expanded(refs, how.models_dirs)
    if number is not None and len(wanted) > 1:
        raise click.UsageError("--number is for one version.")
    done = []
    for ref in wanted:
        with reading(ref) as progress:
            done.append(
                copying.copy(
                    ref,
                    how.folder_for(ref),
                    to=to,
                    number=number,
                    with_golden=with_golden,
                    progress=progress,
                    **how.acting,
                )
            )
        if not how.json:
            click.echo(visible(str(done[-1])))
    if how.json:
        click.echo(text.json_of([_payload(each) for each in done]))


def _payload(done: copying.Copied) -> dict[str, object]:
    return {
        "source": done.source,
        "reference": done.reference,
        "folder": done.folder,
        "copied": done.is_new,
        "golden": done.golden or None,
        "signatures": done.signatures,
        "unread_signatures": done.unread_signatures,
    }
