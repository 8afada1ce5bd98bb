"""`tb-versions verify`."""

from __future__ import annotations

import sys

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from tb_versions.catalog import Version
from tb_versions.cli import options, text
from tb_versions.digest import Changes
from tb_versions.errors import TbVersionsError
from tb_versions.manifest import visible
from tb_versions.reuse import verify_version


@click.command()
@click.argument("refs", metavar="[REF]...", nargs=-1)
@options.places
def verify(refs: tuple[str, ...], logdir: str, models_dirs: tuple[str, ...]) -> None:
    """Read every file of the versions REF, or of all, and compare it with the manifest.

    Names what is changed, missing or extra, and exits with 1 if anything is.
    """
    catalog = options.read(logdir, models_dirs).catalog
    versions = [catalog.find(ref) for ref in refs] or list(catalog.versions)
    if not refs:
        text.report_problems(catalog)
    sound = [_verify(version) for version in versions]
    click.echo(f"{sum(sound)} of {len(sound)} versions are as published.")
    if not all(sound) or (not refs and catalog.problems):
        sys.exit(1)


def _verify(version: Version) -> bool:
    name = visible(version.id)
    try:
        with _progress() as progress:
            task = progress.add_task(name, total=None)
            changes = verify_version(
                version, progress=lambda done, total: progress.update(task, completed=done, total=total)
            )
    except TbVersionsError as error:
        click.echo(f"{name}: {visible(str(error))}")
        return False
    if changes:
        click.echo(f"{name}: differs from what was published")
        _print(changes)
        return False
    click.echo(f"{name}: as published")
    return True


def _print(changes: Changes) -> None:
    for paths, what in (
        (changes.changed, "changed"),
        (changes.resized, "changed (other size)"),
        (changes.missing, "missing"),
        (changes.extra, "extra"),
        (changes.unsafe, "not a plain file"),
    ):
        for path in paths:
            click.echo(f"  {what}: {visible(str(path))}")


def _progress() -> Progress:
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
