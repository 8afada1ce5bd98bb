"""Metadata stores are read as files: nothing in them runs, and nothing is written."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.errors import NotAModelError, TbVersionsError, UnreadableFolderError
from tb_versions.interop.tfx import metadata
from tb_versions.interop.tfx.metadata import open_store
from tests.support import tfx


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with sqlite3.connect(tmp_path / "metadata.sqlite") as database:
        database.executescript((tfx.RECORDED / "metadata.sql").read_text())
    database.close()
    return tmp_path / "metadata.sqlite"


def change(store: Path, *statements: str) -> None:
    with sqlite3.connect(store) as database:
        for statement in statements:
            database.execute(statement)
    database.close()


def read(store: Path) -> list[metadata.Row]:
    with open_store(str(store)) as opened:
        return list(opened.rows("Artifact"))


def test_a_store_is_read_and_stays_as_it_is(store: Path) -> None:
    before, names = store.read_bytes(), os.listdir(store.parent)
    store.chmod(0o444)
    with open_store(str(store)) as opened:
        assert opened.schema == 10
        assert len(list(opened.rows("Artifact"))) == len(tfx.independent()["artifacts"])
    assert (store.read_bytes(), os.listdir(store.parent)) == (before, names)


def test_a_store_with_a_write_ahead_log_gets_no_file_beside_it(store: Path) -> None:
    change(store, "PRAGMA journal_mode = wal")
    names = os.listdir(store.parent)
    assert len(read(store)) == len(tfx.independent()["artifacts"])
    assert os.listdir(store.parent) == names == ["metadata.sqlite"]


@pytest.mark.parametrize("schema", [5, 11, "x'00'", "NULL"])
def test_a_schema_that_is_not_known_is_refused(store: Path, schema: object) -> None:
    change(store, "DROP TABLE MLMDEnv", "CREATE TABLE MLMDEnv (schema_version)")
    change(store, f"INSERT INTO MLMDEnv VALUES ({schema})")
    with pytest.raises(NotAModelError, match=r"schemas 6 to 10 of MLMD are read"):
        read(store)


@pytest.mark.parametrize(
    "statements",
    [
        ["DROP TABLE Event"],
        ["ALTER TABLE Artifact RENAME TO Other", "CREATE VIEW Artifact AS SELECT * FROM Other"],
        ["ALTER TABLE Artifact RENAME COLUMN uri TO url"],
        [
            "DROP TABLE EventPath",
            "CREATE VIRTUAL TABLE EventPath USING fts5(event_id, is_index_step, step_index, step_key)",
        ],
    ],
)
def test_a_view_a_virtual_table_and_a_missing_one_are_refused(store: Path, statements: list[str]) -> None:
    change(store, *statements)
    with pytest.raises(NotAModelError, match=r"is none of ML Metadata: it has no plain table"):
        read(store)


def test_triggers_and_huge_values_do_nothing(store: Path) -> None:
    change(
        store,
        "CREATE TRIGGER t AFTER INSERT ON Artifact BEGIN DELETE FROM Event; END",
        "UPDATE ArtifactProperty SET byte_value = zeroblob(3000000)",
        f"UPDATE Artifact SET uri = printf('%.*c', {metadata.MAX_PROPERTY + 1}, 'x')",
    )
    with open_store(str(store)) as opened:
        assert {row[2] for row in opened.rows("Artifact")} == {None}
        assert opened.too_long == len(tfx.independent()["artifacts"])


def test_a_value_beyond_what_sqlite_may_build_is_refused(store: Path) -> None:
    change(store, "UPDATE Artifact SET uri = printf('%.*c', 20000000, 'x') WHERE id = 1")
    with pytest.raises(TbVersionsError, match="can't be read as a SQLite database"):
        read(store)


def test_more_rows_than_a_store_has_are_refused(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "_MOST_ROWS", 3)
    with pytest.raises(NotAModelError, match="holds more than 3 rows"):
        read(store)


@pytest.mark.parametrize("ending", ["-journal", "-wal"])
def test_a_store_with_changes_beside_it_is_refused(store: Path, ending: str) -> None:
    Path(f"{store}{ending}").write_bytes(b"x")
    with pytest.raises(NotAModelError, match="is being written"):
        read(store)


def test_a_store_that_changes_while_it_is_read_is_refused(store: Path) -> None:
    with pytest.raises(NotAModelError, match="was changed while it was read"), open_store(str(store)):
        change(store, "DELETE FROM Event")


@pytest.mark.parametrize(
    "make",
    [os.mkfifo, lambda path: path.mkdir(), lambda path: path.write_bytes(b"SQLite format 3\0" * 99)],
)
def test_what_is_no_database_is_refused(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "metadata.sqlite")
    with pytest.raises(TbVersionsError, match=r"is no plain file|can't be read"):
        read(tmp_path / "metadata.sqlite")
    with pytest.raises(UnreadableFolderError, match="can't be read"):
        read(tmp_path / "missing.sqlite")


def test_a_store_cut_off_is_refused(store: Path) -> None:
    data = store.read_bytes()
    for size in (100, 4_096, len(data) // 2):
        store.write_bytes(data[:size])
        with pytest.raises(TbVersionsError):
            read(store)
