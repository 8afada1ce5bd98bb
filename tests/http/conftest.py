"""Fixtures of the HTTP tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import Site, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty log directory and models folder."""
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def site(world: World) -> Callable[..., Site]:
    """Starts TensorBoard over the world: `site(*flags)`."""

    def start(*arguments: str, **options: Any) -> Site:
        return Site("--logdir", str(world.logs), "--versions_models_dir", str(world.models), *arguments, **options)

    return start
