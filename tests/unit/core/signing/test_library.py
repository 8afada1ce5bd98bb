"""What is said without the library, and before it is asked; with it, see tests/faults/test_signing.py."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tb_versions.core.signing.bundle import read_bundle
from tb_versions.core.signing.keys import public_key
from tb_versions.core.signing.library import sign_files, why_not_by_identity, why_not_by_key
from tb_versions.errors import MissingDependencyError
from tests.support.signatures import PEM, bundle

KEY = public_key("release", PEM)
WITHOUT = pytest.mark.skipif(
    importlib.util.find_spec("model_signing") is not None, reason="model-signing is installed here"
)


def test_a_signature_of_the_other_kind_is_told_from_a_bad_one() -> None:
    assert "give --identity and --issuer" in why_not_by_key("x", read_bundle(bundle((), keyless=True)), KEY)
    assert "give --key" in why_not_by_identity("x", read_bundle(bundle(())), "anna@example.org", "https://issuer")


def test_a_signature_that_names_another_key_is_told_without_asking_the_library() -> None:
    other = read_bundle(bundle((), hint=f"sha256:{'1' * 64}"))
    said = why_not_by_key("x", other, KEY)
    assert said.startswith("another key signed it: it names sha256:111111111111…, not release (sha256:c3b1e4321853…)")


@WITHOUT
def test_without_the_library_nothing_is_signed_and_nothing_passes(tmp_path: Path) -> None:
    with pytest.raises(MissingDependencyError, match=r"pip install 'tensorboard-plugin-versions\[sign\]'"):
        why_not_by_key(str(tmp_path), read_bundle(bundle(())), KEY)
    with pytest.raises(MissingDependencyError):
        why_not_by_identity(str(tmp_path), read_bundle(bundle((), keyless=True)), "anna", "https://issuer")
    with pytest.raises(MissingDependencyError):
        sign_files(str(tmp_path), key="k")
