"""Turns manifests into bytes and back: the only module that touches the generated protobuf code.

On disk a manifest is the proto3 JSON mapping with sorted keys. `json_format` costs about 0.6 ms a
manifest, so it serves reading one version; the catalog's bulk path stops at `load_json`, and writing goes
straight from the values to JSON, by the schema's descriptors.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
import math
import operator
import re
import typing
from collections.abc import Callable
from typing import Any

import orjson
from google.protobuf import json_format, timestamp_pb2
from google.protobuf.message import DecodeError, Message

from tb_versions.core import manifest as types
from tb_versions.core.manifest import MANIFEST_LIMIT, SCHEMA_VERSION, VersionManifest, shown
from tb_versions.core.proto import manifest_pb2
from tb_versions.errors import InvalidManifestError, NewerSchemaError

_ENUM_FIELDS = frozenset({"goal", "source", "relation"})
_USUAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}|\.\d{6})?Z", re.ASCII)
_MOST = {
    **dict.fromkeys(("metrics", "hyperparameters", "labels", "runs", "parents", "datasets"), types.MAX_ITEMS),
    "environment.packages": 5_000,
    "code.dirtyFiles": types.MAX_ITEMS,
    "code.dirty_files": types.MAX_ITEMS,
    "code.arguments": types.MAX_ITEMS,
}
_EMPTY: tuple[object, ...] = (None, "", 0, (), {})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Announcement:
    """What an announcement's summary metadata says.

    Attributes:
        schema_version: Schema of the announced manifest.
        manifest_digest: "sha256:<hex>" of the manifest's bytes.
        location: The version's folder relative to the run's folder; a hint for people, never opened.
    """

    schema_version: int = SCHEMA_VERSION
    manifest_digest: str = ""
    location: str = ""


def encode(manifest: VersionManifest) -> bytes:
    """Returns the manifest as the bytes of `version_manifest.json`: sorted, indented, one final newline.

    Raises:
        InvalidManifestError: The result is larger than 1 MiB, or a value doesn't fit the schema.
    """
    try:
        as_json = _json_message(manifest)
    except (TypeError, ValueError, OverflowError, KeyError, AttributeError) as error:
        raise InvalidManifestError(f"The manifest of {manifest.reference} can't be written: {error}.") from error
    options = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    data = orjson.dumps(as_json, option=options)
    if len(data) > MANIFEST_LIMIT:
        raise InvalidManifestError(
            f"The manifest of {manifest.reference} would have {len(data):,} bytes; at most {MANIFEST_LIMIT:,} are "
            f"allowed. It lists {len(manifest.files):,} files; a long diff or description counts too."
        )
    return data


def manifest_digest(data: bytes) -> str:
    """Returns "sha256:<hex>" of a manifest's bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


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
    fields = load_json(data)
    _check_counts(fields)
    message = manifest_pb2.VersionManifest()
    try:
        json_format.ParseDict(fields, message, ignore_unknown_fields=True, max_recursion_depth=32)
        manifest: VersionManifest = _read(message, VersionManifest)
        return manifest
    except json_format.ParseError as error:
        raise InvalidManifestError(f"The manifest breaks the schema: {_cut(str(error))}") from error
    except (TypeError, ValueError, AttributeError, OverflowError, RecursionError, KeyError) as error:
        raise InvalidManifestError(f"The manifest breaks the schema: {_cut(str(error))}") from error


def _check_counts(fields: dict[str, Any]) -> None:
    """Before anything is made of them: a small file can hold very many entries."""
    for path, most in _MOST.items():
        outer, _, inner = path.rpartition(".")
        owner = fields.get(outer) if outer else fields
        value = owner.get(inner) if isinstance(owner, dict) else None
        if isinstance(value, (dict, list)) and len(value) > most:
            raise InvalidManifestError(f"The field {path} holds {len(value):,} entries; at most {most:,} are read.")


def unknown_fields(fields: dict[str, Any]) -> list[str]:
    """Returns the top-level field names that this version of the schema does not know, sorted."""
    return sorted(fields.keys() - _known_names())


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


def parse_time(text: object) -> datetime.datetime | None:
    """Returns the time in an RFC 3339 text (proto3 JSON's form), or None where there is none.

    Raises:
        InvalidManifestError: It is no such time.
    """
    if text is None or text == "":
        return None
    if isinstance(text, str) and _USUAL_TIME.fullmatch(text):
        try:
            return datetime.datetime.fromisoformat(text[:-1] + "+00:00")
        except ValueError as error:
            raise InvalidManifestError(f"{shown(text)} is not a time like 2026-11-23T08:15:00Z.") from error
    message = timestamp_pb2.Timestamp()
    try:
        message.FromJsonString(text)  # type: ignore[arg-type]
        return message.ToDatetime(datetime.timezone.utc)
    except (ValueError, OverflowError, TypeError, AttributeError) as error:
        raise InvalidManifestError(f"{shown(text)} is not a time like 2026-11-23T08:15:00Z.") from error


def _cut(text: str) -> str:
    printable = "".join(c if types.hidden_character(c) is None else " " for c in text)
    return printable if len(printable) <= 300 else printable[:299] + "…"


@functools.cache
def _known_names() -> frozenset[str]:
    fields = manifest_pb2.VersionManifest.DESCRIPTOR.fields
    return frozenset(name for f in fields for name in (f.name, f.json_name))


@functools.cache
def _fields(cls: Any) -> tuple[tuple[str, Any], ...]:
    hints = typing.get_type_hints(cls)
    return tuple((f.name, hints[f.name]) for f in dataclasses.fields(cls))


@functools.cache
def _plan(cls: Any) -> tuple[tuple[str, str, bool, Callable[[Any], Any]], ...]:
    """For each field of a class: its name, its JSON name, whether absence is told, how its value becomes JSON."""
    descriptor = getattr(manifest_pb2, cls.__name__).DESCRIPTOR
    fields = [descriptor.fields_by_name[field.name] for field in dataclasses.fields(cls)]
    return tuple((f.name, f.json_name, f.has_presence, _encoder(f)) for f in fields)


def _encoder(field: Any) -> Callable[[Any], Any]:
    kind = field.message_type
    if kind is None:
        one = _scalar_encoder(field)
    elif kind.GetOptions().map_entry:
        value = kind.fields_by_name["value"]
        each = _json_value if value.message_type is not None else _scalar_encoder(value)
        return lambda items: {_text(key): each(item) for key, item in items.items()}
    else:
        one = _json_time if kind.full_name == "google.protobuf.Timestamp" else _json_message
    return (lambda items: [one(item) for item in items]) if field.is_repeated else one


def _scalar_encoder(field: Any) -> Callable[[Any], Any]:
    if field.enum_type is not None:
        words = {name.lower(): name for name in field.enum_type.values_by_name}
        return lambda word: words[word]
    if field.cpp_type == field.CPPTYPE_DOUBLE:
        return _json_double
    bits = {field.CPPTYPE_INT32: 31, field.CPPTYPE_INT64: 63}.get(field.cpp_type)
    if bits is not None:
        return functools.partial(_json_integer, bits=bits)
    return _truth if field.cpp_type == field.CPPTYPE_BOOL else _text


def _json_message(value: Any) -> dict[str, Any]:
    """The proto3 JSON mapping: fields with their default value are left out, but where absence means something."""
    message = {}
    for name, json_name, has_presence, encoder in _plan(value.__class__):
        item = getattr(value, name)
        if item is None or (item in _EMPTY and not has_presence):
            continue
        message[json_name] = encoder(item)
    return message


def _json_time(value: datetime.datetime) -> str:
    text = value.astimezone(datetime.timezone.utc).isoformat(timespec="microseconds")
    return text.removesuffix("+00:00").removesuffix("000").removesuffix(".000") + "Z"


def _json_double(value: float) -> float | str:
    number = float(value)
    return (
        number if math.isfinite(number) else "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    )


def _json_integer(value: int, *, bits: int) -> int | str:
    number = operator.index(value)
    if not -(2**bits) <= number < 2**bits:
        raise ValueError(f"{number} does not fit into {bits + 1} bits")
    return str(number) if bits == 63 else number


def _json_value(value: types.Scalar) -> Any:
    """JSON numbers are doubles: what a double can't hold travels as text."""
    if isinstance(value, (bool, str)):
        return value if isinstance(value, bool) else _text(value)
    if not math.isfinite(value) or (isinstance(value, int) and abs(value) > 2**53):
        return str(value)
    return float(value)


def _text(value: str) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{shown(value)} must be text")
    value.encode("utf-8")
    return value


def _truth(value: bool) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{shown(value)} must be true or false")
    return value


def _read(message: Message, cls: type) -> Any:
    values: dict[str, Any] = {}
    for name, hint in _fields(cls):
        field = message.DESCRIPTOR.fields_by_name[name]
        if field.has_presence and not message.HasField(name):
            continue
        values[name] = _read_field(getattr(message, name), name, hint)
    return cls(**values)


def _read_field(item: Any, name: str, hint: Any) -> Any:
    if name in _ENUM_FIELDS:
        return _enum_word(item, name)
    if name == "hyperparameters":
        return {key: _read_scalar(key, value) for key, value in item.items()}
    if isinstance(item, timestamp_pb2.Timestamp):
        return item.ToDatetime(datetime.timezone.utc)
    if isinstance(item, Message):
        return _read(item, _inner_class(hint))
    if typing.get_origin(hint) is tuple:
        (inner, *_) = typing.get_args(hint)
        return tuple(_read(part, inner) if isinstance(part, Message) else part for part in item)
    if hasattr(item, "items"):
        return dict(item.items())
    return item


def _enum_word(number: int, name: str) -> str:
    owner = {"goal": manifest_pb2.Metric.Goal, "source": manifest_pb2.Metric.Source}.get(
        name, manifest_pb2.Parent.Relation
    )
    return "" if number == 0 or number not in owner.values() else str(owner.Name(number)).lower()


def _inner_class(hint: Any) -> type:
    candidates = [part for part in typing.get_args(hint) if part is not type(None)] or [hint]
    return typing.cast("type", candidates[0])


def _read_scalar(key: str, value: Any) -> types.Scalar:
    kind = value.WhichOneof("kind")
    if kind == "number_value":
        number: float = value.number_value
        return int(number) if number.is_integer() and abs(number) <= 2**53 else number
    if kind in ("string_value", "bool_value"):
        return typing.cast("types.Scalar", getattr(value, kind))
    raise InvalidManifestError(f"The hyperparameter {shown(key)} must be a number, string or bool.")
