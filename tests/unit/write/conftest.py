"""Fixtures of the tests that publish."""

from __future__ import annotations

from pathlib import Path

import pytest

from tb_versions.write import failures


@pytest.fixture(autouse=True)
def _nothing_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each warning comes as if for the first time, but the one that no run will show the version."""
    monkeypatch.setattr(failures, "_reported", set())
    monkeypatch.setattr(failures, "_said", {"no writer"})


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of one file, to publish."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(b"weights")
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """The folder of models; it does not exist yet."""
    return tmp_path / "models"
