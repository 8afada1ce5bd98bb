"""Sequences that are made when somebody asks, and lists by their different ones."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tb_versions.fleet.lists import Made, Ragged, different_lists


def test_items_are_made_when_they_are_asked_for() -> None:
    asked: list[int] = []

    def make(first: int, end: int) -> list[int]:
        asked.append(first)
        return list(range(first, end))

    made = Made(10_000, make)
    assert (len(made), asked) == (10_000, [])
    assert (made[5_000], made[-1], made[9:12]) == (5_000, 9_999, [9, 10, 11])
    assert list(made) == list(range(10_000))
    with pytest.raises(IndexError):
        made[10_000]


def test_each_list_is_there_once() -> None:
    lists = [[], [0], [1, 0], [0], [], [1, 0], [1], [2, 2]]
    starts = np.concatenate([[0], np.cumsum([len(each) for each in lists])]).astype(np.int64)
    codes = np.array([code for each in lists for code in each], np.int32)
    found, places = different_lists(Ragged(pa.array(["a", "b", "c"]), starts, codes), tuple)
    names = "abc"
    assert [found[place] for place in places.tolist()] == [tuple(names[code] for code in each) for each in lists]
    assert len(found) == 5
