"""What is served, as the tab asks for it: by a file, by servers, and never by an address that nobody named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tensorboard.plugins import base_plugin

from tb_versions.registry.registry import Registry
from tests.support.logs import promote, store_of
from tests.support.tensorflow_serving import StandIn, running
from tests.support.world import Site, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """digits:1 and digits:2, which is production."""
    made = World(tmp_path)
    for number in (1, 2):
        made.version("digits", number)
    promote(Registry(store_of(made.models)), 1, 2)
    return made


def written(world: World, number: int = 1) -> Path:
    path = world.base / "models.config"
    base = world.models / "digits"
    path.write_text(
        f'model_config_list {{ config {{ name: "digits" base_path: "{base}" model_platform: "tensorflow" '
        f"model_version_policy {{ specific {{ versions: {number} }} }} }} }}"
    )
    return path


def site(world: World, *flags: str) -> Site:
    made = Site("--logdir", str(world.logs), "--versions_models_dir", str(world.models), *flags)
    made.settle()
    return made


def places(made: Site) -> list[Any]:
    found: list[Any] = made.json("/served")["places"]
    return found


def test_nothing_is_asked_where_nothing_was_named(world: World) -> None:
    assert places(site(world)) == []


def test_a_file_says_what_is_served_and_models_that_are_not_in_the_table_are_left_out(world: World) -> None:
    path = written(world)
    other = 'config { name: "other" base_path: "/x" model_platform: "tensorflow" } }'
    path.write_text(path.read_text().removesuffix("}") + other)
    (place,) = places(site(world, "--versions_serving_config", str(path)))
    assert place == {
        "where": str(path),
        "kind": "file",
        "problem": "",
        "left_out": 0,
        "models": {"digits": {"policy": "specific", "versions": [1], "labels": {}}},
    }


def test_a_server_is_asked_for_versions_and_for_each_alias(world: World) -> None:
    path = written(world)
    with running(StandIn(path)) as server:
        for _ in range(5):  # load it
            server.server.step()
        (place,) = places(site(world, "--versions_serving_status", server.url))
        assert (place["kind"], place["where"], place["problem"]) == ("server", server.url, "")
        assert place["models"] == {"digits": {"policy": "specific", "versions": [1], "labels": {}}}


@pytest.mark.parametrize("content", [None, "model_config_list { nonsense: 1 }"])
def test_what_can_not_be_read_is_a_sentence_and_no_error(world: World, content: str | None) -> None:
    path = world.base / "broken.config"
    if content is not None:
        path.write_text(content)
    file, server = places(
        site(world, "--versions_serving_config", str(path), "--versions_serving_status", "http://127.0.0.1:1")
    )
    assert str(path) in file["problem"]
    assert file["models"] == {}
    assert "does not answer" in server["problem"]


@pytest.mark.parametrize("url", ["localhost:8501", "ftp://a", "http://user:pw@host", "http://host?x=1", "file:///etc"])
def test_an_address_that_is_none_stops_tensorboard_at_once(world: World, url: str) -> None:
    with pytest.raises(base_plugin.FlagsError, match="--versions_serving_status is written like"):
        site(world, "--versions_serving_status", url)
