"""What a signature says, and what it must name; tests/faults/test_signing.py asks the library itself."""

from __future__ import annotations

import hashlib
import json

import pytest

from tb_versions.core.manifest import File
from tb_versions.core.signing.bundle import read_bundle, why_not_about
from tb_versions.errors import InvalidManifestError
from tests.support.signatures import FINGERPRINT, bundle


def file(path: str, digit: str) -> File:
    return File(path=path, size=1, digest=f"sha256:{digit * 64}")


FILES = (file("a", "1"), file("b", "2"))


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ([file("a", "1"), file("b", "2")], ""),
        ([file("a", "1")], 'is not about "b" as the manifest has it'),
        ([file("a", "2"), file("b", "2")], 'is not about "a" as the manifest has it'),
        ([file("a", "1"), file("b", "2"), file("c", "3")], 'is about "c", which the manifest does not have'),
        ([file("a", "3"), file("b", "4")], "signs another model, or other contents: none of the 2 files"),
        ([], "signs another model"),
    ],
)
def test_a_signature_must_name_exactly_the_files_of_the_manifest(named: list[File], why: str) -> None:
    said = why_not_about(read_bundle(bundle(named)), FILES)
    assert why in said
    assert bool(said) == bool(why)


def test_a_bundle_has_a_digest_and_names_its_key_or_says_that_there_is_none() -> None:
    data = bundle(FILES)
    found = read_bundle(data)
    assert found.digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert (found.hint, found.is_keyless) == (FINGERPRINT, False)
    assert read_bundle(bundle(FILES, hint="no digest")).hint == ""
    keyless = read_bundle(bundle(FILES, keyless=True))
    assert (keyless.hint, keyless.is_keyless) == ("", True)


@pytest.mark.parametrize(
    "data",
    [
        *(b"[]", b"{}", b"3", b'{"dsseEnvelope": {"payload": "%"}}', b'{"dsseEnvelope": 3}'),
        json.dumps({**json.loads(bundle(FILES)), "verificationMaterial": [1]}).encode(),
        json.dumps({**json.loads(bundle(FILES)), "verificationMaterial": {"publicKey": 3}}).encode(),
    ],
)
def test_what_says_of_no_files_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidManifestError, match="does not say which files"):
        read_bundle(data)


@pytest.mark.parametrize("length", [0, 1, 100, -1])
def test_a_signature_that_was_cut_is_told_as_that(length: int) -> None:
    with pytest.raises(InvalidManifestError, match=r"no whole bundle: .* it was cut, or is another file"):
        read_bundle(bundle(FILES)[:length])
