from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions.errors import StorageError
from tb_versions.fleet.indexing import index
from tb_versions.fleet.windows import watching as module
from tb_versions.fleet.windows.told import Told
from tb_versions.fleet.windows.watching import Watching
from tests.support.world import World


def test_tables_that_can_not_be_read_are_known_to_be_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who reads the files instead must know that these are too many."""

    def fail(*_: object) -> None:
        raise StorageError("It is damaged.")

    world = World(tmp_path)
    for number in range(1, 6):
        world.version("digits", number)
    index(os.fspath(world.models))
    monkeypatch.setattr(module, "Standing", fail)
    told: list[Told] = []
    Watching(os.fspath(world.models), None, above=3, looks=False, tell=told.append).look()
    assert [(each.state, each.rows) for each in told] == [("starting", 5), ("failed", 5)]
    assert told[-1].problem == "It is damaged."
