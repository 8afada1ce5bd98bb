"""Cells and rows: what differs, and how values read."""

from __future__ import annotations

import math

import pytest

from tb_versions.comparison.rows.row import (
    ABSENT,
    UNKNOWN,
    Cell,
    bytes_text,
    cell,
    differ,
    label_text,
    line_text,
    number_text,
    row,
    short_text,
    some,
)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([cell(1), cell(1)], False),
        ([cell(1), cell(1.0)], False),
        ([cell(1), cell(2)], True),
        ([cell(1), cell(True)], True),
        ([cell(1), cell("1")], True),
        ([cell(1), ABSENT], True),
        ([cell(1), UNKNOWN], False),
        ([cell(1), UNKNOWN, cell(2)], True),
        ([cell(math.nan), cell(math.nan)], False),
        ([ABSENT, ABSENT], False),
        ([UNKNOWN, UNKNOWN], False),
    ],
)
def test_what_differs(cells, expected):
    assert differ(cells) is expected


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456789, "0.12346"),
        (1234567, "1,234,567"),
        (True, "yes"),
        (math.nan, "NaN"),
        (-math.inf, "-∞"),
        (0.0003, "0.0003"),
    ],
)
def test_numbers_as_people_read_them(value, text):
    assert number_text(value) == text


def test_sizes_and_lists():
    assert [bytes_text(n) for n in (0, 999, 1_000, 2_100_000)] == ["0 B", "999 B", "1 kB", "2.1 MB"]
    assert [bytes_text(n) for n in (999_000, 999_000_000)] == ["999 kB", "999 MB"]
    assert some(["a", "b", "c"], 2) == "a, b and 1 more"
    assert some("abcdefg") == "a, b, c, d, e and 2 more"
    assert short_text(["a", "b"]) != short_text(["a"])


def test_hidden_characters_are_spelled_out():
    made = row("labels", "k\u202e", "k\u202e", cells=[cell("v\u0007")])
    assert (made.key, made.cells[0].text, made.cells[0].value) == ("k\\u{202e}", "v\\u{7}", "v\\u{7}")


def test_a_verdict_stands_on_one_line_with_its_first_reasons():
    judged = cell("x", "inputs: x", verdict="breaking", reasons=("a", "b", "c", "d"))
    assert line_text(row("signature", "", "", cells=[judged]), judged) == "breaking (a, b, c and 1 more)"
    plain = cell("x", "inputs: x", verdict="identical")
    assert line_text(row("signature", "", "", cells=[plain]), plain) == "identical"
    assert line_text(row("labels", "", "", cells=[judged]), judged) == "inputs: x"


def test_nothing_is_absent_and_false_is_not():
    assert cell(None) == cell("") == ABSENT
    assert cell(False) == Cell("no", False)
    assert cell(0).value == 0


def test_long_cells_are_cut_where_there_is_no_hover():
    made = row("code", "diff", "diff", cells=[cell("x" * 1_000)])
    assert len(line_text(made, made.cells[0])) == 200


@pytest.mark.parametrize(
    ("goal", "source", "label"),
    [
        ("max", "manifest", "auc ↑"),
        ("max", "inferred", "auc ↑ guessed"),
        ("min", "inferred", "auc ↓ guessed"),
        ("min", "caller", "auc ↓"),
        ("unknown", "unknown", "auc"),
    ],
)
def test_a_label_says_whether_its_goal_is_a_guess(goal, source, label):
    assert label_text(row("metrics", "auc", "auc", cells=[cell(1)], goal=goal, goal_source=source)) == label
