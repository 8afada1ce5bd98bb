"""`tb-versions verify`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from tb_versions.cli import exports, options, text, verify_export
from tb_versions.core.digest import Changes
from tb_versions.core.manifest import is_digest, shown, visible
from tb_versions.errors import TbVersionsError, VersionNotFoundError
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.reuse import verify_version


@click.command()
@click.argument("names", metavar="[REF|EXPORT]...", nargs=-1)
@options.places
@click.option("--digest", metavar="sha256:…", default=None, help="Digest that the export must have.")
@options.as_json
def verify(
    names: tuple[str, ...], *, logdir: str, models_dirs: tuple[str, ...], digest: str | None, json: bool
) -> None:
    """Read every file of the versions REF, or of all, and compare it with the manifest.

    Names what is changed, missing or extra, and exits with 1 if anything is. EXPORT is what `tb-versions export`
    wrote, its path with a slash (./share) or ending in .html: says whether it was altered since and, with --models-dir
    or --logdir, whether the manifests in it are still those on disk.
    """
    has_places = bool(logdir or models_dirs)
    are_exports = [exports.is_export(name) or (not has_places and exports.may_be_export(name)) for name in names]
    if any(are_exports):
        if not all(are_exports):
            raise click.UsageError("Verify exports and versions in separate commands.")
        sound = _verify_exports(names, (logdir, models_dirs), digest=digest, json=json)
    elif digest is not None:
        raise click.UsageError("--digest is for an export; write its path with a slash, like ./share.")
    else:
        sound = _verify_versions(names, (logdir, models_dirs), json=json)
    if not sound:
        sys.exit(1)


def _verify_exports(
    names: tuple[str, ...], places: tuple[str, tuple[str, ...]], *, digest: str | None, json: bool
) -> bool:
    if digest is not None and (len(names) > 1 or not is_digest(digest)):
        raise click.UsageError(
            f"--digest takes sha256: and 64 hexadecimal digits, for one export; {shown(digest)} was given."
        )
    reader = options.read(*places) if any(places) else None
    verdicts = [verify_export.verdict(name, digest=digest, reader=reader) for name in names]
    if json:
        click.echo(text.json_of([verdict.wire() for verdict in verdicts]))
    else:
        for told in verdicts:
            verify_export.echo(told)
    if reader is not None:
        text.report_problems(reader.catalog)
    return all(told.sound for told in verdicts)


def _verify_versions(refs: tuple[str, ...], places: tuple[str, tuple[str, ...]], *, json: bool) -> bool:
    catalog = options.read(*places).catalog
    versions = [_found(catalog, ref) for ref in refs] or list(catalog.versions)
    if not refs:
        text.report_problems(catalog)
    verdicts = []
    for version in versions:
        verdicts.append(_verify(version))
        if not json:
            _echo(verdicts[-1])
    if json:
        click.echo(text.json_of([verdict.wire() for verdict in verdicts]))
    else:
        click.echo(f"{sum(verdict.sound for verdict in verdicts)} of {len(verdicts)} versions are as published.")
    return all(verdict.sound for verdict in verdicts) and not (not refs and catalog.problems)


def _found(catalog: Catalog, ref: str) -> Version:
    try:
        return catalog.find(ref)
    except VersionNotFoundError as error:
        if not exports.may_be_export(ref):
            raise
        raise VersionNotFoundError(f"{error} For the export of that name write ./{ref}.") from error


@dataclass(frozen=True)
class _Verdict:
    """What is known of one version: how its files differ, or why they could not be compared."""

    id: str
    changes: Changes | None
    why_not: str = ""

    @property
    def sound(self) -> bool:
        return self.changes is not None and not self.changes

    def kinds(self) -> list[tuple[str, str, tuple[Any, ...]]]:
        """Of each kind of difference: its name in JSON, in words, and the files."""
        found = self.changes or Changes()
        return [
            ("changed", "changed", found.changed),
            ("resized", "changed (other size)", found.resized),
            ("missing", "missing", found.missing),
            ("extra", "extra", found.extra),
            ("unsafe", "not a plain file", found.unsafe),
        ]

    def wire(self) -> dict[str, Any]:
        files = {name: [str(path) for path in paths] for name, _, paths in self.kinds()}
        return {"id": self.id, "ok": self.sound, "problem": self.why_not or None, **files}


def _verify(version: Version) -> _Verdict:
    try:
        with _progress() as progress:
            task = progress.add_task(visible(version.id), total=None)
            changes = verify_version(
                version, progress=lambda done, total: progress.update(task, completed=done, total=total)
            )
    except TbVersionsError as error:
        return _Verdict(version.id, None, str(error))
    return _Verdict(version.id, changes)


def _echo(verdict: _Verdict) -> None:
    name = visible(verdict.id)
    if verdict.why_not:
        click.echo(f"{name}: {visible(verdict.why_not)}")
    else:
        click.echo(f"{name}: as published" if verdict.sound else f"{name}: differs from what was published")
    for _, what, paths in verdict.kinds():
        for path in paths:
            click.echo(f"  {what}: {visible(str(path))}")


def _progress() -> Progress:
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
