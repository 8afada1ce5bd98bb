"""`tb-versions mcp`: what is said before the first question."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tb_versions.cli.mcp.running import run
from tests.support.effort import HANGS

ROOT = Path(__file__).resolve().parents[4]
_WITHOUT = """
import sys
sys.modules["mcp"] = None
from tb_versions.cli import run
sys.argv = ["tb-versions", "mcp", "--models-dir", sys.argv[1]]
run()
"""


def test_skill_prints_instructions_and_needs_no_folder() -> None:
    ran = run(["mcp", "--skill"])
    assert ran.code == 0
    assert "# tb-versions" in ran.printed


def test_without_a_folder_it_says_which_options_there_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run(["mcp"])
    assert ran.code == 2
    assert ran.said == ("Say where to look: --logdir DIR, --models-dir DIR, or both.",)


def test_without_the_package_it_says_how_to_get_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=HANGS,
        cwd=ROOT,
    )
    assert done.returncode == 5
    assert "pip install 'tensorboard-plugin-versions[mcp]'" in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_other_command_loads_the_package() -> None:
    script = "import sys, tb_versions.cli.mcp.command, tb_versions.cli.mcp.server; sys.exit('mcp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False, cwd=ROOT).returncode == 0
