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
def bump(ref: str, part: str, how: verbs.How, *, reason: str) -> None:
    """Give the version REF the semantic version that follows the previous release.

    PART is major, minor, patch or auto, the default: then the two are compared. A signature that breaks clients asks
    for a major version, new data or a compatible architecture for a minor one, retrained weights for a patch.
    """
    chosen = cast("bumping.Part", part)
    how.print(bumping.bump(ref, how.folder_for(ref), chosen, reason=reason, **how.acting))
