"""`tb-versions verify`."""

from __future__ import annotations

import os
import sys

import click

from tb_versions.cli import exports, fleets, options, text, verbs, verify_export
from tb_versions.cli.numbers import WholeNumberIn
from tb_versions.cli.verify_many import verify_many
from tb_versions.cli.verify_versions import How, Signed, verify_versions
from tb_versions.core.manifest import MANIFEST_NAME, is_digest, shown, visible
from tb_versions.core.references import is_path, version_folder
from tb_versions.core.storage import is_remote, read_capped
from tb_versions.errors import InvalidQueryError, TbVersionsError


@click.command(cls=fleets.Piped)
@click.argument("names", metavar="[REF|EXPORT]...", nargs=-1)
@options.places
@click.option("--all", "every", is_flag=True, help="All versions, which is also meant where none is named.")
@click.option("--quick", is_flag=True, help="Compare names and sizes only; no file is read.")
@click.option("--jobs", metavar="N", type=WholeNumberIn(1, 64), default=4, help="Versions at a time; 4 by default.")
@click.option("--record", is_flag=True, help="Record each result in the registry.")
@click.option("--actor", metavar="NAME", default=None, help="Who records; TB_VERSIONS_ACTOR, else the login.")
@click.option(
    "--unless-since", metavar="DATE", default=None, help="Leave out what was recorded as published since then."
)
@click.option("--key", metavar="FILE", default=None, help="Public key, as PEM: the version must be signed with it.")
@click.option(
    "--identity", metavar="NAME", default=None, help="Who must have signed, as Sigstore's certificate has it."
)
@click.option("--issuer", metavar="URL", default=None, help="Who vouched for that identity.")
@click.option("--signature", metavar="FILE", default=None, help="The signature; else those kept beside the version.")
@click.option("--digest", metavar="sha256:…", default=None, help="Digest that the export must have.")
@fleets.many
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
    identity: str | None,
    issuer: str | None,
    signature: str | None,
    digest: str | None,
    many: fleets.Many,
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
    if many:
        if names or key or identity or issuer or signature or digest:
            raise click.UsageError(
                "--shard, --runner, --dead-letters and --retry are for all versions of a models folder: name none, and "
                "give neither --key nor --digest."
            )
        how = How(quick=quick, jobs=jobs, record=record, actor=actor, unless_since=unless_since)
        verify_many(verbs.only_folder(models_dirs), how=how, many=many, json=json)
        return
    has_places = bool(logdir or models_dirs)
    are_exports = [_is_export(name, has_places=has_places) for name in names]
    if any(are_exports):
        if not all(are_exports):
            raise click.UsageError("Verify exports and versions in separate commands.")
        if quick or record or unless_since or key or identity or issuer or signature:
            raise click.UsageError("--quick, --record, --unless-since and --key are for versions, not for exports.")
        sound = _verify_exports(names, (logdir, models_dirs), digest=digest, json=json)
    elif digest is not None:
        raise click.UsageError("--digest is for an export; write its path with a slash, like ./share.")
    else:
        signed = _wanted(key, identity, issuer, signature)
        if signed and (quick or unless_since or (signature and len(names) != 1)):
            raise click.UsageError(
                "--signature is of one version; a signature is not checked with --quick or --unless-since."
            )
        how = How(quick=quick, jobs=jobs, record=record, actor=actor, unless_since=unless_since, signed=signed)
        sound = verify_versions(names, (logdir, models_dirs), how=how, json=json)
    if not sound:
        sys.exit(1)


def _wanted(key: str | None, identity: str | None, issuer: str | None, signature: str | None) -> Signed | None:
    """Whose signature each version must have; None where none is asked for."""
    if key is None and identity is None and issuer is None and signature is None:
        return None
    from tb_versions.core.signing.keys import KEY_LIMIT, public_key

    if (identity is None) != (issuer is None) or (key is None) == (identity is None):
        raise click.UsageError("A signature is checked with --key, or with --identity and --issuer.")
    if key is None:
        return Signed(identity=identity or "", issuer=issuer or "", file=signature)
    try:
        text = read_capped(os.path.realpath(key), KEY_LIMIT).decode("ascii", "replace")
        return Signed(keys=(public_key(os.path.basename(key), text),), file=signature)
    except OSError as error:
        raise InvalidQueryError(f"The key {visible(key)} can't be read: {error.strerror or error}.") from error
    except TbVersionsError as error:
        raise InvalidQueryError(f"The key {visible(key)} can't be read: {visible(str(error))}") from error


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
