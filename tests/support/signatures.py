"""Public keys, and bundles that look like signatures: what is to be refused before any library is asked."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tb_versions.core.manifest import File

PEM = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOaVffiApNw1/c55FNk6pTK2ox46J
b2adfH5w3HEeNbTdNlkyTXiwabRqsqVAGg05+Q+5DrRUk28MJWJAwRo05w==
-----END PUBLIC KEY-----
"""
FINGERPRINT = "sha256:c3b1e4321853dbf9292c0a9964b8c4938b1e66b3ad63af53529ab13cbc5a948e"

POLICY = f"[aliases.production]\nsigned = true\n\n[trust.keys]\nrelease = '''\n{PEM}'''\n"


def bundle(files: Iterable[File], *, hint: str = FINGERPRINT, keyless: bool = False) -> bytes:
    """A bundle that names some files; nobody signed it."""
    named = [{"name": f.path, "algorithm": "sha256", "digest": f.digest.removeprefix("sha256:")} for f in files]
    statement = json.dumps({"predicate": {"resources": named}}).encode()
    material: dict[str, Any] = {"publicKey": {"hint": hint.removeprefix("sha256:")}}
    return json.dumps(
        {
            "verificationMaterial": {"certificate": {"rawBytes": ""}} if keyless else material,
            "dsseEnvelope": {"payload": base64.b64encode(statement).decode(), "signatures": [{"sig": "AAAA"}]},
        }
    ).encode()


def keys(folder: Path) -> tuple[Path, Path]:
    """A private key and its public key, by OpenSSL."""
    folder.mkdir(parents=True, exist_ok=True)
    private, public = folder / "key.pem", folder / "key.pub"
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", private], check=True)
    subprocess.run(["openssl", "ec", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
    return private, public
