"""Hostile SavedModels: a NotASavedModelError or an answer, never anything else, within bounds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_versions.core.manifest import SavedModel
from tb_versions.errors import NotASavedModelError
from tb_versions.savedmodel import read_saved_model
from tb_versions.savedmodel.table import masked_crc32c, read_table, uncompress
from tb_versions.savedmodel.wire import WireError
from tests.support.effort import tries
from tests.support.savedmodel_bytes import (
    bundle_entry,
    field,
    info,
    objects,
    saved_model,
    shape,
    signature,
    small_model,
    table,
    tensor,
    variable,
    varint,
    write_model,
)

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
INDEX = table((b"", field(1, 1)), (b"kernel", bundle_entry(1, 5)), (b"kernel/part", bundle_entry(9, 5, 6)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


def read(folder: Path, data: bytes, index: bytes | None = None) -> SavedModel | None:
    """What is read, or None if it was refused in the right way."""
    try:
        return read_saved_model(write_model(folder, data, index))
    except NotASavedModelError as error:
        return None if str(folder) in str(error) else pytest.fail(f"the folder is not named: {error}")


@given(data=st.binary(max_size=300))
@settings(max_examples=tries(300))
def test_random_bytes(folder: Path, data: bytes) -> None:
    read(folder, data)
    read(folder, saved_model(info("serve")), data)
    read(folder, field(2, data))


@given(
    damage=st.lists(st.tuples(st.integers(0, len(small_model()) - 1), st.integers(0, 255)), max_size=8),
    cut=st.integers(0, len(small_model())),
)
@settings(max_examples=tries(400))
def test_a_model_with_changed_bytes_and_a_cut(folder: Path, damage: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(small_model())
    for position, byte in damage:
        data[position] = byte
    read(folder, bytes(data))
    read(folder, bytes(data[:cut]))


@given(position=st.integers(0, len(INDEX) * 8 - 1))
@settings(max_examples=tries(200))
def test_a_flipped_bit_in_the_index_is_refused_or_without_effect(folder: Path, position: int) -> None:
    data = bytearray(INDEX)
    data[position // 8] ^= 1 << position % 8
    sound = read(folder, saved_model(info("serve")), INDEX)
    assert sound is not None
    assert read(folder, saved_model(info("serve")), bytes(data)) in (None, sound)


@given(content=st.binary(max_size=200), kind=st.sampled_from((0, 1, 2)))
@settings(max_examples=tries(300))
def test_a_block_of_any_content_with_a_right_checksum(folder: Path, content: bytes, kind: int) -> None:
    read(folder, saved_model(info("serve")), table(kind=kind, stored=content))


@given(number=st.integers(1, 12), body=st.binary(max_size=60))
@settings(max_examples=tries(300))
def test_any_bytes_in_any_part_of_a_graph(folder: Path, number: int, body: bytes) -> None:
    read(folder, saved_model(info("serve") + field(number, body) + field(number, field(1, body) + field(2, body))))


@given(flips=st.lists(st.integers(0, 9_935 * 8 - 1), max_size=4), cut=st.integers(0, 9_935))
@settings(max_examples=tries(200))
def test_a_real_model_with_flipped_bits_and_a_cut(folder: Path, test_data: Path, flips: list[int], cut: int) -> None:
    real = test_data / "savedmodels/saved_model_half_plus_two_2_versions/00000123"
    data = bytearray((real / "saved_model.pb").read_bytes())
    for position in flips:
        data[position // 8] ^= 1 << position % 8
    read(folder, bytes(data), (real / "variables/variables.index").read_bytes())
    assert read(folder, bytes(data[:cut])) is None or cut == len(data)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (varint(2 << 3 | 2) + varint(1 << 40), "reaches beyond"),
        (varint(2 << 3 | 2) + varint(2**63), "reaches beyond"),
        (b"\xff" * 11, "a number that doesn't end"),
        (b"\x0b", "wire type 3"),
        (b"\x02\x00", "without a number"),
        (field(1, field(4, b"\xff\xfe")), "not UTF-8"),
        (signature(x=tensor("x:0", 1, shape(*[1] * 255))), "more than 254 dimensions"),
        (objects(field(1, field(1, 9))), "refers to object 9 of 1"),
        (objects(field(1, field(1, 2**64 - 1))), "refers to object"),
        (field(2, field(1, field(2, "x" * 70_000))), "a text of 70,000 bytes"),
    ],
)
def test_a_broken_graph_is_told_what_is_broken(folder: Path, body: bytes, reason: str) -> None:
    with pytest.raises(NotASavedModelError, match=reason):
        read_saved_model(write_model(folder, saved_model(info("serve") + body)))


def test_a_variable_of_absurd_shape_does_not_overflow_the_count(folder: Path) -> None:
    absurd = objects(field(1, field(1, 1) + field(2, "w")), variable("w", *[2**62] * 200))
    found = read(folder, saved_model(info("serve") + absurd))
    assert found is not None
    assert found.parameter_count == 2**63 - 1


def test_a_file_over_2_gib_and_a_fifo_are_refused_unread(tmp_path: Path) -> None:
    with open(tmp_path / "saved_model.pb", "wb") as file:
        file.truncate(2**31)
    with pytest.raises(NotASavedModelError, match=r"2,147,483,648 bytes, and more than 2,147,483,647 can't be read"):
        read_saved_model(tmp_path)
    (tmp_path / "saved_model.pb").unlink()
    os.mkfifo(tmp_path / "saved_model.pb")
    with pytest.raises(NotASavedModelError, match="not a plain file"):
        read_saved_model(tmp_path)


def test_an_index_over_64_mib_is_refused_unread(tmp_path: Path) -> None:
    write_model(tmp_path, saved_model(info("serve")), b"")
    with open(tmp_path / "variables/variables.index", "wb") as file:
        file.truncate(2**30)
    with pytest.raises(NotASavedModelError, match=r"variables\.index .* 1,073,741,824 bytes"):
        read_saved_model(tmp_path)


MEASURE = """
import sys
from tb_versions.errors import NotASavedModelError
from tb_versions.savedmodel import read_saved_model

def peak_kb():  # ru_maxrss would be that of the process which started this one
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))

before = peak_kb()
try:
    read_saved_model(sys.argv[1])
except NotASavedModelError as error:
    print(error, file=sys.stderr)
print((peak_kb() - before) // 1024)
"""


@pytest.mark.parametrize(
    ("number", "limit"),
    [
        pytest.param(None, 160, id="graphs"),
        pytest.param(7, 60, id="objects"),
    ],
)
def test_16_mb_of_empty_messages_take_bounded_memory(tmp_path: Path, number: int | None, limit: int) -> None:
    empty = b"\x12\x00" if number is None else b"\x0a\x00"
    body = empty * (8 << 20)
    write_model(tmp_path, body if number is None else saved_model(info("serve") + field(number, body)))
    result = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "more things than" in result.stderr
    print(f"16 MB of empty messages: {result.stdout.strip()} MB")
    assert int(result.stdout) < limit


def test_a_constant_of_200_mb_is_jumped_over(tmp_path: Path) -> None:
    size = 200 << 20
    attribute = varint(5 << 3 | 2) + varint(size)
    node = field(1, "c") + field(2, "Const") + attribute
    graph = varint(1 << 3 | 2) + varint(len(node) + size) + node
    meta = info("serve") + varint(2 << 3 | 2) + varint(len(graph) + size) + graph
    with open(write_model(tmp_path, b"") / "saved_model.pb", "wb") as file:
        file.write(varint(2 << 3 | 2) + varint(len(meta) + size) + meta)
        file.truncate(file.tell() + size)
    result = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert result.stderr == ""
    print(f"a constant of 200 MB: {result.stdout.strip()} MB")
    assert int(result.stdout) < 5
    assert read_saved_model(tmp_path).meta_graphs[0].ops == {"Const": 1}


def test_crc32c_is_the_standard_one() -> None:
    crc = (masked_crc32c(b"123456789") - 0xA282EAD8) & 0xFFFF_FFFF
    assert (crc >> 17 | crc << 15) & 0xFFFF_FFFF == 0xE3069283


def test_a_compressed_block_is_read() -> None:
    plain = table((b"a" * 40, b"value"))
    block = plain[: plain.index(b"value") + 5 + 8]
    literal = varint(len(block)) + bytes([60 << 2, len(block) - 1]) + block
    assert list(read_table(table(kind=1, stored=literal))) == [(b"a" * 40, b"value")]


@pytest.mark.parametrize(
    ("compressed", "plain"),
    [
        (b"\x00", b""),
        (b"\x05\x10hello", b"hello"),
        (b"\x0a\x00a\x22\x01\x00", b"a" * 10),  # a copy that overlaps itself
        (b"\x08\x0cabcd\x01\x04", b"abcdabcd"),  # copy with a one-byte offset
        (b"\x08\x0cabcd\x0f\x04\x00\x00\x00", b"abcdabcd"),  # copy with a four-byte offset
    ],
)
def test_snappy_is_undone(compressed: bytes, plain: bytes) -> None:
    assert uncompress(compressed) == plain


@pytest.mark.parametrize(
    "compressed", [b"", b"\x05\x10hell", b"\x05\x01\x04", b"\x09\x10hello", b"\xff\xff\xff\xff\x0f", b"\x04\xf0"]
)
def test_damaged_snappy_is_refused(compressed: bytes) -> None:
    with pytest.raises(WireError):
        uncompress(compressed)


def test_keys_that_share_endless_beginnings_are_bounded() -> None:
    long = b"k" * 200_000
    entries = [(long + b"%05d" % i, b"") for i in range(2_000)]
    shared = varint(0) + varint(len(long)) + varint(0) + long
    shared += b"".join(varint(200_000) + varint(5) + varint(0) + key[-5:] for key, _ in entries)
    with pytest.raises(WireError, match="its keys take more than 128 MB"):
        list(read_table(table(stored=shared + (0).to_bytes(4, "little") + (1).to_bytes(4, "little"))))


def test_an_index_that_names_one_block_again_and_again_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_versions.savedmodel.table.MAX_TABLE", 1 << 20)
    entry = (b"key", b"v" * 10_000)
    assert len(list(read_table(table(entry, times=50)))) == 50
    with pytest.raises(WireError, match="its blocks take more than 1 MB"):
        list(read_table(table(entry, times=200)))
