"""Data at hand are digested as they were when the version was made, or not compared."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tb_versions.core.manifest import Dataset, VersionManifest
from tb_versions.errors import InvalidQueryError, UnreadableFolderError
from tb_versions.trust.reproducing.at_hand import check_data
from tb_versions.write.provenance import digest_file, digest_folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "x.csv").write_text("1,2\n")
    return folder


def of(*datasets: Dataset) -> VersionManifest:
    return VersionManifest(model="digits", number=1, datasets=datasets)


def test_a_file_and_a_folder_are_compared(data: Path) -> None:
    manifest = of(digest_file(data / "x.csv", split="train"), digest_folder(data))
    given = {"x.csv": str(data / "x.csv"), "data": str(data)}
    assert [each.verdict for each in check_data(manifest, given)] == ["same", "same"]
    (data / "x.csv").write_text("1,3\n")
    assert [each.verdict for each in check_data(manifest, given)] == ["differs", "differs"]


def test_of_two_data_that_are_called_alike_each_is_checked(data: Path) -> None:
    (data / "y.csv").write_text("5,6\n")
    both = [replace(digest_file(data / name), name="x", split="train") for name in ("x.csv", "y.csv")]
    found = check_data(of(*both, both[0]), {"x (train)": str(data / "x.csv"), "x (train) 2": str(data / "x.csv")})
    assert [(each.name, each.verdict) for each in found] == [("x (train)", "same"), ("x (train) 2", "differs")]


def test_what_can_not_be_compared_is_not_checked(data: Path) -> None:
    file = digest_file(data / "x.csv")
    manifest = of(
        file,
        replace(file, name="array", digest_of="array"),
        replace(file, name="none", digest=""),
        replace(file, name="folder", digest_of="folder"),
        replace(file, name="unsaid", digest_of=""),
    )
    given = {name: str(data / "x.csv") for name in ("array", "none", "folder", "unsaid")}
    found = check_data(manifest, given)
    assert {each.verdict for each in found} == {"not checked"}
    assert [each.why for each in found] == [
        "No --data says where it is.",
        "Its digest is over an array, which a file or folder does not give.",
        "No digest of it is recorded.",
        "Its digest is over a folder, and this is none.",
        "Its digest is over something that is not said, which a file or folder does not give.",
    ]


def test_a_name_of_no_data_or_of_several_is_refused(data: Path) -> None:
    file = digest_file(data / "x.csv", name="x")
    manifest = of(replace(file, split="train"), replace(file, split="test"))
    with pytest.raises(InvalidQueryError, match=r"names several data .* There is: x \(train\), x \(test\)"):
        check_data(manifest, {"x": "a"})
    with pytest.raises(InvalidQueryError, match="names no data"):
        check_data(manifest, {"y": "a"})
    assert [each.verdict for each in check_data(manifest, {"x (test)": str(data / "x.csv")})] == ["not checked", "same"]


def test_a_path_that_is_not_there_is_an_error(data: Path) -> None:
    with pytest.raises(UnreadableFolderError):
        check_data(of(digest_file(data / "x.csv")), {"x.csv": str(data / "y.csv")})
