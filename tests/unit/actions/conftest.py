"""Three versions of a model on disk, and names of people."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """`digits:1` to `digits:4`."""
    made = World(tmp_path)
    for number in (1, 2, 3, 4):
        made.version("digits", number)
    return made


@pytest.fixture
def models(world: World) -> Path:
    """The models folder."""
    return world.models


@pytest.fixture(autouse=True)
def _anna(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who acts where no test says otherwise."""
    monkeypatch.setenv("TB_VERSIONS_ACTOR", "anna")
