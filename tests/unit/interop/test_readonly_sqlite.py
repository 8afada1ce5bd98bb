"""A stranger's database is read, and nothing else happens."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest

from tb_versions.errors import InvalidQueryError
from tb_versions.interop import readonly_sqlite
from tb_versions.interop.readonly_sqlite import Database


def database(path: Path, *statements: str) -> str:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return str(path)


def test_rows_come_with_none_for_blobs_and_for_columns_that_are_not_there(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db", "CREATE TABLE t (a TEXT, b)", "INSERT INTO t VALUES ('x', 1), ('y', x'00ff')")
    found = list(Database(path).rows("t", ("a", "b", "c")))
    assert found == [("x", 1, None), ("y", None, None)]
    assert list(Database(path).rows("nothing", ("a",))) == []
    assert list(Database(path).rows("t", ("b",), where="a = ?", values=("x",))) == [(1,)]


def test_reading_changes_no_byte_and_makes_no_file(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db", "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
    before = Path(path).read_bytes()
    opened = Database(path)
    assert list(opened.rows("t", ("a",))) == [(1,)]
    opened.close()
    assert Path(path).read_bytes() == before
    assert os.listdir(tmp_path) == ["a.db"]


def test_a_view_is_no_table(tmp_path: Path) -> None:
    endless = "WITH RECURSIVE n(a) AS (SELECT 1 UNION ALL SELECT a + 1 FROM n) SELECT a FROM n"
    path = database(tmp_path / "a.db", "CREATE TABLE x (a)", f"CREATE VIEW t AS {endless}")
    assert Database(path).columns("t") == set()
    assert list(Database(path).rows("t", ("a",))) == []


def test_a_generated_column_runs_no_function(tmp_path: Path) -> None:
    path = database(
        tmp_path / "a.db", "CREATE TABLE t (a, b AS (hex(zeroblob(a))))", "INSERT INTO t(a) VALUES (9000000)"
    )
    opened = Database(path)
    assert opened.columns("t") == {"a"}
    assert list(opened.rows("t", ("a", "b"))) == [(9000000, None)]


def test_triggers_never_run(tmp_path: Path) -> None:
    path = database(
        tmp_path / "a.db",
        "CREATE TABLE t (a)",
        "CREATE TABLE ran (a)",
        "CREATE TRIGGER boom AFTER INSERT ON t BEGIN INSERT INTO ran VALUES (1); END",
    )
    assert list(Database(path).rows("t", ("a",))) == []
    assert list(Database(path).rows("ran", ("a",))) == []


def test_a_long_text_comes_cut(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db", "CREATE TABLE t (a)", "INSERT INTO t VALUES (printf('%.*c', 3000000, 'x'))")
    ((text,),) = Database(path).rows("t", ("a",))
    assert len(text) == readonly_sqlite.MAX_VALUE


def test_a_huge_value_is_one_sentence(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db", "CREATE TABLE t (a)", "INSERT INTO t VALUES (printf('%.*c', 20000000, 'x'))")
    if hasattr(sqlite3.Connection, "setlimit"):
        with pytest.raises(InvalidQueryError, match="too big"):
            list(Database(path).rows("t", ("a",)))


def test_a_query_without_an_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ", ".join(["(1)"] * 1_000)
    path = database(tmp_path / "a.db", "CREATE TABLE t (a)", f"INSERT INTO t VALUES {rows}")
    monkeypatch.setattr(readonly_sqlite, "_STEPS", 10)
    monkeypatch.setattr(readonly_sqlite, "_MOST_TICKS", 20)
    with pytest.raises(InvalidQueryError, match="interrupted"):
        list(Database(path).rows("t", ("a",)))


@pytest.mark.parametrize("content", [b"no database " * 100, b"SQLite format 3\x00" + b"\xff" * 4_096])
def test_what_is_no_database_is_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(content)
    with pytest.raises(InvalidQueryError, match="can't be read as a SQLite database"):
        Database(str(tmp_path / "a.db"))


def test_a_fifo_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.db")
    with pytest.raises(InvalidQueryError, match="no plain file"):
        Database(str(tmp_path / "a.db"))


def test_blobs_are_bytes_where_they_are_wanted(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db", "CREATE TABLE t (a, b)", "INSERT INTO t VALUES (x'00ff', x'01'), ('x', 2)")
    assert list(Database(path).rows("t", ("a", "b"), blobs=("a",))) == [(b"\x00\xff", None), ("x", 2)]


def test_a_database_whose_log_nobody_uses_gets_no_file_beside_it(tmp_path: Path) -> None:
    path = database(tmp_path / "a.db", "PRAGMA journal_mode = WAL", "CREATE TABLE t (a)", "INSERT INTO t VALUES (1)")
    opened = Database(path)
    assert list(opened.rows("t", ("a",))) == [(1,)]
    opened.close()
    assert os.listdir(tmp_path) == ["a.db"]
    writer = sqlite3.connect(path)
    writer.execute("INSERT INTO t VALUES (2)")
    writer.commit()
    assert list(Database(path).rows("t", ("a",))) == [(1,), (2,)]
    writer.close()
