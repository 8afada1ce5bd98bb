"""Whatever is typed, the answer is one line and an exit code of 1 or 2."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core.elsewhere import bound
from tests.support.world import World

pytestmark = pytest.mark.slow

BAD_REFERENCES = (
    "", " ", ":", ":1", "digits:", "digits:x", "digits:-1", "digits:1.0", "digits:01.2.3", "digits:1:2", "digits@",
    "@a",
    "digits@production", "digits:1@a", "digits~", "digits:1~zz", "digits:1~00000000", "a/b", "../x", "/etc/passwd",
    "a\\b",
    "\x1b[31m", "\u202e", "😀", "x" * 129, "x" * 5_000, "digits:" + "9" * 5_000, "digits:99", "nothing", "nothing:1",
    "digits:9.9.9", "digits:1e3", "digits:0x1", "digits:１", "digits:NaN", "digits: 1", "digits :1", "%s", "{0}", "*",
    "digits:*", "~", "~root", "-", "'", '"', "$(id)", "`id`", "digits:1\n", "digits:+1", "DIGITS:1", "https://x/y:1",
)  # fmt: skip

BAD_FOLDERS = (
    "/no-such-folder", "relative/nonexistent", "x" * 300, "x" * 5_000, "/".join("x" * 300), "~nosuchuser/x",
    "ftp://host/models",
    "sftp://b", "http://127.0.0.1:9/", "file:///tmp", "ram://x", "zip://a.zip::b", "\u202e", "FILE", "FILE/x",
    "/dev/null",
    "/dev/zero", "/proc/self/mem", " ", "://",
)  # fmt: skip

BAD_OPTIONS = (
    ["--wat"], ["--json=1"], ["--logdir"], ["--models-dir"], ["-x"], ["--json", "--wat"], ["--js0n"], ["---json"],
    ["--models-dir="], ["--logdir="], ["--number", "3"], ["--=", "x"],
)  # fmt: skip


def cases(world: World) -> Iterator[tuple[list[str], set[int]]]:
    """(arguments, exit codes that are right)."""
    where = ["--models-dir", str(world.models)]
    file = world.base / "FILE"
    file.write_text("x")
    for reference in BAD_REFERENCES:
        for verb in ("show", "verify", "list"):
            yield [verb, *where, "--", reference], {1, 2}
    for folder in BAD_FOLDERS:
        path = folder.replace("FILE", str(file))
        for option in ("--models-dir", "--logdir"):
            yield ["list", option, path], {2}
    yield ["verify", "--models-dir", "ftp://b", *where], {2}
    for verb in ("list", "show", "verify"):
        for options in BAD_OPTIONS:
            yield [verb, *options], {2}
        yield [verb], {2}
    yield ["show", *where], {2}
    yield ["list", *where, "digits", "nothing"], {1}
    yield ["show", *where, "digits:1", "digits:2"], {2}
    yield ["verify", *where, "digits:1", "digits:9"], {1}
    yield from cases_of_exports(world, where, file)
    yield ["wat"], {2}
    yield ["--wat"], {2}
    yield ["--models-dir", "x", "list"], {2}
    yield ["lis"], {2}


def cases_of_exports(world: World, where: list[str], file: Path) -> Iterator[tuple[list[str], set[int]]]:
    """The same of the verbs that read an export."""
    yield ["verify", *where, "./nothing"], {2}
    yield ["verify", *where, str(file)], {1}
    yield ["verify", "--digest", "x", str(file)], {2}
    yield ["verify", *where, "digits:1", "./nothing"], {2}
    for reference in BAD_REFERENCES:
        yield ["import", *where, "--", reference], {1, 2}
    for path, codes in ((str(file), {1}), (str(world.models), {1}), ("/dev/zero", {1}), ("/no-such-folder", {2})):
        yield ["import", *where, path], codes
    for options in (["--port", "65536"], ["--port", "x"], ["--port", "-1"], ["--host"], ["--wat"], ["more"]):
        yield ["serve", "--no-browser", str(file), *options], {2}
    for path, codes in ((str(file), {1}), (str(world.models), {1}), ("/dev/zero", {1}), ("s3://x/y.html", {2})):
        yield ["serve", "--no-browser", path], codes
        yield ["serve", "--no-browser", "--unverified", path], codes
    yield ["serve"], {2}
    yield ["import", str(file)], {2}
    yield ["import", str(file), "--models-dir="], {2}


def test_no_argument_makes_a_traceback(world: World) -> None:
    count = 0
    for arguments, codes in cases(world):
        result = CliRunner().invoke(main, arguments, prog_name="tb-versions")
        assert result.exception is None or isinstance(result.exception, SystemExit), (arguments, result.exception)
        assert result.exit_code in codes, (arguments, result.exit_code, result.output)
        lines = result.stderr.splitlines()
        assert lines, arguments
        assert "Traceback" not in result.output
        assert all(c.isprintable() or c == "\n" for c in result.output), (arguments, result.output)
        assert len(lines[-1]) < 700 + max(map(len, arguments)), arguments
        if result.exit_code == 1:
            assert len(lines) == 1, (arguments, lines)
        count += 1
    print(f"{count} bad command lines, 0 tracebacks")
    assert count >= 150


def test_at_least_one_place_is_needed(run: Callable[..., Result]) -> None:
    result = run("list", where=False)
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1] == "Error: Say where to look: --logdir DIR, --models-dir DIR, or both."


def test_a_folder_that_is_missing_is_named(run: Callable[..., Result], tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere")
    for option, what in (("--logdir", "log directory"), ("--models-dir", "models folder")):
        result = run("list", option, missing, where=False)
        assert result.exit_code == 2
        assert result.stderr == f"tb-versions: The {what} {missing} does not exist.\n"


def test_several_models_folders_are_read(run: Callable[..., Result], world: World) -> None:
    other = world.base / "other"
    world.version("more", 1, folder=other / "more" / "1")
    result = run("list", "--models-dir", str(other))
    assert "more:1" in result.stdout
    assert "digits:1" in result.stdout


def test_help_and_version_answer() -> None:
    for arguments in (["--help"], ["-h"], ["list", "--help"], ["show", "-h"], ["verify", "--help"], ["--version"]):
        result = CliRunner().invoke(main, arguments, prog_name="tb-versions")
        assert result.exit_code == 0
        assert result.stdout


def test_the_installed_command_and_the_module_are_one(world: World) -> None:
    arguments = ["list", "--json", "--models-dir", str(world.models)]
    command = Path(sys.executable).with_name("tb-versions")
    programs = [[sys.executable, "-m", "tb_versions.cli"], *([[str(command)]] if command.exists() else [])]
    outputs = {
        subprocess.run([*program, *arguments], capture_output=True, text=True, check=True).stdout
        for program in programs
    }
    assert len(outputs) == 1
    failed = subprocess.run(
        [*programs[0], "show", "nothing", *arguments[1:]], capture_output=True, text=True, check=False
    )
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("tb-versions: There is no model")


@pytest.mark.parametrize("command", [["show", "digits"], ["compare", "digits", "digits:1"]])
def test_the_newest_is_the_newest_that_is_there_and_a_deleted_one_is_named(
    run: Callable[..., Result], world: World, command: list[str]
) -> None:
    world.announce("cnn", world.version("digits", 9, run="cnn", step=3))
    world.close()
    shutil.rmtree(world.models / "digits" / "9")
    result = run(*command)
    assert result.exit_code == 0
    assert result.stdout.startswith(("digits:2", "digits 1 has"))
    assert "digits is digits:2; digits:9 is newer and missing." in result.stderr


def test_a_usage_error_leaves_no_source_bound(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TB_VERSIONS_SOURCES", "nas=/mnt/nas")
    arguments = ["list", "--source", "tape=/mnt/tape", "--models-dir", str(world.models), "--limit", "many"]
    assert CliRunner().invoke(main, arguments).exit_code == 2
    assert bound() == {"nas": "/mnt/nas"}
