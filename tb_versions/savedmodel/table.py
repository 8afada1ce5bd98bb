"""Reads a sorted string table, the file format of a checkpoint's `variables.index`.

TensorFlow's tables are LevelDB's: https://github.com/google/leveldb/blob/main/doc/table_format.md, blocks
plain or compressed by Snappy (https://github.com/google/snappy/blob/main/format_description.txt).
"""

from __future__ import annotations

from collections.abc import Iterator

from tb_versions.savedmodel.wire import WireError, read_varint

MAX_TABLE = 64 * 1024 * 1024
"""Most bytes of a table. A thousand variables take about 100 KB."""

MAX_BLOCK = 16 * 1024 * 1024
"""Most bytes of an uncompressed block; TensorFlow writes 256 KB."""

MAX_KEYS = 128 * 1024 * 1024
"""Most bytes of all keys: they share beginnings, so that a small table can spell out gigabytes."""

_MAGIC = 0xDB4775248B80FB57
_FOOTER = 48
_TRAILER = 5  # type and CRC
_PLAIN, _SNAPPY = 0, 1


def read_table(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yields the keys and values of a table in its order; every block's CRC-32C is checked.

    Raises:
        WireError: The table is damaged.
    """
    if len(data) < _FOOTER or int.from_bytes(data[-8:], "little") != _MAGIC:
        raise WireError("it doesn't end like a checkpoint's index")
    _, offset = _read_handle(data, len(data) - _FOOTER)
    index, _ = _read_handle(data, offset)
    total, read = 0, 0
    for _, entry in _entries(_block(data, index)):
        handle, _ = _read_handle(entry, 0)
        block = _block(data, handle)
        read += max(handle[1], len(block)) + _TRAILER  # entries of the index may name one block again and again
        if read > MAX_TABLE:
            raise WireError(f"its blocks take more than {MAX_TABLE >> 20} MB")
        for key, value in _entries(block):
            total += len(key) + 32
            if total > MAX_KEYS:
                raise WireError(f"its keys take more than {MAX_KEYS >> 20} MB")
            yield key, value


def _read_handle(data: bytes, offset: int) -> tuple[tuple[int, int], int]:
    """A block's offset and size, and the offset after them."""
    start, offset = read_varint(data, offset)
    size, offset = read_varint(data, offset)
    return (start, size), offset


def _block(data: bytes, handle: tuple[int, int]) -> bytes:
    start, size = handle
    end = start + size
    if end + _TRAILER > len(data):
        raise WireError("a block that reaches beyond the file")
    if masked_crc32c(data[start : end + 1]) != int.from_bytes(data[end + 1 : end + _TRAILER], "little"):
        raise WireError("a block with a wrong checksum")
    kind = data[end]
    if kind not in (_PLAIN, _SNAPPY):
        raise WireError(f"a block of the unknown kind {kind}")
    return uncompress(data[start:end]) if kind == _SNAPPY else data[start:end]


def _entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys share their beginning with the one before."""
    restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 - 4 * restarts
    if len(block) < 4 or end < 0:
        raise WireError("a block that is too short")
    offset, key = 0, b""
    while offset < end:
        shared, offset = read_varint(block, offset)
        length, offset = read_varint(block, offset)
        value_length, offset = read_varint(block, offset)
        if shared > len(key) or offset + length + value_length > end:
            raise WireError("an entry that reaches beyond its block")
        key = key[:shared] + block[offset : offset + length]
        offset += length
        yield key, block[offset : offset + value_length]
        offset += value_length


def uncompress(data: bytes) -> bytes:
    """Undoes Snappy.

    Raises:
        WireError: The data is damaged or would be larger than 16 MiB.
    """
    size, offset = read_varint(data, 0)
    if size > MAX_BLOCK:
        raise WireError(f"a block of {size:,} bytes where at most {MAX_BLOCK:,} make sense")
    out = bytearray()
    while offset < len(data) and len(out) <= size:
        offset = _literal(data, offset, out) if data[offset] & 3 == 0 else _copy(data, offset, out)
    if len(out) != size:
        raise WireError("a compressed block of the wrong size")
    return bytes(out)


def _literal(data: bytes, offset: int, out: bytearray) -> int:
    """Appends bytes as they are; returns the offset after them."""
    length = data[offset] >> 2
    offset += 1
    if length >= 60:
        width = length - 59
        length = int.from_bytes(data[offset : offset + width], "little")
        offset += width
    end = offset + length + 1
    if end > len(data):
        raise WireError("a compressed block that is cut off")
    out += data[offset:end]
    return end


def _copy(data: bytes, offset: int, out: bytearray) -> int:
    """Repeats bytes written before; returns the offset after the order to do so."""
    tag = data[offset]
    width = {1: 1, 2: 2, 3: 4}[tag & 3]
    number = int.from_bytes(data[offset + 1 : offset + 1 + width], "little")
    if tag & 3 == 1:
        length, back = (tag >> 2 & 7) + 4, (tag >> 5) << 8 | number
    else:
        length, back = (tag >> 2) + 1, number
    if not 0 < back <= len(out) or offset + 1 + width > len(data):
        raise WireError("a compressed block that copies from nowhere")
    start = len(out) - back
    pattern = out[start : start + length]
    out += (pattern * (length // len(pattern) + 1))[:length]
    return offset + 1 + width


def _crc_table() -> tuple[int, ...]:
    table = []
    for number in range(256):
        for _ in range(8):
            number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)  # noqa: PLW2901
        table.append(number)
    return tuple(table)


_CRC_TABLE = _crc_table()


def masked_crc32c(data: bytes) -> int:
    """The CRC-32C of data, masked as LevelDB stores it."""
    crc, table = 0xFFFF_FFFF, _CRC_TABLE
    for byte in data:
        crc = crc >> 8 ^ table[(crc ^ byte) & 0xFF]
    crc ^= 0xFFFF_FFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFF_FFFF
