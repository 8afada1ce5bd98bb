"""Folders that are put together of files which a tracker keeps by digest."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tb_versions.errors import NotAModelError
from tb_versions.interop.importing.assembling import Assembly, Part, assemble
from tb_versions.interop.importing.foreign import Foreign

VERSION = Foreign("wandb", "s", "k", "m", None)


def part(path: str, data: bytes, **changes: object) -> Part:
    digest = hashlib.sha256(data).hexdigest()
    values: dict[str, object] = {"stored": digest, "algorithm": "sha256", "digest": digest, "size": len(data)}
    return Part(path, **{**values, **changes})  # type: ignore[arg-type]


def test_a_folder_has_all_files_or_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    for data in (b"a", b"b"):
        (tmp_path / "blobs" / hashlib.sha256(data).hexdigest()).write_bytes(data)
    roots = [str(tmp_path / "none"), str(tmp_path / "blobs")]
    assemble([part("x/y", b"a"), part("z", b"b"), part("again", b"b")], roots, str(tmp_path / "one"))
    assert (tmp_path / "one/x/y").read_bytes() == b"a"
    for bad in (part("c", b"c"), part("x", b"b"), part("z", b"b", size=2), part("w", b"b", digest="0")):
        with pytest.raises(NotAModelError):
            assemble([part("x", b"a"), bad], roots, str(tmp_path / "two"))
        assert not (tmp_path / "two").exists()
    assert sorted(os.listdir(tmp_path)) == ["blobs", "one"]


def test_a_folder_that_can_t_be_linked_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    one = part("x", b"a")
    (tmp_path / one.stored).write_bytes(b"a")
    assemble([one], [str(tmp_path)], str(tmp_path / "made"))
    assert (tmp_path / "made/x").read_bytes() == b"a"


def test_a_version_that_is_known_is_not_put_together_again(tmp_path: Path) -> None:
    known = Assembly(str(tmp_path), {VERSION.identity})
    assert known.with_files(VERSION, lambda: [part("x", b"a")], [], stay="stays") == VERSION
    assert os.listdir(tmp_path) == []
    assert Assembly().with_files(VERSION, list, [], stay="stays").notes == ("stays",)
