"""`tb-versions replay`: arguments, what it prints, and its exit codes. tests/unit/trust has what comes out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tb_versions.cli import main
from tests.support.golden import with_golden

pytestmark = pytest.mark.filterwarnings("ignore:digits.* is published, but no run")


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["replay", *arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize("wrong", ["x", "-1", "nan", "1,2,3", "inf", "1e-3,-1", "1_0", "\u0661", "1,1_0", "", ","])
def test_a_tolerance_that_can_not_be_is_refused(wrong: str, tmp_path: Path) -> None:
    code, said = run("digits:1", f"--tolerance={wrong}", "--models-dir", str(tmp_path))
    assert code == 2
    assert "is no tolerance: write 1e-3, or 1e-3,1e-2" in said


def test_a_model_that_stops_is_told_and_is_no(tmp_path: Path) -> None:
    with_golden(tmp_path)
    options = ("--models-dir", str(tmp_path / "models"), "--timeout", "1", "--memory", "0.1", "--no-record")
    code, said = run("digits:1", *options, "--json")
    assert code == 1
    told = json.loads(said[said.index("{") :])
    assert (told["reference"], told["ok"], told["event"], told["outputs"]) == ("digits:1", False, None, [])
    assert told["found"].startswith("digits:1 gave no answer. It was stopped ")


def test_a_python_that_is_none_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    code, said = run("digits:1", "--python", "no-such-python", "--models-dir", str(tmp_path))
    assert code == 2
    assert 'There is no program "no-such-python"' in said
    code, said = run("digits:1", "--python", "", "--models-dir", str(tmp_path))  # an unset variable of a shell
    assert (code, 'There is no program ""' in said) == (2, True)


def test_a_copy_says_what_became_of_golden_outputs_and_can_be_asked_again(tmp_path: Path) -> None:
    with_golden(tmp_path)
    copy = ["copy", "digits:1", "--models-dir", str(tmp_path / "models"), "--to", str(tmp_path / "shared")]
    assert "left out; with_golden (--with-golden) copies them" in CliRunner().invoke(main, copy).output.replace(
        "\n", " "
    )
    result = CliRunner().invoke(main, [*copy, "--with-golden", "--json"])
    (told,) = json.loads(result.stdout)
    assert (told["copied"], told["golden"]) == (False, "copied")
    code, said = run("digits:1", "--models-dir", str(tmp_path / "shared"), "--timeout", "1", "--no-record")
    assert code == 1
    assert "gave no answer" in said
