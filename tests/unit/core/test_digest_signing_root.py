"""The digest that OpenSSF Model Signing gives a model."""

from __future__ import annotations

import hashlib

from tb_versions.core.digest.signing_root import signing_root
from tb_versions.core.manifest import File


def file(path: str) -> File:
    return File(path=path, size=1, digest=f"sha256:{hashlib.sha256(path.encode()).hexdigest()}")


def test_digests_are_taken_in_the_order_of_the_parts_of_paths() -> None:
    in_order = [file(path) for path in ("a/b", "a-b", "b")]
    expected = hashlib.sha256(b"".join(bytes.fromhex(each.digest[7:]) for each in in_order)).hexdigest()
    assert signing_root(reversed(in_order)) == f"sha256:{expected}"
