"""`tb-versions sign`."""

from __future__ import annotations

import os

import click

from tb_versions.actions import signing
from tb_versions.cli import options, verbs
from tb_versions.cli.progress import reading
from tb_versions.core.manifest import visible
from tb_versions.core.storage import create_if_absent
from tb_versions.errors import InvalidQueryError, StorageError
from tb_versions.read.reuse.verifying import Verification, verify_place


@click.command()
@click.argument("ref")
@options.places
@click.option("--key", metavar="FILE", required=True, help="Private key on an elliptic curve, as PEM.")
@click.option(
    "--out", metavar="FILE", default=None, help="Write the signature there, and keep none beside the version."
)
@verbs.with_reason
@click.option("--actor", metavar="NAME", default=None, help="Who signs; TB_VERSIONS_ACTOR, else the login.")
def sign(
    ref: str,
    *,
    logdir: str,
    models_dirs: tuple[str, ...],
    key: str,
    out: str | None,
    reason: str,
    actor: str | None,
) -> None:
    """Sign the files of the version REF: OpenSSF Model Signing, with a key, offline.

    Each file is compared with the manifest first. The signature is kept beside the version, outside of its digest, and
    recorded; `tb-versions verify REF --key PUBLIC` checks it.
    """
    version = options.find(options.read(logdir, models_dirs, refs=[ref]).catalog, ref)
    place = signing.local_place(version)
    with reading(version.id) as progress:
        verified: Verification = verify_place(version, place, progress=progress)
    bundle = signing.sign(version, verified, key=key)
    if out is None:
        click.echo(visible(str(signing.keep(version, place, bundle, actor=actor, reason=reason))))
        return
    _write(out, bundle.data, place.folder)
    click.echo(visible(f"{version.id}: the signature of {len(verified.files):,} files is in {out}."))


def _write(out: str, data: bytes, folder: str) -> None:
    place = os.path.realpath(out)
    if place.startswith(os.path.realpath(folder) + os.sep):
        raise InvalidQueryError(f"{visible(out)} lies in the folder that is signed. Write it elsewhere.")
    try:
        is_new = create_if_absent(place, data)
    except (OSError, StorageError) as error:
        raise InvalidQueryError(f"The signature can't be written: {error}") from error
    if not is_new:
        raise InvalidQueryError(f"{visible(out)} is there already. Name another file.")
