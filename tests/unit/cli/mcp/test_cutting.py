"""An answer that is too long loses whole entries, and says which."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.cli.mcp.cutting import CUT, Cutter, LeftOut, part_of
from tb_versions.errors import InvalidQueryError

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    scalars | st.text(max_size=200),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=20), inner, max_size=20),
    max_leaves=60,
)


def dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def is_part(short: Any, whole: Any) -> bool:
    """Whether nothing is in the short value that is not in the whole one."""
    if isinstance(whole, dict):
        return isinstance(short, dict) and all(key in whole and is_part(short[key], whole[key]) for key in short)
    if isinstance(whole, list):
        if not isinstance(short, list):
            return False
        return all(any(is_part(one, other) for other in whole) for one in short)
    if isinstance(whole, str):
        return short == whole or (isinstance(short, str) and whole.startswith(short.removesuffix(CUT)))
    return bool(short == whole) and type(short) is type(whole)


@given(values, st.integers(100, 2_000), st.booleans())
def test_what_is_kept_is_true_and_what_is_not_is_said(whole: Any, most: int, newest: bool) -> None:
    cutter = Cutter(dump=dump, is_newest_last=newest)
    short = cutter.cut(whole, most)
    assert is_part(short, whole)
    assert (short == whole) == (not cutter.left_out)
    for each in cutter.left_out:
        of = part_of(whole, each.part)
        assert len(of) == each.of
        assert each.kept < each.of or isinstance(of, list)


@pytest.mark.parametrize("most", [200, 1_000, 5_000])
def test_it_fits(most: int) -> None:
    whole = {"rows": [{"name": f"row {n}", "cells": list(range(20))} for n in range(100)], "text": "x" * 9_000, "n": 1}
    short = Cutter(dump=dump).cut(whole, most)
    assert len(dump(short)) <= most
    assert short["n"] == 1


def test_the_newest_are_kept_where_they_matter() -> None:
    cutter = Cutter(dump=dump, is_newest_last=True)
    assert cutter.cut(list(range(1_000, 2_000)), 100)[-1] == 1_999
    assert cutter.left_out == [LeftOut((), 19, 1_000, "entries, the last ones")]


def test_what_is_said_twice_goes_first() -> None:
    cutter = Cutter(dump=dump, expendable=("again",))
    assert cutter.cut({"again": "x" * 900, "rows": [1] * 30}, 200) == {"rows": [1] * 30}
    assert cutter.left_out == [LeftOut(("again",), 0, 900, "characters")]


def test_many_small_entries_keep_their_first() -> None:
    packages = {f"package{n}": "1.0" for n in range(500)}
    short = Cutter(dump=dump).cut(packages, 400)
    assert list(short) == list(packages)[: len(short)]
    assert 10 < len(short) < 30


def test_a_part_is_found_by_its_keys_and_positions() -> None:
    whole = {"rows": [{"a.b": 1}, {"a.b": 2}, {"a.b": 3}]}
    assert part_of(whole, ["rows", "1", "a.b"]) == 2
    assert part_of(whole, ["rows", "1:3", "0"]) == {"a.b": 2}
    assert part_of(whole, ["rows", "1:"]) == whole["rows"][1:]
    assert part_of(whole, []) is whole


@pytest.mark.parametrize(
    ("part", "words"),
    [(["x"], "there are rows"), (["rows", "3"], "3 entries"), (["rows", "-1"], "position"), (["n", "x"], "no parts")],
)
def test_a_part_that_is_not_there_is_said(part: list[str], words: str) -> None:
    with pytest.raises(InvalidQueryError, match=words):
        part_of({"rows": [1, 2, 3], "n": 1} if part[0] != "x" else {"rows": []}, part)
