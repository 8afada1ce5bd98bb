"""Where a training is repeated, its versions do not mix with those of the first one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions.write.homes import PUBLISH_BELOW
from tests.support.publishing import published

pytestmark = pytest.mark.filterwarnings("ignore:digits.* is published, but no run")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(b"weights")
    return folder


@pytest.mark.parametrize("models", ["elsewhere", "below-not", "memory://bucket/models", "below/../elsewhere", "below"])
def test_what_would_be_published_elsewhere_goes_below_the_folder(
    models: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(PUBLISH_BELOW, str(tmp_path / "below"))
    version = published(source, models)  # type: ignore[arg-type]
    assert version.path == tmp_path / "below/models/digits/1"
    assert {path.name for path in tmp_path.iterdir()} == {"source", "below"}


def test_what_is_below_stays_and_a_link_out_of_it_is_elsewhere(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "below"
    below.mkdir()
    (tmp_path / "outside").mkdir()
    (below / "link").symlink_to(tmp_path / "outside")
    monkeypatch.setenv(PUBLISH_BELOW, str(below))
    monkeypatch.chdir(below)
    assert published(source, Path("work/models")).path == Path("work/models/digits/1")
    assert published(source, below / "link/models").path == below / "models/digits/1"
    assert os.listdir(tmp_path / "outside") == []


def test_without_the_variable_nothing_changes(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PUBLISH_BELOW, "")
    assert published(source, tmp_path / "models").path == tmp_path / "models/digits/1"
