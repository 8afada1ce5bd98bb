"""The files of a table are looked at before deltalake opens it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from tb_versions.errors import StorageError
from tb_versions.fleet.untrusted import LOG, MOST_OF_LOG, Files
from tests.support import lying_tables


@pytest.fixture
def table(tmp_path: Path) -> Path:
    write_deltalake(str(tmp_path / "versions"), pa.table({"id": ["a", "b"]}))
    return tmp_path / "versions"


def test_an_honest_table_passes_with_its_checkpoint_and_one_that_is_not_there_too(table: Path, tmp_path: Path) -> None:
    lying_tables.checkpoint(table)
    Files(str(table)).check()
    Files(str(tmp_path / "nothing")).check()


def test_a_file_of_the_log_that_is_too_large_is_named(table: Path) -> None:
    with (table / LOG / "00000000000000000001.json").open("wb") as file:
        file.truncate(MOST_OF_LOG + 1)
    with pytest.raises(StorageError, match=r"00000000000000000001\.json has 67,108,865 bytes"):
        Files(str(table)).check()


def test_a_checkpoint_that_was_changed_is_weighed_again(table: Path) -> None:
    file, files = lying_tables.checkpoint(table), Files(str(table))
    files.check()
    file.write_bytes(b"PAR1")
    with pytest.raises(pa.ArrowInvalid):
        files.check()
