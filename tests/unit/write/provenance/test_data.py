"""The same data has the same digest; other data has another."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as numpy_strategies

from tb_versions.core.manifest import is_digest
from tb_versions.errors import InvalidManifestError, UnreadableFolderError, UnsafeFileError, UnsupportedStorageError
from tb_versions.write.provenance import dataset, digest_array, digest_dataframe, digest_file, digest_folder
from tests.support.effort import tries


def of(array: Any) -> str:
    """Digest of arrays."""
    return digest_array(array).digest


def test_a_description_has_no_credentials() -> None:
    described = dataset(
        "digits", uri="s3://key:secret@bucket/x?sig=1", split="train", rows=3, digest="sha256:" + "0" * 64
    )
    assert (described.name, described.uri, described.split, described.rows) == ("digits", "s3://bucket/x", "train", 3)
    assert described.digest_of == ""


def test_a_file_has_the_digest_of_its_bytes(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "x.bin").write_bytes(content)
    described = digest_file(tmp_path / "x.bin", split="test")
    assert described.digest == f"sha256:{hashlib.sha256(content).hexdigest()}"
    assert (described.name, described.split, described.digest_of, described.rows) == ("x.bin", "test", "file", None)


def test_the_uri_of_a_file_is_its_path_without_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "x.csv").write_text("1")
    assert digest_file(tmp_path / "x.csv").uri == "~/x.csv"
    assert digest_file("~/x.csv").uri == "~/x.csv"
    assert digest_file(tmp_path / "x.csv", uri="https://me:pw@host/x.csv").uri == "https://host/x.csv"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(UnreadableFolderError, match=r"absent\.csv can't be read: No such file"):
        digest_file(tmp_path / "absent.csv")
    for path in (tmp_path, tmp_path / "fifo", "/dev/zero"):
        with pytest.raises(UnsafeFileError, match="is not a plain file"):
            digest_file(path)
    with pytest.raises(UnsupportedStorageError):
        digest_file("s3://bucket/x")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a hidden file and a subfolder."""
    root = tmp_path / "data"
    (root / "sub").mkdir(parents=True)
    (root / "a.csv").write_text("1")
    (root / "sub" / "b.csv").write_text("2")
    (root / ".hidden").write_text("3")
    return root


def test_a_folder_keeps_its_digest_when_copied_or_touched(folder: Path, tmp_path: Path) -> None:
    before = digest_folder(folder)
    copy = tmp_path / "copy"
    folder.rename(copy)
    (copy / "empty").mkdir()
    os.utime(copy / "a.csv", (1, 1))
    after = digest_folder(copy)
    assert after.digest == before.digest
    assert (before.name, before.digest_of, after.name) == ("data", "folder", "copy")


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "a.csv").write_text("x"),
        lambda root: (root / "a.csv").rename(root / "c.csv"),
        lambda root: (root / ".hidden").unlink(),
        lambda root: (root / "sub" / "b.csv").rename(root / "b.csv"),
        lambda root: (root / "new").write_text(""),
    ],
)
def test_any_change_of_a_folder_changes_its_digest(folder: Path, change: Any) -> None:
    before = digest_folder(folder).digest
    change(folder)
    assert digest_folder(folder).digest != before


def test_symlinks_count_as_what_they_lead_to(folder: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "a.csv").symlink_to(folder / "a.csv")
    (linked / "sub").symlink_to(folder / "sub")
    (linked / ".hidden").symlink_to(folder / ".hidden")
    assert digest_folder(linked).digest == digest_folder(folder).digest


def test_a_circle_of_symlinks_is_named(folder: Path) -> None:
    (folder / "sub" / "back").symlink_to(folder)
    with pytest.raises(UnreadableFolderError, match="sub/back leads back"):
        digest_folder(folder)


def test_a_dangling_symlink_or_fifo_in_a_folder_is_named(folder: Path) -> None:
    (folder / "dangling").symlink_to("absent")
    with pytest.raises(UnreadableFolderError, match="dangling"):
        digest_folder(folder)
    (folder / "dangling").unlink()
    os.mkfifo(folder / "fifo")
    with pytest.raises(UnsafeFileError, match="fifo"):
        digest_folder(folder)


def test_an_absent_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFolderError, match="absent"):
        digest_folder(tmp_path / "absent")


def test_the_digest_of_an_array_can_be_computed_by_hand() -> None:
    header = json.dumps(["array", "<i2", [2, 2]], separators=(",", ":")) + "\n"
    by_hand = hashlib.sha256(header.encode() + bytes([1, 0, 2, 0, 3, 0, 4, 0])).hexdigest()
    assert of(np.array([[1, 2], [3, 4]], "i2")) == f"sha256:{by_hand}"


def test_memory_layout_and_byte_order_do_not_matter() -> None:
    array = np.arange(24, dtype="<f8").reshape(2, 3, 4)
    same = [
        np.asfortranarray(array),
        array.astype(">f8"),
        np.concatenate([array, array], axis=1)[:, :3],
        array[::-1][::-1],
        np.broadcast_to(array, (2, 3, 4)),
    ]
    assert {of(other) for other in same} == {of(array)}


def test_type_shape_order_and_nesting_matter() -> None:
    array = np.arange(6, dtype="i4")
    others = [
        array,
        array.astype("u4"),
        array.astype("f4"),
        array.astype("i8"),
        array.view("u2"),
        array.reshape(2, 3),
        array.reshape(3, 2),
        array[::-1],
        array[:5],
        array[:0],
        array.astype("m8[s]"),
        array.astype("M8[s]"),
        array.astype("M8[ns]"),
        array.astype("U2"),
        array.astype("S2"),
        np.array(0, "i4"),
        [array],
        (array, array),
        [[array], array],
        [array[:3], array[3:]],
        {"x": array},
        {"y": array},
        {"x": array, "y": array},
        {1: array},
        {"1": array},
        [],
        {},
    ]
    digests = [of(other) for other in others]
    assert len(set(digests)) == len(others)
    assert all(is_digest(digest) for digest in digests)


def test_signed_zeros_differ_and_equal_nans_are_the_same() -> None:
    assert of(np.array([0.0])) != of(np.array([-0.0]))
    assert of(np.array([np.nan])) == of(np.array([np.nan]))


def test_the_order_of_a_mapping_s_keys_does_not_matter() -> None:
    a, b = np.zeros(2), np.ones(3)
    assert of({"x": a, "y": b}) == of({"y": b, "x": a})
    assert of({"x": a, "y": b}) != of({"x": b, "y": a})


def test_padding_of_a_record_does_not_matter() -> None:
    aligned = np.zeros(3, np.dtype([("a", "u1"), ("b", "<f8")], align=True))
    aligned.view("u1")[1:8] = 255
    assert of(aligned) == of(np.zeros(3, np.dtype([("a", "u1"), ("b", ">f8")])))
    assert of(aligned) != of(np.zeros(3, np.dtype([("a", "u1"), ("c", "<f8")])))


def test_types_of_other_packages_keep_their_name() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    raw = np.arange(4, dtype="u2")
    kinds = [ml_dtypes.bfloat16, np.float16, np.uint16, "V2"]
    assert len({of(raw.view(kind)) for kind in kinds}) == 4


def test_rows_are_the_common_first_axis() -> None:
    features, labels = np.zeros((5, 2)), np.zeros(5)
    assert digest_array(features).rows == 5
    assert digest_array((features, labels)).rows == 5
    assert digest_array({"x": features, "y": labels[:4]}).rows is None
    assert digest_array(np.float32(1)).rows is None
    assert digest_array([]).rows is None


def test_arrays_say_what_the_digest_is_over() -> None:
    described = digest_array(np.zeros(2), name="x", split="train", uri="/home/me/x.npy")
    assert (described.name, described.split, described.uri, described.digest_of) == ("x", "train", "~/x.npy", "array")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (np.array([{}, None]), "holds references"),
        (np.zeros(2, [("a", "O")]), "holds references"),
        (np.array(["a"], np.dtypes.StringDType()), "holds references"),
        (np.ma.masked_array([1, 2], [True, False]), "masked"),
        (np.zeros(2, np.longdouble), "differ between machines"),
        (np.zeros(2, [("a", [("b", np.clongdouble, 3)])]), "differ between machines"),
        ([1, 2, 3], "int is not an array"),
        ("text", "str is not an array"),
        (None, "NoneType is not an array"),
    ],
)
def test_what_has_no_canonical_bytes_is_refused_with_the_reason(value: Any, reason: str) -> None:
    with pytest.raises(InvalidManifestError, match=reason):
        digest_array(value)


_ARRAYS = numpy_strategies.arrays(
    dtype=st.one_of(
        numpy_strategies.integer_dtypes(endianness="?"),
        numpy_strategies.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
        numpy_strategies.unicode_string_dtypes(endianness="?", max_len=4),
        numpy_strategies.datetime64_dtypes(endianness="?"),
        numpy_strategies.boolean_dtypes(),
    ),
    shape=numpy_strategies.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


@settings(max_examples=tries(60))
@given(_ARRAYS)
def test_an_array_has_the_digest_of_its_copies_and_is_not_changed(array: np.ndarray[Any, Any]) -> None:
    before = array.tobytes()
    swapped = array.astype(array.dtype.newbyteorder(">"))
    assert of(array) == of(array.copy(order="F")) == of(swapped)
    assert array.tobytes() == before


@settings(max_examples=tries(60))
@given(_ARRAYS, _ARRAYS)
def test_arrays_with_one_digest_are_equal(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> None:
    if of(one) == of(other):
        little = one.dtype.newbyteorder("<")
        assert (one.shape, little) == (other.shape, other.dtype.newbyteorder("<"))
        assert one.astype(little).tobytes() == other.astype(little).tobytes()


def frame() -> pd.DataFrame:
    """A frame of several types."""
    return pd.DataFrame(
        {
            "number": [1, 2, 3],
            "ratio": [0.5, None, 2.0],
            "text": ["a", "b", None],
            "when": pd.to_datetime(["2026-01-01", "2026-01-02", None]),
            "kind": pd.Categorical(["x", "y", "x"]),
        }
    )


def of_frame(df: pd.DataFrame) -> str:
    """Digest of a frame."""
    return digest_dataframe(df).digest


def test_a_copied_frame_has_the_same_digest() -> None:
    described = digest_dataframe(frame(), name="x")
    assert described.digest == of_frame(frame().copy(deep=True))
    assert (described.name, described.rows, described.digest_of) == ("x", 3, "dataframe")


def test_names_types_order_index_and_values_of_a_frame_matter() -> None:
    df = frame()
    others = [
        df,
        df.rename(columns={"number": "count"}),
        df[df.columns[::-1]],
        df.iloc[::-1],
        df.iloc[:2],
        df.iloc[:0],
        df.astype({"number": "float64"}),
        df.astype({"number": "int32"}),
        df.astype({"kind": pd.CategoricalDtype(["x", "y"], ordered=True)}),
        df.assign(number=[1, 2, 4]),
        df.set_index("number"),
        df.set_index("number", drop=False),
        df.set_index(["number", "text"]),
        df.rename_axis(index="row"),
        df.rename_axis(columns="fields"),
        df.assign(when=df["when"].dt.tz_localize("UTC")),
        df.rename(columns={"number": 1}),
        df.rename(columns={"number": "1"}),
    ]
    assert len({of_frame(other) for other in others}) == len(others)


def test_columns_with_one_name_are_distinguished() -> None:
    df = pd.DataFrame([[1, 2], [3, 4]], columns=["x", "x"])
    assert of_frame(df) != of_frame(df.iloc[:, ::-1])


def test_a_frame_of_lists_is_refused_with_the_column() -> None:
    with pytest.raises(InvalidManifestError, match='column "bad" holds values without a stable hash'):
        digest_dataframe(pd.DataFrame({"good": [1], "bad": [[1, 2]]}))


def test_what_is_no_frame_is_refused() -> None:
    with pytest.raises(InvalidManifestError, match="not ndarray"):
        digest_dataframe(np.zeros(2))  # type: ignore[arg-type]
