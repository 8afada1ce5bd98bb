"""Pieces of an answer that are compressed once and put together as often as needed. Pure.

Each piece is compressed without regard to the others and ends at a byte, so compressed pieces behind each other are one
gzip member, which every client reads. Browsers read only the first of several members.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

_LEVEL = 1  # level 3 takes twice as long for 4 % less
_RAW = -zlib.MAX_WBITS
_BEGIN = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_END = b"\x03\0"


class Piece(NamedTuple):
    """Some bytes, compressed.

    Attributes:
        size: Number of the bytes.
        mark: What the bytes add to the check sum of what they follow.
        compressed: As deflate has it, without an end.
    """

    size: int
    mark: int
    compressed: bytes


def piece(data: bytes) -> Piece:
    """Returns bytes compressed."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    compressed = packer.compress(data) + packer.flush(zlib.Z_FULL_FLUSH)
    return Piece(len(data), zlib.crc32(data) ^ zlib.crc32(bytes(len(data))), compressed)


class Pieces:
    """Pieces behind each other."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        """Keeps them."""
        self._pieces = tuple(pieces)

    def gzipped(self) -> bytes:
        """Returns all of it as one gzip member."""
        return b"".join([_BEGIN, *(each.compressed for each in self._pieces), self._end])

    def plain(self) -> bytes:
        """Returns all of it as it was."""
        return b"".join(zlib.decompressobj(_RAW).decompress(each.compressed) for each in self._pieces)

    @cached_property
    def size(self) -> int:
        """Bytes of all of it, not compressed."""
        return sum(each.size for each in self._pieces)

    @cached_property
    def _end(self) -> bytes:
        """The check sum of all of it, from those of the pieces, and its size."""
        crc = 0
        for each in self._pieces:
            # CRCs are linear: that of A + B is that of A + zeros, changed by what B has in the place of the zeros.
            crc = zlib.crc32(bytes(each.size), crc) ^ each.mark
        return _END + crc.to_bytes(4, "little") + (self.size % 2**32).to_bytes(4, "little")
