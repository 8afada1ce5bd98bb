"""`tb-versions bump`."""

from __future__ import annotations

from typing import cast

import click

from tb_versions.actions import bumping
from tb_versions.cli import verbs


@click.command()
@click.argument("ref")
@click.argument("part", type=click.Choice(bumping.PARTS), default="auto")
@verbs.with_reason
@verbs.changing
def bump(
    ref: str,
    part: str,
    *,
    models_dirs: tuple[str, ...],
    reason: str,
    actor: str | None,
    dry_run: bool,
    json: bool,
) -> None:
    """Give the version REF the semantic version that follows the previous release.

    PART is major, minor, patch or auto, the default: then the two are compared. A signature that breaks clients asks
    for a major version, new data or a compatible architecture for a minor one, retrained weights for a patch.
    """
    change = bumping.bump(
        ref,
        verbs.folder_for(ref, models_dirs),
        cast("bumping.Part", part),
        reason=reason,
        actor=actor,
        dry_run=dry_run,
    )
    verbs.print_changes([change], json=json)
