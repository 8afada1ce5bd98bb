"""The tab in Firefox: table, chart, panel and comparison. Everything else is tested in Chromium."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import system_tools
from tests.support.servers import TensorBoard
from tests.support.written import Experiment

PATIENCE = 1_500
"""Seconds after which a browser hangs."""


def test_the_tab_works_in_firefox(
    experiment: Experiment, quick_server: Callable[..., TensorBoard], project_root: Path
) -> None:
    firefox = system_tools.find_firefox()
    # Node comes with the development tools, into the folder that Python is in.
    node = shutil.which("node", path=os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    front_end = project_root / "frontend"
    if firefox is None or node is None or not (front_end / "node_modules" / "puppeteer-core").exists():
        why = f"{system_tools.FIREFOX_HELP} `make front-end` is needed too."
        (pytest.fail if system_tools.in_ci() else pytest.skip)(why)
    for number in range(3):
        experiment.publish(run=f"run-{number}", metrics={"loss": 1.0 / (number + 1)})
    server = quick_server(*experiment.arguments)
    command = [node, "smoke/firefox.mjs", firefox, server.url]
    done = subprocess.run(command, cwd=front_end, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    seen = json.loads(done.stdout)
    print(seen["version"])
    assert seen["rows"] == ["digits:3", "digits:2", "digits:1"]
    assert seen["opened"] == "Version digits:3"
    assert seen["compared"] == ["digits 3", "digits 2"]
    assert seen["font"] == "Roboto"
    assert "p.versions.cmp=digits%3A3%2Cdigits%3A2" in seen["hash"]
    assert seen["errors"] == []
