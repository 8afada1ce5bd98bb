"""Numbers, wrappers and choices in messages."""

from __future__ import annotations

import struct

import pytest

from tb_versions.interop.tfx import wire
from tb_versions.savedmodel.wire import WireError
from tests.support.savedmodel_bytes import field, varint
from tests.support.tfma_bytes import double, message


def test_the_last_double_counts_and_an_absent_one_is_none() -> None:
    assert wire.double(message(double(1, 2.0) + double(1, -0.5) + double(2, 7.0)), 1) == -0.5
    assert wire.double(message(b""), 1) is None


def test_an_empty_wrapper_is_zero_and_an_absent_one_is_none() -> None:
    assert wire.wrapped_double(message(field(3, b"")), 3) == 0.0
    assert str(wire.wrapped_double(message(field(3, double(1, -0.0))), 3)) == "-0.0"
    assert wire.wrapped_double(message(b""), 3) is None
    assert wire.wrapped_integer(message(field(3, field(1, -1))), 3) == -1
    assert wire.wrapped_integer(message(field(3, b"")), 3) == 0
    assert wire.wrapped_integer(message(b""), 3) is None


def test_of_a_choice_the_last_member_counts_merged_from_its_parts() -> None:
    data = field(1, field(9, "a")) + field(2, field(9, "b")) + field(2, field(8, "c")) + field(5, "other")
    chosen = wire.choice(message(data), frozenset({1, 2}))
    assert chosen is not None
    assert (chosen[0], chosen[1].text(9), chosen[1].text(8)) == (2, "b", "c")
    assert wire.choice(message(data), frozenset({7})) is None


def test_repeated_numbers_may_be_packed_or_not() -> None:
    packed = field(6, struct.pack("<2f", 0.5, -1.0)) + varint(6 << 3 | 5) + struct.pack("<f", 2.0)
    assert list(wire.floats(message(packed), 6)) == [0.5, -1.0, 2.0]
    assert list(wire.doubles(message(field(7, struct.pack("<d", 0.1)) + double(7, 3.0)), 7)) == [0.1, 3.0]
    assert list(wire.integers(message(field(5, varint(-5) + varint(300)) + field(5, 7)), 5)) == [-5, 300, 7]


def test_a_packed_number_that_does_not_end_is_refused() -> None:
    with pytest.raises(WireError, match="doesn't end"):
        list(wire.integers(message(field(5, b"\xff\xff")), 5))
