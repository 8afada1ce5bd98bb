"""The record file of a run, `run-<id>.wandb`: a header of 7 bytes, then LevelDB's log format with zlib's CRC.

    :W&B 0xBEE1 version | chunks of  crc32 (4)  length (2)  kind (1)  data   in blocks of 32 KiB

A record is one chunk (kind 1) or a first, middle ones and a last (2, 3, 4); a block's last bytes, too few for a chunk's
header, are zeros. The checksum is that of kind and data.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from tb_versions.errors import NotAModelError

MAX_RECORD = 32 << 20
"""Most bytes of a record that is read; a larger one is passed over."""

_HEADER = struct.pack("<4sH", b":W&B", 0xBEE1)
_VERSION = 0
_BLOCK = 32 * 1024
_CHUNK = struct.Struct("<IHB")
_FULL, _FIRST, _MIDDLE, _LAST = 1, 2, 3, 4


@dataclass
class Damage:
    """What a record file has lost.

    Attributes:
        blocks: How many blocks have a chunk that is damaged; what is behind it in the block is passed over.
        large: How many records are too large.
        is_cut: Whether it ends amid a record, as after a run that was killed.
    """

    blocks: int = 0
    large: int = 0
    is_cut: bool = False


def read_records(file: IO[bytes], damage: Damage) -> Iterator[bytes]:
    """Yields records.

    Args:
        file: At its beginning.
        damage: Gets what is lost.

    Raises:
        NotAModelError: It is no record file, or one of another version.
        OSError: Reading failed.
    """
    block = file.read(_BLOCK)
    if block[:6] != _HEADER or len(block) < 7:
        raise NotAModelError("it is no record file of W&B.")
    if block[6] != _VERSION:
        raise NotAModelError(f"it is a record file of version {block[6]}; version {_VERSION} is known here.")
    start, whole = 7, _Whole(damage)
    while block:
        yield from _records(block, start, whole, damage)
        block, start = file.read(_BLOCK), 0
    damage.is_cut = damage.is_cut or whole.is_open


class _Whole:
    """A record that comes in chunks."""

    def __init__(self, damage: Damage) -> None:
        self._parts, self._size, self._damage = list[bytes](), 0, damage
        self.is_open = False

    def add(self, kind: int, data: bytes) -> bytes | None:
        """Takes a chunk; returns the record that it completes."""
        if kind in (_FULL, _FIRST):
            self._parts, self._size, self.is_open = [], 0, True
        if not self.is_open:
            return None
        self._size += len(data)
        if self._size <= MAX_RECORD:
            self._parts.append(data)
        if kind not in (_FULL, _LAST):
            return None
        self.is_open = False
        if self._size > MAX_RECORD:
            self._damage.large += 1
            return None
        return b"".join(self._parts)

    def drop(self) -> None:
        self.is_open = False


def _records(block: bytes, start: int, whole: _Whole, damage: Damage) -> Iterator[bytes]:
    is_last = len(block) < _BLOCK
    while start + _CHUNK.size <= len(block):
        checksum, length, kind = _CHUNK.unpack_from(block, start)
        if not (checksum or length or kind):
            return
        first, end = start + _CHUNK.size, start + _CHUNK.size + length
        if end > len(block) and is_last:
            damage.is_cut = True
            whole.drop()
            return
        is_sound = end <= len(block) and _FULL <= kind <= _LAST
        if not is_sound or zlib.crc32(block[first - 1 : end]) != checksum:
            damage.blocks += 1
            whole.drop()
            return
        record = whole.add(kind, block[first:end])
        if record is not None:
            yield record
        start = end
    damage.is_cut = damage.is_cut or (is_last and start < len(block))
