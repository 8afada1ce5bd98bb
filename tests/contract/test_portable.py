"""Comparisons without a server: what the page must say of members by chance, as Python says it.

The page's own test (`frontend/src/model/compare/engine/portable.test.ts`) reads the same file. To search for
differences in many more: `TB_VERSIONS_DIFFERENTIAL=25 pytest tests/contract/test_portable.py`.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from tests.contract.generated import generate
from tests.contract.test_compare import write
from tests.support.world import strict

GOLDEN = Path(__file__).parent / "portable.json.gz"
WORLDS = range(1_000, 1_000 + int(os.environ.get("TB_VERSIONS_DIFFERENTIAL", "0")))


def test_comparisons_by_chance_are_as_agreed(tmp_path: Path, update_goldens: bool) -> None:
    told = generate(tmp_path, seed=4, groups=150, others=[write])
    if update_goldens:
        GOLDEN.write_bytes(gzip.compress(orjson.dumps(told), mtime=0))
    agreed = gzip.decompress(GOLDEN.read_bytes())
    assert len(told["members"]) >= 60
    assert os.fsencode(tmp_path) not in agreed
    assert strict(agreed) == strict(orjson.dumps(told)), "another; if meant: pytest tests/contract --update-goldens"


@pytest.mark.parametrize("seed", WORLDS or [pytest.param(0, marks=pytest.mark.skip("a long search: only when asked"))])
def test_the_page_says_what_python_says(tmp_path: Path, project_root: Path, seed: int) -> None:
    told = generate(tmp_path / "world", seed=seed, groups=200)
    (tmp_path / "told.json.gz").write_bytes(gzip.compress(orjson.dumps(told)))
    npx = shutil.which("npx")
    assert npx is not None, "make install brings Node"
    done = subprocess.run(
        [npx, "vitest", "run", "src/model/compare/engine/portable"],
        cwd=project_root / "frontend",
        env={**os.environ, "TB_VERSIONS_PORTABLE": str(tmp_path / "told.json.gz")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4_000:]
