from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from tb_versions.core.user_folders import CACHE_DIR, NO_CACHE
from tb_versions.read.manifests import cache
from tb_versions.read.manifests.cache import Cache, users_cache


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "above" / "cache"


def store(folder: Path, name: str, content: bytes) -> None:
    Cache(str(folder)).change(name, lambda _: content)


def load(folder: Path, name: str) -> bytes | None:
    return Cache(str(folder)).load(name)


def file_of(folder: Path) -> Path:
    (path,) = [path for path in folder.iterdir() if path.name != "lock"]
    return path


def test_what_was_stored_comes_back(folder: Path) -> None:
    assert load(folder, "/models") is None
    store(folder, "/models", b"what was read")
    store(folder, "/mod\udcffels", b"")
    assert load(folder, "/models") == b"what was read"
    assert load(folder, "/mod\udcffels") == b""
    assert load(folder, "/other") is None


def test_only_this_user_may_look_into_it(folder: Path) -> None:
    store(folder, "a", b"a")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert file_of(folder).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", ["cut", "bit", "empty", "text", "other version"])
def test_a_damaged_file_is_no_file(folder: Path, damage: str) -> None:
    store(folder, "a", b"content" * 100)
    path = file_of(folder)
    data = path.read_bytes()
    path.write_bytes(
        {
            "cut": data[:-1],
            "bit": data[:-9] + bytes([data[-9] ^ 1]) + data[-8:],
            "empty": b"",
            "text": b"{}" * 500,
            "other version": data.replace(b"tb_versions", b"tb_Versions"),
        }[damage]
    )
    assert load(folder, "a") is None
    store(folder, "a", b"again")
    assert load(folder, "a") == b"again"


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_in_which_others_may_write_is_not_used(folder: Path, mode: int) -> None:
    store(folder, "a", b"a")
    folder.chmod(mode)
    assert load(folder, "a") is None
    store(folder, "b", b"b")
    assert len(list(folder.iterdir())) == 2


def test_what_belongs_to_another_user_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store(folder, "a", b"a")
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    assert load(folder, "a") is None
    store(folder, "b", b"b")
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("what", ["symlink", "fifo", "folder"])
def test_only_plain_files_are_opened(folder: Path, what: str) -> None:
    store(folder, "a", b"a")
    path = file_of(folder)
    path.rename(folder.parent / "moved")
    if what == "symlink":
        path.symlink_to(folder.parent / "moved")
    elif what == "fifo":
        os.mkfifo(path)
    else:
        path.mkdir()
    assert load(folder, "a") is None


def test_a_symlink_in_place_of_the_folder_is_not_followed(folder: Path) -> None:
    store(folder, "a", b"a")
    folder.rename(folder.parent / "moved")
    folder.symlink_to(folder.parent / "moved")
    assert load(folder, "a") is None


def test_where_nothing_can_be_written_nothing_is_stored(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store(tmp_path / "file" / "cache", "a", b"a")
    assert load(tmp_path / "file" / "cache", "a") is None


def _count(folder: str, times: int) -> None:
    for _ in range(times):
        Cache(folder).change("count", lambda stored: str(int(stored or b"0") + 1).encode())


def test_two_processes_at_once_lose_nothing(folder: Path) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_count, args=(str(folder), 20)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert load(folder, "count") == b"40"
    assert len(list(folder.iterdir())) == 2


def test_the_longest_unused_files_are_deleted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_BYTES", 4_000)
    for place, name in enumerate("abc"):
        store(folder, name, name.encode() * 1_000)
        os.utime(next(p for p in folder.iterdir() if name.encode() * 1_000 in p.read_bytes()), (place, place))
    assert load(folder, "a") is not None  # used now
    store(folder, "d", b"d" * 1_000)
    assert [name for name in "abcd" if load(folder, name) is not None] == ["a", "c", "d"]
    store(folder, "e", b"e" * 2_001)
    assert load(folder, "e") is None


def test_variables_move_it_and_turn_it_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CACHE_DIR)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    made = users_cache()
    assert made is not None
    made.change("a", lambda _: b"a")
    assert (tmp_path / "xdg" / "tb_versions").is_dir()
    monkeypatch.setenv(CACHE_DIR, str(tmp_path / "own"))
    own = users_cache()
    assert own is not None
    own.change("a", lambda _: b"a")
    assert file_of(tmp_path / "own")
    monkeypatch.setenv(NO_CACHE, "1")
    assert users_cache() is None
    monkeypatch.setenv(NO_CACHE, "0")
    assert users_cache() is not None
