"""Attestations that go along with a version: what they are, and that they are of this version.

Their signatures are not checked.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tb_versions.core import storage
from tb_versions.core.manifest import File, shown
from tb_versions.errors import InvalidManifestError, InvalidQueryError
from tb_versions.exports.oci.documents import parsed

ATTACHMENT_LIMIT = 1 << 20
"""Most bytes of an attestation."""

_STATEMENT = "application/vnd.in-toto+json"
_ENVELOPE = "application/vnd.dsse.envelope.v1+json"
_BUNDLE = "application/vnd.dev.sigstore.bundle"
_STATEMENT_TYPES = ("https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1")


@dataclass(frozen=True)
class Attached:
    """An attestation.

    Attributes:
        name: Name of its file, without folders.
        media_type: What it is.
        data: Its bytes.
    """

    name: str
    media_type: str
    data: bytes


def read_attached(path: str, *, digests: Iterable[str], files: Sequence[File]) -> Attached:
    """Reads an in-toto statement, a DSSE envelope or a Sigstore bundle.

    Args:
        path: Its file.
        digests: "sha256:<hex>" of what it may be about: the manifest's file, the version.
        files: Of the version; a statement that names just these is about it, too.

    Raises:
        InvalidQueryError: It is none of the three, or is about something else.
        UnsafeFileError, StorageError: It can't be read.
    """
    try:
        data = storage.read_capped(path, ATTACHMENT_LIMIT)
        content = parsed(data)
    except FileNotFoundError as error:
        raise InvalidQueryError(f"The attestation {shown(path)} does not exist.") from error
    except (InvalidManifestError, ValueError) as error:
        raise InvalidQueryError(f"The attestation {shown(path)} can't be read: {error}") from error
    media_type, statement = _opened(content, path)
    if not _is_about(statement, set(digests), files):
        raise InvalidQueryError(
            f"The attestation {shown(path)} is about something else: none of its subjects is this version's manifest, "
            "digest or files. Attach the one that was made for this version."
        )
    return Attached(os.path.basename(path), media_type, data)


def _opened(content: Mapping[str, Any], path: str) -> tuple[str, Mapping[str, Any]]:
    """The media type of an attestation and the statement in it."""
    media_type = content.get("mediaType")
    if isinstance(media_type, str) and media_type.startswith(_BUNDLE):
        envelope = content.get("dsseEnvelope")
        return media_type, _payload(envelope if isinstance(envelope, Mapping) else {}, path)
    if content.get("_type") in _STATEMENT_TYPES:
        return _STATEMENT, content
    if "payloadType" in content and "signatures" in content:
        return _ENVELOPE, _payload(content, path)
    raise InvalidQueryError(
        f"{shown(path)} is no attestation that is known here: no in-toto statement, DSSE envelope or Sigstore bundle."
    )


def _payload(envelope: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    try:
        if envelope.get("payloadType") != _STATEMENT:
            raise ValueError("its payload is no in-toto statement.")
        return parsed(base64.b64decode(str(envelope.get("payload", "")), validate=True))
    except ValueError as error:
        raise InvalidQueryError(f"The attestation {shown(path)} can't be read: {error}") from error


def _is_about(statement: Mapping[str, Any], digests: set[str], files: Sequence[File]) -> bool:
    subjects = statement.get("subject")
    named = {_sha256(subject) for subject in subjects} if isinstance(subjects, list) else set()
    predicate = statement.get("predicate")
    resources = predicate.get("resources") if isinstance(predicate, Mapping) else None
    return bool(named & digests) or (bool(files) and isinstance(resources, list) and _names_all(resources, files))


def _sha256(subject: object) -> str:
    digest = subject.get("digest") if isinstance(subject, Mapping) else None
    return f"sha256:{digest.get('sha256')}" if isinstance(digest, Mapping) else ""


def _names_all(resources: list[Any], files: Sequence[File]) -> bool:
    """Whether a statement of OpenSSF Model Signing names the files of the version, all of them."""
    named = {
        str(each.get("name")): f"sha256:{each.get('digest')}"
        for each in resources
        if isinstance(each, Mapping) and each.get("algorithm") == "sha256"
    }
    return all(named.get(file.path) == file.digest for file in files)
