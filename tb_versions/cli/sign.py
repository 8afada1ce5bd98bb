"""`tb-versions sign`."""

from __future__ import annotations

import click

from tb_versions.cli import options
from tb_versions.cli.progress import reading
from tb_versions.core.manifest import visible
from tb_versions.errors import RefusedError, UnsupportedStorageError
from tb_versions.read.catalog import Version
from tb_versions.read.folders.scan import Place
from tb_versions.read.manifests.integrity import in_words
from tb_versions.read.reuse.verifying import Verification, place_of, verify_place
from tb_versions.trust.signing import sign_files


@click.command()
@click.argument("ref")
@options.places
@click.option("--key", metavar="FILE", required=True, help="Private key on an elliptic curve, as PEM.")
@click.option("--out", metavar="FILE", required=True, help="Where the signature goes.")
def sign(ref: str, *, logdir: str, models_dirs: tuple[str, ...], key: str, out: str) -> None:
    """Sign the files of the version REF: OpenSSF Model Signing, with a key, offline.

    Each file is compared with the manifest first. `tb-versions verify REF --key PUBLIC --signature FILE` checks it.
    """
    version = options.find(options.read(logdir, models_dirs, refs=[ref]).catalog, ref)
    place = local_place(version)
    with reading(version.id) as progress:
        verified: Verification = verify_place(version, place, progress=progress)
    if verified.result:
        raise RefusedError(f"{version.id} is not as published, so it is not signed: {in_words(verified.result)}")
    sign_files(place.folder, verified.files, key=key, out=out)
    click.echo(visible(f"{version.id}: the signature of {len(verified.files):,} files is in {out}."))


def local_place(version: Version) -> Place:
    """Returns the folder of a version whose files lie in it on this disk; raises UnsupportedStorageError otherwise."""
    place = place_of(version)
    if place.root.is_remote or (version.listing and version.listing.elsewhere):
        raise UnsupportedStorageError(
            f"{version.id} does not lie in its folder on this disk, where files are signed and signatures checked. "
            "Copy it to a local models folder: tb-versions copy."
        )
    return place
