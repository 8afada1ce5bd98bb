"""What logs say of aliases, as it travels: also that a version is not what was promoted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tb_versions import payload
from tb_versions.read.catalog import Catalog
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.reader import CatalogReader
from tests.support.world import World

pytestmark = pytest.mark.slow


@pytest.fixture
def world(tmp_path: Path) -> World:
    """`digits:1` is in production; `digits:2` was given `canary`, and is another model now."""
    made = World(tmp_path)
    for number in (1, 2):
        made.version("digits", number)
    tbv.promote("digits:1", made.models, alias="production", reason="good")
    tbv.promote("digits:2", made.models, alias="canary", reason="try it")
    made.version("digits", 2, description="another model")
    return made


def catalog_of(world: World) -> Catalog:
    return CatalogReader(roots_of("", [str(world.models)])).refresh()


def aliases(world: World, **more: Any) -> list[tuple[str, Any]]:
    told = payload.registry_payload(catalog_of(world), **more)["models"]["digits"]["aliases"]
    return [(each["name"], each.get("another_manifest")) for each in told]


def test_an_alias_says_that_another_manifest_was_promoted_and_else_nothing(world: World) -> None:
    assert aliases(world) == [("production", None), ("canary", True)]
    tbv.promote("digits:2", world.models, alias="canary", reason="it is right")
    assert aliases(world) == [("production", None), ("canary", None)]
    world.raw("digits/1", b"{")
    assert aliases(world) == [("production", None), ("canary", None)], "what can't be read is no other manifest"


def test_the_details_of_a_version_name_the_aliases_of_another_manifest(world: World) -> None:
    catalog = catalog_of(world)
    told = [payload.version_payload(catalog, version, None)["said"] for version in catalog.versions]
    assert [(each["aliases"], each.get("aliases_of_another_manifest")) for each in told] == [
        (["production"], None),
        (["canary"], ["canary"]),
    ]


def test_approvals_of_another_manifest_stand_apart(world: World) -> None:
    tbv.approve("digits:1", world.models, actor="ben", reason="fine")
    tbv.approve("digits:2", world.models, actor="ben")
    world.version("digits", 1, description="another model")
    tbv.approve("digits:1", world.models, actor="carla")
    said = payload.registry_payload(catalog_of(world))["models"]["digits"]["versions"]

    def actors(number: str) -> list[list[str]]:
        names = ("approvals", "approvals_of_another_manifest")
        return [[by["actor"] for by in said[number].get(name, ())] for name in names]

    assert [actors(number) for number in ("1", "2")] == [[["carla"], ["ben"]], [["ben"], []]]
    assert "approvals_of_another_manifest" not in said["2"]
    assert sorted(said["1"]["approvals"][0]) == ["actor", "reason", "time"]
