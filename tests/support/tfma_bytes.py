"""Messages of TFMA byte by byte, and files of records, so that tests can break what they like."""

from __future__ import annotations

import io
import struct
from pathlib import Path

from tb_versions.savedmodel.table import masked_crc32c
from tb_versions.savedmodel.wire import Message, Source
from tests.support.savedmodel_bytes import field, varint


def message(data: bytes) -> Message:
    return Source(io.BytesIO(data), len(data)).message()


def double(number: int, value: float) -> bytes:
    return varint(number << 3 | 1) + struct.pack("<d", value)


def single(value: float) -> bytes:
    """A MetricValue with one number."""
    return field(1, double(1, value))


def measured(key: bytes, value: bytes, interval: bytes = b"") -> bytes:
    """An entry of MetricsForSlice."""
    return field(51, field(1, key) + field(2, value) + (field(3, interval) if interval else b""))


def named(name: str, value: float) -> bytes:
    return measured(field(1, name), single(value))


def slice_key(**columns: bytes | int | float) -> bytes:
    """A SliceKey."""
    return b"".join(field(1, field(1, name) + _value(value)) for name, value in columns.items())


def _value(value: bytes | int | float) -> bytes:
    if isinstance(value, bytes):
        return field(2, value)
    return field(4, value) if isinstance(value, int) else varint(3 << 3 | 5) + struct.pack("<f", value)


def record(data: bytes) -> bytes:
    length = len(data).to_bytes(8, "little")
    return b"".join((length, _sum(length), data, _sum(data)))


def _sum(data: bytes) -> bytes:
    return masked_crc32c(data).to_bytes(4, "little")


def write_results(folder: Path, *slices: bytes, verdict: bytes | None = None, config: str = "") -> Path:
    """A folder as TFMA leaves it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "metrics-00000-of-00001.tfrecord").write_bytes(b"".join(map(record, slices)))
    if verdict is not None:
        (folder / "validations.tfrecord").write_bytes(record(verdict))
    if config:
        (folder / "eval_config.json").write_text(config)
    return folder
