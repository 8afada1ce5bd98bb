"""What a signature must name; tests/faults/test_signing.py signs and checks with the library itself."""

from __future__ import annotations

import base64
import importlib.util
import json
from typing import Any

import pytest

from tb_versions.core.manifest import File
from tb_versions.errors import MissingDependencyError
from tb_versions.trust.signing import _why_not_these, why_not_signed

FILES = (File(path="a", size=1, digest=f"sha256:{'1' * 64}"), File(path="b", size=1, digest=f"sha256:{'2' * 64}"))


def bundle(*resources: tuple[str, str]) -> bytes:
    named = [{"name": name, "algorithm": "sha256", "digest": digest * 64} for name, digest in resources]
    statement = json.dumps({"predicate": {"resources": named}}).encode()
    return json.dumps({"dsseEnvelope": {"payload": base64.b64encode(statement).decode()}}).encode()


@pytest.mark.parametrize(
    ("resources", "why"),
    [
        ([("a", "1"), ("b", "2")], ""),
        ([("a", "1")], 'is not about "b" as the manifest has it'),
        ([("a", "2"), ("b", "2")], 'is not about "a" as the manifest has it'),
        ([("a", "1"), ("b", "2"), ("c", "3")], 'is about "c", which the manifest does not have'),
    ],
)
def test_a_signature_must_name_exactly_the_files_of_the_manifest(resources: Any, why: str) -> None:
    said = _why_not_these(bundle(*resources), FILES)
    assert why in said
    assert bool(said) == bool(why)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"dsseEnvelope": {"payload": "%"}}', b'{"dsseEnvelope": 3}'])
def test_what_is_no_signature_is_none(data: bytes) -> None:
    assert "does not say which files" in _why_not_these(data, FILES)


@pytest.mark.skipif(importlib.util.find_spec("model_signing") is not None, reason="model-signing is installed here")
def test_without_the_library_the_error_says_what_to_install() -> None:
    with pytest.raises(MissingDependencyError, match=r"pip install 'tensorboard-plugin-versions\[sign\]'"):
        why_not_signed("x", FILES, key="k", signature="s")
