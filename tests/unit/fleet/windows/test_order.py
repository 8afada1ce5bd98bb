"""Texts in the order of the page."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_versions.fleet.windows.order import _key_of, sorted_texts
from tb_versions.fleet.windows.plain_texts import order_of_short
from tests.support.effort import tries

PLAIN = st.text(st.sampled_from(" _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$aAbBzZ0019\x00\x1f\x7f"), max_size=8)
ANY = PLAIN | st.text(st.sampled_from("aA1éÉ日ß0Σ\u0301"), max_size=5)


@settings(max_examples=tries(300), deadline=None)
@given(st.sets(PLAIN, max_size=12))
def test_plain_texts_are_in_the_order_of_the_collation(texts: set[str]) -> None:
    assert sorted_texts(texts) == sorted(texts, key=_key_of)


@settings(max_examples=tries(300), deadline=None)
@given(st.sets(ANY, max_size=12))
def test_other_texts_are_put_between_them(texts: set[str]) -> None:
    assert sorted_texts(texts) == sorted(texts, key=_key_of)


def test_a_control_character_ends_a_number() -> None:
    assert sorted_texts({"1", "0\x7f10", "5"}) == ["0\x7f10", "1", "5"]


def test_long_numbers_are_cut_as_the_browser_cuts_them() -> None:
    texts = {"0" * 300 + "5", "1" * 254 + "2", "1" * 254 + "1", "a" + "9" * 300, "00", "0"}
    assert sorted_texts(texts) == sorted(texts, key=_key_of)


SHORT = st.text(st.sampled_from(" _-.az0019f{~"), max_size=24)


@settings(max_examples=tries(500), deadline=None)
@given(st.sets(SHORT, min_size=1, max_size=12))
def test_short_texts_are_in_the_same_order(texts: set[str]) -> None:
    found = list(texts)
    order = order_of_short(pa.array(["", *found], pa.string()).slice(1))
    if order is None:
        assert not any(found)
    else:
        assert [found[place] for place in order.tolist()] == sorted(found, key=_key_of)


@pytest.mark.parametrize("text", ["A", "é", "a" * 25, "\n", ""])
def test_other_texts_are_left_to_others(text: str) -> None:
    assert order_of_short(pa.array([text])) is None
