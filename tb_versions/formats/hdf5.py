"""HDF5 as Keras writes it: names, shapes and attributes of what is in a file; no data is read.

The format that h5py writes unless told otherwise: superblock 0 or 1, object headers of version 1, groups as B-trees of
symbols. What a newer form has instead is not read. Links to other files, and data that lies in others, are never
followed: a dataset's shape is all that is asked for. Every place that the file names is checked, and how much is read
is limited, for a file may name the same place again and again.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from struct import Struct

from tb_versions.savedmodel.dtypes import MAX_RANK
from tb_versions.savedmodel.wire import WireError

SIGNATURE = b"\x89HDF\r\n\x1a\n"

MAX_OBJECTS = 50_000
"""Most groups and datasets that are looked at."""

MAX_BYTES = 64 << 20
"""Most bytes that are read of a file, whatever is in it."""

MAX_TEXT = 16 << 20
"""Longest attribute."""

_MAX_NAME = 1_024
_MAX_DEPTH = 64
_NOWHERE = 2**64 - 1
_NEWEST = 3  # of superblocks
_DATASPACE, _DATATYPE, _ATTRIBUTE, _CONTINUES, _SYMBOLS = 0x01, 0x03, 0x0C, 0x10, 0x11
_EXTERNAL = 0x07  # where data lies in other files
_NEWER = (0x02, 0x06)  # lists of links, as in groups with links to other files
_HEADER, _MESSAGE, _PAIR = Struct("<BxHII"), Struct("<HHB3x"), Struct("<QQ")
_TREE, _NODE, _ENTRY = Struct("<4sBBHQQ"), Struct("<4sBxH"), Struct("<QQI4x16x")
_FLOATS = {(2, 5): "float16", (2, 8): "bfloat16", (4, 8): "float32", (8, 11): "float64"}


class UnknownFormError(WireError):
    """The file is of a newer form, which is not read: it need not be damaged."""


@dataclass(frozen=True)
class Dataset:
    """An array: its path, sizes and type, "" where it is no usual number."""

    path: str
    sizes: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class _Object:
    """What an object header says."""

    sizes: tuple[int, ...] | None
    dtype: str
    symbols: tuple[int, int] | None
    attributes: tuple[bytes, ...]


class Hdf5:
    """A file, or a part of one."""

    def __init__(self, file: FileIO, *, start: int = 0, size: int | None = None) -> None:
        """Reads the superblock.

        Args:
            file: The file.
            start: Where in it HDF5 begins.
            size: Bytes of that; None until the end.

        Raises:
            UnknownFormError: It is of a newer form.
            WireError: It is no HDF5 file.
        """
        end = os.fstat(file.fileno()).st_size
        self._file, self._start = file, start
        self._size = end - start if size is None else min(size, end - start)
        self._left = MAX_BYTES
        self.reaches_out = False
        """Whether an array that was looked at has its data in other files; none is opened."""
        if self._size < 96 or self._read(0, 8) != SIGNATURE:
            raise WireError("it is not an HDF5 file")
        block = self._read(8, 88)
        if block[0] > _NEWEST:
            raise WireError("it says that it is of a form of HDF5 that there is not")
        if block[0] > 1 or block[5:7] != b"\x08\x08":
            raise UnknownFormError("it is of a form of HDF5 that is not read")
        more = 4 * block[0]
        (base,) = _QUAD.unpack_from(block, 16 + more)
        if base != 0:
            raise UnknownFormError("it is of a form of HDF5 that is not read")
        (self._root,) = _QUAD.unpack_from(block, 56 + more)

    def datasets(self) -> Iterator[Dataset]:
        """Yields every dataset once, however many links lead to it.

        Raises:
            WireError: The file is damaged, or larger than what is read.
        """
        seen: set[int] = {self._root}
        pending = [("", self._root, 0)]
        while pending:
            path, place, depth = pending.pop()
            found = self._object(place)
            if found.symbols is None:
                if found.sizes is not None and path:
                    yield Dataset(path, found.sizes, found.dtype)
                continue
            if depth > _MAX_DEPTH:
                raise WireError("its groups lie too deep in each other")
            for name, inner in self._members(*found.symbols):
                if inner not in seen:
                    seen.add(inner)
                    pending.append((f"{path}/{name}" if path else name, inner, depth + 1))
            if len(seen) > MAX_OBJECTS:
                raise WireError(f"it holds more than {MAX_OBJECTS:,} objects")

    def attributes(self) -> dict[str, str]:
        """Returns the texts among the attributes of the file itself; raises as `datasets`."""
        texts = {}
        for message in self._object(self._root).attributes:
            named = self._attribute(message)
            if named is not None:
                texts[named[0]] = named[1]
        return texts

    def _read(self, at: int, size: int) -> bytes:
        if at < 0 or size < 0 or at + size > self._size:
            raise WireError("a part of it lies beyond its end")
        self._left -= size
        if self._left < 0:
            raise WireError(f"more than {MAX_BYTES:,} bytes of it would have to be read")
        self._file.seek(self._start + at)
        data = self._file.read(size) or b""
        if len(data) < size:
            raise WireError("it is cut off")
        return data

    def _object(self, place: int) -> _Object:
        version, count, _, size = _HEADER.unpack(self._read(place, _HEADER.size))
        if version != 1:
            raise UnknownFormError("it has objects of a form of HDF5 that is not read")
        blocks = [(place + 16, size)]
        sizes: tuple[int, ...] | None = None
        dtype, symbols, attributes = "", None, []
        while blocks and count > 0:
            data = self._read(*blocks.pop(0))
            at = 0
            while at + _MESSAGE.size <= len(data) and count > 0:
                kind, length, flags = _MESSAGE.unpack_from(data, at)
                body = data[at + _MESSAGE.size : at + _MESSAGE.size + length]
                at, count = at + _MESSAGE.size + length, count - 1
                self.reaches_out |= kind == _EXTERNAL
                if kind in _NEWER or (kind == _DATASPACE and flags & 2):
                    raise UnknownFormError("it has groups of a form of HDF5 that is not read")
                if kind == _CONTINUES:
                    blocks.append(_PAIR.unpack_from(body))
                elif kind == _DATASPACE:
                    sizes = _sizes(body)
                elif kind == _DATATYPE and not flags & 2:
                    dtype = _dtype(body)
                elif kind == _SYMBOLS:
                    symbols = _PAIR.unpack_from(body)
                elif kind == _ATTRIBUTE:
                    attributes.append(body)
        return _Object(sizes, dtype, symbols, tuple(attributes))

    def _members(self, tree: int, heap: int) -> Iterator[tuple[str, int]]:
        """Name and place of each member of a group; soft links are left out."""
        head = self._read(heap, 32)
        if head[:4] != b"HEAP":
            raise WireError("a list of names in it is damaged")
        size, _, names = Struct("<QQQ").unpack_from(head, 8)
        texts = self._read(names, size)
        nodes, seen = [tree], {tree}
        while nodes:
            for place in self._children(nodes.pop()):
                if place in seen:
                    raise WireError("a group in it holds itself")
                seen.add(place)
                if self._read(place, 4) == b"TREE":
                    nodes.append(place)
                else:
                    yield from self._entries(place, texts)

    def _children(self, place: int) -> Iterator[int]:
        mark, kind, _, count, _, _ = _TREE.unpack(self._read(place, _TREE.size))
        if mark != b"TREE" or kind != 0:
            raise WireError("a group in it is damaged")
        data = self._read(place + _TREE.size, 16 * count)
        return (_QUAD.unpack_from(data, 16 * index + 8)[0] for index in range(count))

    def _entries(self, place: int, texts: bytes) -> Iterator[tuple[str, int]]:
        mark, _, count = _NODE.unpack(self._read(place, _NODE.size))
        if mark != b"SNOD":
            raise WireError("a group in it is damaged")
        data = self._read(place + _NODE.size, _ENTRY.size * count)
        for index in range(count):
            at, inner, cached = _ENTRY.unpack_from(data, _ENTRY.size * index)
            if cached == 2 or inner == _NOWHERE:
                continue
            name = texts[at : at + _MAX_NAME].partition(b"\0")[0].decode("utf-8", "replace")
            yield name, inner

    def _attribute(self, message: bytes) -> tuple[str, str] | None:
        """An attribute's name and text; None where it is no single text."""
        if len(message) < 8 or message[0] not in (1, 2, 3):
            return None
        name_size, type_size, space_size = Struct("<HHH").unpack_from(message, 2)
        at, step = (9 if message[0] == 3 else 8), (8 if message[0] == 1 else 1)
        name = message[at : at + name_size].partition(b"\0")[0].decode("utf-8", "replace")
        at += -(-name_size // step) * step
        kind = message[at : at + type_size]
        at += -(-type_size // step) * step
        if len(kind) < 8 or _sizes(message[at : at + space_size]) not in ((), (1,)):
            return None
        data = message[at + -(-space_size // step) * step :]
        if kind[0] & 15 == 3:
            text = data[: int.from_bytes(kind[4:8], "little")]
        elif kind[0] & 15 == 9 and kind[1] & 15 == 1:
            text = self._from_heap(*Struct("<IQI").unpack_from(data))
        else:
            return None
        return name, text.rstrip(b"\0").decode("utf-8", "replace")

    def _from_heap(self, length: int, place: int, wanted: int) -> bytes:
        """A text of any length, which lies in a heap of the file."""
        if length > MAX_TEXT:
            raise WireError(f"a text in it has more than {MAX_TEXT:,} bytes")
        head = self._read(place, 16)
        if head[:4] != b"GCOL":
            raise WireError("a list of texts in it is damaged")
        at, end = place + 16, place + _QUAD.unpack_from(head, 8)[0]
        while at + 16 <= end:
            index, _, size = Struct("<HH4xQ").unpack(self._read(at, 16))
            if index == wanted:
                return self._read(at + 16, min(size, length))
            if index == 0:
                break
            at += 16 + -(-size // 8) * 8
        raise WireError("a text in it is missing")


_QUAD = Struct("<Q")


def _sizes(body: bytes) -> tuple[int, ...] | None:
    """The sizes of a dataspace; None where there is no data, or too many dimensions."""
    if len(body) < 4 or body[0] not in (1, 2) or body[1] > MAX_RANK:
        return None
    if body[0] == 2 and body[3] == 2:
        return None
    at, rank = (8 if body[0] == 1 else 4), body[1]
    try:
        return Struct(f"<{rank}Q").unpack_from(body, at)
    except struct.error as error:
        raise WireError("the sizes of an array in it are damaged") from error


def _dtype(body: bytes) -> str:
    """The name of a type of numbers; "" of any other."""
    if len(body) < 16:
        return ""
    kind, size = body[0] & 15, int.from_bytes(body[4:8], "little")
    if kind == 0 and size in (1, 2, 4, 8):
        return f"{'' if body[1] & 8 else 'u'}int{8 * size}"
    return _FLOATS.get((size, body[13]), "") if kind == 1 else ""
