"""Where the files of a version are: in its folder, or below a bound source."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tb_versions.core.elsewhere import binding
from tb_versions.core.manifest import FilesElsewhere
from tb_versions.errors import FilesElsewhereError, InvalidManifestError
from tb_versions.read.manifests.files_at import FilesAt, elsewhere_of, files_at
from tests.support.world import place_at

AT_NAS = FilesElsewhere(source="nas", path="digits/7")


def test_files_are_in_the_versions_folder_unless_its_manifest_says_otherwise(tmp_path: Path) -> None:
    assert files_at(place_at(tmp_path), None) == FilesAt(str(tmp_path), str(tmp_path))


def test_a_folder_keeps_what_was_bound_when_it_was_opened(tmp_path: Path) -> None:
    (tmp_path / "nas" / "digits" / "7").mkdir(parents=True)
    with binding({"nas": str(tmp_path / "nas")}):
        place = place_at(tmp_path)
    root = os.path.realpath(tmp_path / "nas")
    assert files_at(place, AT_NAS) == FilesAt(f"{root}/digits/7", root)
    with pytest.raises(FilesElsewhereError):
        files_at(place_at(tmp_path), AT_NAS)


def test_of_a_folder_with_many_models_only_the_one_file_is_looked_at(tmp_path: Path) -> None:
    for name in ("a.keras", "b.keras"):
        (tmp_path / name).write_bytes(b"1")
    with binding({"nas": str(tmp_path)}):
        at = files_at(place_at(tmp_path), FilesElsewhere(source="nas", path="a.keras"))
    changes = at.compare((), hash_contents=False)
    assert (at.path, changes.extra) == (os.path.realpath(tmp_path / "a.keras"), ("a.keras",))


def test_both_spellings_of_the_field_are_read() -> None:
    said = {"source": "nas", "path": "digits/7"}
    assert elsewhere_of({"filesElsewhere": said}) == elsewhere_of({"files_elsewhere": said}) == AT_NAS
    assert elsewhere_of({}) is None


def test_a_field_of_another_type_is_refused() -> None:
    with pytest.raises(InvalidManifestError, match="filesElsewhere"):
        elsewhere_of({"filesElsewhere": {"source": 1}})
