"""A project that has trained, once for all tests of a process: do not write to it."""

from __future__ import annotations

import pytest

from tests.support.trained import Project


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Has one version, `digits:1`."""
    made = Project(tmp_path_factory.mktemp("trained"))
    made.train()
    return made
