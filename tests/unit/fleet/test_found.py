"""What is in a models folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions.errors import UnreadableFolderError
from tb_versions.fleet.found import Here, look, manifest_key
from tb_versions.read.folders.scan import Root
from tests.support.world import World


def test_versions_are_found_by_their_paths(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("a", 1)
    world.version("group/b", 2)
    assert sorted(look(os.fspath(world.models)).versions) == ["a/1", "group/b/2"]


def test_a_models_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFolderError):
        look(os.fspath(tmp_path / "nothing"))


def test_what_is_below_a_folder_that_was_not_searched_is_not_known() -> None:
    here = Here(Root("/m", "/m", "models_dir"), {}, (), unknown=("a", "b/1"))
    assert [here.is_known(path) for path in ("a", "a/1", "ab/1", "b/1", "b/12", "c/1")] == [
        False,
        False,
        True,
        False,
        True,
        True,
    ]


def test_the_key_of_a_manifest_changes_with_its_size_and_time(tmp_path: Path) -> None:
    world = World(tmp_path)
    folder = world.version("a", 1)
    (place,) = look(os.fspath(world.models)).versions.values()
    before = manifest_key(place)
    os.utime(folder / "version_manifest.json", ns=(1, 5_000))
    assert manifest_key(place) == (before[0], 5_000)
