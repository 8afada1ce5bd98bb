"""A stranger's Parquet file."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from tb_versions.errors import InvalidQueryError, MissingDependencyError
from tb_versions.interop import parquet_rows
from tb_versions.interop.parquet_rows import read_rows


def test_wanted_columns_come_as_rows(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.table({"a": [1, 2], "b": ["x", None], "c": [0, 0]}), tmp_path / "a.parquet")
    assert list(read_rows(str(tmp_path / "a.parquet"), ("b", "a", "z"))) == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


def test_a_file_that_says_it_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "a.parquet")
    pyarrow.parquet.write_table(pyarrow.table({"a": ["x" * 1_000] * 1_000}), path)  # a few bytes, once packed
    for name, limit, words in (
        ("_MAX_GROUP", 100, "too much to read"),
        ("_MOST_ROWS", 999, "too much to read"),
        ("MAX_FILE", 10, "at most 10 are read"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(parquet_rows, name, limit)
            with pytest.raises(InvalidQueryError, match=words):
                list(read_rows(path))


def test_every_damaged_byte_is_a_sentence_or_read(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": [1, 2, 3], "b": ["x", "y", "z"]}), path)
    whole = path.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            list(read_rows(str(path)))
        except InvalidQueryError as error:
            assert str(error).startswith("a.parquet can't be read as Parquet")  # noqa: PT017
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InvalidQueryError, match="can't be read as Parquet"):
        list(read_rows(str(path)))


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingDependencyError, match=r"\[parquet\]"):
        list(read_rows(str(tmp_path / "a.parquet")))
