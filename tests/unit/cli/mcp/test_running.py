"""A command in this process prints nothing outside, and keeps nothing."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

import tb_versions as tbv
from tb_versions.cli import main
from tb_versions.cli.mcp.running import run
from tests.support.world import World, tree_hash


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in range(1, 151):  # so many that a usual command keeps what it read
        made.version("digits", number)
    return made


def test_what_a_command_prints_is_returned(world: World, capfd: pytest.CaptureFixture[str]) -> None:
    ran = run(["list", "digits:3", "--json", f"--models-dir={world.models}"])
    assert (ran.code, ran.said) == (0, ())
    assert ran.printed.startswith('[{"id":"digits:3"')
    wrong = run(["show", f"--models-dir={world.models}", "--", "--out"])
    assert wrong.code == 1
    assert '"--out"' in " ".join(wrong.said)
    assert "--nope" in run(["list", "--nope"]).said[0]
    assert run(["show", "digits:999", f"--models-dir={world.models}"]).code == 1
    assert capfd.readouterr() == ("", "")


def test_commands_at_once_do_not_mix(world: World) -> None:
    numbers = range(1, 21)
    with ThreadPoolExecutor(8) as pool:
        lines = [["list", f"digits:{number}", "--json", f"--models-dir={world.models}"] for number in numbers]
        for number, ran in zip(numbers, pool.map(run, lines), strict=True):
            assert ran.printed.startswith(f'[{{"id":"digits:{number}"')


def test_nothing_is_kept(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TB_VERSIONS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TB_VERSIONS_STATE_DIR", str(tmp_path / "state"))
    run(["list", f"--models-dir={world.models}"])
    assert not os.path.lexists(tmp_path / "cache")
    assert not os.path.lexists(tmp_path / "state")


def test_what_was_kept_is_used_and_stays_as_it_is(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TB_VERSIONS_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("TB_VERSIONS_STATE_DIR", str(tmp_path / "state"))
    for number in (1, 2):
        tbv.promote(f"digits:{number}", world.models, alias="production", reason="x", actor="anna")
    line = ["list", "--json", f"--models-dir={world.models}"]
    assert CliRunner().invoke(main, line).exit_code == 0  # as a person's command: it keeps what it read and saw
    before = tree_hash(tmp_path)
    assert run(line).code == 0
    assert tree_hash(tmp_path) == before
    (last,) = (world.models / "digits/.versions/log").glob("*2.json")
    last.unlink()
    cut = run(["which", "digits@production", f"--models-dir={world.models}"])
    assert cut.code == 4
    assert "was cut" in " ".join(cut.said)
