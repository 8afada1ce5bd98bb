"""Words in many texts, as Python compares them."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tb_versions.fleet.words import containing
from tests.support.effort import tries

TEXTS = st.lists(st.text(st.sampled_from("aAbBİıΣσςSßẞé\u0301 1"), max_size=6) | st.none(), max_size=8)


@settings(max_examples=tries(300), deadline=None)
@given(TEXTS, st.text(st.sampled_from("abiσςsßé 1"), min_size=1, max_size=2))
def test_a_word_is_found_where_python_finds_it(texts: list[str | None], asked: str) -> None:
    found = containing(pa.array(texts, pa.string()), asked)
    assert found.tolist() == [text is not None and asked in text.lower() for text in texts]


@pytest.mark.parametrize("asked", ["%", "\\", ".", "'"])
def test_no_character_is_special(asked: str) -> None:
    assert containing(pa.array([asked, "x"]), asked).tolist() == [True, False]
