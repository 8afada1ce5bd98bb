"""Values are looked up as Arrow looks them up."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_versions.fleet.maps import items, looked_up
from tests.support.effort import tries

KEYS = st.sampled_from(["team", "stage", "", "é"])
ROWS = st.lists(st.none() | st.lists(st.tuples(KEYS, st.none() | st.text(max_size=3)), max_size=4), max_size=8)


@settings(max_examples=tries(200), deadline=None)
@given(ROWS, KEYS, st.integers(0, 3), st.integers(0, 9))
def test_any_maps_give_the_first_value_under_a_key(rows: list[object], key: str, first: int, count: int) -> None:
    column = pa.array(rows, pa.map_(pa.string(), pa.string())).slice(first, count)
    expected = pc.map_lookup(column, pa.scalar(key, pa.string()), "first")
    assert looked_up(column, key).to_pylist() == expected.to_pylist()


@pytest.mark.parametrize("first", [0, 1, 2])
def test_items_have_the_rows_of_a_piece(first: int) -> None:
    column = pa.array([[("a", 1.0)], None, [("a", 2.0), ("b", 3.0)]], pa.map_(pa.string(), pa.float64())).slice(first)
    rows, values = items(column)
    pairs = [(row, value) for row, each in enumerate(column.to_pylist()) for _, value in each or ()]
    assert list(zip(rows.tolist(), values.to_pylist(), strict=True)) == pairs
