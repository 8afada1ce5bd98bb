"""Opcodes of pickles, whatever the bytes are."""

from __future__ import annotations

import io
import pickle

from hypothesis import given
from hypothesis import strategies as st

from tb_versions.formats import pickles
from tb_versions.formats.pickles import read_pickle


@given(st.binary(max_size=200))
def test_any_bytes_end_with_an_answer(data: bytes) -> None:
    found = read_pickle(io.BytesIO(b"\x80\x04" + data))
    assert isinstance(found.problem, str)


def test_a_pickle_of_too_many_opcodes_is_not_read_to_its_end(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(pickles, "MAX_OPCODES", 10)
    assert "more than 10 opcodes" in read_pickle(io.BytesIO(pickle.dumps(list(range(100)), protocol=0))).problem


def test_the_number_that_pytorch_begins_with_is_known() -> None:
    assert read_pickle(io.BytesIO(pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2))).is_torch_magic
    assert not read_pickle(io.BytesIO(pickle.dumps(7, protocol=2))).is_torch_magic
