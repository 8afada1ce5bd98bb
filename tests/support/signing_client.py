"""Runs in the environment of OpenSSF Model Signing: what that says of folders, and whether it takes a signature.

`roots FOLDER…` prints a JSON array of the root digests of signatures made of them; `sign FOLDER KEY SIGNATURE` signs
all but our own files, `part …` leaves out saved_model.pb, too; `check FOLDER KEY SIGNATURE` fails unless it is good.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from model_signing import hashing, signing, verifying

OWN = ("version_manifest.json", "version_files.jsonl", ".versions")


def key_in(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    path = folder / "key.pem"
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    return path


def root_of(model: Path, key: Path, signature: Path, *more: str) -> str:
    ignored = [model / name for name in (*OWN, *more)]
    hashed = hashing.Config().set_ignored_paths(paths=ignored, ignore_git_paths=False)
    config = signing.Config().use_elliptic_key_signer(private_key=key).set_hashing_config(hashed)
    config.sign(model, signature)
    bundle = json.loads(signature.read_text())
    statement = json.loads(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    return "sha256:" + statement["subject"][0]["digest"]["sha256"]


def check(model: Path, key: Path, signature: Path) -> None:
    ignored = [model / name for name in OWN]
    hashed = hashing.Config().set_ignored_paths(paths=ignored, ignore_git_paths=False)
    verifying.Config().use_elliptic_key_verifier(public_key=key).set_hashing_config(hashed).verify(model, signature)


if __name__ == "__main__" and sys.argv[1] in ("part", "sign"):
    left_out = ["saved_model.pb"] if sys.argv[1] == "part" else []
    root_of(Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), *left_out)
elif __name__ == "__main__" and sys.argv[1] == "check":
    check(*map(Path, sys.argv[2:]))
elif __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        key = key_in(Path(folder))
        print(json.dumps([root_of(Path(name), key, Path(folder) / "x.sig") for name in sys.argv[2:]]))
