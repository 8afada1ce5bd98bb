"""The options of a command are those that the usual libraries would find."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tb_versions.core.command_options import options_of


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("--lr 0.1 --epochs=5", {"lr": 0.1, "epochs": 5}),
        ("-b 32 --lr=1e-3 --momentum .9", {"b": 32, "lr": 0.001, "momentum": 0.9}),
        ("train data.csv --verbose --name x", {"verbose": True, "name": "x"}),
        ("--shift -1 --range -0.5 0.5", {"shift": -1, "range": "-0.5 0.5"}),
        ("model.units=32 +trainer.fast=true optimizer=adam", {"model.units": 32, "optimizer": "adam"}),
        ("--layers 64 32 --layers 8", {"layers": "64 32 8"}),
        ("--a=1 --a=2", {"a": "1 2"}),
        ("--flag -- --rest x", {"flag": True, "rest": "x"}),
        ("--api-key *** --token=*** --lr 1", {"lr": 1}),
        ("--url=a=b", {"url": "a=b"}),
        ("--constructor 1 --prototype=2 --__proto__ 3", {}),
        ("", {}),
    ],
)
def test_options_are_found(command: str, options: dict[str, Any]) -> None:
    found = options_of(command.split())
    assert found == options
    assert [type(value) for value in found.values()] == [type(value) for value in options.values()]


@given(st.lists(st.text(max_size=30), max_size=20))
def test_any_arguments_give_names_and_values(arguments: list[str]) -> None:
    for name, value in options_of(arguments).items():
        assert name
        assert isinstance(value, (str, int, float, bool))


def test_numbers_that_no_float_holds_stay_texts() -> None:
    assert options_of(["--n", "9" * 400, "--x=nan"]) == {"n": "9" * 400, "x": "nan"}
