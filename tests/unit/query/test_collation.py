from __future__ import annotations

import itertools

import pytest

from tb_versions.query.collation import compare


def test_ascii_is_ordered_as_in_the_browser() -> None:
    expected = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789aAbBcCdDeEfFgGhHiIjJkKlLmMnNoOpPqQrRsStTuUvVwWxXyYzZ"
    for left, right in itertools.pairwise(expected):
        assert compare(left, right) == -1
        assert compare(right, left) == 1


@pytest.mark.parametrize(
    ("left", "right", "sign"),
    [
        # What Intl.Collator("en", { numeric: true }) says in Chromium and Node.
        ("layer10", "layer9", 1),
        ("1.5", "1.10", -1),
        ("01", "1", 0),
        ("a01", "a1", 0),
        ("A1", "a01", 1),
        ("ab", "aB", -1),
        ("aB", "Ac", -1),
        ("é", "e", 1),
        ("é", "f", -1),
        ("ea", "éa", -1),
        ("éa", "eb", -1),
        ("", "a", -1),
        ("", "", 0),
        ("a b", "ab", -1),
        ("a-b", "a b", 1),
        ("a", "aé", -1),
        ("а", "z", 1),
        ("😀", "0", -1),
        ("😀", "~", 1),
        ("x\u200by", "xy", 0),
        ("１", "1", 0),
        ("–", "-", 1),
    ],
)
def test_words_are_ordered_as_people_do(left: str, right: str, sign: int) -> None:
    assert compare(left, right) == sign
    assert compare(right, left) == -sign


def test_thousands_of_digits_are_no_trouble() -> None:
    assert compare("9" * 5_000, "1" * 5_000) == 1
