"""Public keys as PEM, and their fingerprints. Pure: what a key is good for, the library says."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import textwrap
from dataclasses import dataclass

from tb_versions.errors import InvalidManifestError

KEY_LIMIT = 16 << 10
"""Most bytes of a file with a public key."""

_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
_PEM = re.compile(rf"{_BEGIN}([A-Za-z0-9+/=\s]+){_END}", re.ASCII)


@dataclass(frozen=True)
class PublicKey:
    """A public key.

    Attributes:
        name: How people call it: its name in the policy, or its file.
        pem: In the form that OpenSSL writes.
        fingerprint: "sha256:<hex>" of those bytes: what `sha256sum key.pub` prints, and bundles name as their hint.
    """

    name: str
    pem: bytes
    fingerprint: str

    def __str__(self) -> str:
        return f"{self.name} ({self.fingerprint[:19]}…)"


def public_key(name: str, text: str) -> PublicKey:
    """Returns the key that a text holds.

    Args:
        name: How people call it.
        text: PEM, "-----BEGIN PUBLIC KEY-----…".

    Raises:
        InvalidManifestError: It is none.
    """
    found = _PEM.fullmatch(text.strip()) if len(text) <= KEY_LIMIT else None
    try:
        der = base64.b64decode("".join(found[1].split()), validate=True) if found else b""
    except binascii.Error:
        der = b""
    if not der:
        raise InvalidManifestError(
            f"The key {name} is no public key as PEM, {_BEGIN} …; openssl ec -in key.pem -pubout makes one."
        )
    lines = textwrap.wrap(base64.b64encode(der).decode(), 64)
    pem = "\n".join([_BEGIN, *lines, _END, ""]).encode()
    return PublicKey(name, pem, f"sha256:{hashlib.sha256(pem).hexdigest()}")
