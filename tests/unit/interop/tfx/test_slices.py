"""Names of slices: two slices never have one."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tb_versions.interop.tfx.slices import shortest, slice_of
from tb_versions.savedmodel.wire import WireError
from tests.support.effort import tries
from tests.support.savedmodel_bytes import field
from tests.support.tfma_bytes import message, slice_key


def name_of(data: bytes) -> str:
    return slice_of(message(field(1, data)), 1, 3)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (slice_key(), ""),
        (slice_key(country=b"us"), "country:us"),
        (slice_key(country=b"us", hour=3), "country:us, hour:3"),
        (slice_key(hour=b"3"), 'hour:"3"'),
        (slice_key(tip=0.1), "tip:0.1"),
        (slice_key(tip=3.0), "tip:3.0"),
        (slice_key(tip=b"nan"), 'tip:"nan"'),
        (slice_key(tip=math.nan), "tip:nan"),
        (slice_key(a=b"x, b:y"), 'a:"x, b:y"'),
        (slice_key(a=b""), 'a:""'),
        (slice_key(a="größe".encode()), "a:größe"),
        (slice_key(a=b"\xff"), "a:bytes ff"),
        (slice_key(a=b"bytes ff"), 'a:"bytes ff"'),
        (field(1, field(1, "a")), "a:(none)"),
    ],
)
def test_a_slice_is_called_by_its_columns_and_values(key: bytes, name: str) -> None:
    assert name_of(key) == name


def test_crossed_slices_say_which_is_subtracted_from_which() -> None:
    crossed = field(1, slice_key(country=b"us")) + field(2, slice_key(country=b"de"))
    assert slice_of(message(field(3, crossed)), 1, 3) == "country:us minus country:de"
    assert slice_of(message(field(3, field(2, slice_key(country=b"de")))), 1, 3) == "all minus country:de"
    assert name_of(slice_key(a=b"x minus b")) == 'a:"x minus b"'


_VALUES = st.one_of(st.binary(max_size=12), st.integers(-(2**63), 2**63 - 1), st.floats(width=32))
_KEYS = st.dictionaries(st.text(max_size=5).filter(lambda text: text.isprintable()), _VALUES, max_size=2)


@settings(max_examples=tries(100), deadline=None)
@given(one=_KEYS, other=_KEYS)
def test_two_slices_never_have_one_name(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    assume(slice_key(**one) != slice_key(**other))
    assume(not any(isinstance(value, float) and math.isnan(value) for value in (*one.values(), *other.values())))
    assert name_of(slice_key(**one)) != name_of(slice_key(**other))


@settings(max_examples=tries(200), deadline=None)
@given(value=st.floats(width=32, allow_nan=False))
def test_a_float_is_the_shortest_decimal_that_reads_back(value: float) -> None:
    assert struct.pack("<f", float(shortest(value))) == struct.pack("<f", value)
    assert not shortest(value).lstrip("-").isdigit()


def test_a_value_of_megabytes_is_refused() -> None:
    with pytest.raises(WireError, match=r"a slice's value of 5,000 bytes"):
        name_of(slice_key(a=bytes(5_000)))
