from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result

Run = Callable[..., Result]


def ids(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [row["id"] for row in json.loads(result.stdout)]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("val_loss", ["digits:1", "digits:2", "faces:7"]),
        ("-val_loss", ["digits:2", "digits:1", "faces:7"]),  # faces:7 has none: last either way
        ("nan", ["digits:1", "digits:2", "faces:7"]),  # not a number is no place in an order
        ("-number", ["faces:7", "digits:2", "digits:1"]),
        ("-model", ["faces:7", "digits:1", "digits:2"]),
        ("hp.lr", ["digits:1", "digits:2", "faces:7"]),
        ("-run", ["digits:1", "digits:2", "faces:7"]),
    ],
)
def test_versions_are_sorted_and_those_without_a_value_come_last(run: Run, sort: str, expected: list[str]) -> None:
    assert ids(run("list", "--json", f"--sort={sort}")) == expected


def test_a_limit_takes_the_first_ones_and_says_so(run: Run) -> None:
    result = run("list", "--sort=-number", "--limit", "1")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["version", "faces:7"]
    assert "1 of 3 versions are shown." in result.stderr


def test_a_limit_above_the_count_says_nothing(run: Run) -> None:
    assert "are shown" not in run("list", "--limit", "3").stderr


def test_chosen_columns_stand_beside_the_version(run: Run) -> None:
    lines = run("list", "digits", "--columns", "val_loss, optimizer,label.team,step").stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["version", "val_loss", "optimizer", "label.team", "step"],
        ["digits:1", "0.5", "adam", "vision", "1"],
        ["digits:2", "0.75", "3"],
    ]


@pytest.mark.parametrize("option", ["--sort", "--columns"])
def test_an_unknown_column_is_named_with_the_nearest(run: Run, option: str) -> None:
    result = run("list", option, "optimzer")
    assert result.exit_code == 2
    assert 'There is no column "optimzer". Did you mean optimizer?' in result.stderr


def test_columns_and_json_exclude_each_other(run: Run) -> None:
    assert run("list", "--json", "--columns", "step").exit_code == 2


def test_a_name_like_no_other_gets_a_list_of_columns(run: Run) -> None:
    result = run("list", "--sort", "qqqqqqq")
    assert result.exit_code == 2
    assert 'There is no column "qqqqqqq". Columns are version, model, ' in result.stderr
