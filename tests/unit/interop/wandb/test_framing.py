"""The frames of a record file."""

from __future__ import annotations

import io
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.errors import NotAModelError
from tb_versions.interop.wandb import framing
from tb_versions.interop.wandb.framing import Damage, read_records
from tests.support.wandb_runs import BLOCK, HEADER, framed


def read(data: bytes) -> tuple[list[bytes], Damage]:
    damage = Damage()
    return list(read_records(io.BytesIO(data), damage)), damage


@given(st.lists(st.integers(0, 3 * BLOCK), max_size=8))
def test_records_of_any_size_come_back(sizes: list[int]) -> None:
    records = [bytes([number]) * size for number, size in enumerate(sizes)]
    assert read(framed(records)) == (records, Damage())


@given(st.integers(0, 2 * BLOCK))
def test_a_file_that_was_cut_has_the_records_before(length: int) -> None:
    records = [b"a" * 10_000, b"b" * 40_000, b"c" * 20_000]
    data = framed(records)
    found, damage = read(data[: 7 + length])
    assert found == records[: len(found)]
    assert damage.blocks == 0
    assert damage.is_cut or 7 + length in (7, 7 + 7 + 10_000) or found == records


def test_a_damaged_chunk_costs_its_block_and_is_counted() -> None:
    data = bytearray(framed([b"a" * 100, b"b" * 100, *[b"c" * 20_000] * 5]))
    data[150] ^= 1
    found, damage = read(bytes(data))
    assert (found[0], damage.blocks) == (b"a" * 100, 1)
    assert b"b" * 100 not in found
    assert b"c" * 20_000 in found


@pytest.mark.parametrize("data", [b"", b":W&B", b"PK\3\4" * 4, b"\0" * 100])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(NotAModelError, match="no record file of W&B"):
        read(data)


def test_another_version_is_refused() -> None:
    with pytest.raises(NotAModelError, match="of version 1; version 0 is known"):
        read(HEADER[:6] + b"\1")


def test_a_huge_record_is_passed_over_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_RECORD", 50_000)
    found, damage = read(framed([b"a", b"b" * 50_001, b"c"]))
    assert (found, damage.large) == ([b"a", b"c"], 1)


def test_a_claimed_length_is_not_believed() -> None:
    found, damage = read(framed([b"a"]) + struct.pack("<IHB", 1, 0xFFFF, 1) + b"x")
    assert (found, damage.is_cut) == ([b"a"], True)
