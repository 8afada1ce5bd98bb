"""Git is asked without programs of others; what it runs is tested where it is used, in test_code and with GTO."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tb_versions.write.provenance.git import ask_git, find_git


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_SSH_COMMAND", "GIT_TRACE", "GIT_CONFIG_COUNT_X"])
def test_variables_that_lead_git_elsewhere_do_not_reach_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nenv\n")
    program.chmod(0o755)
    monkeypatch.setenv(name, "x")
    answer = ask_git(str(program), str(tmp_path), ("status",), time.monotonic() + 60)
    assert answer is not None
    told = dict(line.split("=", 1) for line in answer.text.splitlines() if "=" in line)
    assert told.get(name) == ("x" if name.startswith("GIT_CONFIG") else None)
    assert told["GIT_ALLOW_PROTOCOL"] == "none"
    assert told["GIT_TERMINAL_PROMPT"] == "0"


def test_git_is_found_on_the_path_and_not_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert os.path.isabs(find_git() or "")
    (tmp_path / "git").write_text("#!/bin/sh\n")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", ".")
    assert find_git() is None
