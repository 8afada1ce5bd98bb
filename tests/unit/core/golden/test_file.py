"""The file of golden outputs: it comes back as it was, and nothing hostile in it is loaded."""

from __future__ import annotations

import io
import pickle
import tracemalloc
import zipfile
from typing import Any

import numpy as np
import orjson
import pytest

from tb_versions.core.golden import file
from tb_versions.core.golden.file import Asked, key_of, read, write
from tb_versions.errors import InvalidManifestError


def texts(*values: bytes) -> Any:
    made = np.empty(len(values), object)
    made[:] = values
    return made


ASKED = {
    "classify": Asked({"x": np.ones((2, 3), "float32")}, {"y": np.array([np.nan, np.inf]), "n": np.array(7, "int64")}),
    "up": Asked({"text": texts(b"a", b"", "ü".encode())}, {"ok": np.array([True, False]), "none": np.zeros((0, 4))}),
}


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return made.getvalue()


def index(data: str = "a0", lengths: str = "", *, number: int = 1) -> bytes:
    entry = {"name": "x", "data": data, "lengths": lengths}
    return orjson.dumps({"format": number, "signatures": [{"key": "s", "inputs": [entry], "outputs": []}]})


def npy(array: Any) -> bytes:
    made = io.BytesIO()
    np.lib.format.write_array(made, array, version=(1, 0))
    return made.getvalue()


def header(shape: tuple[int, ...], descr: str = "<f4") -> bytes:
    made = io.BytesIO()
    np.lib.format.write_array_header_1_0(made, {"descr": descr, "fortran_order": False, "shape": shape})
    return made.getvalue()


def test_what_is_written_is_read_back_and_the_bytes_are_the_same_each_time() -> None:
    data = write(ASKED)
    assert data == write(dict(reversed(ASKED.items())))
    found = read(data)
    assert found.keys() == ASKED.keys()
    for key, one in ASKED.items():
        for mine, theirs in ((one.inputs, found[key].inputs), (one.outputs, found[key].outputs)):
            assert mine.keys() == theirs.keys()
            for name, value in mine.items():
                assert value.shape == theirs[name].shape
                assert value.dtype == theirs[name].dtype
                np.testing.assert_array_equal(value, theirs[name])


def test_equal_arrays_are_kept_once() -> None:
    x = np.random.default_rng(0).normal(size=10_000)
    assert len(write({"a": Asked({"x": x}), "b": Asked({"x": x.copy()})})) < 1.1 * len(write({"a": Asked({"x": x})}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x05\x06" + bytes(18),
        zipped(index__json=b"{"),
        zipped(index__json=b'{"format": 1, "signatures": [{"key": 3}]}'),
        zipped(index__json=index()),
        zipped(index__json=index(), a0__npy=b"\x93NUMPY"),
        zipped(index__json=index(), a0__npy=npy(texts(b"pickled"))),
        zipped(index__json=index(), a0__npy=pickle.dumps(print)),
        zipped(index__json=index(), a0__npy=header((10**15,))),
        zipped(index__json=index(), a0__npy=header((2**62, 2**62))),
        zipped(index__json=index(), a0__npy=header((-1, -4)) + bytes(16)),
        zipped(index__json=index(), a0__npy=header((1,), "|O") + bytes(8)),
        zipped(index__json=index(), a0__npy=header((1,), "|V8") + bytes(8)),
        zipped(index__json=index(), a0__npy=header((3,)) + bytes(8)),
        zipped(index__json=index("../../etc/passwd")),
        zipped(index__json=index(lengths="a1"), a0__npy=npy(np.zeros(3, "u1")), a1__npy=npy(np.array([4, -1]))),
        zipped(index__json=index(lengths="a1"), a0__npy=npy(np.zeros(3, "u1")), a1__npy=npy(np.array([1]))),
        zipped(index__json=index(lengths="a1"), a0__npy=npy(np.zeros(3)), a1__npy=npy(np.array([3]))),
        write(ASKED)[:-30],
    ],
)
def test_a_damaged_or_hostile_file_is_refused_in_one_sentence(data: bytes) -> None:
    with pytest.raises(InvalidManifestError, match=r"^The golden outputs can't be read: ") as told:
        read(data)
    assert "\n" not in str(told.value)


def test_a_file_of_a_newer_format_says_so() -> None:
    with pytest.raises(InvalidManifestError, match="of format 2, and this version of tb_versions reads 1"):
        read(zipped(index__json=index(number=2)))


def test_a_zip_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped(index__json=index(), a0__npy=npy(np.zeros(200 << 20, "u1")))
    assert len(bomb) < 1 << 20
    tracemalloc.start()
    with pytest.raises(InvalidManifestError, match="unpacks to 209,"):
        read(bomb)
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()
    monkeypatch.setattr(file, "FILE_LIMIT", 100)
    with pytest.raises(InvalidManifestError, match="at most 100 are read"):
        read(bomb)


def test_too_much_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "FILE_LIMIT", 100)
    with pytest.raises(InvalidManifestError, match="have 800 bytes in 1 arrays; at most 100"):
        write({"s": Asked({"x": np.zeros(100)})})


def test_a_version_has_its_file_by_its_number() -> None:
    assert key_of(7) == "golden/7/golden.npz"
