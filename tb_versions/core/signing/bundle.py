"""What a signature's bundle says, before anybody checked it. Pure.

A signature may leave out files, by what it says of itself; so it counts only if it names exactly the files of the
manifest, with their digests.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from tb_versions.core.manifest import File, is_digest, shown
from tb_versions.errors import InvalidManifestError

BUNDLE_LIMIT = 64 << 20
"""Most bytes of a bundle; it has some 120 for each file."""


@dataclass(frozen=True)
class Bundle:
    """A signature: a Sigstore bundle in the form of OpenSSF Model Signing.

    Attributes:
        data: Its bytes.
        digest: "sha256:<hex>" of them.
        named: Path and digest of each file that it says it is about.
        hint: Fingerprint of the key that it says signed it; "" where it names none. Nothing proves it.
        is_keyless: Whether it was signed by an identity, with a certificate, and not with a key.
    """

    data: bytes
    digest: str
    named: frozenset[tuple[str, str]]
    hint: str = ""
    is_keyless: bool = False


def read_bundle(data: bytes) -> Bundle:
    """Returns what a bundle says.

    Args:
        data: Its bytes, which may be anybody's.

    Raises:
        InvalidManifestError: It is none, or not a whole one.
    """
    try:
        whole = orjson.loads(data)
    except ValueError as error:
        raise InvalidManifestError(
            f"the signature is no whole bundle: its {len(data):,} bytes are no JSON; it was cut, or is another file"
        ) from error
    try:
        statement = orjson.loads(base64.b64decode(whole["dsseEnvelope"]["payload"], validate=True))
        named = frozenset(
            (str(each["name"]), f"{each['algorithm']}:{each['digest']}") for each in statement["predicate"]["resources"]
        )
        material = whole.get("verificationMaterial") or {}
        is_keyless = bool(material.keys() & {"certificate", "x509CertificateChain"})
        hint = _hint(material)
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error) as error:
        raise InvalidManifestError("the signature does not say which files it is about") from error
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return Bundle(data, digest, named, hint, is_keyless)


def _hint(material: dict[str, Any]) -> str:
    hint = f"sha256:{(material.get('publicKey') or {}).get('hint', '')}"
    return hint if is_digest(hint) else ""


def why_not_about(bundle: Bundle, files: Iterable[File]) -> str:
    """Returns why a bundle is not about exactly these files; "" if it is.

    Args:
        bundle: The signature.
        files: Those of the manifest.
    """
    wanted = {(file.path, file.digest) for file in files}
    missing, others = sorted(wanted - bundle.named), sorted(bundle.named - wanted)
    if not missing and not others:
        return ""
    if wanted and not wanted & bundle.named:
        return f"it signs another model, or other contents: none of the {len(wanted):,} files is as the manifest has it"
    if missing:
        return f"it is not about {shown(missing[0][0])} as the manifest has it"
    return f"it is about {shown(others[0][0])}, which the manifest does not have so"
