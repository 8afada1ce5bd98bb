"""Messages of other programs' protobuf schemas, made from tables of names and numbers.

They live in a pool of their own, so that the generated code of those programs can be loaded beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

Field = tuple[str, int, str]
"""Name, number and type: "string", "int64" … or a message of the table; with "repeated " or "map " before it.

"map X" maps strings to X. "oneof:NAME X" is a part of that oneof.
"""

_TYPES = {
    "bool": descriptor_pb2.FieldDescriptorProto.TYPE_BOOL,
    "bytes": descriptor_pb2.FieldDescriptorProto.TYPE_BYTES,
    "double": descriptor_pb2.FieldDescriptorProto.TYPE_DOUBLE,
    "int32": descriptor_pb2.FieldDescriptorProto.TYPE_INT32,
    "int64": descriptor_pb2.FieldDescriptorProto.TYPE_INT64,
    "string": descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
    "uint32": descriptor_pb2.FieldDescriptorProto.TYPE_UINT32,
}
_MESSAGE = descriptor_pb2.FieldDescriptorProto.TYPE_MESSAGE
_REPEATED = descriptor_pb2.FieldDescriptorProto.LABEL_REPEATED
_OPTIONAL = descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL


def message_class(package: str, messages: Mapping[str, Sequence[Field]], name: str) -> Any:
    """Returns the class of one message of a proto3 schema.

    Args:
        package: Name of the package.
        messages: Fields by the name of their message.
        name: Of the message that is wanted.
    """
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    for message, fields in messages.items():
        _add(file.message_type.add(name=message), fields, package)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))


def _add(message: Any, fields: Sequence[Field], package: str) -> None:
    oneofs: dict[str, int] = {}
    for name, number, described in fields:
        how, _, kind = described.rpartition(" ")
        field = message.field.add(name=name, number=number, label=_REPEATED if how in _LISTS else _OPTIONAL)
        if how == "map":
            kind = _entry(message, name, kind, package)
        elif how.startswith("oneof:"):
            if how not in oneofs:
                oneofs[how] = len(message.oneof_decl)
                message.oneof_decl.add(name=how.removeprefix("oneof:"))
            field.oneof_index = oneofs[how]
        _type(field, kind, package)


_LISTS = ("repeated", "map")


def _entry(message: Any, name: str, kind: str, package: str) -> str:
    """Adds the message of a map's entries; returns its name."""
    entry = message.nested_type.add(name="".join(word.title() for word in name.split("_")) + "Entry")
    entry.options.map_entry = True
    _type(entry.field.add(name="key", number=1, label=_OPTIONAL), "string", package)
    _type(entry.field.add(name="value", number=2, label=_OPTIONAL), kind, package)
    return f"{message.name}.{entry.name}"


def _type(field: Any, kind: str, package: str) -> None:
    if kind in _TYPES:
        field.type = _TYPES[kind]
    else:
        field.type = _MESSAGE
        field.type_name = f".{package}.{kind}"
