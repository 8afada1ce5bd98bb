"""Rows of a table, read in pieces and from the parts of its files."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

import tb_versions as tbv
from tb_versions.errors import StorageError
from tb_versions.fleet import delta
from tb_versions.fleet.indexing import index
from tb_versions.fleet.standing import Standing
from tb_versions.fleet.stored import Stored, text_of
from tb_versions.fleet.tables import VERSIONS, table_in
from tests.support.lying_tables import planted
from tests.support.world import World

pytestmark = pytest.mark.slow


def stored(world: World) -> Stored:
    versions = table_in(os.fspath(world.models / ".index"), VERSIONS)
    return Stored(versions, versions.existing())


def test_some_rows_are_those_of_the_whole_table_wherever_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delta, "_ROWS_A_GROUP", 3)
    world = World(tmp_path)
    for number in range(1, 24):
        world.version("m", number, description=f"number {number}")
        if number in (8, 20):
            index(os.fspath(world.models))
    index(os.fspath(world.models))
    shutil.rmtree(world.models / "m" / "5")
    index(os.fspath(world.models))  # writes a file again, with texts of another type
    world.version("m", 5)
    index(os.fspath(world.models))
    found = stored(world)
    assert (found.count, len(found._fragments) > 1, len(found._groups) > 6) == (23, True, True)
    whole = pa.Table.from_batches(found.batches(["path", "summary", "manifest", "labels"]))
    made = random.Random(7)
    for count in (0, 1, 2, 10, 23):
        places = [made.randrange(23) for _ in range(count)]
        assert (
            found.rows(["path", "summary", "manifest", "labels"], places).to_pylist()
            == whole.take(pa.array(places, pa.int64())).to_pylist()
        )


def test_texts_are_kept_once() -> None:
    found = text_of(iter([pa.array(["a", None, "b"]), pa.array(["b", "c"]), pa.array([], pa.string())]))
    texts = found.different.to_pylist()
    assert [None if code < 0 else texts[code] for code in found.codes.tolist()] == ["a", None, "b", "b", "c"]
    assert len(texts) == 3
    assert text_of(iter([])).codes.tolist() == []


NO_TEXT = pa.StringArray.from_buffers(1, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfe"))
NO_TIME = pa.array([2**62], pa.timestamp("us", "UTC"))


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [("versions", "summary", NO_TEXT), ("versions", "created", NO_TIME), ("events", "path", NO_TEXT)],
)
def test_a_text_that_is_no_text_and_a_time_in_no_calendar_are_a_sentence(
    tmp_path: Path, table: str, column: str, value: pa.Array
) -> None:
    world = World(tmp_path)
    world.version("m", 1)
    tbv.promote("m:1", world.models, alias="production")
    index(os.fspath(world.models))
    folder = world.models / ".index" / table
    row = DeltaTable(os.fspath(folder)).to_pyarrow_table()
    planted(folder, iter([row.set_column(row.schema.get_field_index(column), column, value)]))
    standing = Standing(os.fspath(world.models))
    with pytest.raises(StorageError, match=f"{table} can't be read or written: .* is no UTF-8, or a time is in no"):
        _ = standing.last_events if table == "events" else list(standing.stored.batches([column]))
    if table == "versions":
        with pytest.raises(StorageError, match="is no UTF-8, or a time is in no calendar"):
            standing.stored.rows([column], [0, 1])
