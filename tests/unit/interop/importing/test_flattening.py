"""Nested values as one level."""

from __future__ import annotations

import math

import pytest

from tb_versions.interop.importing.flattening import MOST_VALUES, flatten, numbers, read_json


def test_names_have_the_levels_above_and_lists_are_texts() -> None:
    nested = {"a": {"b": 1, "c": [1, {"d": None}]}, "e": None, "f": "x", 3: True}
    assert flatten(nested) == {"a.b": 1, "a.c": '[1, {"d": null}]', "f": "x", "3": True}
    assert flatten(0.5, "loss") == {"loss": 0.5}
    assert flatten({"a.b": 1, "a": {"b": 2}}) == {"a.b": 1}


def test_depth_and_number_have_an_end() -> None:
    deep: object = 1
    for _ in range(100_000):
        deep = {"x": deep}
    assert list(flatten(deep).values()) == ["dict"]
    assert len(flatten({str(n): n for n in range(MOST_VALUES + 5)})) == MOST_VALUES


def test_a_bool_is_no_number_and_a_huge_integer_is_infinite() -> None:
    assert numbers({"a": True, "b": "1", "c": 2, "d": -(10**400)}) == {"c": 2.0, "d": -math.inf}


def test_json_that_is_nested_too_deeply_is_a_value_error() -> None:
    assert math.isnan(read_json("NaN"))
    with pytest.raises(ValueError, match="nested too deeply"):
        read_json("[" * 200_000)
