"""What a Parquet file would cost is known before its rows are read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tb_versions.core.manifest import MANIFEST_LIMIT
from tb_versions.errors import StorageError
from tb_versions.fleet.weighing import BATCH_BYTES, MOST_ROWS_AT_A_TIME, Weighing


def weighing(tmp_path: Path, **columns: pa.Array) -> Weighing:
    file = tmp_path / "rows.parquet"
    pq.write_table(pa.table(columns), file)
    return Weighing(lambda: file.open("rb"), pq.read_metadata(file))


def test_short_values_are_read_by_thousands(tmp_path: Path) -> None:
    found = weighing(tmp_path, id=pa.array(["a", "b"] * 50), number=pa.array(range(100)))
    assert found.rows_at_a_time(["id", "number"])[0] == MOST_ROWS_AT_A_TIME


def test_the_largest_manifest_is_read_with_few_others(tmp_path: Path) -> None:
    found = weighing(tmp_path, manifest=pa.array([b"x" * MANIFEST_LIMIT, b"y"]), id=pa.array(["a", "b"]))
    assert 1 < found.rows_at_a_time(["manifest"])[0] <= BATCH_BYTES // MANIFEST_LIMIT
    assert found.rows_at_a_time(["id"])[0] == MOST_ROWS_AT_A_TIME


def test_names_with_dots_are_told_from_columns_with_parts(tmp_path: Path) -> None:
    maps = pa.array([[("k", "v" * 70_000)]], pa.map_(pa.string(), pa.string()))
    found = weighing(tmp_path, **{"metric": pa.array(["a"]), "metric.loss": pa.array(["b" * 80_000]), "labels": maps})
    assert found.rows_at_a_time(["metric"])[0] == MOST_ROWS_AT_A_TIME
    assert found.rows_at_a_time(["metric.loss"])[0] < MOST_ROWS_AT_A_TIME
    assert found.rows_at_a_time(["labels"])[0] < MOST_ROWS_AT_A_TIME


def test_columns_of_nulls_and_files_without_rows_cost_next_to_nothing(tmp_path: Path) -> None:
    assert weighing(tmp_path, id=pa.nulls(3, pa.string())).rows_at_a_time(["id"])[0] == MOST_ROWS_AT_A_TIME
    assert weighing(tmp_path, id=pa.array([], pa.string())).unpacked() < 100


def test_more_rows_than_fit_are_refused(tmp_path: Path) -> None:
    found = weighing(tmp_path, number=pa.array([7] * 5_000))
    found.check(100_000, bytes_a_row=16, spare=0)
    with pytest.raises(StorageError, match="5,000 rows in 1,000 bytes"):
        found.check(1_000, bytes_a_row=16, spare=0)


def test_a_value_longer_than_any_of_ours_is_refused(tmp_path: Path) -> None:
    found = weighing(tmp_path, summary=pa.array(["x" * (3 * MANIFEST_LIMIT)]))
    with pytest.raises(StorageError, match="column summary has a value of 3,145,728 bytes"):
        found.rows_at_a_time(["summary"])[0]
