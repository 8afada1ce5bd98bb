"""A record that is longer than an event can be is seen before TensorFlow asks for its memory."""

from __future__ import annotations

import io
import struct

import pytest

from tb_versions.read.curves.records import LONGEST, is_forged, masked_crc32c


def record(data: bytes, *, claims: int | None = None) -> bytes:
    header = struct.pack("<Q", len(data) if claims is None else claims)
    return header + struct.pack("<I", masked_crc32c(header)) + data + struct.pack("<I", masked_crc32c(data))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", False),
        (record(b"abc") + record(b"de"), False),
        (record(b"abc")[:-2], False),
        (record(b"", claims=1_000_000), False),  # cut off, as while a training writes
        (record(b"", claims=LONGEST - 1), False),
        (record(b"", claims=LONGEST), True),
        (record(b"abc") + record(b"", claims=1 << 40), True),
        (b"\xff" * 40, False),  # its checksum does not agree, so that no reader believes it
    ],
)
def test_a_length_that_no_event_has_is_forged(data: bytes, expected: bool) -> None:
    assert is_forged(io.BytesIO(data)) is expected
