"""Signs a version's files with a key, and checks such a signature: OpenSSF Model Signing, which is an extra.

What is signed are the files, not what the manifest says of them. A signature may leave out files, by what it says of
itself; so it counts only if it names exactly the files of the manifest, with their digests.
"""

from __future__ import annotations

import base64
import binascii
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from tb_versions.core.digest import REGISTRY_FOLDER
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_NAME, File, shown, visible
from tb_versions.core.storage import read_capped
from tb_versions.errors import InvalidQueryError, MissingDependencyError, RefusedError

MAX_SIGNATURE = 64 << 20
"""Largest signature in bytes that is read."""

_OWN = (MANIFEST_NAME, FILE_LIST_NAME, REGISTRY_FOLDER)
_LONGEST = 500


def sign_files(folder: str, files: Iterable[File], *, key: str, out: str) -> None:
    """Writes a signature of the files of a version, which lie as published.

    Args:
        folder: Local folder of the version.
        files: Those of its manifest.
        key: A private key on the curve P-256, P-384 or P-521 as PEM, without a password.
        out: File to write; it must not be there, and not in the folder.

    Raises:
        InvalidQueryError: The key can't be used, or the place not be written.
        RefusedError: What would be signed is not exactly the files of the manifest.
        MissingDependencyError: model-signing or pyOpenSSL is not installed.
    """
    hashing, signing, _ = _library()
    place = os.path.realpath(out)
    if place.startswith(os.path.realpath(folder) + os.sep):
        raise InvalidQueryError(f"{visible(out)} lies in the folder that is signed. Write it elsewhere.")
    try:
        with tempfile.TemporaryDirectory(dir=os.path.dirname(place), prefix=".sign-") as beside:
            made = os.path.join(beside, "signature")
            config = signing.Config().use_elliptic_key_signer(private_key=Path(key))
            config.set_hashing_config(_hashed(hashing, folder)).sign(Path(folder), Path(made))
            why = _why_not_these(read_capped(made, MAX_SIGNATURE), files)
            if why:
                raise RefusedError(f"Nothing was signed: {why}.")
            os.link(made, place)
    except FileExistsError as error:
        raise InvalidQueryError(f"{visible(out)} is there already. Name another file.") from error
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InvalidQueryError(f"It can't be signed with {visible(key)}: {_cut(error)}") from error


def why_not_signed(folder: str, files: Iterable[File], *, key: str, signature: str) -> str:
    """Returns why a signature is not one of a version's files by a key; "" if it is.

    Args:
        folder: Local folder of the version.
        files: Those of its manifest.
        key: The public key, as PEM.
        signature: File of the signature.

    Raises:
        InvalidQueryError: The signature or the key can't be read.
        MissingDependencyError: model-signing or pyOpenSSL is not installed.
    """
    hashing, _, verifying = _library()
    try:
        data = read_capped(os.path.realpath(signature), MAX_SIGNATURE)
        config = verifying.Config().use_elliptic_key_verifier(public_key=Path(key))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InvalidQueryError(f"The signature or the key can't be read: {_cut(error)}") from error
    with tempfile.TemporaryDirectory() as own:  # what is parsed below are the bytes that are checked
        copy = Path(own) / "signature"
        copy.write_bytes(data)
        try:
            config.set_hashing_config(_hashed(hashing, folder)).verify(Path(folder), copy)
        except Exception as error:  # noqa: BLE001 - the library raises what its parts raise; none of it is a yes
            return f"the key did not sign these files: {_cut(error) or type(error).__name__}"
    return _why_not_these(data, files)


def _why_not_these(data: bytes, files: Iterable[File]) -> str:
    """Why a signature, which was checked, does not name exactly these files; "" if it does."""
    try:
        statement = orjson.loads(base64.b64decode(orjson.loads(data)["dsseEnvelope"]["payload"], validate=True))
        named = {
            (each["name"], f"{each['algorithm']}:{each['digest']}") for each in statement["predicate"]["resources"]
        }
    except (ValueError, KeyError, TypeError, binascii.Error):
        return "the signature does not say which files it is about"
    wanted = {(file.path, file.digest) for file in files}
    missing, others = sorted(wanted - named), sorted(named - wanted)
    if missing:
        return f"the signature is not about {shown(str(missing[0][0]))} as the manifest has it"
    return f"the signature is about {shown(str(others[0][0]))}, which the manifest does not have so" if others else ""


def _hashed(hashing: Any, folder: str) -> Any:
    """How files are hashed: all with SHA-256, but our own beside the model."""
    own = [Path(folder) / name for name in _OWN]
    return (
        hashing.Config()
        .use_file_serialization(hashing_algorithm="sha256")
        .set_ignored_paths(paths=own, ignore_git_paths=False)
    )


def _library() -> tuple[Any, Any, Any]:
    try:
        from model_signing import hashing, signing, verifying
    except ImportError as error:
        raise MissingDependencyError(
            "Signatures need OpenSSF Model Signing and pyOpenSSL: pip install 'tensorboard-plugin-versions[sign]'. "
            f"({error})"
        ) from error
    return hashing, signing, verifying


def _cut(error: Exception) -> str:
    return visible(" ".join(str(error).split()))[:_LONGEST]
