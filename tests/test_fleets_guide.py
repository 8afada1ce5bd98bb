"""The commands of the guide to fleets run, and what it gives to cron and Kubernetes is what these take."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path

import click
import pytest
import yaml

from tb_versions.cli import main
from tests.support.shell import Shell
from tests.support.world import World

pytestmark = pytest.mark.slow

_GUIDE = Path(__file__).parent.parent / "docs" / "guides" / "fleets.md"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", _GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def known(command: list[str]) -> None:
    """Asserts that a command has the options that the guide gives it."""
    assert command[0] == "tb-versions"
    found = main.get_command(click.Context(main), command[1])
    assert found is not None, command
    options = {name for option in found.params for name in option.opts}
    assert {word.partition("=")[0] for word in command if word.startswith("--")} <= options


def test_the_commands_run_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(tmp_path)
    for number in range(1, 4):
        world.version("digits", number)
    monkeypatch.chdir(world.models.parent)
    shell = Shell(world.models)
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("tb-versions")]
    said = [shell(*shlex.split(line)[1:]) for line in lines]
    assert len(lines) == 4
    assert "3 versions; 3 added" in said[0]
    assert "digits:3" in said[1]
    assert "say what the files say" in said[2]
    assert os.path.isdir("models/.index/versions")


def test_what_schedulers_get_has_options_that_exist() -> None:
    for line in (line for block in blocks("text") for line in block.splitlines()):
        known(shlex.split(line)[5:])
    jobs = [yaml.safe_load(block) for block in blocks("yaml")]
    (index,) = [job for job in jobs if job["kind"] == "CronJob"]
    (container,) = index["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    known(container["args"])
