"""What a caller gives is of the right kind, or a sentence says what would be."""

from __future__ import annotations

import pytest

from tb_versions.core.arguments import count, size, text, texts
from tb_versions.errors import InvalidQueryError


@pytest.mark.parametrize(
    ("given", "expected"),
    [(15, 15), ("15", 15), ("15MB", 15_000_000), ("1.5 kB", 1_500), ("2GiB", 2 << 30), (" 1m ", 1_000_000)],
)
def test_a_size_is_a_number_or_written_as_on_the_command_line(given: object, expected: int) -> None:
    assert size("max_size", given) == expected


@pytest.mark.parametrize("given", ["", "lots", "-1", "1TB", "1e3", -1, 1.5, None, True])
def test_what_is_no_size_is_a_sentence(given: object) -> None:
    with pytest.raises(InvalidQueryError, match=r"max_size (takes a number|is written like 15MB)"):
        size("max_size", given)


def test_a_list_may_be_anything_that_yields_texts() -> None:
    assert texts("refs", []) == ()
    assert texts("refs", (name for name in ("a", "b"))) == ("a", "b")
    assert texts("include", {"hosts"}) == ("hosts",)


@pytest.mark.parametrize("given", ["a", b"a", None, 1, [1], [None]])
def test_one_text_is_no_list(given: object) -> None:
    with pytest.raises(InvalidQueryError, match="refs takes a list"):
        texts("refs", given)


def test_a_text_and_a_number_are_what_they_are() -> None:
    assert (text("title", "a"), count("max_points", 0)) == ("a", 0)
    for given in (None, 1, b"a"):
        with pytest.raises(InvalidQueryError, match="title takes a text"):
            text("title", given)
