"""Deprecated and removed versions are hidden unless a filter asks for them."""

from __future__ import annotations

from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.query.hidden import without_hidden
from tests.support.world import World


@pytest.fixture
def catalog(tmp_path: Path) -> tbv.Catalog:
    world = World(tmp_path)
    for number in range(1, 5):
        world.version("digits", number)
    tbv.deprecate("digits:2", world.models, reason="old")
    tbv.deprecate("digits:3", world.models, reason="old")
    tbv.remove("digits:3", world.models, reason="old")
    return tbv.open_catalog(models_dir=world.models)


def test_they_are_left_out_and_counted_once(catalog: tbv.Catalog) -> None:
    kept, hidden = without_hidden(catalog, catalog.versions)
    assert [version.number for version in kept] == [1, 4]
    assert hidden == "1 deprecated, 1 removed"


@pytest.mark.parametrize("wanted", ["deprecated", "not removed", "state = removed"])
def test_a_filter_that_names_them_hides_none(catalog: tbv.Catalog, wanted: str) -> None:
    assert without_hidden(catalog, catalog.versions, wanted) == (catalog.versions, "")


def test_any_other_filter_hides_them(catalog: tbv.Catalog) -> None:
    assert without_hidden(catalog, catalog.versions, "number > 0")[1] == "1 deprecated, 1 removed"
