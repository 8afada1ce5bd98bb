"""One object per version."""

from __future__ import annotations

import json
from pathlib import Path

import tb_versions as tbv
from tb_versions import payload
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.reader import CatalogReader
from tests.support.world import World
from tests.unit.read.test_catalog import catalog_of, record


def test_rows_have_full_precision() -> None:
    third = 1 / 3
    catalog = catalog_of([record("m", 2**60, metrics=[{"name": "x", "value": third}, {"name": "n", "value": "NaN"}])])
    (row,) = json.loads(payload.dump(payload.rows(catalog, catalog.versions)))
    assert row["metrics"] == {"x": third, "n": "NaN"}
    assert row["number"] == 2**60


def test_a_row_names_the_aliases_that_were_given_to_another_manifest(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in (1, 2):
        world.version("digits", number)
    tbv.promote("digits:1", world.models, alias="production", reason="good")
    world.version("digits", 1, description="another model")
    catalog = CatalogReader(roots_of("", [str(world.models)])).refresh()
    rows = payload.rows(catalog, catalog.versions)
    assert [(row["aliases"], row["aliases_of_another_manifest"]) for row in rows] == [
        (["production"], ["production"]),
        ([], []),
    ]
