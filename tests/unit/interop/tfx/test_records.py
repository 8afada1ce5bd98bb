"""Files of records are read whole or refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_versions.errors import NotAModelError, TbVersionsError, UnsafeFileError
from tb_versions.interop.tfx import records
from tb_versions.interop.tfx.records import parts_of, read_records
from tests.support.effort import tries
from tests.support.tfma_bytes import record

_TWO = record(b"one") + record(b"")


def write(folder: Path, data: bytes) -> str:
    path = folder / "metrics-00000-of-00001.tfrecord"
    path.write_bytes(data)
    return str(path)


def test_records_come_in_their_order(tmp_path: Path) -> None:
    assert list(read_records(write(tmp_path, _TWO), within=str(tmp_path))) == [b"one", b""]


@pytest.mark.parametrize("length", range(1, len(_TWO)))
def test_a_file_cut_anywhere_but_between_records_is_refused(tmp_path: Path, length: int) -> None:
    if length == len(record(b"one")):
        return
    with pytest.raises(NotAModelError, match="is damaged: the record at byte"):
        list(read_records(write(tmp_path, _TWO[:length]), within=str(tmp_path)))


def test_a_length_that_lies_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    lying = (1 << 62).to_bytes(8, "little")
    for data in (lying + bytes(4), lying + record(lying)[12:20], record(b"x").replace(b"\x01", b"\xff", 1)):
        with pytest.raises(NotAModelError, match="cut off, or no record"):
            list(read_records(write(tmp_path, data), within=str(tmp_path)))


@settings(max_examples=tries(60), deadline=None)
@given(place=st.integers(0, len(_TWO) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed(tmp_path_factory: pytest.TempPathFactory, place: int, bit: int) -> None:
    data = bytearray(_TWO)
    data[place] ^= 1 << bit
    folder = tmp_path_factory.mktemp("records")
    with pytest.raises(NotAModelError):
        list(read_records(write(folder, bytes(data)), within=str(folder)))


def test_a_symlink_a_fifo_and_a_file_that_is_too_large_are_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "outside").write_bytes(_TWO)
    (inner / "link").symlink_to(tmp_path / "outside")
    os.mkfifo(inner / "fifo")
    for name in ("link", "fifo"):
        with pytest.raises(UnsafeFileError):
            list(read_records(str(inner / name), within=str(inner)))
    monkeypatch.setattr(records, "FILE_LIMIT", 5)
    with pytest.raises(TbVersionsError, match="at most 5 are read"):
        list(read_records(write(inner, _TWO), within=str(inner)))


def test_parts_are_found_by_name_and_others_are_left_alone(tmp_path: Path) -> None:
    names = ["metrics-00001-of-00002.tfrecord", "metrics-00000-of-00002.tfrecord", "plots.tfrecord", "metrics.txt"]
    for name in names:
        (tmp_path / name).touch()
    assert [os.path.basename(path) for path in parts_of(str(tmp_path), "metrics")] == sorted(names[:2])
    assert parts_of(str(tmp_path), "validations") == []
    (tmp_path / "validations.tfrecord").touch()
    assert len(parts_of(str(tmp_path), "validations")) == 1


@pytest.mark.parametrize(
    "names",
    [
        ["metrics-00000-of-00002.tfrecord"],
        ["metrics-00000-of-00001.tfrecord", "metrics-00000-of-00002.tfrecord"],
        ["metrics-00000-of-00001.tfrecord", "metrics.tfrecord"],
    ],
)
def test_a_missing_part_and_parts_of_two_writers_are_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(NotAModelError, match=r"files of metrics, of which one says"):
        parts_of(str(tmp_path), "metrics")
