"""The versions of a share, by their paths."""

from __future__ import annotations

import os
from pathlib import Path

from tb_versions.fleet.found import Shard
from tb_versions.fleet.work.listing import absolute, joined, listed
from tests.support.world import World


def test_shares_have_every_version_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    for number in range(1, 20):
        world.version("digits", number)
    models = os.fspath(world.models)
    shares = [listed(models, Shard(index, 3)).paths for index in (1, 2, 3)]
    assert sorted(path for share in shares for path in share) == sorted(listed(models, Shard()).paths)
    assert len({path for share in shares for path in share}) == 19


def test_what_was_removed_is_gone_where_it_was_searched(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.version("digits", 1)
    found = listed(os.fspath(world.models), Shard())
    assert (found.is_gone("digits/1"), found.is_gone("digits/2")) == (False, True)
    (other,) = {1, 2} - {index for index in (1, 2) if Shard(index, 2).has("digits/2")}
    assert not listed(os.fspath(world.models), Shard(other, 2)).is_gone("digits/2")


def test_a_path_has_a_slash() -> None:
    assert joined("s3://bucket/models", "digits/3") == "s3://bucket/models/digits/3"
    assert joined("/models", "") == "/models"
    assert absolute("s3://bucket/models/") == "s3://bucket/models"
    assert absolute("models") == os.path.abspath("models")
