"""Parameters of requests."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tb_versions.errors import InvalidQueryError
from tb_versions.fleet.windows.questions import Brush, Wanted, brushes_of, density_of, window_of


def test_a_window_is_read_from_texts() -> None:
    asked = window_of(
        {
            "filter": "loss < 1",
            "sort": ["-loss", "model"],
            "group": "run",
            "model": "a",
            "alias": ["x", "y"],
            "run": ["r"],
        }
        | {"state": [], "all": "1", "facets": "1", "first": "400", "count": "50"}
    )
    assert asked.wanted == Wanted("loss < 1", ("a",), ("x", "y"), ("r",), everything=True)
    assert (asked.sort, asked.group, asked.facets) == ((("loss", True), ("model", False)), "run", True)
    assert (asked.first, asked.count) == (400, 50)


def test_nothing_asked_is_the_first_rows() -> None:
    asked = window_of({})
    assert (asked.first, asked.count, asked.sort, asked.group, asked.facets) == (0, 100, (), "", False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"group": "state"},
        {"count": "501"},
        {"count": "-1"},
        {"count": "x"},
        {"first": "1e3"},
        {"first": str(2**60)},
        {"facets": "yes"},
        {"filter": ["a", "b"]},
        {"nonsense": "1"},
        {"sort": ["a"] * 11},
        {"filter": "x" * 10_001},
        {"model": ["a"] * 1_001},
        {"model": [1]},
        {"brush": "[1]"},
        {"brush": '[{"id": "a", "from": "x"}]'},
    ],
)
def test_what_is_wrong_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidQueryError):
        window_of(wrong)


@pytest.mark.parametrize(
    "wrong", [{}, {"x": "a"}, *({"x": "a", "y": "b", "bins": b} for b in ("0x1", "201x1", "8", "axb"))]
)
def test_a_density_needs_two_columns_and_bins(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidQueryError):
        density_of(wrong)


def test_a_density_is_read_from_texts() -> None:
    asked = density_of({"x": "loss", "y": "created", "bins": "200x1", "xlog": "1"})
    assert (asked.x, asked.y, asked.bins, asked.logs) == ("loss", "created", (200, 1), (True, False))


def test_ranges_are_as_the_page_packs_them() -> None:
    assert list(brushes_of("m:loss>0.1~0.3|!none,hp:optimizer>=adam|=a%2Cb,x>,bad>3~1")) == [
        Brush("m:loss", (0.1, 0.3), specials=frozenset({"none"})),
        Brush("hp:optimizer", None, frozenset({"adam", "a,b"})),
    ]
    assert list(brushes_of('[{"id": "created", "from": 1, "to": null}]')) == [Brush("created", (1, math.inf))]
    assert list(brushes_of("")) == []
