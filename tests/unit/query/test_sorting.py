"""The order of versions by one column; `list --sort` and the tables have the same."""

from __future__ import annotations

from tb_versions.query.columns import Column
from tb_versions.query.sorting import is_empty, sort_key


def column(*cells: str | float | bool | None) -> Column:
    return Column("hp:x", "x", "text", False, cells)


def test_absent_values_and_nan_come_last() -> None:
    mixed = column(None, float("nan"), 0.0, "", False, float("inf"))
    assert [is_empty(mixed, row) for row in range(6)] == [True, True, False, False, False, False]


def test_numbers_come_before_texts_and_case_does_not_count() -> None:
    mixed = column("b", "A", "a", 2.0, True, -1.0)
    order = sorted(range(6), key=lambda row: sort_key(mixed, row))
    assert order == [5, 4, 3, 1, 2, 0]


def test_a_list_is_sorted_by_its_texts_and_an_empty_one_comes_last() -> None:
    lists = Column("alias", "Aliases", "list", False, (), [["b"], [], ["a", "c"]])
    assert [is_empty(lists, row) for row in range(3)] == [False, True, False]
    assert sort_key(lists, 2) < sort_key(lists, 0)
