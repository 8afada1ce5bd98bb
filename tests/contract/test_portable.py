"""The page of an export compares without a server: it must say what Python says.

test_compare.py keeps small worlds, to be read. Here members by chance are compared, with odd names, numbers and
manifests: Python says what it finds, and the page's own test runs at once on the same members. Nothing is kept.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from tests.contract.generated import generate
from tests.support.effort import FULL

pytestmark = pytest.mark.slow

WORLDS = 25 if FULL else 1
COMPARISONS = 200 if FULL else 100


@pytest.mark.parametrize("seed", range(4, 4 + WORLDS))
def test_the_page_says_of_members_by_chance_what_python_says(tmp_path: Path, project_root: Path, seed: int) -> None:
    npx = shutil.which("npx")
    if npx is None or not (project_root / "frontend" / "node_modules").is_dir():
        pytest.skip("the front end's packages are not installed: `make check` installs them")
    told = generate(tmp_path / "world", seed=seed, groups=COMPARISONS)
    assert len(told["members"]) >= 60
    (tmp_path / "told.json").write_bytes(orjson.dumps(told))
    done = subprocess.run(
        [npx, "vitest", "run", "src/model/compare/engine/portable"],
        cwd=project_root / "frontend",
        env={**os.environ, "TB_VERSIONS_TOLD": str(tmp_path / "told.json")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:]
