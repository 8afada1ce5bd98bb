"""Turns manifests into bytes and back.

On disk a manifest is the proto3 JSON mapping with sorted keys; `fields` has what that means field by field. protobuf's
own `json_format` does the same 10 times slower, and makes objects of whatever it is given before it can be counted.
`read.listing` reads just what the table shows, for thousands of manifests at once.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import orjson
from google.protobuf.message import DecodeError

from tb_versions.core.fields import check_counts, from_json, names_of, to_json
from tb_versions.core.manifest import MANIFEST_LIMIT, SCHEMA_VERSION, USUAL_SCHEMA, VersionManifest
from tb_versions.core.proto import manifest_pb2
from tb_versions.core.scalars import WrongValueError
from tb_versions.errors import InvalidManifestError, NewerSchemaError


@dataclasses.dataclass(frozen=True, kw_only=True)
class Announcement:
    """What an announcement's summary metadata says.

    Attributes:
        schema_version: Schema of the announced manifest.
        manifest_digest: "sha256:<hex>" of the manifest's bytes.
        location: The version's folder relative to the run's folder; a hint for people, never opened.
    """

    schema_version: int = USUAL_SCHEMA
    manifest_digest: str = ""
    location: str = ""


def encode(manifest: VersionManifest) -> bytes:
    """Returns the manifest as the bytes of `version_manifest.json`: sorted, indented, one final newline.

    Raises:
        InvalidManifestError: The result is larger than 1 MiB, or a value doesn't fit the schema.
    """
    try:
        fields = to_json(manifest)
        check_counts(fields)
    except (InvalidManifestError, TypeError, AttributeError) as error:  # the last two: of no class of `manifest`
        raise InvalidManifestError(f"The manifest of {manifest.reference} can't be written: {error}") from error
    data = json_of(fields)
    if len(data) > MANIFEST_LIMIT:
        raise InvalidManifestError(
            f"The manifest of {manifest.reference} would have {len(data):,} bytes; at most {MANIFEST_LIMIT:,} are "
            "allowed. A long diff or description makes it so large, or thousands of metrics of slices, or tens of "
            "thousands of variables or packages."
        )
    return data


def json_of(fields: dict[str, Any]) -> bytes:
    """Returns a manifest's JSON object in the form that it has on disk."""
    return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def manifest_digest(data: bytes) -> str:
    """Returns "sha256:<hex>" of a manifest's bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def schema_of(data: bytes) -> int:
    """Returns the schema of a manifest's bytes; the usual one where they have none that is known."""
    try:
        fields = load_json(data)
    except InvalidManifestError:
        return USUAL_SCHEMA
    return int(fields.get("schemaVersion") or fields["schema_version"])


def load_json(data: bytes) -> dict[str, Any]:
    """Parses a manifest's bytes as JSON and checks only the size, that it is an object, and its schema.

    Returns:
        The object, fields unchecked.

    Raises:
        InvalidManifestError: Too large, no JSON, no object, or no schema version.
        NewerSchemaError: Written by a newer version; the message names both schemas.
    """
    if len(data) > MANIFEST_LIMIT:
        raise InvalidManifestError(f"The manifest has more than {MANIFEST_LIMIT:,} bytes, the most that is read.")
    try:
        fields = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidManifestError(f"The manifest is not JSON: {error}.") from error
    if not isinstance(fields, dict):
        raise InvalidManifestError("The manifest is not a JSON object.")
    schema = fields.get("schemaVersion", fields.get("schema_version"))
    if isinstance(schema, bool) or not isinstance(schema, int) or schema < 1:
        raise InvalidManifestError("The manifest has no schemaVersion, or one that is not a positive integer.")
    if schema > SCHEMA_VERSION:
        raise NewerSchemaError(
            f"The manifest was written by a newer version: it has schema {schema}; this tb_versions reads up to "
            f"schema {SCHEMA_VERSION}. "
            "Upgrade tensorboard-plugin-versions."
        )
    return fields


def decode(data: bytes) -> VersionManifest:
    """Returns the manifest in the bytes of `version_manifest.json`; fields it does not know are left out.

    Raises:
        InvalidManifestError: No JSON, a field of the wrong type, or one with too many entries.
        NewerSchemaError: Written by a newer version.
    """
    return from_fields(load_json(data))


def from_fields(fields: dict[str, Any]) -> VersionManifest:
    """Returns the manifest that a JSON object says, as `load_json` returned it.

    Raises:
        InvalidManifestError: A field of the wrong type, or one with too many entries.
    """
    check_counts(fields)
    try:
        manifest: VersionManifest = from_json(fields, VersionManifest)
    except WrongValueError as error:
        raise InvalidManifestError(f"The manifest breaks the schema: {error}") from error
    return manifest


def unknown_fields(fields: dict[str, Any]) -> list[str]:
    """Returns the top-level field names that this version of the schema does not know, sorted."""
    return sorted(fields.keys() - names_of(VersionManifest))


def encode_announcement(announcement: Announcement) -> bytes:
    """Returns the plugin content for an announcement's summary metadata."""
    return manifest_pb2.Announcement(**dataclasses.asdict(announcement)).SerializeToString()


def decode_announcement(content: bytes) -> Announcement:
    """Returns what an announcement's plugin content says.

    Raises:
        InvalidManifestError: It is no announcement.
    """
    if len(content) > 16_384:
        raise InvalidManifestError("The announcement's metadata is longer than 16 KiB.")
    try:
        message = manifest_pb2.Announcement.FromString(content)
    except DecodeError as error:
        raise InvalidManifestError("The announcement's metadata can't be parsed.") from error
    return Announcement(
        schema_version=message.schema_version,
        manifest_digest=message.manifest_digest,
        location=message.location,
    )
