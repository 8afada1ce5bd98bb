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


@pytest.mark.parametrize("wrong", ["x", "-1", "nan", "1,2,3", "inf", "1e-3,-1"])
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
