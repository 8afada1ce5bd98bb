"""Version numbers: never given twice, never reused, found without a listing."""

from __future__ import annotations

import os
import stat as kinds
import threading
import types
from pathlib import Path

import pytest

from tb_versions.core.manifest import MAX_NUMBER
from tb_versions.errors import StorageError
from tb_versions.write import numbers


@pytest.fixture
def model(tmp_path: Path) -> str:
    folder = str(tmp_path / "digits")
    numbers.prepare(folder)
    return folder


def use(model: str) -> int:
    """What publish does with a number."""
    links = numbers.count_links(model)
    number = numbers.reserve(model)
    os.mkdir(os.path.join(model, str(number)))
    numbers.remember(model, number, links_before=links)
    return number


def test_numbers_begin_at_1_and_have_no_gaps(model: str) -> None:
    assert [use(model) for _ in range(5)] == [1, 2, 3, 4, 5]


def test_a_number_is_not_reused_after_its_folder_was_deleted(model: str) -> None:
    assert [use(model), use(model)] == [1, 2]
    os.rmdir(os.path.join(model, "2"))
    assert use(model) == 3


def test_folders_made_by_others_count(model: str) -> None:
    use(model)
    os.mkdir(os.path.join(model, "0041"))
    os.mkdir(os.path.join(model, "notes"))
    assert use(model) == 42
    assert numbers.list_numbers(model) == [1, 41, 42]
    assert numbers.is_taken(model, 41)
    assert not numbers.is_taken(model, 43)


@pytest.mark.parametrize("damage", ["", "x y", "5", "999999 0", "3 3 3", "\x00\xff", "1 179", "1 179 3"])
def test_a_damaged_memory_is_harmless(model: str, damage: str) -> None:
    use(model)
    Path(model, ".versions", "next").write_text(damage, encoding="latin-1")
    assert use(model) == 2


def test_a_memory_that_lags_behind_is_harmless(model: str) -> None:
    for _ in range(3):
        use(model)
    numbers.remember(model, 1, links_before=numbers.count_links(model) - 1)
    assert numbers.reserve(model) == 4


def test_a_memory_far_behind_is_given_up_for_a_listing(model: str) -> None:
    numbers.claim(model, 1)
    for number in range(2, 300):
        numbers.claim(model, number)
    numbers.remember(model, 1, links_before=numbers.count_links(model) - 1)
    assert numbers.reserve(model) == 300


def test_a_number_is_found_without_listing_the_folder(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(model)
    calls: list[object] = []
    monkeypatch.setattr(os, "listdir", lambda *arguments: calls.append(arguments) or [])
    assert use(model) == 2
    assert use(model) == 3
    assert calls == []


class Still:
    """What `os.stat` says of folders on a file system that does not change it when something appears in them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, **fixed: int) -> None:
        ask = os.stat

        def stat(path: str, **options: bool) -> object:
            status = ask(path, **options)
            if not kinds.S_ISDIR(status.st_mode):
                return status
            fields = {name: getattr(status, name) for name in dir(status) if name.startswith("st_")}
            return types.SimpleNamespace(**{**fields, **fixed})

        monkeypatch.setattr(os, "stat", stat)


@pytest.mark.parametrize(
    "fixed",
    [
        {"st_mtime_ns": 10**18},
        {"st_mtime_ns": 10**18, "st_nlink": 1},
        {"st_nlink": 1},
        {"st_nlink": 2},
        {"st_mtime_ns": 0, "st_nlink": 2},
    ],
    ids=str,
)
def test_a_higher_number_of_somebody_else_counts_where_times_of_folders_stand_still(
    model: str, monkeypatch: pytest.MonkeyPatch, fixed: dict[str, int]
) -> None:
    Still(monkeypatch, **fixed)
    assert [use(model), use(model)] == [1, 2]
    os.mkdir(os.path.join(model, "9"))
    assert [use(model), use(model)] == [10, 11]


def test_a_folder_made_while_a_number_was_used_counts(model: str) -> None:
    """It comes between the listing and the memory, and so with the time that is remembered."""
    links = numbers.count_links(model)
    number = numbers.reserve(model)
    os.mkdir(os.path.join(model, str(number)))
    os.mkdir(os.path.join(model, "9"))
    numbers.remember(model, number, links_before=links)
    assert use(model) == 10


def test_a_memory_of_an_earlier_release_is_passed_over(model: str) -> None:
    use(model)
    Path(model, ".versions", "next").write_text(f"{1:019d} {os.stat(model).st_mtime_ns:020d}\n")
    os.mkdir(os.path.join(model, "9"))
    assert use(model) == 10


def test_threads_never_get_the_same_number(model: str) -> None:
    taken: list[int] = []
    threads = [threading.Thread(target=lambda: taken.extend(use(model) for _ in range(25))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(1, 201))


def test_a_released_number_is_free_unless_its_version_is_there(model: str) -> None:
    assert numbers.reserve(model) == 1
    numbers.release(model, 1)
    assert use(model) == 1
    numbers.release(model, 1)
    assert numbers.is_taken(model, 1)
    assert not numbers.claim(model, 1)


def test_an_empty_folder_of_that_number_is_taken(model: str) -> None:
    os.mkdir(os.path.join(model, "1"))
    assert not numbers.claim(model, 1)


def test_keeping_a_number_twice_is_fine(model: str) -> None:
    numbers.keep(model, 9)
    numbers.keep(model, 9)
    assert use(model) == 10


def test_there_is_a_largest_number(model: str) -> None:
    numbers.claim(model, MAX_NUMBER)
    with pytest.raises(StorageError, match="no larger number"):
        numbers.reserve(model)


@pytest.mark.parametrize(
    ("name", "number"),
    [("7", 7), ("007", 7), ("0", 0), *((odd, None) for odd in ("-1", "+1", "1_0", "", "٣", "9" * 20))],
)
def test_folder_names_as_numbers(name: str, number: int | None) -> None:
    assert numbers.parse_number(name) == number


def test_a_memory_that_leads_elsewhere_is_neither_read_nor_written(model: str, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("somebody's own")
    hint = Path(model, ".versions", "next")
    hint.symlink_to(outside)
    assert [use(model), use(model)] == [1, 2]
    assert outside.read_text() == "somebody's own"
    hint.unlink()
    hint.symlink_to(tmp_path / "new")
    assert use(model) == 3
    assert not (tmp_path / "new").exists()


def test_a_memory_that_is_a_fifo_is_not_waited_for(model: str) -> None:
    os.mkfifo(os.path.join(model, ".versions", "next"))
    assert [use(model), use(model)] == [1, 2]
