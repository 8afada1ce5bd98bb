"""JSON is strict, and a revision follows it."""

from __future__ import annotations

import json

import pytest

from tb_versions import payload
from tests.support.world import strict


@pytest.mark.parametrize(
    ("value", "wire"),
    [(None, None), (0.5, 0.5), (float("nan"), "NaN"), (float("inf"), "Infinity"), (float("-inf"), "-Infinity")],
)
def test_numbers_travel_strictly(value: float | None, wire: object) -> None:
    assert payload.wire_number(value) == wire


@pytest.mark.parametrize(
    ("value", "wire"),
    [(2**53, 2**53), (-(2**53), -(2**53)), (2**53 + 1, "9007199254740993"), (-(2**63), str(-(2**63)))],
)
def test_integers_a_browser_cannot_hold_travel_as_text(value: int, wire: object) -> None:
    assert payload.wire_integer(value) == wire


def test_a_revision_is_in_the_payload_and_follows_it() -> None:
    body, revision = payload.with_revision({"a": 1})
    assert json.loads(body) == {"revision": revision, "a": 1}
    assert payload.with_revision({"a": 2})[1] != revision
    assert payload.with_revision({"a": 1})[1] == revision


def test_texts_that_are_no_utf8_are_spelled_out() -> None:
    value = {"\udcff": ["a\udcffb", ("\ud800",), 1, None, True, 0.5], "fine": "é"}
    assert strict(payload.dump(value)) == {"\\u{dcff}": ["a\\u{dcff}b", ["\\u{d800}"], 1, None, True, 0.5], "fine": "é"}
