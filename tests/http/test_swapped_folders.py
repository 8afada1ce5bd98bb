"""A folder that is swapped for a symlink after it was found shows nothing of what the symlink leads to."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.core.codec import load_json
from tb_versions.core.digest import files
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.errors import UnsafeFileError
from tb_versions.read.manifests.files_at import FilesAt
from tb_versions.read.manifests.integrity import compare_sizes, listed_files
from tb_versions.read.reader import open_reader
from tb_versions.read.reuse.finding import find
from tb_versions.read.reuse.verifying import place_of, verify_place
from tests.support.world import Site, World

PARTS = pytest.mark.parametrize("part", ["m/1", "m"], ids=["the folder", "its parent"])


@pytest.fixture
def private(tmp_path: Path) -> Path:
    """Holds what nobody may see, as `m/1` and as `1`, manifests and all."""
    other = World(tmp_path / "other")
    folder = other.version("m", 1, description="outside text")
    (folder / "salaries.xlsx").write_text("x" * 77)
    return other.models


def swap(world: World, private: Path, part: str) -> None:
    os.rename(world.models / part, world.base / "old")
    (world.models / part).symlink_to(private / part)


@PARTS
def test_the_reader_says_unreachable_and_reads_nothing(world: World, private: Path, part: str) -> None:
    world.version("m", 1)
    reader = open_reader("", [str(world.models)])
    (version,) = reader.catalog.versions
    data = reader.manifest_bytes(version)
    swap(world, private, part)
    with pytest.raises(UnsafeFileError, match="symlink"):
        reader.manifest_bytes(version)
    with pytest.raises(UnsafeFileError, match="symlink"):
        compare_sizes(FilesAt(version.places[0].folder, str(world.models)), listed_files(load_json(data)))
    (seen,) = reader.check().versions
    assert seen.state == "unreachable"
    assert "symlink" in seen.notice
    assert "salaries" not in seen.notice
    assert reader.refresh().versions == ()


@PARTS
def test_verify_reads_nothing(world: World, private: Path, part: str) -> None:
    world.version("m", 1)
    version = find("m:1", world.models)
    swap(world, private, part)
    with pytest.raises(UnsafeFileError, match="symlink"):
        verify_place(version, place_of(version))


@PARTS
def test_the_server_shows_nothing(world: World, site: Callable[..., Site], private: Path, part: str) -> None:
    world.announce("cnn", world.version("m", 1))
    tab = site()
    tab.settle()
    swap(world, private, part)
    for path in ("/version?ref=m:1", "/versions", "/models"):
        body = tab.get(path).get_data(as_text=True)
        assert "salaries" not in body
        assert "outside text" not in body
    assert tab.json("/version?ref=m:1")["state"] in ("unreachable", "missing")


def test_a_folder_inside_a_version_that_is_swapped_while_it_is_listed(
    world: World, private: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = world.version("m", 1)
    (folder / "inner").mkdir()
    data = (folder / MANIFEST_NAME).read_bytes()
    open_folder = files.open_folder

    def swapped(path: str, *, within: str) -> int:
        if path.endswith("inner"):
            os.rename(folder / "inner", folder / "old")
            (folder / "inner").symlink_to(private)
        return open_folder(path, within=within)

    monkeypatch.setattr(files, "open_folder", swapped)
    with pytest.raises(UnsafeFileError, match="symlink"):
        compare_sizes(FilesAt(str(folder), str(world.models)), listed_files(load_json(data)))
