"""A world whose versions documents are written of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.documented import document_world
from tests.support.world import World


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """digits:1, digits:2 and bare:7; nobody changes it."""
    made = document_world(tmp_path_factory.mktemp("known"))
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The same, to be changed."""
    made = document_world(tmp_path)
    yield made
    made.close()
