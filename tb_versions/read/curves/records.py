"""Records of event files, for the few bytes that were appended since TensorBoard's data server read the rest.

A record is the length of its data (8 bytes, little-endian), a checksum of these, the data, and a checksum of that.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto import event_pb2, types_pb2

from tb_versions.read.curves.curve_reader import SCALARS

HEADER, FOOTER = 12, 4
LONGEST = 1 << 31
"""Bytes that no event has: a message of protobuf is shorter."""

_POLYNOMIAL = 0x82F63B78  # CRC-32C (Castagnoli), bits reversed


class Scalar(NamedTuple):
    """One value of an event; `value` is None if TensorBoard reads no number from it.

    Attributes:
        is_first: Whether it would begin a curve if its tag were new.
    """

    tag: str
    step: int
    wall_time: float
    value: float | None
    is_first: bool


def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ (_POLYNOMIAL if byte & 1 else 0)  # noqa: PLW2901
        table.append(byte)
    return tuple(table)


TABLE = _table()


def masked_crc32c(data: bytes) -> int:
    """Returns the checksum that event files have of some bytes."""
    crc, table = 0xFFFFFFFF, TABLE
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def is_forged(file: BinaryIO) -> bool:
    """Returns whether a record says that it is longer than an event can be, and its checksum agrees.

    TensorFlow's reader asks for that much memory, which may end the process.

    Args:
        file: An event file at its start; it can be sought in.
    """
    while len(header := file.read(HEADER)) == HEADER:
        length = int.from_bytes(header[:8], "little")
        if length >= LONGEST:
            return _is_sound(header, 0, 8)
        file.seek(length + FOOTER, os.SEEK_CUR)
    return False


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the end and the data of each whole record; stops at one that is cut off or damaged."""
    start = 0
    while start + HEADER + FOOTER <= len(data):
        length = int.from_bytes(data[start : start + 8], "little")
        end = start + HEADER + length + FOOTER
        if end > len(data) or not _is_sound(data, start, 8):
            return
        if not _is_sound(data, start + HEADER, length):
            return
        yield end, data[start + HEADER : end - FOOTER]
        start = end


def unchecked_records(data: bytes) -> Iterator[bytes]:
    """Yields the data of each whole record, without a look at checksums: for bytes that were read before."""
    start = 0
    while start + HEADER + FOOTER <= len(data):
        end = start + HEADER + int.from_bytes(data[start : start + 8], "little") + FOOTER
        if end > len(data):
            return
        yield data[start + HEADER : end - FOOTER]
        start = end


def is_damaged(data: bytes) -> bool:
    """Whether a record that is damaged comes in bytes that begin with one; one that is cut off at the end is not."""
    end = max((end for end, _ in records(data)), default=0)
    rest = data[end : end + HEADER]
    if len(rest) < HEADER:
        return False
    length = int.from_bytes(rest[:8], "little")
    return not _is_sound(rest, 0, 8) or end + HEADER + length + FOOTER <= len(data)


def last_sound(data: bytes) -> tuple[int, float]:
    """Returns the end of the last sound record in bytes from amid a file, and the latest time of one.

    -1 and the beginning of time if there is none. Records behind a damaged one are found.
    """
    end, latest = -1, -math.inf
    for start in places(data):
        if start >= end:
            for length, record in records(data[start:]):
                end = start + length
                latest = max(latest, time_of(record) or latest)
    return end, latest


def begin_of_records(data: bytes) -> int:
    """Returns where the first whole record begins in bytes from amid a file; their length if there is none."""
    sound = (start for start in places(data) if next(records(data[start:]), None))
    return next(sound, len(data))


def _is_sound(data: bytes, start: int, length: int) -> bool:
    end = start + length
    return masked_crc32c(data[start:end]) == int.from_bytes(data[end : end + FOOTER], "little")


def last_records(data: bytes) -> Iterator[bytes]:
    """Yields the data of the records in the last bytes of a file, from the first one that begins there and is whole."""
    for start in places(data):
        found = list(records(data[start:]))
        if found:
            yield from (record for _, record in found)
            return


def places(data: bytes) -> list[int]:
    """Returns where a length with its checksum is: where a record begins, but for a chance of one in four billions."""
    there = np.frombuffer(data, np.uint8).astype(np.uint32)
    count = len(there) - HEADER + 1
    if count <= 0:
        return []
    crc = np.full(count, 0xFFFFFFFF, np.uint32)
    table = np.array(TABLE, np.uint32)
    for byte in range(8):
        crc = table[(crc ^ there[byte : byte + count]) & 0xFF] ^ (crc >> np.uint32(8))
    crc = ~crc
    masked = ((crc >> np.uint32(15)) | (crc << np.uint32(17))) + np.uint32(0xA282EAD8)
    written = sum(there[8 + byte : 8 + byte + count] << np.uint32(8 * byte) for byte in range(4))
    return [int(place) for place in np.flatnonzero(masked == written)]


def first_wall_time(data: bytes) -> float | None:
    """Returns the time of the first record in the first bytes of a file; None if there is no whole one."""
    first = next(records(data), None)
    return None if first is None else time_of(first[1])


def time_of(record: bytes) -> float | None:
    """Returns the time of an event; None if it is none."""
    try:
        return float(event_pb2.Event.FromString(record).wall_time)
    except DecodeError:
        return None


def scalars(record: bytes) -> list[Scalar] | None:
    """Returns the values of an event; None if it is none: TensorBoard reads no further then."""
    try:
        event = event_pb2.Event.FromString(record)
    except DecodeError:
        return None
    if event.wall_time != event.wall_time:
        return None
    return [
        Scalar(value.tag, event.step, event.wall_time, _number(value), _is_first(value))
        for value in (event.summary.value if event.HasField("summary") else ())
    ]


def _is_first(value: Any) -> bool:
    return bool(value.WhichOneof("value") == "simple_value" or value.metadata.plugin_data.plugin_name == SCALARS)


def _number(value: Any) -> float | None:
    kind = value.WhichOneof("value")
    if kind == "simple_value":
        return float(value.simple_value)
    tensor = value.tensor
    if kind != "tensor" or tensor.dtype != types_pb2.DT_FLOAT or tensor.tensor_shape.dim:
        return None
    if len(tensor.float_val):
        return float(tensor.float_val[0]) if len(tensor.float_val) == 1 else None
    return float(np.frombuffer(tensor.tensor_content, "<f4")[0]) if len(tensor.tensor_content) == 4 else None
