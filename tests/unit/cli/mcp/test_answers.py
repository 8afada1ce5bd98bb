"""The envelope of an answer: never longer than asked, always JSON, and it says what is missing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tb_versions.cli.mcp.answers import LEAST, NOTICE, USUAL, answer_of
from tb_versions.cli.mcp.running import Ran
from tb_versions.cli.mcp.tools import TOOLS

BY_NAME = {tool.name: tool for tool in TOOLS}


def answer(name: str, value: Any, *said: str, **options: Any) -> Any:
    printed = value if isinstance(value, str) else json.dumps(value)
    made = answer_of(BY_NAME[name], Ran(0, printed, said), **options)
    assert len(made.encode()) <= options.get("most", USUAL)
    return json.loads(made)


def test_a_short_answer_is_whole() -> None:
    assert answer("show", {"id": "digits:1"}) == {"notice": NOTICE, "answer": {"id": "digits:1"}}
    told = answer("show", {"id": "digits:1"}, "digits is digits:1; digits:2 is newer and missing.")
    assert told["also_said"] == "digits is digits:1; digits:2 is newer and missing."


@pytest.mark.parametrize("most", [LEAST, 3_000, USUAL, 100_000])
@pytest.mark.parametrize("name", ["find", "history"])
def test_a_long_list_says_how_much_of_it_there_is(name: str, most: int) -> None:
    rows = [{"id": f"digits:{n}", "metrics": {"loss": n / 7}, "labels": {"é": "ü" * 40}} for n in range(5_000)]
    told = answer(name, rows, most=most)
    (part,) = told["left_out"]["parts"]
    assert (part["part"], part["kept"], part["of"]) == ([], len(told["answer"]), 5_000)
    if len(told["answer"]) > 1 or most > LEAST:
        assert told["answer"] == (rows[: part["kept"]] if name == "find" else rows[-part["kept"] :])


def test_what_was_left_out_can_be_asked_for() -> None:
    whole = {"id": "digits:1", "manifest": {"environment": {"packages": {f"p{n}": "1" for n in range(900)}}}}
    told = answer("show", whole)
    (part,) = told["left_out"]["parts"]
    assert part["part"] == ["manifest", "environment", "packages"]
    asked = answer("show", whole, part=part["part"], most=50_000)
    assert asked["answer"] == whole["manifest"]["environment"]["packages"]  # type: ignore[index]
    again = answer("show", whole, part=part["part"][:2])
    assert again["left_out"]["parts"][0]["part"] == part["part"]


def test_a_comparison_keeps_what_differs() -> None:
    rows = [{"key": f"row{n}", "differs": n % 10 == 0, "text": "x" * 30} for n in range(200)]
    told = answer("compare", {"summary": "digits 2 is better.", "rows": rows})
    assert told["in_words"] == "digits 2 is better."
    assert [row["key"] for row in told["answer"]["rows"]] == [f"row{n}" for n in range(0, 200, 10)]


@pytest.mark.parametrize("most", [LEAST, USUAL])
def test_hostile_lengths_fit(most: int) -> None:
    for value in ("x" * 100_000, {"summary": "w" * 50_000, "rows": []}, {"k" * 9_000: "v"}, [["é" * 9_000] * 3]):
        name = "export_text" if isinstance(value, str) else "compare"
        answer(name, value, *["said " * 100] * 50, most=most)


def test_a_table_is_a_text() -> None:
    assert answer("export_text", "| a |\n|---|\n")["answer"] == "| a |\n|---|\n"


def test_moments_are_told_as_dates_too() -> None:
    told = answer("which", {"since": 1_795_507_200_000, "problems": [], "approvals": [{"time": 0}], "deprecated": True})
    assert told["times"] == {"1795507200000": "2026-11-24 08:00:00.000Z", "0": "1970-01-01 00:00:00.000Z"}


def test_a_hyperparameter_or_metric_called_time_is_no_moment() -> None:
    told = answer("show", {"hyperparameters": {"time": 12}, "metrics": {"since": 3}, "created": 0})
    assert list(told["times"]) == ["0"]
    assert list(answer("show", {"metrics": [{"key": "loss", "time": 5}]})["times"]) == ["5"]
