"""Numbers on the command line are written in ASCII digits, without underscores, whatever int() and float() take."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tb_versions.cli import main
from tb_versions.cli.numbers import Number, NumberIn, WholeNumber, WholeNumberIn
from tb_versions.core.arguments import number

OTHER_SPELLINGS = ("1_0", "\u0661", "\uff11", "1\u0661", "1_0.5", "\u0967e1")

KINDS = (WholeNumber(), WholeNumberIn(0), Number(), NumberIn(0, 100))


@pytest.mark.parametrize("text", OTHER_SPELLINGS)
def test_no_kind_of_number_takes_other_spellings(text: str) -> None:
    assert number(text) is None
    for kind in KINDS:
        with pytest.raises(click.UsageError, match="is no number; write it in the digits 0 to 9, without underscores"):
            kind.convert(text, None, None)


@pytest.mark.parametrize(("text", "value"), [("12", 12), (" 3 ", 3), ("+5", 5), ("007", 7)])
def test_usual_spellings_are_numbers(text: str, value: int) -> None:
    assert number(text) == value
    assert [kind.convert(text, None, None) for kind in KINDS] == [value] * 4


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e-3", ".5", "5.", "0." + "1" * 60, "-1E5", "1e400"])
def test_what_float_writes_is_a_number(text: str) -> None:
    assert str(number(text)) == str(float(text))
    assert str(Number().convert(text, None, None)) == str(float(text))


@pytest.mark.parametrize("text", ["", "x", "91%", "0,91", "1 2", "0x10", "--1"])
def test_other_texts_are_none(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize("text", ["1_0", "\u0661"])
@pytest.mark.parametrize(
    "command",
    [
        ("list", "--limit"), ("record", "m:1", "a=1", "--examples"), ("replay", "m:1", "m:2", "--threshold"),
        ("replay", "m:1", "--timeout"), ("prune", "--keep-last"), ("copy", "m:1", "--number"), ("verify", "--jobs"),
        ("canary-weights", "m", "--format", "envoy", "--percent"), ("serving-config", "--keep"),
    ],
)  # fmt: skip
def test_options_refuse_other_spellings(command: tuple[str, ...], text: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, [*command, text, "--models-dir", str(tmp_path)])
    assert result.exit_code == 2
    assert "is no number" in result.output
