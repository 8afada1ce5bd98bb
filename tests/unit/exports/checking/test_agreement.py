from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.errors import VersionNotFoundError
from tb_versions.exports.checking.agreement import agreement, chosen
from tb_versions.exports.manifests import SharedManifest, read_manifests
from tb_versions.read.reader import open_catalog
from tests.support import sharing
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    for number in (1, 2, 3):
        made.version("digits", number, semantic_version=f"1.{number}.0")
    made.version("faces", 7)
    return made


def shared(world: World) -> list[SharedManifest]:
    return list(read_manifests(sharing.shared(sharing.details_of(world.models))))


def test_each_version_agrees_differs_or_is_gone(world: World) -> None:
    before = shared(world)
    assert agreement(before, open_catalog("", [str(world.models)])).holds
    world.version("digits", 2, description="another")
    (world.models / "faces" / "7" / "version_manifest.json").unlink()
    world.version("faces", 8)
    told = agreement(before, open_catalog("", [str(world.models)]))
    assert told.wire() == {
        "agree": ["digits:1", "digits:3"],
        "differ": ["digits:2"],
        "gone": ["faces:7"],
        "unknown": [],
        "not_in_export": 1,
    }
    assert not told.holds


def test_a_version_that_was_damaged_agrees_with_nothing(world: World) -> None:
    world.raw("digits/2", b"{")
    told = agreement(shared(world), open_catalog("", [str(world.models)]))
    assert told.unknown == ("digits:2",)
    assert not told.holds


def test_references_mean_what_they_mean_elsewhere(world: World) -> None:
    found = shared(world)
    for references, ids in (
        (["digits"], ["digits:3"]),
        (["faces", "digits:1.1.0"], ["digits:1", "faces:7"]),
        (["digits:2", "digits:2"], ["digits:2"]),
    ):
        assert [one.id for one in chosen(found, references)] == ids
    with pytest.raises(VersionNotFoundError, match="digits has no version"):
        chosen(found, ["digits:9"])
