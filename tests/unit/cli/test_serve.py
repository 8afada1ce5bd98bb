from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import Result

from tests.support import sharing
from tests.support.effort import HANGS

pytestmark = pytest.mark.slow

IN_USE = (
    "tb-versions: Can't listen at 127.0.0.1:{port}: Address already in use. "
    "Choose another port, or leave it out to get any free one.\n"
)
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def share(tmp_path: Path) -> Path:
    return sharing.write_html(tmp_path / "share.html", sharing.shared([]))


@contextmanager
def serving(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A real `tb-versions serve` and the line that it prints."""
    command = [sys.executable, "-m", "tb_versions.cli", "serve", "--no-browser", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.kill()


def test_an_export_is_shown_until_ctrl_c(share: Path) -> None:
    with serving(share) as (process, line):
        address = line.split(" is shown at ")[1].split()[0]
        with urllib.request.urlopen(address, timeout=HANGS) as response:
            assert response.read().startswith(b"<!doctype html>")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=HANGS)
        assert (process.returncode, output, errors) == (0, "", "")


def test_a_port_in_use_is_a_sentence(share: Path) -> None:
    with serving(share) as (_, line):
        port = line.split(" is shown at http://127.0.0.1:")[1].split("/")[0]
        with serving(share, "--port", port) as (process, nothing):
            assert process.wait(timeout=HANGS) == 5
            assert process.stderr is not None
            assert (nothing, process.stderr.read()) == ("", IN_USE.format(port=port))


def test_an_altered_export_is_not_shown_unless_asked(share: Path, run: Callable[..., Result]) -> None:
    share.write_bytes(share.read_bytes().replace(b"A &amp; B", b"A &amp; C"))
    result = run("serve", str(share), where=False)
    assert (result.exit_code, result.stdout) == (4, "")
    assert "was altered since the export, so it is not shown" in result.stderr
    with serving(share, "--unverified") as (process, line):
        assert "is shown at" in line
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=HANGS)
        assert "The file's digest is not the one in its last line." in errors
        assert process.returncode == 0
