"""Signs files with a key, and checks signatures: OpenSSF Model Signing, which is an extra."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tb_versions.core.digest import REGISTRY_FOLDER
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_NAME, visible
from tb_versions.core.signing.bundle import BUNDLE_LIMIT, Bundle
from tb_versions.core.signing.keys import PublicKey
from tb_versions.core.storage import read_capped
from tb_versions.errors import InvalidQueryError, MissingDependencyError, NoAnswerError

_OWN = (MANIFEST_NAME, FILE_LIST_NAME, REGISTRY_FOLDER)
_LONGEST = 500
_ONE = threading.Lock()


def sign_files(folder: str, *, key: str, ignored: Iterable[str] = ()) -> bytes:
    """Returns a signature of all files in a folder but our own beside the model.

    Args:
        folder: Local folder of the version.
        key: File of a private key on the curve P-256, P-384 or P-521 as PEM, without a password.
        ignored: Paths of files that are not signed.

    Raises:
        InvalidQueryError: The key can't be used.
        MissingDependencyError: model-signing or pyOpenSSL is not installed.
    """
    library = _library()
    try:
        with tempfile.TemporaryDirectory() as own, _quiet():
            made = Path(own) / "signature"
            config = library.signing.Config().use_elliptic_key_signer(private_key=Path(key))
            config.set_hashing_config(_hashed(library, folder, ignored)).sign(Path(folder), made)
            return read_capped(made, BUNDLE_LIMIT)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InvalidQueryError(f"It can't be signed with {visible(key)}: {_cut(error)}") from error


def why_not_by_key(folder: str, bundle: Bundle, key: PublicKey, *, ignored: Iterable[str] = ()) -> str:
    """Returns why the files in a folder were not signed so with a key; "" if they were.

    Args:
        folder: Local folder of the version.
        bundle: The signature, which names the files of the manifest.
        key: The public key.
        ignored: Paths of files that make no difference.

    Raises:
        InvalidQueryError: The key can't be used.
        MissingDependencyError: model-signing or pyOpenSSL is not installed.
    """
    if bundle.is_keyless:
        return "it was signed by an identity, not with a key: give --identity and --issuer"
    if bundle.hint not in ("", key.fingerprint):
        return f"another key signed it: it names {bundle.hint[:19]}…, not {key}"
    library = _library()
    with tempfile.TemporaryDirectory() as own:
        file = Path(own) / "key"
        file.write_bytes(key.pem)
        try:
            config = library.verifying.Config().use_elliptic_key_verifier(public_key=file)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise InvalidQueryError(f"The key {visible(str(key))} can't be used: {_cut(error)}") from error
        why = _why_not(config, folder, bundle, ignored=ignored)
        return why and f"the key {key} did not sign these files: {why}"


def why_not_by_identity(folder: str, bundle: Bundle, identity: str, issuer: str, *, ignored: Iterable[str] = ()) -> str:
    """Returns why the files in a folder were not signed so by an identity, by Sigstore; "" if they were.

    It asks Sigstore's servers for their keys, unless they were asked lately.

    Args:
        folder: Local folder of the version.
        bundle: The signature, which names the files of the manifest.
        identity: As the certificate must have it: an address of mail, or the URL of a workflow.
        issuer: URL of who vouched for it.
        ignored: Paths of files that make no difference.

    Raises:
        NoAnswerError: Sigstore's keys can't be had.
        MissingDependencyError: model-signing or pyOpenSSL is not installed.
    """
    if not bundle.is_keyless:
        return "it was signed with a key, not by an identity: give --key"
    library = _library()
    try:
        with _quiet():
            config = library.verifying.Config().use_sigstore_verifier(identity=identity, oidc_issuer=issuer)
    except Exception as error:  # the library raises what its parts raise
        raise NoAnswerError(f"The keys of Sigstore can't be had: {_cut(error) or type(error).__name__}") from error
    why = _why_not(config, folder, bundle, ignored=ignored)
    return why and f"{identity} did not sign these files: {why}"


def _why_not(config: Any, folder: str, bundle: Bundle, *, ignored: Iterable[str]) -> str:
    with tempfile.TemporaryDirectory() as own, _quiet():
        copy = Path(own) / "signature"  # what is checked are the bytes that were parsed
        copy.write_bytes(bundle.data)
        try:
            config.set_hashing_config(_hashed(_library(), folder, ignored)).verify(Path(folder), copy)
        except Exception as error:  # noqa: BLE001 - the library raises what its parts raise; none of it is a yes
            return _cut(error) or type(error).__name__
    return ""


def _hashed(library: Any, folder: str, ignored: Iterable[str]) -> Any:
    """How files are hashed: all with SHA-256, but our own beside the model and those that make no difference."""
    own = [Path(folder) / name for name in (*_OWN, *ignored)]
    return (
        library.hashing.Config()
        .use_file_serialization(hashing_algorithm="sha256")
        .set_ignored_paths(paths=own, ignore_git_paths=False)
    )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What the library prints is no answer of ours. One at a time, for the output is that of the whole process."""
    with _ONE, contextlib.redirect_stdout(sys.stderr):
        yield


def _library() -> Any:
    try:
        import model_signing
        from model_signing import hashing, signing, verifying  # noqa: F401 - as attributes of the package
    except ImportError as error:
        raise MissingDependencyError(
            "Signatures need OpenSSF Model Signing and pyOpenSSL: pip install 'tensorboard-plugin-versions[sign]'. "
            f"({error})"
        ) from error
    return model_signing


def _cut(error: Exception) -> str:
    return visible(" ".join(str(error).split()))[:_LONGEST]
