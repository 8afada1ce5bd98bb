"""Our root digest is the one of OpenSSF Model Signing."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest

from tb_versions.core.digest import digest_files, list_files
from tb_versions.core.digest.signing_root import signing_root
from tests.support.effort import HANGS

CLIENT = Path(__file__).parents[1] / "support" / "signing_client.py"
NAMES = ("a", "a-b", "a.b", "A", "b", "ab", "é", "Z z", "10", "9", "_", "a b", "~", "saved_model.pb", "日本")


def tree(folder: Path, chosen: random.Random) -> Path:
    """A folder of files and folders whose names sort differently as texts and as paths."""
    for _ in range(chosen.randint(1, 30)):
        parts = [chosen.choice(NAMES) for _ in range(chosen.randint(1, 4))]
        path = folder.joinpath(*parts)
        if not path.exists() and not any(parent.is_file() for parent in path.parents):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(chosen.randbytes(chosen.choice((0, 1, 100, 5_000))))
    return folder


@pytest.mark.client("signing")
def test_the_root_of_fifty_trees_is_that_of_model_signing(client_python: Path, tmp_path: Path) -> None:
    chosen = random.Random(38)
    folders = [tree(tmp_path / str(number), chosen) for number in range(50)]
    ours = [signing_root(digest_files(folder, list_files(folder))) for folder in folders]
    done = subprocess.run(
        [client_python, CLIENT, "roots", *folders], capture_output=True, text=True, check=False, timeout=HANGS
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == ours
