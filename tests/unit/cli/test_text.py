from __future__ import annotations

import io
import json
import time

import pytest

from tb_versions.cli import text
from tb_versions.read.catalog import Catalog


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (0.123456789, "0.12346"),
        (1e-12, "1e-12"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (3.0, "3"),
    ],
)
def test_numbers_have_five_digits(value: float | None, shown: str) -> None:
    assert text.number(value) == shown


@pytest.mark.parametrize("milliseconds", [253_402_300_800_000, -62_135_596_800_001, 2**63 - 1, -(2**63)])
def test_a_time_beyond_the_calendar_is_a_count(milliseconds: int) -> None:
    assert text.time(milliseconds) == f"{milliseconds:,} ms since 1970"
    assert text.moment(milliseconds) == text.time(milliseconds)


def test_values_are_inert() -> None:
    assert text.plain("[bold]a[/bold]\x1b[31m\n").plain == "[bold]a[/bold]\\u{1b}[31m\\u{a}"
    assert text.plain(None).plain == ""


def test_json_escapes_what_a_terminal_could_obey_and_means_the_same() -> None:
    value = {"a": "\x1b[31m\x9b2J\x7f\u202e\u200b\u2028\ufeff", "é": ["😀", "\x00"]}
    shown = text.json_of(value)
    assert shown.isprintable()
    assert json.loads(shown) == value
    assert "é" in shown


def test_tables_know_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    table = text.table("a [red]")
    table.add_row(text.plain("[blink]x"))
    console = text.console()
    console.file = io.StringIO()
    console.print(table)
    assert console.file.getvalue().split("\n")[:2] == ["a [red] ".rstrip().ljust(8), "[blink]x"]


def test_problems_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    text.report_problems(Catalog(problems=(("a\x1b", "is bad\u202e."),)))
    assert capsys.readouterr().err == "tb-versions: a\\u{1b}: is bad\\u{202e}.\n"


def test_columns_have_one_width_in_cells_of_a_terminal() -> None:
    rows = [("version", "run", "x"), ("m:1", "数字", "1"), ("m:10", "a\x1b", ""), ("e\u0301", "", "2")]
    assert text.lines(rows) == [
        "version  run      x",
        "m:1      数字     1",
        "m:10     a\\u{1b}",
        "e\u0301                 2",
    ]


def test_a_very_long_cell_makes_only_its_own_line_long() -> None:
    assert [len(line) for line in text.lines([("a" * 1_000, "b"), ("a", "b")])] == [1_003, 63]


def test_equal_problems_of_many_places_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    text.report_problems(Catalog(problems=(*((f"m/{n}", "copied.") for n in range(17)), ("a", "other."))))
    assert capsys.readouterr().err == "tb-versions: 17 places, m/0 first: copied.\ntb-versions: a: other.\n"


@pytest.mark.parametrize(("zone", "said"), [("UTC", "2026-11-24 16:05 UTC"), ("Asia/Tokyo", "2026-11-25 01:05 JST")])
def test_a_moment_has_its_zone(zone: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert text.moment(1_795_536_300_000) == said
        assert text.moment(None) == ""
        assert text.moment(10**13).startswith("2286-11-")  # beyond 2038
        assert text.moment(253_402_300_799_999) == "9999-12-31 23:59 UTC"  # Tokyo is in the year 10000 then
        assert text.time(253_402_300_799_999) == "9999-12-31 23:59"
    finally:
        monkeypatch.undo()
        time.tzset()
