"""Tables for people: aligned, escaped, and as small as they were promised."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tb_versions.core.showing import counted, html_table, html_text, short, some_of, text_table


def test_columns_of_text_are_aligned() -> None:
    assert text_table(("name", "n"), [("a", "1"), ("long", "22")], right=[1]) == "name   n\na      1\nlong  22"


def test_wide_letters_take_two_cells_and_accents_none() -> None:
    lines = text_table(("", ""), [("模型", "x"), ("e\u0301abc", "x"), ("abcd", "x")]).splitlines()
    assert lines == ["模型  x", "e\u0301abc  x", "abcd  x"]


def test_a_long_text_is_cut_off_on_one_line() -> None:
    assert short("a\nb\tc") == "a b c"
    assert short("x" * 500, 10) == "x" * 9 + "…"
    assert short("x" * 10, 10) == "x" * 10
    assert short("\u202eabc\x1b") == "\\u{202e}abc\\u{1b}"


def test_rows_without_room_are_left_out_and_counted() -> None:
    table, count = html_table(("a",), [("x" * 50,)] * 100, most=2_000)
    assert len(table.encode()) <= 2_000
    assert table.count("<tr>") - 1 == count
    assert 0 < count < 100


def test_no_row_at_all_has_room() -> None:
    assert html_table(("a",), [("x",)], most=10)[1] == 0


def test_counts_are_words() -> None:
    assert (counted(1, "row"), counted(1_000, "row")) == ("1 row", "1,000 rows")
    assert some_of({"a": 1, "b": 2, "c": 3}, 2) == "{'a': 1, 'b': 2} and 1 more"
    assert some_of({}) == "{}"


@given(st.text(alphabet=st.characters()) | st.sampled_from(["<script>", "\udc80", "&amp;", "'\"<>"]))
def test_no_text_becomes_markup(text: str) -> None:
    table, _ = html_table(("a",), [(text,)])
    assert table.count("<") == html_table(("a",), [("x",)])[0].count("<")
    assert html_text(text).count("<") == 2
    table.encode()
    text_table(("a",), [(text,)]).encode()
