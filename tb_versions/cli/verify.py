"""`tb-versions verify`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import click

from tb_versions.cli import exports, options, text, verify_export
from tb_versions.cli.progress import reading
from tb_versions.core.manifest import MANIFEST_NAME, is_digest, shown, visible
from tb_versions.core.references import is_path, version_folder
from tb_versions.core.storage import is_remote
from tb_versions.errors import FilesElsewhereError, TbVersionsError, VersionNotFoundError
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.folders.scan import Place
from tb_versions.read.reuse.verifying import Announcements, Verified, place_of, verify_place


@click.command()
@click.argument("names", metavar="[REF|EXPORT]...", nargs=-1)
@options.places
@click.option("--digest", metavar="sha256:…", default=None, help="Digest that the export must have.")
@options.as_json
def verify(
    names: tuple[str, ...], *, logdir: str, models_dirs: tuple[str, ...], digest: str | None, json: bool
) -> None:
    """Read every file of the versions REF, or of all, and compare it with the manifest.

    Names what is changed, missing or added, and exits with 1 if anything is. With --logdir each manifest is also
    compared with the copy that a run announces. REF may be a range, digits:3..7, or the path of a version's folder.
    EXPORT is what `tb-versions export` wrote, its path with a slash (./share) or ending in .html: says whether it was
    altered since and, with --models-dir or --logdir, whether the manifests in it are still those on disk.
    """
    has_places = bool(logdir or models_dirs)
    are_exports = [_is_export(name, has_places=has_places) for name in names]
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


def _is_export(name: str, *, has_places: bool) -> bool:
    """Whether an argument names an export, and not a version by a reference or a path."""
    if is_remote(name):  # exports under a URL are not read back
        return False
    if is_path(name) and os.path.lexists(os.path.join(os.path.expanduser(version_folder(name)), MANIFEST_NAME)):
        return False
    return exports.is_export(name) or (not has_places and exports.may_be_export(name))


def _verify_exports(
    names: tuple[str, ...], places: tuple[str, tuple[str, ...]], *, digest: str | None, json: bool
) -> bool:
    if digest is not None and (len(names) > 1 or not is_digest(digest)):
        raise click.UsageError(
            f"--digest takes sha256: and 64 hexadecimal digits, for one export; {shown(digest)} was given."
        )
    reader = options.read(*places, cached=False) if any(places) else None
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
    catalog = options.read(*places, refs=refs, cached=False).catalog
    announcements = _announcements(catalog, places) if places[0] else None
    versions = [_found(catalog, ref) for ref in options.expanded(refs, options.in_catalog(catalog))]
    versions = versions or [version for version in catalog.versions if version.kept_at is None]
    if not refs:
        text.report_problems(catalog)
    options.note_newer(catalog, refs)
    verdicts = []
    for version in versions:
        for place in version.places or (None,):
            verdicts.append(_verify(version, place, announcements))
            if not json:
                _echo(verdicts[-1])
    if json:
        click.echo(text.json_of([verdict.wire() for verdict in verdicts]))
    else:
        removed = 0 if refs else sum(version.kept_at is not None for version in catalog.versions)
        left_out = f" Left out: {removed:,} removed." if removed else ""
        click.echo(f"{sum(v.sound for v in verdicts)} of {len(verdicts)} versions are as published.{left_out}")
    _report_announcements(verdicts, places[0])
    return all(verdict.sound for verdict in verdicts) and not (not refs and catalog.problems)


def _found(catalog: Catalog, ref: str) -> Version:
    try:
        return options.find(catalog, ref)
    except VersionNotFoundError as error:
        if is_path(ref) or not exports.may_be_export(ref):
            raise
        raise VersionNotFoundError(f"{error} For the export of that name write ./{ref}.") from error


def _announcements(catalog: Catalog, places: tuple[str, tuple[str, ...]]) -> Announcements:
    announced = [one for version in catalog.versions for one in version.announced]
    return Announcements(announced, roots_of(*places).resolve)


@dataclass(frozen=True)
class _Verdict:
    """What is known of one version in one folder: how it differs, or why that could not be found out."""

    id: str
    folder: str | None
    result: Verified | None
    why_not: str = ""

    @property
    def sound(self) -> bool:
        return self.result is not None and not self.result

    @property
    def _found(self) -> Verified:
        return Verified() if self.result is None else self.result

    def kinds(self) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
        """Of each kind of file that is named: its name in JSON, in words, and the files."""
        found = self._found
        yield "changed", "changed", found.changed
        yield "resized", "changed (other size)", found.resized
        yield "missing", "missing", found.missing
        yield "extra", "extra", found.extra
        yield "unsafe", "not a plain file", found.unsafe
        yield "ignored", "left by another program, makes no difference", found.ignored
        yield "outside_digest", "outside of the digest, not checked", found.outside_digest

    def wire(self) -> dict[str, Any]:
        files = {name: [str(path) for path in paths] for name, _, paths in self.kinds()}
        found = self._found.announcement
        announcement = {"verdict": found.verdict, "runs": list(found.runs), "others": list(found.others)}
        return {
            "id": self.id,
            "folder": self.folder,
            "ok": self.sound,
            "problem": self.why_not or None,
            **files,
            "announcement": announcement,
        }


def _verify(version: Version, place: Place | None, announcements: Announcements | None) -> _Verdict:
    try:
        if version.kept_at is not None:
            return _Verdict(version.id, None, None, f"{version.id} was removed: there are no files to verify.")
        where = place or place_of(version)
        with reading(version.id) as progress:
            found = verify_place(version, where, announcements=announcements, progress=progress)
    except FilesElsewhereError as error:
        return _Verdict(version.id, place.folder if place else None, None, f"not checked: {error}")
    except TbVersionsError as error:
        return _Verdict(version.id, place.folder if place else None, None, str(error))
    return _Verdict(_name(version, where), where.folder, found.result)


def _name(version: Version, place: Place) -> str:
    """The version, and its folder where it has several."""
    return version.id if len(version.places) < 2 else f"{version.id} in {place.shown}"


def _echo(verdict: _Verdict) -> None:
    name = visible(verdict.id)
    if verdict.result is None:
        click.echo(f"{name}: {visible(verdict.why_not)}")
        return
    click.echo(f"{name}: as published" if verdict.sound else f"{name}: differs from what was published")
    for _, what, paths in verdict.kinds():
        for path in paths:
            click.echo(f"  {what}: {visible(str(path))}")
    if verdict.result.announcement.verdict in ("agrees", "differs"):
        click.echo(f"  {verdict.result.announcement}")


def _report_announcements(verdicts: list[_Verdict], logdir: str) -> None:
    """Says on stderr which manifests were compared with no announced copy."""
    if not logdir:
        click.echo("tb-versions: No announcement was looked at: no --logdir was given.", err=True)
        return
    alone = [v.id for v in verdicts if v.result is not None and v.result.announcement.verdict == "none"]
    if alone:
        more = f" and {len(alone) - 3:,} more" if len(alone) > 3 else ""
        click.echo(f"tb-versions: No run announces {visible(', '.join(alone[:3]))}{more}.", err=True)
