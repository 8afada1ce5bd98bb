"""How the command ends: where nobody reads on, and on Ctrl-C."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.world import World

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


def test_an_export_is_written_though_nobody_reads_what_it_says(world: World, tmp_path: Path) -> None:
    out = tmp_path / "share.html"
    command = f"{sys.executable} -m tb_versions.cli export --models-dir {world.models} --out {out}"
    assert shell(f"(sleep 0.1; {command} 2>&1) | true").returncode == 0
    assert out.read_bytes().startswith(b"<!doctype html>")


@pytest.mark.parametrize("module", ["click", "tb_versions.read.reader", "tensorboard.data.provider"])
@pytest.mark.parametrize("start", ["from tb_versions.cli import run; run()", "import tb_versions.cli.__main__"])
def test_ctrl_c_is_quiet_from_the_first_import_on(module: str, start: str) -> None:
    script = INTERRUPTING + start
    done = subprocess.run([sys.executable, "-c", script, module], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "\nAborted!\n")
