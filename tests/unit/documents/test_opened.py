from __future__ import annotations

import json

import pytest

from tb_versions.errors import InvalidManifestError
from tests.support.documented import subject_in
from tests.support.world import World


def test_a_damaged_manifest_is_an_error_and_no_empty_document(world: World) -> None:
    world.raw("digits/9", b"{")
    with pytest.raises(InvalidManifestError, match=r"digits:9 .*nothing to write"):
        subject_in(world, "digits:9")


def test_a_manifest_that_breaks_the_schema_is_an_error(world: World) -> None:
    fields = json.loads((world.models / "digits/1/version_manifest.json").read_text())
    world.raw("digits/1", json.dumps({**fields, "metrics": [{"name": "x", "value": "much"}]}).encode())
    with pytest.raises(InvalidManifestError):
        subject_in(world, "digits:1")


def test_a_seed_that_is_called_like_a_secret_is_left_out(world: World) -> None:
    world.version("digits", 1, seeds={"password": 7, "numpy": 8})
    assert subject_in(world, "digits:1").manifest.seeds == {"numpy": 8}
