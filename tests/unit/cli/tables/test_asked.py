"""Tables of an object store."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tests.support.object_stores import BUCKET, Buckets
from tests.support.remote import publish

pytestmark = pytest.mark.slow

URL = f"s3://{BUCKET}/models"
COMMANDS = [
    ("list", "--json"),
    ("compare", "digits:1", "digits:2", "--json"),
    ("export", "--out=-", "--format=csv", "--filter=version = 2"),
    ("show", "digits:2"),
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--models-dir", URL])


def known(result: Result) -> object:
    assert result.exit_code == 0, result.output
    if not result.stdout.startswith("[{"):
        return result.stdout
    return [
        {k: v for k, v in row.items() if k not in ("gates", "measured", "notice")} for row in json.loads(result.stdout)
    ]


@pytest.fixture(autouse=True)
def models(s3: Buckets, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("digits", "digits", "faces"):
        publish(tmp_path, name=name)
    monkeypatch.setenv("TB_VERSIONS_TABLES", str(tmp_path / "tables"))
    assert CliRunner().invoke(main, ["index", "--models-dir", URL]).exit_code == 0


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_told_to_commands_say_what_the_files_say(command: tuple[str, ...], tmp_path: Path) -> None:
    publish(tmp_path, name="faces")
    by_files, by_table = run(*command, "--no-table"), run(*command, "--from-table")
    assert known(by_table) == known(by_files)
    assert "1 newer read from the files" in by_table.stderr


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_by_themselves_they_read_the_files_for_logs_are_not_looked_at(command: tuple[str, ...]) -> None:
    by_files, unasked = run(*command, "--no-table"), run(*command)
    assert (unasked.stdout, unasked.exit_code) == (by_files.stdout, 0)
    assert "what was said of versions since is not read: it is as indexed; --from-table asks it" in unasked.stderr
