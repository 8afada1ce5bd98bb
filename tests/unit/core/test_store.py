from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from tb_versions.core.store import LocalStore
from tb_versions.errors import InvalidManifestError, StorageError, UnsafeFileError
from tests.support.logs import store_of
from tests.support.unprivileged import run_unprivileged


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return store_of(tmp_path / "models")


def everything(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_what_is_created_is_read(store: LocalStore) -> None:
    assert store.create("log/1.json", b"one")
    assert store.read("log/1.json", 100) == b"one"
    assert store.exists("log/1.json")
    assert store.names("log") == ["1.json"]


def test_what_exists_is_left_alone(store: LocalStore) -> None:
    assert store.create("log/1.json", b"one")
    assert not store.create("log/1.json", b"two")
    assert store.read("log/1.json", 100) == b"one"


def test_of_racing_writers_one_creates_and_no_litter_stays(store: LocalStore) -> None:
    winners = []
    start = threading.Barrier(8)

    def create(number: int) -> None:
        start.wait()
        if store.create("a/b/c/file", b"%d" % number):
            winners.append(number)

    threads = [threading.Thread(target=create, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.read("a/b/c/file", 100) == b"%d" % winners[0]
    assert len(winners) == 1
    assert list(store.ages("a/b/c")) == ["file"]


def test_a_store_that_is_not_there_is_empty(store: LocalStore) -> None:
    assert store.names("log") == []
    assert dict(store.ages("log")) == {}
    assert list(store.read_each(["log/1.json"], 100)) == []
    assert not store.exists("log/1.json")
    with pytest.raises(FileNotFoundError):
        store.read("log/1.json", 100)
    store.delete("log/1.json")
    assert not os.path.exists(store.shown), "reading made a folder"


def test_a_models_folder_that_is_gone_is_no_empty_one(tmp_path: Path) -> None:
    gone = LocalStore(str(tmp_path / "gone" / "digits" / ".versions"), within=str(tmp_path / "gone"))
    for ask in (
        lambda: gone.read("log/1.json", 100),
        lambda: list(gone.read_each(["log/1.json"], 100)),
        lambda: gone.names("log"),
    ):
        with pytest.raises(StorageError, match="is not there; a mount that is gone"):
            ask()
    with pytest.raises(StorageError, match="can't be created"):
        gone.create("log/1.json", b"x")
    assert os.listdir(tmp_path) == []


def test_files_are_read_in_turn_up_to_the_first_that_is_not_there(store: LocalStore) -> None:
    for number in (1, 2, 4):
        store.create(f"log/{number}", b"%d" % number)
    assert list(store.read_each((f"log/{n}" for n in range(1, 9)), 100)) == [b"1", b"2"]


def test_a_file_that_is_too_large_or_no_plain_file_is_refused_before_it_is_read(store: LocalStore) -> None:
    store.create("log/1", b"x" * 101)
    os.mkfifo(f"{store.shown}/log/2")
    os.symlink("1", f"{store.shown}/log/3")
    os.mkdir(f"{store.shown}/log/4")
    for key, error in (
        ("1", InvalidManifestError),
        ("2", UnsafeFileError),
        ("3", UnsafeFileError),
        ("4", UnsafeFileError),
    ):
        with pytest.raises(error):
            store.read(f"log/{key}", 100)
        with pytest.raises(error):
            list(store.read_each([f"log/{key}"], 100))


@pytest.mark.parametrize("link", ["digits", "digits/.versions", "digits/.versions/log"])
def test_a_folder_that_is_a_symlink_is_neither_read_nor_written(tmp_path: Path, link: str) -> None:
    outside = tmp_path / "outside"
    (outside / ".versions" / "log").mkdir(parents=True)
    (outside / "log").mkdir()
    for folder in (outside, outside / "log", outside / ".versions" / "log"):
        (folder / "1.json").write_bytes(b"secret")
    store = store_of(tmp_path / "models")
    path = tmp_path / "models" / link
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(outside)
    before = everything(outside)
    with pytest.raises(UnsafeFileError):
        store.read("log/1.json", 100)
    with pytest.raises(UnsafeFileError):
        list(store.read_each(["log/1.json"], 100))
    with pytest.raises(StorageError, match="symlink"):
        store.names("log")
    for key in ("log/2.json", "log/new/2.json"):
        with pytest.raises(UnsafeFileError):
            store.create(key, b"x")
    with pytest.raises(StorageError):
        store.delete("log/1.json")
    with pytest.raises((StorageError, UnsafeFileError)):
        store.move("log/1.json", "damaged/1.json")
    assert everything(outside) == before


def test_no_key_leads_out_of_the_store(store: LocalStore, tmp_path: Path) -> None:
    store.create("log/1.json", b"x")
    (tmp_path / "secret").write_bytes(b"x")
    with pytest.raises(UnsafeFileError):
        store.read("../../../secret", 100)


def test_temporary_files_have_an_age_and_are_no_names(store: LocalStore) -> None:
    store.create("log/1.json", b"x")
    litter = Path(store.shown, "log", ".tmp-0123")
    litter.write_bytes(b"half")
    an_hour_ago = time.time() - 3_600
    os.utime(litter, (an_hour_ago, an_hour_ago))
    os.mkfifo(f"{store.shown}/log/fifo")
    assert store.names("log") == ["1.json", "fifo"]
    ages = store.ages("log")
    assert list(ages) == [".tmp-0123", "1.json"]
    assert ages[".tmp-0123"] >= 3_599


def test_a_file_is_deleted_and_moved(store: LocalStore) -> None:
    store.create("log/1.json", b"one")
    store.move("log/1.json", "damaged/1.json-a")
    assert store.names("log") == []
    assert store.read("damaged/1.json-a", 100) == b"one"
    store.delete("damaged/1.json-a")
    assert store.names("damaged") == []
    with pytest.raises(StorageError, match="can't be moved"):
        store.move("log/1.json", "damaged/1.json-b")


def test_a_folder_without_permission_is_an_error_and_not_empty(store: LocalStore) -> None:
    store.create("log/1.json", b"one")
    os.chmod(f"{store.shown}/log", 0o000)
    script = f"""
from tb_versions.core.store import LocalStore
from tb_versions.errors import StorageError
store = LocalStore({store.shown!r}, within={os.path.dirname(os.path.dirname(store.shown))!r})
asks = (lambda: store.read("log/1.json", 9), lambda: list(store.read_each(["log/1.json"], 9)),
        lambda: store.names("log"), lambda: store.ages("log"), lambda: store.exists("log/1.json"),
        lambda: store.create("log/2.json", b"x"), lambda: store.delete("log/1.json"))
for ask in asks:
    try:
        print("answered", ask())
    except StorageError as error:
        print("StorageError", "Permission denied" in str(error))
"""
    done = run_unprivileged("-c", script)
    os.chmod(f"{store.shown}/log", 0o755)
    assert done.stdout.splitlines() == ["StorageError True"] * 7, done.stdout + done.stderr
    assert everything(Path(store.shown)) == {"log", "log/1.json"}
