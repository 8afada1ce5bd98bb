"""How the command starts and ends: quickly, where nobody reads on, where letters are lacking, and on Ctrl-C."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import click
import orjson
import pytest
from click.testing import CliRunner, Result

from tb_versions.cli import main
from tb_versions.core.manifest import Metric
from tb_versions.errors import TbVersionsWarning
from tb_versions.write.failures import warn as warn_of
from tests.support.world import World

pytestmark = pytest.mark.slow

INTERRUPTING = """
import os, signal, sys
module = sys.argv[1]
signal.signal(signal.SIGINT, signal.default_int_handler)
class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupts())
sys.argv[1:] = ["list", "--models-dir", "."]
"""


def shell(command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--help", 0),
        ("compare digits:1 digits:2 --all --models-dir {}", 0),
        ("show digits:1 --models-dir {}", 0),
        ("list --models-dir {}", 0),
        ("verify digits:1 faces:7 --models-dir {}", 141),
    ],
)
def test_a_reader_that_goes_away_is_quiet_and_no_error(world: World, words: str, code: int) -> None:
    command = f"{sys.executable} -m tb_versions.cli {words.format(world.models)}"
    done = shell(f"(sleep 0.1; {command}) | true")
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_an_output_that_is_closed_from_the_start_is_no_error(world: World) -> None:
    done = shell(f"{sys.executable} -m tb_versions.cli list --models-dir {world.models} >&-")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("words", ["--version", "--help", "list --help", "list", "show digits:1", "verify --json"])
def test_a_full_disk_behind_the_output_is_one_line(world: World, words: str) -> None:
    where = "" if words.endswith(("help", "version")) else f"--models-dir {world.models}"
    done = shell(f"{sys.executable} -m tb_versions.cli {words} {where} >/dev/full")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1] == "tb-versions: The output could not be written: No space left on device."
    assert "Traceback" not in done.stderr


def test_an_export_is_written_though_nobody_reads_what_it_says(world: World, tmp_path: Path) -> None:
    out = tmp_path / "share.html"
    command = f"{sys.executable} -m tb_versions.cli export --models-dir {world.models} --out {out}"
    assert shell(f"(sleep 0.1; {command} 2>&1) | true").returncode == 0
    assert out.read_bytes().startswith(b"<!doctype html>")


@pytest.mark.parametrize("module", ["click", "tb_versions.read.reader", "google.protobuf.message"])
@pytest.mark.parametrize("start", ["from tb_versions.cli import run; run()", "import tb_versions.cli.__main__"])
def test_ctrl_c_is_quiet_from_the_first_import_on(module: str, start: str) -> None:
    script = INTERRUPTING + start
    done = subprocess.run([sys.executable, "-c", script, module], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "\nAborted!\n")


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_load_no_command(argument: str) -> None:
    script = (
        "import sys\nfrom tb_versions.cli import run\ntry:\n    run()\nexcept SystemExit:\n    pass\n"
        "print({name for name in ('tensorboard', 'rich', 'numpy', 'grpc') if name in sys.modules}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script, argument], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "set()"


def test_a_list_without_a_log_directory_loads_nothing_heavy(world: World) -> None:
    script = (
        "import sys\nfrom tb_versions.cli import run\n"
        "try:\n    run()\nexcept SystemExit as end:\n    assert not end.code\n"
        "print({name for name in ('tensorboard', 'rich', 'numpy', 'grpc') if name in sys.modules}, file=sys.stderr)"
    )
    command = [sys.executable, "-c", script, "list", "--models-dir", str(world.models)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "set()"
    assert "digits:1" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
@pytest.mark.parametrize("command", [["list"], ["show", "m:1"], ["compare", "m:1", "m:2"], ["verify"]])
def test_what_an_output_has_no_letter_for_is_replaced(tmp_path: Path, command: list[str], encoding: str) -> None:
    world = World(tmp_path)
    for number in (1, 2):
        world.version(
            "m", number, run="\u00fcn\u00ef", metrics=(Metric(name="pr\u00e9cision \u2192", value=float(number)),)
        )
    world.close()
    done = subprocess.run(
        [sys.executable, "-m", "tb_versions.cli", *command, "--models-dir", str(world.models)],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert done.returncode in (0, 1)
    assert b"Traceback" not in done.stderr
    assert b"m" in done.stdout


def test_every_listed_command_is_there_under_its_name() -> None:
    context = click.Context(main)
    names = main.list_commands(context)
    assert [command.name for name in names if (command := main.get_command(context, name))] == names


@pytest.mark.parametrize(("typed", "hint"), [("lst", "Did you mean list?"), ("qqq", "Commands are adopt, approve, ")])
def test_a_misspelt_command_gets_a_hint(run: Callable[..., Result], typed: str, hint: str) -> None:
    result = run(typed)
    assert result.exit_code == 2
    assert f'No such command "{typed}". {hint}' in result.stderr


COPYING = "copy digits:1 --models-dir {kept} --to {models}"
ADOPTING = "adopt {files} --models-dir {models} --source nas={files}"


@pytest.fixture
def again(tmp_path: Path) -> Callable[..., Result]:
    """Fills a models folder by a command, promotes what is there, removes the folder, and runs the command again."""
    folders = {name: tmp_path / name for name in ("files", "kept", "models")}
    for above in ("files", "kept"):
        folder = folders[above] / "digits" / "1"
        folder.mkdir(parents=True)
        (folder / "model.pt").write_text("weights")

    def tb_versions(words: str) -> Result:
        result = CliRunner().invoke(main, words.format(**folders).split())
        assert result.exit_code == 0, result.output
        return result

    def invoke(words: str, *more: str) -> Result:
        tb_versions("adopt {kept}")
        assert "begins anew" not in tb_versions(words).stderr
        tb_versions("promote digits:1 --alias best --reason x --models-dir {models} --source nas={files}")
        shutil.rmtree(folders["models"])
        return tb_versions(" ".join([words, *more]))

    return invoke


@pytest.mark.parametrize("words", [COPYING, ADOPTING])
@pytest.mark.parametrize("python_does", ["default", "error", "ignore"])
def test_a_warning_is_a_line_of_the_command(
    again: Callable[..., Result], tmp_path: Path, words: str, python_does: Literal["default", "error", "ignore"]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter(python_does)
        result = again(words)
    (said,) = result.stderr.splitlines()
    assert said.startswith(
        f"tb-versions: digits in {tmp_path / 'models'} begins anew: when it was seen here before, it "
    )


def test_a_warning_is_not_among_json(again: Callable[..., Result]) -> None:
    result = again(ADOPTING, "--json")
    assert "begins anew" in result.stderr
    assert [each["id"] for each in orjson.loads(result.stdout)["versions"]] == ["digits:1"]


def test_only_letters_of_a_warning_are_shown_and_other_warnings_stay_as_they_are(
    run: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = warnings.showwarning

    def warn(*_: object) -> str:
        warn_of("a\x1b[31m\nb")
        warnings.warn("theirs", UserWarning, stacklevel=1)
        return ""

    monkeypatch.setattr("tb_versions.cli.show.text.json_of", warn)
    with pytest.warns(UserWarning, match="theirs") as told:
        result = run("show", "digits:1", "--json")
    assert [str(each.message) for each in told] == ["theirs"]
    assert result.stderr.splitlines() == ["tb-versions: a\\u{1b}[31m\\u{a}b"]
    assert warnings.showwarning is before
    with pytest.warns(TbVersionsWarning, match="afterwards"):
        warn_of("afterwards")
