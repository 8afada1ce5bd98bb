"""A version gets its place in one step: completely, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions import errors
from tb_versions.core import codec
from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_NAME, FilesElsewhere, VersionManifest
from tb_versions.read.manifests.listing import read_listing
from tb_versions.write import numbers
from tb_versions.write.complete import complete
from tb_versions.write.placement import place_elsewhere
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


def elsewhere(path: str = "digits/7") -> VersionManifest:
    return VersionManifest(model="digits", files_elsewhere=FilesElsewhere(source="nas", path=path))


def test_a_version_with_files_elsewhere_has_its_manifest_alone_and_of_schema_2(source: Path, models: Path) -> None:
    manifest = complete(elsewhere(), source, {}, adopts=True)
    placed = place_elsewhere(models / "digits", manifest, number=7)
    assert placed.folder == models / "digits" / "7"
    assert os.listdir(models / "digits" / "7") == [MANIFEST_NAME]
    assert codec.decode(placed.data) == placed.manifest
    assert (placed.manifest.schema_version, placed.manifest.number) == (2, 7)
    assert (placed.manifest.digest, placed.manifest.files) == (manifest.digest, manifest.files) != ("", ())
    assert read_listing(placed.data).elsewhere == FilesElsewhere(source="nas", path="digits/7")


def test_of_files_that_are_not_at_hand_nothing_is_known(models: Path) -> None:
    placed = place_elsewhere(models / "digits", elsewhere(), number=None)
    assert (placed.manifest.number, placed.manifest.digest, placed.manifest.files) == (1, "", ())
    assert placed.manifest.size_bytes == 0


def test_one_file_of_many_in_a_folder_may_be_all_of_a_version(tmp_path: Path, models: Path) -> None:
    for name in ("a.keras", "b.keras"):
        (tmp_path / name).write_bytes(name.encode())
    manifest = complete(elsewhere("a.keras"), tmp_path, {}, adopts=True, only="a.keras")
    assert [(file.path, file.size) for file in manifest.files] == [("a.keras", 7)]
    assert place_elsewhere(models / "digits", manifest, number=1).manifest.size_bytes == 7


def test_a_long_list_of_files_elsewhere_is_beside_the_manifest(tmp_path: Path, models: Path) -> None:
    for number in range(1_001):
        (tmp_path / f"{number}").write_bytes(b"")
    placed = place_elsewhere(models / "digits", complete(elsewhere(), tmp_path, {}, adopts=True), number=1)
    assert sorted(os.listdir(placed.folder)) == [FILE_LIST_NAME, MANIFEST_NAME]


@pytest.mark.parametrize("path", ["", "/etc", "..", "a/../b", "a//b", "./a", "a/", "a\\b", "a\0b", "a" * 5_000])
def test_no_writer_names_a_path_that_leads_elsewhere_than_down(models: Path, path: str) -> None:
    with pytest.raises(errors.InvalidManifestError, match="elsewhere"):
        place_elsewhere(models / "digits", elsewhere(path), number=1)
    assert not models.exists() or not list(models.rglob(MANIFEST_NAME))


def test_a_number_of_files_elsewhere_is_not_given_twice(models: Path) -> None:
    place_elsewhere(models / "digits", elsewhere(), number=3)
    with pytest.raises(errors.VersionExistsError):
        place_elsewhere(models / "digits", elsewhere(), number=3)
