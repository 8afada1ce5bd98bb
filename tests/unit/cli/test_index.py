"""`tb-versions index`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def call(world: World) -> Callable[..., Result]:
    (world.models / "digits" / "2" / "version_manifest.json").write_text("{")

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(
            main, ["index", *arguments, "--models-dir", os.fspath(world.models)], prog_name="tb-versions"
        )

    return invoke


def test_it_says_what_it_did_and_what_it_could_not_read(call: Callable[..., Result], world: World) -> None:
    done = call()
    assert done.exit_code == 1
    assert done.stdout == f"{world.models / '.index'}: 2 versions; 2 added, 0 removed, 0 new events.\n"
    assert done.stderr.startswith("tb-versions: digits/2: ")


def test_json_says_the_same(call: Callable[..., Result], world: World) -> None:
    found = json.loads(call("--json").stdout)
    assert (found["versions"], found["added"], found["tables"]) == (2, 2, os.fspath(world.models / ".index"))
    assert [each["path"] for each in found["unread"]] == ["digits/2"]


def test_a_check_finds_what_differs(call: Callable[..., Result], world: World) -> None:
    call()
    assert "The tables say what the files say, as far as those could be read: 2 versions.\n" in call("--check").stdout
    assert not json.loads(call("--check", "--json").stdout)["ok"]  # for a manifest can't be read
    world.version("faces", 8)
    done = call("--check")
    assert done.exit_code == 1
    assert "faces/8 has no row." in done.stdout
    assert json.loads(call("--check", "--json").stdout)["counts"] == {"missing": 1}


def test_one_is_counted_as_one_and_a_second_run_says_what_it_looked_at(
    call: Callable[..., Result], world: World
) -> None:
    call()
    world.version("faces", 8)
    assert call("--check").stdout.splitlines()[-1].startswith("1 difference. tb-versions index --rebuild")
    done = call()
    assert ": 3 versions; 1 added, 0 removed, 0 new events.\n" in done.stdout
    assert "Only folders that changed since the last run were looked at; --full looks at everything.\n" in done.stdout
    assert "Only folders" not in call("--full").stdout


def test_values_of_curves_are_kept_of_the_runs_of_a_log_directory(call: Callable[..., Result], world: World) -> None:
    logs = ("--logdir", os.fspath(world.logs))
    call()
    assert call("--check", *logs).stdout.startswith("There is no table of the values of curves")
    rows = json.loads(call("--json", *logs).stdout)["values"]["rows"]
    assert rows > 0
    assert f"Values of curves: {rows} rows; versions: 0 changed, 0 removed.\n" in call(*logs).stdout
    assert "The tables say what the files say" in call("--check", *logs).stdout
    assert "Values of curves stay as they were: no --logdir was given.\n" in call().stdout
    assert "The values of curves were not compared: no --logdir was given.\n" in call("--check").stdout
    assert json.loads(call("--json").stdout)["values"] is None


def test_a_log_directory_that_is_not_there_is_named(call: Callable[..., Result]) -> None:
    done = call("--logdir", "/nothing/here")
    assert done.exit_code == 2
    assert "The log directory /nothing/here does not exist" in done.stderr


def test_a_check_that_could_not_read_all_is_no_yes(call: Callable[..., Result], world: World) -> None:
    call()
    log = world.models / "digits" / ".versions" / "log"
    log.mkdir(parents=True)
    (log / "00000000000000000001.json").write_bytes(b"junk")
    done = call("--check")
    assert done.exit_code == 1
    assert "say what the files say, as far as those could be read" in done.stdout
    assert "is damaged" in done.stderr


def test_the_tables_can_be_elsewhere(call: Callable[..., Result], tmp_path: Path) -> None:
    call("--to", os.fspath(tmp_path / "tables"))
    assert (tmp_path / "tables" / "versions" / "_delta_log").is_dir()


@pytest.mark.parametrize("share", ["0/8", "9/8", "1", "a/b", "1/0", "-1/8", "1/8/2", "1/99999999", "9" * 5_000 + "/8"])
def test_what_is_no_share_is_refused(call: Callable[..., Result], share: str) -> None:
    done = call("--shard", share)
    assert done.exit_code == 2
    assert "is no share" in done.stderr


@pytest.mark.parametrize(
    "options", [("--check", "--rebuild"), ("--check", "--shard", "1/2"), ("--rebuild", "--shard", "1/2")]
)
def test_options_that_contradict_each_other_are_refused(call: Callable[..., Result], options: tuple[str, ...]) -> None:
    assert call(*options).exit_code == 2


def test_a_folder_that_is_not_there_is_named() -> None:
    done = CliRunner().invoke(main, ["index", "--models-dir", "/nothing/here"], prog_name="tb-versions")
    assert done.exit_code == 2
    assert "/nothing/here" in done.stderr


@pytest.mark.parametrize("name", ["[ab]", "a^b", "a|b", "a\\b", "a%20b", "a\nb"])
def test_a_folder_that_can_hold_no_tables_is_refused_with_what_to_do(tmp_path: Path, name: str) -> None:
    world = World(tmp_path)
    world.version("digits", 1)
    world.version("digits", 2)
    world.close()
    folder, tables = tmp_path / name, os.fspath(tmp_path / "tables")
    world.models.rename(folder)

    def tb_versions(*words: str) -> Result:
        return CliRunner().invoke(main, [*words, "--models-dir", os.fspath(folder)], prog_name="tb-versions")

    for words in (["index"], ["index", "--check"], ["index", "--rebuild"], ["list", "--from-table"]):
        done = tb_versions(*words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "can't hold tables, for " in done.stderr
        assert "tb-versions index --to DIR." in done.stderr
    assert not (folder / ".index").exists()
    for words in (["index"], ["index", "--check"], ["index", "--rebuild"]):
        assert tb_versions(*words, "--to", tables).exit_code == 0
    for words in (["list", "--from-table"], ["show", "digits:1"], ["compare", "digits:1", "digits:2"], ["list"]):
        done = tb_versions(*words, "--tables", tables)
        assert "can't hold tables" not in done.stderr
        assert (done.exit_code, "digits" in done.stdout) == (0, True), done.output
