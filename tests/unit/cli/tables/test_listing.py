"""`tb-versions list --from-table` prints what `list` prints, but for what only files know."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core.codec import manifest_digest
from tb_versions.core.manifest import MANIFEST_NAME, Metric
from tb_versions.registry import events
from tb_versions.registry.gate_facts import Finding, SeenBaseline
from tests.support.chronicle import Chronicle
from tests.support.world import World

pytestmark = pytest.mark.slow

Run = Callable[..., Result]

NOT_IN_TABLES = ("state", "gates", "measured")


@pytest.fixture
def listed(run: Run) -> Run:
    assert run("index").exit_code == 0
    return lambda *arguments: run("list", *arguments)


def plain(line: str) -> list[str]:
    return line.replace("present", "unchecked").split()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--all",),
        ("faces",),
        ("digits", "--sort=-loss", "--limit", "2"),
        ("digits:2..4",),
        ("digits@production", "faces:7"),
        ("digits:1.1.0",),
        ("faces", "digits", "--sort", "optimizer"),
        ("faces", "digits", "--limit", "3"),
        ("digits:4", "faces:7", "digits:2..3", "--sort=-optimizer", "--limit", "3"),
        ("--filter", "optimizer = sgd and loss < 0.3"),
        ("--filter", "deprecated"),
        ("--filter", "nothing_like_it"),
        ("--columns", "model,loss,optimizer,alias,created,size,version", "--sort", "size"),
        ("--columns", "loss", "--filter", "model = nobody"),
    ],
)
def test_it_prints_what_list_prints(listed: Run, arguments: tuple[str, ...]) -> None:
    by_files, by_table = listed(*arguments), listed(*arguments, "--from-table")
    assert by_table.exit_code == by_files.exit_code == 0
    assert list(map(plain, by_table.stdout.splitlines())) == list(map(plain, by_files.stdout.splitlines()))
    assert set(by_files.stderr.splitlines()) <= set(by_table.stderr.splitlines())
    assert "From the table, indexed just now; files and runs were not looked at." in by_table.stderr
    assert "From the table" not in by_files.stderr


@pytest.mark.parametrize("arguments", [(), ("--all", "--sort", "loss"), ("digits@production",), ("--filter", "sgd")])
def test_json_is_that_of_list_with_null_for_what_the_table_does_not_know(
    listed: Run, arguments: tuple[str, ...]
) -> None:
    by_files = json.loads(listed(*arguments, "--json").stdout)
    by_table = json.loads(listed(*arguments, "--json", "--from-table").stdout)
    assert [known(row) for row in by_table] == [known(row) for row in by_files]
    assert all((row["state"], row["gates"], row["measured"]) == ("unchecked", None, None) for row in by_table)


def known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in NOT_IN_TABLES}


def test_no_file_of_a_model_is_read(world: World, listed: Run) -> None:
    wanted = listed("--from-table", "--json").stdout
    for folder in world.models.glob("[a-z]*"):
        shutil.rmtree(folder)
    result = listed("--from-table", "--json")
    assert result.stdout == wanted
    assert "there are no files here to look at" in result.stderr


def test_what_came_since_is_read_and_what_is_gone_is_left_out(world: World, listed: Run) -> None:
    world.version("digits", 6, metrics=(Metric(name="loss", value=0.01),))
    world.version("new", 1)
    shutil.rmtree(world.models / "digits" / "2")
    result = listed("--from-table", "--columns", "loss", "--sort", "loss")
    assert [line.split()[0] for line in result.stdout.splitlines()[1:]] == [
        "digits:6",
        *(f"digits:{n}" for n in (5, 4, 3)),
        "faces:7",
        "new:1",
    ]
    assert "indexed just now, 2 newer read from the files, 1 gone; files" in result.stderr


def test_the_table_may_be_elsewhere(run: Run, tmp_path: Path) -> None:
    assert run("index", "--to", str(tmp_path / "tables")).exit_code == 0
    assert "digits:2" in run("list", "--tables", str(tmp_path / "tables")).stdout
    result = run("list", "--from-table")
    assert result.exit_code == 5
    assert "Make it: tb-versions index" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--filter", "state = present"), "The table does not know whether a version's files are there"),
        (("--sort", "state"), "Leave out --from-table"),
        (("--columns", "gates"), "what results of gates are worth now"),
        (("--columns", "best.loss"), "values of curves"),
        (("--columns", "lss"), 'There is no column "lss". Did you mean loss?'),
        (("digit",), 'The table has no model "digit". Did you mean digits?'),
        (("digits:9",), 'digits has no version "9"'),
        (("digits@nothing",), "nothing"),
        (("./digits/1",), "A path names files"),
        (("--filter", "optimizer ="), "A value is missing"),
    ],
)
def test_what_can_not_be_answered_is_one_sentence(listed: Run, arguments: tuple[str, ...], said: str) -> None:
    result = listed(*arguments, "--from-table")
    assert result.exit_code not in (0, None)
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_manifests_that_could_not_be_read_are_counted(world: World, run: Run) -> None:
    (world.models / "faces" / "7" / MANIFEST_NAME).write_text("{")
    run("index")
    result = run("list", "--from-table")
    assert "1 manifest could not be read when it was made" in result.stderr


@pytest.mark.usefixtures("many")
class TestByItself:
    """A table of many versions is asked although nobody says so, and the output is that of the files."""

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("--json",),
            ("digits", "faces", "--sort=-loss", "--limit", "2"),
            ("digits@production", "faces:7"),
            ("--filter", "optimizer = sgd and loss < 0.3", "--json"),
            ("--filter", "deprecated"),
            ("--filter", "nothing_like_it"),
            ("--columns", "model,loss,alias,created", "--sort", "size"),
        ],
    )
    def test_it_prints_what_the_files_say(self, listed: Run, arguments: tuple[str, ...]) -> None:
        by_files, by_table = listed(*arguments, "--no-table"), listed(*arguments)
        assert by_table.stdout == by_files.stdout
        assert "From the table, indexed just now; --no-table reads all files." in by_table.stderr.splitlines()
        assert [line for line in by_table.stderr.splitlines() if "table" not in line] == by_files.stderr.splitlines()
        assert "table" not in by_files.stderr

    @pytest.mark.parametrize(
        ("arguments", "why"),
        [
            (("--filter", "state = present"), "does not know whether a version's files are there"),
            (("--columns", "gates"), "what results of gates are worth now"),
            (("--sort", "measured.loss"), "what was measured later"),
        ],
    )
    def test_what_it_does_not_know_is_read_from_the_files(
        self, listed: Run, arguments: tuple[str, ...], why: str
    ) -> None:
        by_files, by_table = listed(*arguments, "--no-table"), listed(*arguments)
        assert (by_table.stdout, by_table.exit_code) == (by_files.stdout, by_files.exit_code)
        assert why in by_table.stderr
        assert "All files are read." in by_table.stderr

    def test_results_of_gates_count_though_their_baseline_is_of_another_model(self, world: World, run: Run) -> None:
        world.version("base", 1)
        data = (world.models / "base" / "1" / MANIFEST_NAME).read_bytes()
        seen = (SeenBaseline("base:1", "base:1", manifest_digest(data)),)
        finding = Finding(rule="loss", wanted="below 1", found="0.2", verdict="passed")
        said = events.GateChecked("release", passed=True, baselines=seen, findings=(finding,))
        Chronicle(world.models / "digits").say("gate_checked", 5, said)
        run("index")
        by_files, by_table = (
            run("list", "--filter", "version = digits:5", "--json", *how) for how in (("--no-table",), ())
        )
        assert "From the table" in by_table.stderr
        assert by_table.stdout == by_files.stdout
        assert '"baseline"' not in by_table.stdout

    def test_the_folder_of_one_model_is_read_as_always(self, listed: Run) -> None:
        assert "table" not in listed("digits").stderr

    def test_a_manifest_that_was_replaced_since_is_noticed(self, world: World, listed: Run) -> None:
        world.version("digits", 5, metrics=(Metric(name="loss", value=0.15),))
        result = listed("--sort", "loss", "--limit", "1", "--columns", "loss")
        assert result.stdout.splitlines()[1].split() == ["digits:5", "0.15"]
        assert "digits:5 is not what the table" in result.stderr
        assert "All files are read." in result.stderr

    def test_a_table_that_can_not_be_read_is_no_hindrance(self, world: World, listed: Run) -> None:
        for log in (world.models / ".index" / "versions" / "_delta_log").glob("*.json"):
            log.write_text("{")
        result = listed("--limit", "1")
        assert result.exit_code == 0
        assert "The table was not asked: " in result.stderr
        assert result.stdout == listed("--limit", "1", "--no-table").stdout

    def test_a_setting_forbids_it(self, listed: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TB_VERSIONS_FROM_TABLE", "false")
        assert "table" not in listed("--limit", "1").stderr


def test_few_versions_are_read_from_their_files(listed: Run) -> None:
    assert "table" not in listed("--limit", "1").stderr


def test_a_setting_says_where_tables_are_made_and_asked(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TB_VERSIONS_TABLES", str(tmp_path / "tables"))
    assert str(tmp_path / "tables") in run("index").stdout
    assert "digits:2" in run("list", "--from-table").stdout


def test_tables_alone_are_enough(run: Run, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tables = str(tmp_path / "tables")
    run("index", "--to", tables)
    wanted = run("list", "--from-table", "--tables", tables).stdout
    shutil.rmtree(world.models)
    monkeypatch.chdir(tmp_path)
    for command in (["list"], ["export", "--out=-", "--format=csv"], ["compare", "digits:2", "digits:3"]):
        result = CliRunner().invoke(main, [*command, "--tables", tables])
        assert result.exit_code == 0, result.output
        assert "there are no files here to look at" in result.stderr
    assert CliRunner().invoke(main, ["list", "--tables", tables]).stdout == wanted
    assert CliRunner().invoke(main, ["which", "digits@production", "--tables", tables]).exit_code == 0


def test_settings_ask_the_table(listed: Run, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TB_VERSIONS_FROM_TABLE", "1")
    assert "From the table" in listed().stderr
    assert "table" not in listed("--no-table").stderr
    monkeypatch.setenv("TB_VERSIONS_TABLES", str(tmp_path / "nowhere"))
    assert listed().exit_code == 5
    assert "table" not in listed("--no-table").stderr
