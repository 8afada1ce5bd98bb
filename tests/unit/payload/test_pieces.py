"""Pieces that are compressed once and put together."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.payload.pieces import Pieces, piece


@given(st.lists(st.binary(max_size=2_000)))
def test_pieces_are_one_gzip_member(parts: list[bytes]) -> None:
    whole, pieces = b"".join(parts), Pieces(map(piece, parts))
    assert (pieces.size, pieces.plain()) == (len(whole), whole)
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)  # reads one member, as browsers do, and its check sum
    assert reader.decompress(pieces.gzipped()) == whole
    assert reader.eof
    assert not reader.unused_data


def test_a_piece_is_the_same_wherever_it_stands() -> None:
    one, other = piece(b"one" * 1_000), piece(b"other" * 1_000)
    for order in ([one, other], [other, one], [one, one, other]):
        assert gzip.decompress(Pieces(order).gzipped()) == Pieces(order).plain()


def test_a_piece_that_is_altered_is_noticed() -> None:
    data = bytearray(Pieces([piece(b"a" * 100), piece(b"b")]).gzipped())
    data[-8] ^= 1
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(bytes(data))
