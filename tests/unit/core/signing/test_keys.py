"""Public keys as people and policies write them, and their fingerprints."""

from __future__ import annotations

import pytest

from tb_versions.core.signing.keys import public_key
from tb_versions.errors import InvalidManifestError
from tests.support.signatures import FINGERPRINT, PEM


@pytest.mark.parametrize("text", [PEM, PEM.strip(), PEM.replace("\n", "\r\n"), "\n" + PEM.replace("b2adf", "\nb2adf")])
def test_a_fingerprint_is_what_sha256sum_says_of_the_file_that_openssl_writes(text: str) -> None:
    key = public_key("release", text)
    assert key.fingerprint == FINGERPRINT
    assert key.pem == PEM.encode()
    assert str(key) == f"release ({FINGERPRINT[:19]}…)"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "release.pub",
        PEM.replace("PUBLIC", "PRIVATE"),
        PEM.replace("MFkw", "!!!!"),
        PEM + PEM,
        PEM.replace("MFkw", "MFk"),
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----",
        PEM[:-30] + "A" * 20_000 + PEM[-30:],
    ],
)
def test_what_is_no_public_key_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(InvalidManifestError, match="The key release is no public key as PEM"):
        public_key("release", text)
