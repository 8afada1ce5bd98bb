"""A version gets its place in one step: completely, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions import errors
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.write import numbers
from tests.support.publishing import published


def test_someone_elses_empty_folder_is_not_replaced(source: Path, models: Path) -> None:
    published(source, models)
    (models / "digits" / "2").mkdir()
    (models / "digits" / "4").mkdir()
    folder = str(models / "digits")
    numbers.remember(folder, 1, links_before=numbers.count_links(folder) - 1)
    assert [published(source, models).number for _ in range(2)] == [3, 5]
    assert os.listdir(models / "digits" / "2") == []


def test_a_folder_that_appears_at_the_last_moment_is_not_replaced(
    source: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(source, models)
    claim = numbers.claim

    def claim_too_late(folder: str, number: int) -> bool:
        claimed = claim(folder, number)
        if number == 2:
            os.mkdir(os.path.join(folder, "2"))
        return claimed

    monkeypatch.setattr(numbers, "claim", claim_too_late)
    version = published(source, models)
    assert version.number == version.manifest.number == 3
    assert codec.decode((version.path / MANIFEST_NAME).read_bytes()).number == 3
    assert os.listdir(models / "digits" / "2") == []


def test_an_interruption_passes_through_and_leaves_nothing(
    source: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "rename", interrupt)
    with pytest.raises(KeyboardInterrupt):
        published(source, models)
    monkeypatch.undo()
    assert os.listdir(models / "digits") == [".versions"]
    assert os.listdir(models / "digits" / ".versions" / "tmp") == []
    assert published(source, models).number == 1


def test_version_folders_have_usual_permissions(source: Path, models: Path) -> None:
    umask = os.umask(0o022)
    try:
        version = published(source, models)
    finally:
        os.umask(umask)
    assert version.path.stat().st_mode & 0o777 == 0o755
    assert (version.path / MANIFEST_NAME).stat().st_mode & 0o777 == 0o644


def test_a_rename_whose_answer_was_lost_is_a_success(
    source: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.rename

    def lost(built: str, target: str) -> None:
        rename(built, target)
        raise FileNotFoundError(2, "No such file or directory", built)

    monkeypatch.setattr(os, "rename", lost)
    assert published(source, models).number == 1
    assert sorted(os.listdir(models / "digits" / "1")) == [MANIFEST_NAME, "weights.bin"]


def test_a_rename_that_failed_is_a_failure(source: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failed(built: str, target: str) -> None:
        raise FileNotFoundError(2, "No such file or directory", built)

    monkeypatch.setattr(os, "rename", failed)
    with pytest.raises(errors.StorageError, match="No such file"):
        published(source, models)
    assert sorted(os.listdir(models / "digits")) == [".versions"]
