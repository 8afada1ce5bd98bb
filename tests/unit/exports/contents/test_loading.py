"""What is read for an export."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.core.manifest import MANIFEST_NAME, Run
from tb_versions.exports.contents.loading import load
from tb_versions.read.reader import open_reader
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    for number in (1, 2, 3):
        folder = world.version("digits", number, runs=(Run(name="cnn", step=number),))
        world.announce("cnn", folder, step=number)
    world.scalars("cnn", "loss", [(step, 1 / step) for step in (1, 2, 3)])
    world.version("gone", 1)
    (world.models / "digits" / "3" / MANIFEST_NAME).write_bytes(b"{")
    world.close()
    return world


def test_an_export_reads_what_a_reader_reads(world: World) -> None:
    usual = open_reader(str(world.logs), [str(world.models)])
    with load(str(world.logs), [str(world.models)], lambda *_: None) as loaded:
        assert loaded.catalog.versions == usual.catalog.versions
        assert loaded.catalog.problems == usual.catalog.problems
        assert loaded.catalog.known_runs == usual.catalog.known_runs
        assert loaded.catalog.curves == usual.catalog.curves
        assert set(loaded.catalog.curves) == {"cnn"}
