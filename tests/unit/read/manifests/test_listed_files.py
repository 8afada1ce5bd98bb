from __future__ import annotations

import orjson
import pytest

from tb_versions.core.manifest import File
from tb_versions.read.manifests.integrity import listed_files
from tb_versions.read.manifests.listed_files import MOST_KEPT, ListedFiles, listed


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [{"path": "a", "size": "1", "digest": "sha256:0"}, {"path": "b/c"}],
        [
            {"path": "a", "size": 1},
            {"path": "b", "size": 1.5},
            {"path": "c", "size": True},
            {"path": "d", "size": None},
        ],
        [{"path": 1}, {"size": "1"}, None, "a", {"path": "x", "size": "-1"}, {"path": "y", "size": "1" * 20}],
        {"path": "a"},
        "a",
        None,
    ],
)
def test_files_are_read_as_leniently_as_everywhere(entries: object) -> None:
    files = listed(orjson.dumps(entries))
    assert files is not None
    expected = listed_files({"files": entries})
    assert files.files() == tuple(File(path=file.path, size=file.size, digest="") for file in expected)


def test_versions_with_the_same_files_share_them() -> None:
    first = listed(b'[{"path":"a","size":"1","digest":"sha256:1"}]')
    second = listed(b'[{"size":"1","path":"a","digest":"sha256:2"}]')
    assert first is second == ListedFiles(("a",), (1,))
    third = listed(b'[{"path":"a","size":"2"}]')
    assert first is not None
    assert third is not None
    assert third.paths is first.paths


def test_too_many_files_are_not_kept() -> None:
    assert listed(orjson.dumps([{"path": str(number)} for number in range(MOST_KEPT)])) is not None
    assert listed(orjson.dumps([{"path": str(number)} for number in range(MOST_KEPT + 1)])) is None
