"""What TFMA's messages need beyond the wire reader of SavedModels: floating point numbers, wrappers, choices of one."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tb_versions.savedmodel.wire import BYTES, FIXED32, FIXED64, VARINT, Message, read_varint, signed


def double(message: Message, number: int) -> float | None:
    """A double field; None where it is absent, which in proto3 stands for 0."""
    found = None
    for field, kind, start, end in message.fields():
        if field == number and kind == FIXED64:
            found = struct.unpack("<d", message.source.read(start, end))[0]
    return found


def wrapped_double(message: Message, number: int) -> float | None:
    """The value of a `google.protobuf.DoubleValue`; None where the field is absent: an empty one is 0."""
    wrapper = message.child(number)
    if wrapper is None:
        return None
    value = double(wrapper, 1)
    return 0.0 if value is None else value


def wrapped_integer(message: Message, number: int) -> int | None:
    """The value of an `Int32Value`, `Int64Value` or `BoolValue`; None where the field is absent."""
    wrapper = message.child(number)
    return None if wrapper is None else signed(int(wrapper.scalars(numbers=(1,)).get(1, 0)))


def choice(message: Message, numbers: frozenset[int]) -> tuple[int, Message] | None:
    """The member of a `oneof` that is set and is a message or bytes; of several, the last, as parsers take it."""
    chosen = 0
    spans: list[tuple[int, int]] = []
    for field, kind, start, end in message.fields():
        if field not in numbers or kind != BYTES:
            continue
        if field != chosen:
            chosen, spans = field, []
        message.source.keep()
        spans.append((start, end))
    return (chosen, Message(message.source, spans)) if chosen else None


def doubles(message: Message, number: int) -> Iterator[float]:
    """Yields each of a repeated double, packed or not."""
    return _fixed(message, number, FIXED64, "<d")


def floats(message: Message, number: int) -> Iterator[float]:
    """Yields each of a repeated float, packed or not."""
    return _fixed(message, number, FIXED32, "<f")


def _fixed(message: Message, number: int, single: int, form: str) -> Iterator[float]:
    size = struct.calcsize(form)
    for field, kind, start, end in message.fields():
        if field == number and kind in (single, BYTES):
            for place in range(start, end - size + 1, size):
                message.source.keep()
                yield struct.unpack(form, message.source.read(place, place + size))[0]


def integers(message: Message, number: int) -> Iterator[int]:
    """Yields each of a repeated signed integer, packed or not."""
    for field, kind, start, end in message.fields():
        if field == number and kind == VARINT:
            message.source.keep()
            yield signed(start)
        elif field == number and kind == BYTES:
            data, offset = message.source.read(start, end), 0
            while offset < len(data):
                value, offset = read_varint(data, offset)
                message.source.keep()
                yield signed(value)
