"""Attestations go along with the version that they are of, and with no other."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.codec import manifest_digest
from tb_versions.core.manifest import File
from tb_versions.errors import InvalidQueryError
from tb_versions.exports.oci.attached import read_attached
from tests.support.oci import blob_of, packed

DIGEST = "sha256:" + "a" * 64
FILES = (File(path="w", size=1, digest="sha256:" + "b" * 64), File(path="v/x", size=1, digest="sha256:" + "c" * 64))


def statement(digest: str = DIGEST, **more: Any) -> dict[str, Any]:
    subject = [{"name": "version_manifest.json", "digest": {"sha256": digest.removeprefix("sha256:")}}]
    return {"_type": "https://in-toto.io/Statement/v1", "subject": subject, "predicateType": "https://x", **more}


def envelope(content: dict[str, Any]) -> dict[str, Any]:
    payload = base64.b64encode(json.dumps(content).encode()).decode()
    return {"payload": payload, "payloadType": "application/vnd.in-toto+json", "signatures": [{"sig": "eA=="}]}


def bundle(content: dict[str, Any]) -> dict[str, Any]:
    return {"mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json", "dsseEnvelope": envelope(content)}


def signing(files: tuple[File, ...]) -> dict[str, Any]:
    """A statement of OpenSSF Model Signing."""
    resources = [
        {"name": file.path, "algorithm": "sha256", "digest": file.digest.removeprefix("sha256:")} for file in files
    ]
    return statement("sha256:" + "d" * 64, predicate={"resources": resources})


def read(tmp: Path, content: object) -> str:
    path = tmp / "a.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_attached(str(path), digests=[DIGEST], files=FILES).media_type


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (statement(), "application/vnd.in-toto+json"),
        (envelope(statement()), "application/vnd.dsse.envelope.v1+json"),
        (bundle(statement()), "application/vnd.dev.sigstore.bundle.v0.3+json"),
        (bundle(signing(FILES)), "application/vnd.dev.sigstore.bundle.v0.3+json"),
    ],
)
def test_each_kind_has_its_media_type(tmp_path: Path, content: dict[str, Any], media_type: str) -> None:
    assert read(tmp_path, content) == media_type


@pytest.mark.parametrize(
    "content",
    [
        statement("sha256:" + "0" * 64),
        envelope(statement("sha256:" + "0" * 64)),
        bundle(signing(FILES[:1])),
        bundle(signing((FILES[0], File(path="v/x", size=1, digest=DIGEST)))),
        statement(subject=[]),
        statement(subject="x"),
        statement(subject=[{"digest": DIGEST}, 3]),
    ],
)
def test_what_is_about_something_else_is_refused(tmp_path: Path, content: dict[str, Any]) -> None:
    with pytest.raises(InvalidQueryError, match="is about something else"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"_type": 3}',
        "x" * (2 << 20),
        bundle({}) | {"dsseEnvelope": 3},
        {**envelope({}), "payload": "%"},
    ],
)
def test_what_is_no_attestation_is_refused_in_a_sentence(tmp_path: Path, content: object) -> None:
    with pytest.raises(InvalidQueryError):
        read(tmp_path, content)


def test_an_attestation_refers_to_the_model_in_the_layout(tmp_path: Path) -> None:
    packed(tmp_path, "first")
    digest = manifest_digest((tmp_path / "models/digits/1/version_manifest.json").read_bytes())
    path = tmp_path / "gate.json"
    path.write_text(json.dumps(statement(digest)))
    layout = packed(tmp_path, attach=[path])
    *_, last = json.loads((layout / "index.json").read_bytes())["manifests"]
    assert last["artifactType"] == "application/vnd.in-toto+json"
    (layer,) = json.loads(blob_of(layout, last))["layers"]
    assert blob_of(layout, layer) == path.read_bytes()
