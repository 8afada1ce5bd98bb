"""The file of golden outputs: found by the version's number, and only if it is the one of the manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.core.golden.file import FILE_LIMIT, key_of
from tb_versions.core.manifest import Golden
from tb_versions.errors import NoGoldenOutputsError
from tb_versions.read.catalog import Version
from tb_versions.read.reuse.finding import find
from tb_versions.read.reuse.golden_outputs import golden_file
from tests.support.world import World

DATA = b"golden"
GOLDEN = Golden(digest=f"sha256:{hashlib.sha256(DATA).hexdigest()}", size=len(DATA))


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the golden outputs of `digits:2` lie."""
    World(tmp_path).version("digits", 2)
    path = tmp_path / "models/digits/.versions" / key_of(2)
    path.parent.mkdir(parents=True)
    path.write_bytes(DATA)
    return path


def version_at(place: Path) -> Version:
    return find("digits:2", place.parents[4])


def test_they_are_found_by_the_number_of_the_version(place: Path) -> None:
    assert golden_file(version_at(place), GOLDEN) == DATA


def test_a_version_without_any_says_how_to_get_some(place: Path) -> None:
    with pytest.raises(NoGoldenOutputsError, match=r"digits:2 has no golden outputs.*Publish with golden="):
        golden_file(version_at(place), None)


def test_those_that_are_not_here_are_told(place: Path) -> None:
    place.unlink()
    with pytest.raises(NoGoldenOutputsError, match=r"are not here \(golden/2/golden.npz in .*--with-golden"):
        golden_file(version_at(place), GOLDEN)


def test_others_are_refused(place: Path) -> None:
    place.write_bytes(DATA + b".")
    with pytest.raises(tbv.VersionDamagedError, match="not those that were kept"):
        golden_file(version_at(place), GOLDEN)
    with open(place, "wb") as file:
        file.truncate(FILE_LIMIT + 1)
    with pytest.raises(tbv.VersionDamagedError, match="too large"):
        golden_file(version_at(place), GOLDEN)


def test_a_link_is_not_followed(place: Path, tmp_path: Path) -> None:
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(tbv.UnsafeFileError):
        golden_file(version_at(place), GOLDEN)
