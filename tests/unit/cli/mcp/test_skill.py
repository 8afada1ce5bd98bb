"""The instructions name real commands, and their examples run."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tb_versions.cli import program
from tb_versions.cli.mcp.running import run
from tb_versions.cli.mcp.skill import instructions, skill_text
from tests.support.asked import ROOT, made_world

GUIDE = ROOT / "docs" / "guides" / "ask-from-an-assistant.md"
_SHELL = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```sh\ntb-versions (.*?)\n```$", re.MULTILINE)


def test_it_names_every_command_and_exit_code() -> None:
    text = skill_text()
    for changing in (False, True):
        assert all(f"- `{name}`: " in text for name in program.commands(changing=changing))
    assert "2 wrong usage" in text
    assert text.startswith("---\nname: tb-versions\ndescription: ")
    assert len(text) < 8_000


@pytest.mark.slow
def test_its_examples_run(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    world = made_world(tmp_path_factory.mktemp("skill"))
    monkeypatch.setenv("TB_VERSIONS_MODELS_DIR", str(world.models))
    monkeypatch.setenv("TB_VERSIONS_LOGDIR", str(world.logs))
    examples = _BLOCK.findall(skill_text())
    assert len(examples) == 10
    for example in examples:
        arguments = shlex.split(example.replace("MODEL", "digits").replace("METRIC", "loss"))
        ran = run(arguments)
        assert ran.code == 0, (arguments, ran)
        if "--json" in arguments:
            assert json.loads(ran.printed)


def test_the_guides_commands_write_it_where_it_says(tmp_path: Path) -> None:
    block = next(each for each in _SHELL.findall(GUIDE.read_text()) if "--skill" in each)
    (tmp_path / "tb-versions").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tb_versions.cli "$@"\n')
    (tmp_path / "tb-versions").chmod(0o755)
    variables = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    subprocess.run(["sh", "-ec", block], check=True, cwd=tmp_path, env=variables)
    assert (tmp_path / "skills" / "tb-versions" / "SKILL.md").read_text() == skill_text()


def test_a_client_is_told_what_the_tools_do_not_do() -> None:
    assert "tb-versions rollback" in instructions()
    assert len(instructions()) < 1_200
