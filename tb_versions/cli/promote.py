"""`tb-versions promote`, `rollback` and `unalias`."""

from __future__ import annotations

import click

from tb_versions.actions import aliases
from tb_versions.cli import options, verbs
from tb_versions.cli.progress import reading


@click.command()
@click.argument("ref")
@verbs.with_alias
@click.option("--reason", metavar="TEXT", required=True, help="Why; kept in the history.")
@verbs.with_expect
@options.sources
@verbs.changing
def promote(
    ref: str,
    how: verbs.How,
    *,
    alias: str,
    reason: str,
    expect: str,
) -> None:
    """Let an alias name the version REF.

    Its files are compared with the manifest first; where the model's policy asks for that, every file is read. What the
    alias named before can be brought back by `tb-versions rollback`.
    """
    with reading(ref) as progress:
        change = aliases.promote(
            ref, how.folder_for(ref), alias=alias, reason=reason, expect=expect, progress=progress, **how.acting
        )
    how.print(change)


@click.command()
@click.argument("model")
@verbs.with_alias
@click.option("--to", metavar="REF", default=None, help="An earlier version of the alias; the one before by default.")
@verbs.with_reason
@verbs.with_expect
@options.sources
@verbs.changing
def rollback(
    model: str,
    how: verbs.How,
    *,
    alias: str,
    to: str | None,
    reason: str,
    expect: str,
) -> None:
    """Let an alias of MODEL name the version again that it named before.

    A second rollback goes one further. Every file of that version is read and compared with its manifest first. Exits
    with 1 if the alias named no other version before.
    """
    with reading(f"{model}@{alias}~1") as progress:
        change = aliases.rollback(
            model,
            how.folder_of(model),
            alias=alias,
            to=to,
            reason=reason,
            expect=expect,
            progress=progress,
            **how.acting,
        )
    how.print(change)


@click.command()
@click.argument("model")
@verbs.with_alias
@verbs.with_reason
@verbs.with_expect
@verbs.changing
def unalias(
    model: str,
    how: verbs.How,
    *,
    alias: str,
    reason: str,
    expect: str,
) -> None:
    """Remove an alias of MODEL: it names nothing any more, and there is nothing to roll back to."""
    how.print(aliases.unalias(model, how.folder_of(model), alias=alias, reason=reason, expect=expect, **how.acting))
