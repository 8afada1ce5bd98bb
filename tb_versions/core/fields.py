"""The fields of a manifest as JSON: the proto3 JSON mapping, after the messages of `proto/manifest.proto`.

A class of `manifest` has the fields of the message of its name, and `fields_of` makes a table of them, once per class:
each row has a function that writes the field's value and one that reads it. So a field that is added to the message and
to the class is written and read without a line here. Three rows of the table of `Run`:

    name         json_name   write(…)                                    read(…)
    "name"       "name"      "cnn" → "cnn"                               "cnn" → "cnn"
    "step"       "step"      300 → "300"                                 "300", 300 or 300.0 → 300
    "wall_time"  "wallTime"  datetime(2026, 11, 23) → "2026-11-23T00…Z"  "2026-11-23T00:00:00Z" → datetime(2026, 11, 23)
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from tb_versions.core import manifest, scalars
from tb_versions.core.manifest import MAX_ITEMS, MAX_METRICS, VersionManifest, shown
from tb_versions.core.proto import manifest_pb2
from tb_versions.core.scalars import WrongValueError, kind_of
from tb_versions.errors import InvalidManifestError

MAX_ENTRIES = 50_000
"""Most entries of all lists and maps of a manifest together: 1 MiB of empty objects would be 350,000."""

MOST: Mapping[str, int] = {
    "files": 20_000,
    "metrics": MAX_METRICS,
    **dict.fromkeys(("packages", "variables", "signatures", "inputs", "outputs", "ops"), 5_000),
}
"""Most entries of lists and maps that programs fill; of all others MAX_ITEMS."""

_Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class Field:
    """One field of a class of `manifest`.

    Attributes:
        name: In Python and in the schema.
        json_name: On disk.
        write: Value to JSON.
        read: JSON to value.
        absent: JSON that means the same as no such field; None where absence is a value of its own.
        most: Most entries of a list or map; None of anything else.
        inner: Class of the objects inside, or None.
    """

    name: str
    json_name: str
    write: _Convert
    read: _Convert
    absent: Any
    most: int | None
    inner: type | None

    def of(self, fields: Mapping[str, Any]) -> Any:
        """Returns the field's JSON in an object, by either name; None where it is absent or null."""
        found = fields.get(self.json_name)
        return fields.get(self.name) if found is None else found


@functools.cache
def fields_of(cls: type) -> tuple[Field, ...]:
    """Returns the fields of a class of `manifest`, in the order of the schema."""
    return tuple(_field(each) for each in getattr(manifest_pb2, cls.__name__).DESCRIPTOR.fields)


def _field(declared: Any) -> Field:
    """A row of the table, of what protobuf's descriptor declares of a field."""
    entry = declared.message_type
    is_map = entry is not None and entry.GetOptions().map_entry
    value = entry.fields_by_name["value"] if is_map else declared
    inner = _class_of(value)
    write, read = _conversions(value, inner)
    absent = None if declared.has_presence else declared.default_value
    if is_map:
        write, read, absent = partial(_write_map, write), partial(_read_map, read), {}
    elif declared.is_repeated:
        write, read, absent = partial(_write_list, write), partial(_read_list, read), []
    most = MOST.get(declared.name, MAX_ITEMS) if declared.is_repeated else None
    return Field(declared.name, declared.json_name, write, read, absent, most, inner)


def _class_of(declared: Any) -> type | None:
    """The class of `manifest` that a field's messages become; None for numbers, texts, times and Value."""
    message = declared.message_type
    return getattr(manifest, message.name) if message and message.file is manifest_pb2.DESCRIPTOR else None


def _conversions(declared: Any, inner: type | None) -> tuple[_Convert, _Convert]:
    """How one value is written and read."""
    if inner is not None:
        return to_json, partial(from_json, cls=inner)
    if declared.enum_type is not None:
        names = {value.name.lower(): value.name for value in declared.enum_type.values if value.number}
        numbers = {value.number: value.name.lower() for value in declared.enum_type.values if value.number}
        words = {name: word for word, name in names.items()} | numbers
        return partial(scalars.write_word, names=names), partial(scalars.read_word, words=words)
    if declared.message_type is not None:
        return _OF_MESSAGES[declared.message_type.full_name]
    return _OF_TYPES[declared.cpp_type]


_OF_MESSAGES: dict[str, tuple[_Convert, _Convert]] = {
    "google.protobuf.Timestamp": (scalars.write_time, scalars.read_time),
    "google.protobuf.Value": (scalars.write_scalar, scalars.read_scalar),
}
_OF_TYPES: dict[int, tuple[_Convert, _Convert]] = {
    FieldDescriptor.CPPTYPE_STRING: (scalars.write_text, scalars.read_text),
    FieldDescriptor.CPPTYPE_BOOL: (scalars.read_bool, scalars.read_bool),
    FieldDescriptor.CPPTYPE_DOUBLE: (scalars.write_double, scalars.read_double),
    FieldDescriptor.CPPTYPE_INT32: (partial(scalars.write_integer, bits=32), partial(scalars.read_integer, bits=32)),
    FieldDescriptor.CPPTYPE_INT64: (scalars.write_integer, scalars.read_integer),
}


def to_json(value: Any) -> dict[str, Any]:
    """Returns an object of `manifest` as JSON; fields that say nothing are left out.

    Raises:
        WrongValueError: A value doesn't fit the schema.
    """
    cls: type = type(value)
    fields = {}
    for field in fields_of(cls):
        item = getattr(value, field.name)
        if item is None or (field.absent is not None and not item):
            continue
        try:
            fields[field.json_name] = field.write(item)
        except WrongValueError as error:
            raise error.within(field.name) from None
    return fields


def from_json(fields: object, cls: type) -> Any:
    """Returns the object of a class of `manifest` that JSON says; fields that the schema does not know are left out.

    Raises:
        WrongValueError: A field is of the wrong type; the message names it.
    """
    if not isinstance(fields, dict):
        raise WrongValueError(f"an object, not {kind_of(fields)}")
    values = {}
    for field in fields_of(cls):
        item = field.of(fields)
        if item is None:
            item = field.absent
        try:
            values[field.name] = None if item is None else field.read(item)
        except WrongValueError as error:
            raise error.within(field.json_name) from None
    return cls(**values)


def _write_list(write: _Convert, items: Iterable[Any]) -> list[Any]:
    return _each(write, items)


def _read_list(read: _Convert, items: object) -> tuple[Any, ...]:
    if not isinstance(items, list):
        raise WrongValueError(f"a list, not {kind_of(items)}")
    return tuple(_each(read, items))


def _each(convert: _Convert, items: Iterable[Any]) -> list[Any]:
    done: list[Any] = []
    try:
        for item in items:
            done.append(convert(item))  # noqa: PERF401 - its length tells where an error was
    except WrongValueError as error:
        raise error.within(f"[{len(done)}]") from None
    return done


def _write_map(write: _Convert, items: Mapping[str, Any]) -> dict[str, Any]:
    return {scalars.write_text(key): _entry(write, key, item) for key, item in items.items()}


def _read_map(read: _Convert, items: object) -> dict[str, Any]:
    if not isinstance(items, dict):
        raise WrongValueError(f"an object, not {kind_of(items)}")
    return {key: _entry(read, key, item) for key, item in items.items()}


def _entry(convert: _Convert, key: str, item: Any) -> Any:
    try:
        return convert(item)
    except WrongValueError as error:
        raise error.within(f"[{shown(key)}]") from None


def check_counts(fields: Mapping[str, Any]) -> int:
    """Refuses a manifest that holds too many entries, before anything is made of them.

    Args:
        fields: The manifest's JSON object. What is of the wrong type in it is passed over; fields that the schema does
            not know are counted with all that is in them.

    Returns:
        How many entries all lists and maps hold together.

    Raises:
        InvalidManifestError: A list or map holds more than is read, or all of them together do.
    """
    total = 0
    pending: list[tuple[Mapping[str, Any], type, str]] = [(fields, VersionManifest, "")]
    while pending:
        owner, cls, path = pending.pop()
        for field in _containers(cls):
            name, item = path + field.json_name, field.of(owner)
            if field.most is not None and isinstance(item, (dict, list)):
                _check_count(f"The field {name}", len(item), field.most)
                total += len(item)
                _check_count("The manifest", total, MAX_ENTRIES)
            if field.inner is not None:
                inside = item if isinstance(item, list) else [item]
                pending += [(each, field.inner, name + ".") for each in inside if isinstance(each, dict)]
        for name in owner.keys() - names_of(cls):
            inside_unknown = _entries(owner[name], most=MAX_ENTRIES)
            _check_count(f"The field {path}{shown(name)}", inside_unknown, MAX_ENTRIES)
            total += inside_unknown
            _check_count("The manifest", total, MAX_ENTRIES)
    return total


def _entries(value: Any, *, most: int) -> int:
    """How many entries a value holds that the schema does not know, inner ones included; at most `most` + 1."""
    count, pending = 0, [value]
    while pending and count <= most:
        item = pending.pop()
        if isinstance(item, (dict, list)):
            count += len(item)
            if count <= most:
                pending += item.values() if isinstance(item, dict) else item
    return min(count, most + 1)


def _check_count(what: str, count: int, most: int) -> None:
    if count > most:
        raise InvalidManifestError(f"{what} holds {count:,} entries; at most {most:,} are read.")


@functools.cache
def names_of(cls: type) -> frozenset[str]:
    """Names that the schema knows in a class, as on disk and as in Python."""
    return frozenset(name for field in fields_of(cls) for name in (field.name, field.json_name))


@functools.cache
def _containers(cls: type) -> tuple[Field, ...]:
    """The fields of a class that are lists, maps or objects."""
    return tuple(field for field in fields_of(cls) if field.most is not None or field.inner is not None)


def canonical(fields: Any, cls: type = VersionManifest) -> Any:
    """Returns a manifest's JSON in the form that it has on disk.

    That is by lowerCamelCase names, without null, without fields that the schema does not know. What is of the wrong
    type stays as it is: the reader refuses it.

    Args:
        fields: An object, or a list of them.
        cls: The class of `manifest` that it is of.
    """
    if isinstance(fields, list):
        return [canonical(each, cls) for each in fields]
    if not isinstance(fields, dict):
        return fields
    found = [(field, field.of(fields)) for field in fields_of(cls)]
    return {
        field.json_name: canonical(item, field.inner) if field.inner else item
        for field, item in found
        if item is not None
    }
