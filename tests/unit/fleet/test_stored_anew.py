from __future__ import annotations

import os
import shutil
from pathlib import Path

from tb_versions.fleet.indexing import index
from tb_versions.fleet.standing import Standing
from tests.support.world import World


def test_rows_of_a_file_that_was_written_anew_are_read(tmp_path: Path) -> None:
    """What is taken away is written anew by deltalake, with texts of another kind than pyarrow's own."""
    world = World(tmp_path)
    for number in range(1, 6):
        world.version("digits", number)
    index(os.fspath(world.models))
    shutil.rmtree(world.models / "digits" / "1")
    index(os.fspath(world.models))
    standing = Standing(os.fspath(world.models))
    assert standing.few(("path", "number"), [3, 0]).to_pylist() == [
        {"path": "digits/5", "number": 5},
        {"path": "digits/2", "number": 2},
    ]
