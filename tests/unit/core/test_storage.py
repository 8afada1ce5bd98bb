from __future__ import annotations

import errno
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tb_versions.core import storage
from tb_versions.errors import (
    InvalidManifestError,
    StorageError,
    UnreadableFolderError,
    UnsafeFileError,
    UnsupportedStorageError,
)


def test_a_small_plain_file_is_read(tmp_path: Path) -> None:
    for data in (b"", b"x", b"x" * 100):
        (tmp_path / "f").write_bytes(data)
        assert storage.read_capped(tmp_path / "f", 100) == data


def test_what_is_too_large_or_no_plain_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 101)
    with pytest.raises(InvalidManifestError, match="101 bytes; at most 100"):
        storage.read_capped(tmp_path / "big", 100)
    (tmp_path / "link").symlink_to(tmp_path / "big")
    os.mkfifo(tmp_path / "fifo")
    for name in ("link", "fifo", "."):
        with pytest.raises(UnsafeFileError):
            storage.read_capped(tmp_path / name, 100)
    with pytest.raises(FileNotFoundError):
        storage.read_capped(tmp_path / "none", 100)
    with pytest.raises(StorageError):
        storage.read_capped(tmp_path / "big" / "x", 100)


def test_one_of_many_creates(tmp_path: Path) -> None:
    winners = []
    start = threading.Barrier(8)

    def create(number: int) -> None:
        start.wait()
        if storage.create_if_absent(tmp_path / "f", b"%d" % number):
            winners.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = winners
    assert (tmp_path / "f").read_bytes() == b"%d" % winner
    assert os.listdir(tmp_path) == ["f"]


def test_a_failed_creation_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="can't be written"):
        storage.create_if_absent(tmp_path / "no" / "f", b"x")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("url", ["s3://b/k", "gs://b", "http://x", "zip://a::b", "file:///tmp"])
def test_urls_are_refused_with_a_sentence(url: str) -> None:
    assert storage.is_remote(url)
    with pytest.raises(UnsupportedStorageError, match="only local folders"):
        storage.local_path(url)


def test_a_folder_must_exist_and_have_a_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert storage.existing_folder(tmp_path, "It") == tmp_path
    for path, words in (
        (tmp_path / "none", "does not exist"),
        (tmp_path / "file", "is not a folder"),
        ("", "has no name"),
        ("x" * 5_000, "does not exist"),
        ("a\0b", "does not exist"),
        ("~nosuchuser/x", "does not exist"),
    ):
        with pytest.raises(UnreadableFolderError, match=words):
            storage.existing_folder(path, "It")


def test_inside_is_told_after_symlinks(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "link").symlink_to(tmp_path / "b")
    assert storage.is_inside(tmp_path / "a" / "x", tmp_path / "a")
    assert storage.is_inside(tmp_path / "a", tmp_path / "a")
    assert not storage.is_inside(tmp_path / "a" / "link" / "x", tmp_path / "a")
    assert not storage.is_inside(tmp_path / "a" / ".." / "b", tmp_path / "a")
    assert not storage.is_inside(str(tmp_path / "a") + "2", tmp_path / "a")


def test_a_folder_is_opened_below_another_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "ab").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a")
    monkeypatch.chdir(tmp_path)
    for folder, within in (
        (tmp_path / "a" / "b", tmp_path),
        (tmp_path / "link" / "b", tmp_path / "link"),
        (f"{tmp_path}/a/", f"{tmp_path}/a"),
        (tmp_path / "a", "/"),
        ("./a", "."),
        ("a", "a/"),
    ):
        os.close(storage.open_folder(folder, within=within))
    for outside, within in (
        (tmp_path / "link" / "b", tmp_path),
        (tmp_path / "ab", tmp_path / "a"),
        (f"{tmp_path}/a/../ab", tmp_path / "a"),
    ):
        with pytest.raises(UnsafeFileError):
            storage.open_folder(outside, within=within)
    with pytest.raises(FileNotFoundError):
        storage.open_folder(tmp_path / "none", within=tmp_path)


def test_only_plain_files_are_brought_to_disk(tmp_path: Path) -> None:
    (tmp_path / ".versions").mkdir()
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "file").write_text("x")
    (tmp_path / "dangling").symlink_to("nowhere")
    for folder in (tmp_path / ".versions", tmp_path / "inner", tmp_path):
        os.mkfifo(folder / "fifo")
    storage.fsync_tree(tmp_path)  # would wait for ever for a writer of the fifo


def failing(code: int) -> Callable[..., None]:
    def call(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return call


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK])
def test_without_hard_links_one_still_creates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    monkeypatch.setattr(os, "link", failing(code))
    assert storage.create_if_absent(tmp_path / "f", b"first")
    assert not storage.create_if_absent(tmp_path / "f", b"second")
    assert (tmp_path / "f").read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["f"]


def test_without_hard_links_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", failing(errno.EPERM))
    fsync, calls = os.fsync, []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        storage.create_if_absent(tmp_path / "f", b"x")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF, errno.EIO])
def test_a_file_system_that_cannot_sync_folders_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fsync)
    if code == errno.EIO:
        with pytest.raises(OSError, match="error"):
            storage.fsync_folder(tmp_path)
    else:
        storage.fsync_folder(tmp_path)


def test_folders_side_by_side_are_opened_one_after_the_other(tmp_path: Path) -> None:
    paths = [tmp_path / model / number / "f" for model in ("a", "b") for number in ("1", "2")]
    for path in paths:
        path.parent.mkdir(parents=True)
        path.write_text(str(path))
    (tmp_path / "f").write_text("in the folder itself")
    before = set(os.listdir("/proc/self/fd"))
    with storage.SiblingFolders() as folders:
        for path in (*paths, paths[0], tmp_path / "f"):
            data = storage.read_capped(path, 1_000, within=tmp_path, folders=folders)
            assert data.decode() == path.read_text()
    assert set(os.listdir("/proc/self/fd")) == before


def test_no_symlink_is_followed_to_a_folder_or_to_the_one_above(tmp_path: Path) -> None:
    (tmp_path / "outside" / "1").mkdir(parents=True)
    (tmp_path / "outside" / "1" / "f").write_text("secret")
    (tmp_path / "models" / "m").mkdir(parents=True)
    (tmp_path / "models" / "m" / "1").symlink_to(tmp_path / "outside" / "1")
    (tmp_path / "models" / "n").symlink_to(tmp_path / "outside")
    with storage.SiblingFolders() as folders:
        for name in ("m/1", "n/1", "m/../../outside/1", "m/.."):
            with pytest.raises(UnsafeFileError):
                storage.read_capped(tmp_path / "models" / name / "f", 9, within=tmp_path / "models", folders=folders)


def test_a_folder_that_was_opened_once_is_opened_anew_below_another_one(tmp_path: Path) -> None:
    """Below `link` the way holds no symlink; below the folder above, it does."""
    (tmp_path / "models" / "m" / "1").mkdir(parents=True)
    (tmp_path / "models" / "m" / "1" / "f").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "models")
    path = tmp_path / "link" / "m" / "1" / "f"
    with storage.SiblingFolders() as folders:
        assert storage.read_capped(path, 9, within=tmp_path / "link", folders=folders) == b"x"
        with pytest.raises(UnsafeFileError):
            storage.read_capped(path, 9, within=tmp_path, folders=folders)
