"""`tb-versions verify`."""

from __future__ import annotations

import os
import sys

import click

from tb_versions.cli import exports, options, text, verify_export
from tb_versions.cli.verify_versions import How, verify_versions
from tb_versions.core.manifest import MANIFEST_NAME, is_digest, shown, visible
from tb_versions.core.references import is_path, version_folder
from tb_versions.core.storage import is_remote


@click.command()
@click.argument("names", metavar="[REF|EXPORT]...", nargs=-1)
@options.places
@click.option("--all", "every", is_flag=True, help="All versions, which is also meant where none is named.")
@click.option("--quick", is_flag=True, help="Compare names and sizes only; no file is read.")
@click.option("--jobs", metavar="N", type=click.IntRange(1, 64), default=4, help="Versions at a time; 4 by default.")
@click.option("--record", is_flag=True, help="Record each result in the registry.")
@click.option("--actor", metavar="NAME", default=None, help="Who records; TB_VERSIONS_ACTOR, else the login.")
@click.option(
    "--unless-since", metavar="DATE", default=None, help="Leave out what was recorded as published since then."
)
@click.option("--key", metavar="FILE", default=None, help="Public key, as PEM: the version must be signed with it.")
@click.option("--signature", metavar="FILE", default=None, help="The signature, as `sign` wrote it.")
@click.option("--digest", metavar="sha256:…", default=None, help="Digest that the export must have.")
@options.as_json
def verify(
    names: tuple[str, ...],
    *,
    logdir: str,
    models_dirs: tuple[str, ...],
    every: bool,
    quick: bool,
    jobs: int,
    record: bool,
    actor: str | None,
    unless_since: str | None,
    key: str | None,
    signature: str | None,
    digest: str | None,
    json: bool,
) -> None:
    """Read every file of the versions REF, or of all, and compare it with the manifest.

    Names what is changed, missing or added, and exits with 1 if anything is. With --logdir each manifest is also
    compared with the copy that a run announces. REF may be a range, digits:3..7, or the path of a version's folder.
    EXPORT is what `tb-versions export` wrote, its path with a slash (./share) or ending in .html: says whether it was
    altered since and, with --models-dir or --logdir, whether the manifests in it are still those on disk.
    """
    if every and names:
        raise click.UsageError("Name versions, or give --all.")
    has_places = bool(logdir or models_dirs)
    are_exports = [_is_export(name, has_places=has_places) for name in names]
    if any(are_exports):
        if not all(are_exports):
            raise click.UsageError("Verify exports and versions in separate commands.")
        if quick or record or unless_since or key or signature:
            raise click.UsageError("--quick, --record, --unless-since and --key are for versions, not for exports.")
        sound = _verify_exports(names, (logdir, models_dirs), digest=digest, json=json)
    elif digest is not None:
        raise click.UsageError("--digest is for an export; write its path with a slash, like ./share.")
    else:
        how = How(quick=quick, jobs=jobs, record=record, actor=actor, unless_since=unless_since)
        if key is None and signature is None:
            sound = verify_versions(names, (logdir, models_dirs), how=how, json=json)
        elif key is None or signature is None or len(names) != 1 or quick or unless_since or json:
            raise click.UsageError("--key and --signature go together, with one version; not with --quick or --json.")
        else:
            sound = verify_versions(names, (logdir, models_dirs), how=how, json=False)
            sound &= _is_signed(names[0], (logdir, models_dirs), key=key, signature=signature)
    if not sound:
        sys.exit(1)


def _is_signed(name: str, places: tuple[str, tuple[str, ...]], *, key: str, signature: str) -> bool:
    """Prints whether the files of a version were signed with a key."""
    from tb_versions.cli.sign import local_place
    from tb_versions.read.reuse.verifying import verify_place
    from tb_versions.trust.signing import why_not_signed

    version = options.find(options.read(*places, refs=[name], cached=False).catalog, name)
    place = local_place(version)
    files = verify_place(version, place, hash_contents=False).files
    why = why_not_signed(place.folder, files, key=key, signature=signature)
    said = f"signature not verified: {why}" if why else f"signed with the key in {key}"
    click.echo(visible(f"{version.id}: {said}."))
    return not why


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
