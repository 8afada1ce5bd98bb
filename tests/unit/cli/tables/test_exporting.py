"""`tb-versions export` writes over tables what it writes over files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from tb_versions.core.manifest import Metric
from tb_versions.exports.checking.reading import read_export
from tb_versions.registry import events
from tests.support.chronicle import Chronicle
from tests.support.world import World

pytestmark = pytest.mark.slow

Run = Callable[..., Result]
SELECTED = [
    ("--filter", "optimizer = sgd and loss < 0.3"),
    ("--filter", "deprecated or loss < 0.3"),
    ("--filter", "loss < 0.3", "digits:5", "digits@production", "faces"),
    ("--model", "digits", "--filter", "optimizer = adam"),
    ("--alias", "production"),
    ("--model", "faces"),
    ("digits",),
]


@pytest.fixture
def exported(run: Run) -> Run:
    assert run("index").exit_code == 0
    return lambda *arguments: run("export", "--out=-", *arguments)


@pytest.mark.parametrize("arguments", SELECTED)
@pytest.mark.parametrize("format_name", ["csv", "json"])
def test_it_writes_what_the_files_say(exported: Run, arguments: tuple[str, ...], format_name: str) -> None:
    wanted = (*arguments, "--format", format_name)
    by_files, by_table = exported(*wanted), exported(*wanted, "--from-table")
    assert by_files.exit_code == 0
    assert by_table.stdout == by_files.stdout
    assert [line for line in by_table.stderr.splitlines() if "table" not in line] == by_files.stderr.splitlines()
    assert "Found by the table, indexed just now; only the models of these versions were read" in by_table.stderr


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("arguments", SELECTED)
def test_a_table_of_many_versions_is_asked_by_itself(exported: Run, arguments: tuple[str, ...]) -> None:
    by_files, by_table = (exported(*arguments, "--format=csv", *more) for more in (("--no-table",), ()))
    assert (by_table.stdout, by_table.exit_code) == (by_files.stdout, 0)
    assert "from their files; --no-table reads all files." in by_table.stderr
    assert "table" not in by_files.stderr


@pytest.mark.usefixtures("many")
def test_everything_is_read_from_the_files(exported: Run) -> None:
    assert "table" not in exported("--format=csv").stderr


def test_a_page_is_the_same(world: World, run: Run, tmp_path: Path) -> None:
    world.scalars("cnn", "loss", [(1, 0.5), (2, 0.25)])
    world.version("digits", 6, run="cnn", step=2, metrics=(Metric(name="loss", value=0.25),))
    world.close()
    run("index")
    wanted = ("export", "--filter", "loss < 0.3", "--logdir", str(world.logs), "--out")
    by_files, by_table = tmp_path / "files.html", tmp_path / "table.html"
    assert run(*wanted, str(by_files)).exit_code == 0
    assert run(*wanted, str(by_table), "--from-table").exit_code == 0
    assert by_table.read_bytes() == by_files.read_bytes()


def text_of(page: Path) -> str:
    """All that an exported page holds."""
    back = read_export(page)
    return "\n".join(str(back.section(name)) for name in back.names)


def test_names_of_people_are_masked_though_they_act_in_other_models(world: World, run: Run, tmp_path: Path) -> None:
    for number in (10, 9):
        world.version(f"model-{number}", 1)
        Chronicle(world.models / f"model-{number}").say("approved", 1, actor=f"zelda{number}")
    said = Chronicle(world.models / "digits")
    said.say("approved", 5, actor="ben", reason="zelda9 and zelda10 said so")
    world.version("other", 1)
    Chronicle(world.models / "other").measure(1, accuracy=0.5)
    run("index", "--to", str(tmp_path / "tables"))
    wanted = ("export", "--filter", "loss < 0.3", "--tables", str(tmp_path / "tables"), "--out")
    pages = {name: tmp_path / f"{name}.html" for name in ("files", "table", "alone")}
    assert run(*wanted, str(pages["files"]), "--no-table").exit_code == 0
    assert run(*wanted, str(pages["table"])).exit_code == 0
    assert "person 4 and person 3 said so" in text_of(pages["files"])
    assert pages["table"].read_bytes() == pages["files"].read_bytes()
    for folder in world.models.iterdir():
        shutil.rmtree(folder)
    result = run(*wanted, str(pages["alone"]))
    assert result.exit_code == 0
    assert "person 4 and person 3 said so" in text_of(pages["alone"])
    assert "Who only measured something is not known" in result.stderr


@pytest.mark.usefixtures("many")
def test_what_the_table_can_not_answer_is_read_from_the_files(world: World, exported: Run) -> None:
    said = Chronicle(world.models / "digits")
    result = exported("--format=csv", "--filter", "state = present")
    assert "All files are read." in result.stderr
    assert len(result.stdout.splitlines()) == 7
    said.say("removed", 2, events.Removed(size=1, by="keep=1"))
    said.remove(2)
    result = exported("--format=csv", "--filter", "optimizer = sgd")
    assert "it does not know what the manifests of removed versions say. All files are read." in result.stderr
    assert [line.partition(",")[0] for line in result.stdout.splitlines()[1:]] == ["digits:2", "digits:4"]


def test_removed_versions_are_said_to_be_left_out(world: World, exported: Run) -> None:
    said = Chronicle(world.models / "digits")
    said.say("removed", 2, events.Removed(size=1, by="keep=1"))
    said.remove(2)
    result = exported("--format=csv", "--filter", "optimizer = sgd", "--from-table")
    assert [line.partition(",")[0] for line in result.stdout.splitlines()[1:]] == ["digits:4"]
    assert "No filter finds 1 removed version" in result.stderr


def test_what_came_since_is_exported(world: World, exported: Run) -> None:
    world.version("new", 1, metrics=(Metric(name="loss", value=0.01),))
    shutil.rmtree(world.models / "digits" / "5")
    wanted = ("--format=csv", "--filter", "loss < 0.3")
    by_files, by_table = exported(*wanted), exported(*wanted, "--from-table")
    assert by_table.stdout == by_files.stdout
    assert "1 newer read from the files, 1 gone" in by_table.stderr


def test_where_no_files_are_the_table_says_all_it_knows(world: World, run: Run, tmp_path: Path) -> None:
    run("index", "--to", str(tmp_path / "tables"))
    wanted = ("export", "--out=-", "--format=csv", "--filter", "loss < 0.3")
    by_files = run(*wanted).stdout.replace("present", "unchecked")
    for folder in world.models.iterdir():
        shutil.rmtree(folder)
    result = run(*wanted, "--tables", str(tmp_path / "tables"))
    assert result.stdout == by_files
    assert "there are no files here to look at" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--filter", "loss > 9"), 'No version passes the filter "loss > 9"; there are 6'),
        (("--filter", "best.loss > 9"), "The table does not know values of curves"),
        (("--filter", "loss >"), "A value is missing"),
        (("--model", "digit"), 'The table has no model "digit". Did you mean digits?'),
        (("--alias", "nothing"), 'No version has the alias "nothing"'),
        (("digits:9",), 'digits has no version "9"'),
        (("--run", "cnn"), "The table does not know which runs there are"),
    ],
)
def test_what_can_not_be_answered_is_one_sentence(exported: Run, arguments: tuple[str, ...], said: str) -> None:
    result = exported("--format=csv", *arguments, "--from-table")
    assert result.exit_code not in (0, None)
    assert said in result.stderr
    assert not result.stdout


def test_a_version_that_was_replaced_since_is_noticed(
    world: World, exported: Run, request: pytest.FixtureRequest
) -> None:
    world.version("digits", 5, metrics=(Metric(name="loss", value=0.15),))
    wanted = ("--format=csv", "--filter", "loss < 0.3")
    result = exported(*wanted, "--from-table")
    assert (result.exit_code, result.stdout) == (5, "")
    assert "digits:5 is not what the table in" in result.stderr
    request.getfixturevalue("many")
    result = exported(*wanted)
    assert result.stdout == exported(*wanted, "--no-table").stdout
    assert "All files are read." in result.stderr
