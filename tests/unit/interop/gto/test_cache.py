"""Files of models in DVC's cache."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from tb_versions.errors import InvalidQueryError, TbVersionsError
from tb_versions.interop.gto.cache import Cache
from tb_versions.interop.gto.reading import read_repository
from tests.support.git_repositories import digits


def put(folder: Path, data: bytes, *, layout: str = "files/md5/", ending: str = "") -> str:
    digest = hashlib.md5(data).hexdigest()
    path = folder / layout / digest[:2] / f"{digest[2:]}{ending}"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return digest + ending


@pytest.mark.parametrize("layout", ["files/md5/", ""])
def test_a_file_and_a_folder_are_found_in_both_layouts(layout: str, tmp_path: Path) -> None:
    one, two = put(tmp_path, b"one", layout=layout), put(tmp_path, b"two", layout=layout)
    listed = json.dumps([{"md5": one, "relpath": "a/b"}, {"md5": two, "relpath": "c"}]).encode()
    whole = put(tmp_path, listed, layout=layout, ending=".dir")
    cache = Cache(str(tmp_path))
    assert [(part.path, part.digest) for part in cache.parts("models/x.h5", one)] == [("x.h5", one)]
    assert [(part.path, part.digest) for part in cache.parts("models", whole)] == [("a/b", one), ("c", two)]


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        (b"[", "is damaged"),
        (b"{}", "lists 0 files"),
        (b'[{"md5": 3}]', "is damaged"),
        (b"[" * 100_000, "is damaged"),
        (b'[{"md5": "../../../etc/passwd", "relpath": "x"}]', "names no MD5"),
        (b'[{"md5": "0cc175b9c0f1b6a831c399e269772661", "relpath": "x"}]', "not in DVC's cache"),
    ],
)
def test_a_list_that_is_no_list_of_dvc_is_one_sentence(listed: bytes, words: str, tmp_path: Path) -> None:
    digest = put(tmp_path, listed, ending=".dir")
    with pytest.raises(TbVersionsError, match=words):
        Cache(str(tmp_path)).parts("x", digest)


def test_a_cache_that_leads_out_of_the_repository_is_not_opened(tmp_path: Path) -> None:
    registry = digits(tmp_path / "repo")
    (registry.folder / ".dvc").mkdir()
    (tmp_path / "outside").mkdir()
    os.symlink(tmp_path / "outside", registry.folder / ".dvc/cache")
    with pytest.raises(InvalidQueryError, match="leads out of the repository"):
        read_repository(str(registry.folder))
    assert len(read_repository(str(registry.folder), cache=str(tmp_path / "outside")).versions) == 3


def test_a_list_that_was_changed_or_linked_is_refused(tmp_path: Path) -> None:
    digest = put(tmp_path / "cache", b"[]", ending=".dir")
    path = tmp_path / "cache/files/md5" / digest[:2] / digest[2:]
    path.write_bytes(b"[1]")
    cache = Cache(str(tmp_path / "cache"))
    with pytest.raises(TbVersionsError, match="not what was recorded"):
        cache.parts("x", digest)
    path.unlink()
    (tmp_path / "outside").write_bytes(b"[]")
    os.symlink(tmp_path / "outside", path)
    with pytest.raises(TbVersionsError, match="leads out"):
        cache.parts("x", digest)
    for bad in ("", "x", "../../etc", "0" * 31, f"{digest}.dir"):
        with pytest.raises(TbVersionsError):
            cache.parts("x", bad)
