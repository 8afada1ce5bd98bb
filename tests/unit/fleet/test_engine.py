"""DuckDB answers over what it is given, and does nothing else."""

from __future__ import annotations

import pyarrow as pa
import pytest

from tb_versions.errors import StorageError
from tb_versions.fleet import engine as module
from tb_versions.fleet.engine import Engine


def test_it_looks_at_one_relation_after_the_other() -> None:
    engine = Engine()
    for count in (3, 5):
        engine.look_at(pa.table({"place": list(range(count))}))
        assert engine.rows("SELECT count(*) FROM versions WHERE place >= ?", [1]) == [(count - 1,)]


def test_the_engine_reads_no_files_and_can_not_be_told_to() -> None:
    engine = Engine()
    for sql in (
        f"SELECT * FROM read_text('{__file__}')",
        "SET enable_external_access=true",
        "INSTALL httpfs",
        "LOAD httpfs",
        "COPY (SELECT 1) TO 'x.csv'",
        "ATTACH 'x.db'",
    ):
        with pytest.raises(StorageError, match="Leave out --from-table"):
            engine.rows(sql, [])


def test_more_than_the_memory_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMORY", "1MB")
    with pytest.raises(StorageError, match="can't be asked"):
        Engine().rows("SELECT list(range) FROM range(10000000)", [])
