"""The command runs without what the environment keeps secret, and ends in time."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tb_versions.errors import NoAnswerError
from tb_versions.trust.reproducing.running import environment_of, run_command

DUMP = "import json, os; print(json.dumps(dict(os.environ)))"


def test_the_command_gets_no_variable_that_is_not_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = (
        "AWS_SECRET_ACCESS_KEY",
        "HF_TOKEN",
        "TF_TOKEN_app",
        "TF_VAR_password",
        "GIT_ASKPASS",
        "SSH_AUTH_SOCK",
        "X",
    )
    for name in secrets:
        monkeypatch.setenv(name, "secret-value")
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
    made = environment_of(
        str(tmp_path), python=sys.executable, variables={"PYTHONHASHSEED": "3"}, passed=["X", "absent"]
    )
    ran = run_command([sys.executable, "-c", DUMP], folder=str(tmp_path), environment=made, log=str(tmp_path / "log"))
    assert ran.why == ""
    found = json.loads((tmp_path / "log").read_text())
    assert [name for name, value in found.items() if value == "secret-value"] == ["X"]
    assert (found["TF_ENABLE_ONEDNN_OPTS"], found["PYTHONHASHSEED"]) == ("0", "3")
    assert found["HOME"] == str(tmp_path / "home")
    assert found["TB_VERSIONS_PUBLISH_BELOW"] == str(tmp_path)
    assert "PYTHONPATH" not in found
    assert found["PATH"].split(os.pathsep)[0] == os.path.dirname(sys.executable)


def test_the_environment_that_is_current_finds_its_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "somewhere")
    made = environment_of(str(tmp_path), python=sys.executable, variables={}, is_current=True)
    assert made["PYTHONPATH"] == "somewhere"


def test_a_command_that_does_not_end_is_stopped_with_what_it_started(tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    script = "import subprocess; subprocess.run(['sleep', '1000'], stdout=open('held', 'w'))"
    with open(os.open(held, os.O_RDONLY | os.O_NONBLOCK), "rb") as reader:
        log = tmp_path / "log"
        ran = run_command([sys.executable, "-c", script], folder=str(tmp_path), environment={}, log=str(log), seconds=2)
        assert ran.why == "It was stopped after 2 s."
        os.set_blocking(reader.fileno(), True)
        assert reader.read() == b""  # it ends when nobody has the other end any more


def test_a_command_that_fails_is_told_with_its_last_lines(tmp_path: Path) -> None:
    script = "print('x\\x1b[2J' * 3); raise SystemExit(7)"
    ran = run_command([sys.executable, "-c", script], folder=str(tmp_path), environment={}, log=str(tmp_path / "log"))
    assert ran.why == "It ended with 7."
    assert ran.last == "x\\u{1b}[2Jx\\u{1b}[2Jx\\u{1b}[2J"
    script = "import os; os.kill(os.getpid(), 9)"
    ran = run_command([sys.executable, "-c", script], folder=str(tmp_path), environment={}, log=str(tmp_path / "log-2"))
    assert ran.why == "It ended by SIGKILL."


def test_a_command_that_can_not_start_is_an_error(tmp_path: Path) -> None:
    for command in (["/nowhere/python"], [sys.executable, "a\0b"]):
        with pytest.raises(NoAnswerError, match="can't be started"):
            run_command(command, folder=str(tmp_path), environment={}, log=str(tmp_path / f"log{len(command)}"))
