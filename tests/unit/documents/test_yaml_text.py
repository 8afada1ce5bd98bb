from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.documents.yaml_text import yaml_of
from tb_versions.interop.yaml_text import read_yaml

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
_PLAIN = st.one_of(st.booleans(), st.none(), st.integers(), st.floats(allow_nan=False), _TEXTS)
_VALUES = st.recursive(
    _PLAIN,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)),
    max_leaves=12,
)


@given(st.dictionaries(_TEXTS, _VALUES, max_size=4))
def test_parsers_of_yaml_1_1_and_1_2_read_what_was_written(value: dict[str, Any]) -> None:
    written = yaml_of(value) or "{}"
    assert yaml.safe_load(written) == value
    assert read_yaml(written, core=True) == value


@pytest.mark.parametrize("number", [1e-05, 1e22, -0.0, 5e-324, 1.7976931348623157e308, 0.1])
def test_a_number_is_never_read_as_a_text(number: float) -> None:
    assert yaml.safe_load(yaml_of({"value": number})) == {"value": number}
    assert type(yaml.safe_load(yaml_of({"value": number}))["value"]) is float


def test_what_is_no_number_has_yaml_s_own_words() -> None:
    found = yaml.safe_load(yaml_of([math.nan, math.inf, -math.inf]))
    assert math.isnan(found[0])
    assert found[1:] == [math.inf, -math.inf]


@pytest.mark.parametrize(
    "text", ["---", "yes", "1e5", "2026-11-30", "a: b", "- x", "#", "*a", "&a", "!!python/object", "", "~"]
)
def test_a_text_that_yaml_would_take_for_something_else_stays_a_text(text: str) -> None:
    assert yaml.safe_load(yaml_of({text: text})) == {text: text}


def test_no_text_ends_the_block_that_holds_it() -> None:
    assert "\n---" not in yaml_of({"text": "a\n---\nb", "list": ["---"]})
