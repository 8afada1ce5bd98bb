from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.read.catalog import Catalog
from tb_versions.read.curves.event_files import provider_of
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.live import LiveCatalog
from tb_versions.read.reader import CatalogReader
from tests.support.effort import HANGS
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in (1, 2, 3):
        made.version("m", number)
    return made


def reader_of(world: World) -> CatalogReader:
    return CatalogReader(roots_of(str(world.logs), [str(world.models)]), provider_of(str(world.logs)))


def test_a_live_catalog_keeps_itself_current(world: World) -> None:
    live = LiveCatalog(reader_of(world))
    assert live.catalog.loading
    for _ in range(100):
        catalog = live.current(patience=HANGS, fresh=0)
        if [v.state for v in catalog.versions] == ["present"] * 3:
            break
    world.version("m", 4)
    for _ in range(100):
        if "m:4" in live.current(patience=HANGS, fresh=0).by_id:
            break
    assert live.catalog.by_id["m:4"]
    assert live.current(fresh=60) is live.catalog


def test_a_live_catalog_survives_its_readers_failures(world: World) -> None:
    reader = reader_of(world)
    scan = reader._scanner.scan

    def fail(**_: object) -> None:
        raise OSError("the disk is gone\nand more")

    reader._scanner.scan = fail  # type: ignore[method-assign, assignment]
    live = LiveCatalog(reader)
    catalog = live.current(patience=HANGS, fresh=0)
    assert [where for where, _ in catalog.problems] == ["catalog"]
    assert "the disk is gone" in catalog.problems[0][1]
    reader._scanner.scan = scan  # type: ignore[method-assign]
    for _ in range(100):
        catalog = live.current(patience=HANGS, fresh=0)
        if len(catalog.versions) == 3:
            break
    assert (len(catalog.versions), catalog.problems, catalog.loading) == (3, (), False)


def test_what_must_be_ready_is_made_before_a_request_can_see_the_catalog(world: World) -> None:
    prepared: list[Catalog] = []
    live = LiveCatalog(reader_of(world), prepared.append)
    for _ in range(100):
        catalog = live.current(patience=HANGS, fresh=0)
        assert any(catalog is one for one in prepared)
        if [v.state for v in catalog.versions] == ["present"] * 3:
            break
    assert len({id(one) for one in prepared}) == len(prepared)
