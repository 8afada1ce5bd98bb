"""Reads the fields of protobuf messages that lie in a file, without building the messages.

A `saved_model.pb` may hold hundreds of megabytes of constants, and a hostile one may be built so that a
parser's objects take many times its size. So nothing is materialised here but what a caller asks for: a
`Message` is a place in a file, scanning it reads windows of 64 KiB and jumps over the rest. Two budgets bound
what any input can cost: fields visited (time) and objects kept (memory). Claimed lengths are never trusted.

Wire format: https://protobuf.dev/programming-guides/encoding/. As in any parser of protobuf the last of
several scalars wins, several parts of one sub-message are merged, and unknown fields are skipped.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types; the two for groups are refused, TensorFlow writes none."""

MAX_FIELDS = 10_000_000
"""Most fields visited in one file: some 15 s. A graph of 100,000 nodes has about one million."""

MAX_KEPT = 128 * 1024 * 1024
"""Most bytes kept of one file, estimated: each thing counts with its text and 100 bytes."""

MAX_TEXT = 64 * 1024
"""Most bytes of one text."""

_WINDOW = 16 * 1024
_CACHE = 64 * 1024
_LONGEST_HEADER = 20  # two varints

Field = tuple[int, int, int, int]
"""Number, wire type, and (value, 0) of a varint or (start, end) of anything else."""


class WireError(Exception):
    """The bytes are no sound message, or one beyond the budgets; the message completes "… is damaged:"."""


class Readable(Protocol):
    """The part of a raw file that is needed."""

    def seek(self, offset: int, /) -> int:
        """Goes to a position."""

    def read(self, size: int, /) -> bytes | None:
        """Reads at most `size` bytes."""


class Source:
    """A file that messages lie in, and the budgets for reading it.

    Args:
        file: An unbuffered file or `io.BytesIO`.
        size: Its size in bytes; nothing after that is read.
    """

    def __init__(self, file: Readable, size: int) -> None:
        self.size = size
        self._file = file
        self._cached, self._cached_from = b"", 0
        self._fields_left = MAX_FIELDS
        self._kept_left = MAX_KEPT

    def read(self, start: int, end: int) -> bytes:
        """Reads exactly the bytes from start to end.

        Raises:
            WireError: The file ends before.
            OSError: Reading failed.
        """
        if start < self._cached_from or end > self._cached_from + len(self._cached):
            self._cached = self._read_file(start, max(end, min(start + _CACHE, self.size)))
            self._cached_from = start
        return self._cached[start - self._cached_from : end - self._cached_from]

    def _read_file(self, start: int, end: int) -> bytes:
        self._file.seek(start)
        data = self._file.read(end - start) or b""
        while len(data) < end - start:
            more = self._file.read(end - start - len(data))
            if not more:
                raise WireError("it was cut while it was being read")
            data += more
        return data

    def message(self) -> Message:
        """The message that the whole file is."""
        return Message(self, [(0, self.size)])

    def keep(self, text: int = 0, *, objects: int = 1) -> None:
        """Notes that objects, and so many bytes of text, are kept in memory.

        Raises:
            WireError: It would be too much.
        """
        self._kept_left -= text + 100 * objects
        if self._kept_left < 0:
            raise WireError(f"it names more things than {MAX_KEPT >> 20} MB of memory hold")

    def release(self, text: int = 0, *, objects: int = 1) -> None:
        """Takes back a `keep`."""
        self._kept_left += text + 100 * objects

    def visit(self, count: int) -> None:
        """Notes that fields were looked at.

        Raises:
            WireError: They are too many.
        """
        self._fields_left -= count
        if self._fields_left < 0:
            raise WireError(f"it has more than {MAX_FIELDS:,} fields")

    def text(self, start: int, end: int) -> str:
        """Reads a text.

        Raises:
            WireError: It is not UTF-8 or has more than 64 KiB.
        """
        if end - start > MAX_TEXT:
            raise WireError(f"a text of {end - start:,} bytes where at most {MAX_TEXT:,} make sense")
        try:
            return self.read(start, end).decode()
        except UnicodeDecodeError:
            raise WireError("a text that is not UTF-8") from None


class Message:
    """A message: one place in a file, or several that are merged.

    Args:
        source: The file.
        spans: Start and end of each part.
    """

    __slots__ = ("source", "spans")

    def __init__(self, source: Source, spans: list[tuple[int, int]]) -> None:
        self.source = source
        self.spans = spans

    def fields(self) -> Iterator[Field]:
        """Yields every field in the order of the file.

        Raises:
            WireError: The message is damaged.
        """
        for start, end in self.spans:
            yield from _scan(self.source, start, end)

    def each(self, number: int) -> Iterator[Message]:
        """Yields each of a repeated sub-message."""
        source = self.source
        for field, kind, start, end in self.fields():
            if field == number and kind == BYTES:
                yield Message(source, [(start, end)])

    def child(self, number: int) -> Message | None:
        """The sub-message, merged from all its parts; None if there is none."""
        spans = []
        for field, kind, start, end in self.fields():
            if field == number and kind == BYTES:
                self.source.keep()
                spans.append((start, end))
        return Message(self.source, spans) if spans else None

    def scalars(self, texts: tuple[int, ...] = (), numbers: tuple[int, ...] = ()) -> dict[int, str | int]:
        """The last value of each text and each varint field that is asked for and there."""
        places: dict[int, tuple[int, int]] = {}
        values: dict[int, str | int] = {}
        for field, kind, first, second in self.fields():
            if kind == BYTES and field in texts:
                places[field] = (first, second)
            elif kind == VARINT and field in numbers:
                values[field] = first
        for field, (start, end) in places.items():
            values[field] = self.source.text(start, end)
        return values

    def text(self, number: int) -> str:
        """A text field; "" if absent."""
        return str(self.scalars(texts=(number,)).get(number, ""))

    def texts(self, number: int) -> Iterator[str]:
        """Yields each of a repeated text, counted as kept."""
        for field, kind, start, end in self.fields():
            if field == number and kind == BYTES:
                self.source.keep(end - start)
                yield self.source.text(start, end)


def signed(value: int) -> int:
    """A varint's value as int64."""
    return value - (1 << 64) if value >= 1 << 63 else value


def read_varint(data: bytes, offset: int) -> tuple[int, int]:
    """Reads a varint; returns its value, cut to 64 bits, and the offset after it.

    Raises:
        WireError: It runs past the end, or over ten bytes.
    """
    if offset < len(data) and data[offset] < 0x80:
        return data[offset], offset + 1
    value = shift = 0
    for position in range(offset, min(offset + 10, len(data))):
        byte = data[position]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, position + 1
        shift += 7
    raise WireError("a number that doesn't end")


def _scan(source: Source, position: int, end: int) -> Iterator[Field]:
    """Yields the fields between two positions; a window of the file follows along."""
    base, window, reach = position, b"", position  # `reach`: where the window may end amid a header
    visited = 0
    while position < end:
        if position >= reach:
            source.visit(visited)
            base, visited = position, 0
            window = source.read(base, min(end, base + _WINDOW))
            reach = end if base + len(window) == end else base + len(window) - _LONGEST_HEADER
        visited += 1
        tag, offset = read_varint(window, position - base)
        kind = tag & 7
        if kind == BYTES:
            length, offset = read_varint(window, offset)
            first = base + offset
            second = position = first + length
        elif kind == VARINT:
            first, offset = read_varint(window, offset)
            second, position = 0, base + offset
        else:
            first = base + offset
            second = position = first + _fixed_length(kind)
        if position > end or tag < 8:
            raise WireError("a field that reaches beyond its message" if tag >= 8 else "a field without a number")
        yield tag >> 3, kind, first, second
    source.visit(visited)


def _fixed_length(kind: int) -> int:
    if kind == FIXED32:
        return 4
    if kind == FIXED64:
        return 8
    raise WireError(f"a field of the unknown wire type {kind}")
