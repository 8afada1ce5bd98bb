"""What a verification found, recorded in the registry."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.actions.verifying import record_verified
from tb_versions.errors import ConflictError, InvalidReferenceError
from tb_versions.read.reuse.finding import find
from tb_versions.read.reuse.verifying import Verified
from tb_versions.registry.state import State
from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.version("digits", 1)
    return made


def recorded(world: World, found: Verified) -> State:
    version = find("digits:1", world.models)
    change = record_verified(version, version.places[0], found, actor="anna")
    assert change.event is not None
    assert change.event.kind == "verified"
    from tb_versions.actions.target import open_target

    return open_target("digits", world.models).opened.registry.known()


def test_a_good_result_and_a_bad_one_after_it_are_kept(world: World) -> None:
    verified = recorded(world, Verified()).version(1).verified
    assert verified is not None
    assert (verified[0], verified[1], verified[2].actor) == (True, "digests", "anna")
    verified = recorded(world, Verified(changed=("saved_model.pb",))).version(1).verified
    assert verified is not None
    assert not verified[0]


def test_hidden_characters_of_a_file_name_do_not_reach_the_log(world: World) -> None:
    verified = recorded(world, Verified(extra=("a\x1b[31m\n" + "b" * 5_000,))).version(1).verified
    assert verified is not None
    assert not verified[0]


def test_a_manifest_that_was_replaced_meanwhile_is_a_conflict(world: World) -> None:
    before = find("digits:1", world.models)
    world.version("digits", 1, description="another")
    with pytest.raises(ConflictError, match="was replaced while its files were compared"):
        record_verified(before, before.places[0], Verified())


def test_a_version_in_another_place_has_no_registry(world: World, tmp_path: Path) -> None:
    (world.models / "digits" / "1").rename(tmp_path / "loose")
    version = find(tmp_path / "loose")
    with pytest.raises(InvalidReferenceError, match="no registry beside it"):
        record_verified(version, version.places[0], Verified())
