"""Where it is said whether tables are asked: options, variables, the file; and what assistants get."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.cli.mcp import running
from tests.support.world import World

pytestmark = pytest.mark.slow

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("setting", "variable", "options", "is_asked"),
    [
        ("", "", (), False),
        ("from_table = true", "", (), True),
        ("from_table = true", "false", (), False),
        ("from_table = false", "true", (), True),
        ("", "true", ("--no-table",), False),
        ("from_table = false", "", ("--from-table",), True),
        ("", "", ("--tables", "elsewhere"), True),
        ('tables = "elsewhere"', "", (), False),
        ('tables = "elsewhere"', "", ("--from-table",), True),
        ('tables = "elsewhere"\nfrom_table = true', "", (), True),
        ("from_table = true", "", ("--no-table", "--tables", "elsewhere"), False),
    ],
)
def test_options_come_before_variables_and_these_before_the_file(
    world: World, run: Run, monkeypatch: pytest.MonkeyPatch, setting: str, variable: str,
    options: tuple[str, ...], is_asked: bool,
) -> None:  # fmt: skip
    (world.base / "here").mkdir()
    monkeypatch.chdir(world.base / "here")
    run("index")
    run("index", "--to", "elsewhere")
    Path("tb-versions.toml").write_text(f'models_dir = "{world.models}"\n{setting}\n')
    if variable:
        monkeypatch.setenv("TB_VERSIONS_FROM_TABLE", variable)
    for command in (["list"], ["compare", "digits:2", "digits:3"], ["export", "--out=-", "--format=csv", "digits"]):
        result = CliRunner().invoke(main, [*command, *options])
        assert result.exit_code == 0, result.output
        assert ("the table" in result.stderr) is is_asked, (command, result.stderr)


def test_assistants_are_told_that_a_table_was_asked(world: World, run: Run, many: None) -> None:
    run("index")
    ran = running.run(["list", "--json", "--limit=1", f"--models-dir={os.fspath(world.models)}"])
    assert ran.code == 0
    assert any(line.startswith("From the table, indexed just now") for line in ran.said)
