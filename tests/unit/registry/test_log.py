from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tb_versions.core import storage
from tb_versions.core.store import LocalStore
from tb_versions.errors import DamagedLogError, StorageError, UnsafeFileError
from tb_versions.registry.log import Log, key_of
from tests.support.logs import entry, store_of


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return store_of(tmp_path / "models")


@pytest.fixture
def log(store: LocalStore) -> Log:
    return Log(store)


def fill(log: Log, count: int) -> None:
    for number in range(1, count + 1):
        assert log.create(number, b"%d" % number)


def test_entries_are_read_in_order(log: Log, store: LocalStore) -> None:
    fill(log, 12)
    assert list(log.after(9)) == [(10, b"10"), (11, b"11"), (12, b"12")]
    assert [number for number, _ in log.after(0)] == log.numbers() == list(range(1, 13))
    assert list(log.after(12)) == list(log.after(99)) == []
    assert log.entry(3) == b"3"
    assert os.path.basename(entry(store, 3)) == "00000000000000000003.json"


def test_an_entry_is_made_once(log: Log) -> None:
    assert log.create(1, b"one")
    assert not log.create(1, b"two")
    assert log.entry(1) == b"one"
    with pytest.raises(FileNotFoundError):
        log.entry(2)


def test_other_files_are_no_entries(log: Log, store: LocalStore) -> None:
    fill(log, 1)
    folder = entry(store, 1).parent
    names = [
        ".tmp-0123",
        "00000000000000000000.json",
        "0000000000000000002.json",
        "00000000000000000002.json.part",
        "00000000000000000002.JSON",
        "٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠2.json",
        "-0000000000000000002.json",
        "notes.txt",
    ]
    for name in names:
        (folder / name).write_bytes(b"x")
    assert log.numbers() == [1]
    assert log.strays() == sorted(names[1:])
    assert [number for number, _ in log.after(0)] == [1]


@pytest.mark.parametrize("missing", [[3], [3, 4, 5], [1]])
def test_a_missing_entry_is_a_gap_and_not_the_end(log: Log, store: LocalStore, missing: list[int]) -> None:
    fill(log, 8)
    for number in missing:
        entry(store, number).unlink()
    with pytest.raises(DamagedLogError, match=f"gap: event {missing[0]} is missing, though there is an event"):
        list(log.after(0))


def test_two_entries_that_are_made_between_two_looks_are_no_gap(log: Log, store: LocalStore) -> None:
    fill(log, 3)

    class Raced(LocalStore):
        def read_each(self, keys: Iterable[str], limit: int) -> Iterator[bytes]:
            yield from super().read_each(keys, limit)
            for number in (4, 5):
                log.create(number, b"%d" % number)

    raced = Log(Raced(store.shown, within=str(Path(store.shown).parents[1])))
    assert [number for number, _ in raced.after(0)] == [1, 2, 3, 4, 5]


def test_what_is_no_plain_small_file_is_damaged_and_never_opened(log: Log, store: LocalStore) -> None:
    fill(log, 1)
    folder = entry(store, 1).parent
    (folder / "secret").write_bytes(b"x")
    for number, make in enumerate(
        (
            lambda path: path.symlink_to(folder / "secret"),
            lambda path: path.symlink_to("nowhere"),
            os.mkfifo,
            os.mkdir,
            lambda path: path.symlink_to("/dev/zero"),
            lambda path: path.write_bytes(b" " * ((1 << 20) + 1)),
        )
    ):
        path = entry(store, 2)
        make(path)
        with pytest.raises(DamagedLogError, match="Event 2 is damaged"):
            list(log.after(1))
        with pytest.raises(DamagedLogError, match="Event 2 is damaged"):
            log.entry(2)
        path.rename(folder / f"kept{number}")


def test_a_log_whose_folder_leads_elsewhere_is_damaged(log: Log, store: LocalStore, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    os.makedirs(store.shown)
    os.symlink(tmp_path / "outside", f"{store.shown}/log")
    with pytest.raises(DamagedLogError, match="symlink"):
        list(log.after(0))
    with pytest.raises(UnsafeFileError):
        log.create(1, b"x")
    assert os.listdir(tmp_path / "outside") == []


class Faulty(LocalStore):
    """A store whose `create` does its work and then says something else, once for each answer."""

    def __init__(self, store: LocalStore, *answers: bool | str) -> None:
        super().__init__(store.shown, within=str(Path(store.shown).parents[1]))
        self.answers = list(answers)

    def create(self, key: str, data: bytes) -> bool:
        answer = self.answers.pop(0) if self.answers else ""
        created = False if answer == "not written" else super().create(key, data)
        if isinstance(answer, str) and answer:
            raise StorageError(answer)
        return answer if isinstance(answer, bool) else created


@pytest.mark.parametrize("answers", [(False,), ("500",), ("time out", False)])
def test_a_write_that_succeeded_and_reported_failure_counts_once(
    store: LocalStore, answers: tuple[bool | str, ...]
) -> None:
    assert Log(Faulty(store, *answers)).create(1, b"mine")
    assert not Log(Faulty(store, *answers)).create(1, b"theirs")
    assert Log(store).numbers() == [1]


def test_a_write_that_failed_is_told(store: LocalStore) -> None:
    with pytest.raises(StorageError, match="Event 1 was not written: not written"):
        Log(Faulty(store, "not written")).create(1, b"mine")
    assert Log(store).numbers() == []


def test_a_write_that_the_disk_does_not_confirm_is_told(store: LocalStore) -> None:
    with pytest.raises(StorageError, match="is written, but may be lost"):
        Log(Faulty(store, "EIO", "EIO")).create(1, b"mine")
    assert Log(store).entry(1) == b"mine"


def test_a_lost_race_that_can_not_be_looked_at_is_no_lost_race(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To say "somebody was faster" of an own event would write it twice."""

    def stale(*_: object, **__: object) -> bytes:
        raise StorageError("Stale file handle")

    monkeypatch.setattr(LocalStore, "read", stale)
    for answer in (False, "EIO"):
        with pytest.raises(StorageError, match="Whether event 1 was written is not known; look at"):
            Log(Faulty(store, answer)).create(1, b"mine")


@pytest.mark.parametrize("code", [errno.EIO, errno.EEXIST, errno.ESTALE])
def test_a_link_that_was_made_and_reported_failure_counts(log: Log, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """As network file systems do when an answer is lost and the request is sent again."""
    link = os.link

    def linked(old: str, new: str) -> None:
        link(old, new)
        raise OSError(code, os.strerror(code), new)

    monkeypatch.setattr(storage.os, "link", linked)
    assert log.create(1, b"mine")
    assert log.entry(1) == b"mine"
    assert os.listdir(os.path.dirname(f"{log.shown}/")) == ["00000000000000000001.json"]


def test_keys_have_twenty_digits() -> None:
    assert key_of(42) == "log/00000000000000000042.json"
