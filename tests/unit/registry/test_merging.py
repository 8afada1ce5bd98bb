from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.store import LocalStore
from tb_versions.errors import ConflictError, DamagedLogError, NewerLogError, RefusedError, StorageError
from tb_versions.registry import events
from tb_versions.registry.merging import Merged, merge
from tb_versions.registry.registry import Registry
from tests.support.logs import DAY, NOON, append, entry, fields, promote, store_of, write


@pytest.fixture
def here(tmp_path: Path) -> LocalStore:
    store = store_of(tmp_path / "here")
    promote(Registry(store), 1, 2, time_ms=NOON)
    return store


@pytest.fixture
def there(here: LocalStore, tmp_path: Path) -> LocalStore:
    """A copy of the log, which goes on by itself."""
    store = store_of(tmp_path / "there")
    shutil.copytree(here.shown, store.shown)
    return store


def files(store: LocalStore) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(entry(store, 1).parent.iterdir())}


def production(store: LocalStore) -> int:
    return Registry(store).known().aliases["production"].version


def test_the_others_events_follow_ours_with_who_when_and_why(here: LocalStore, there: LocalStore) -> None:
    append(Registry(here), "noted", 1, text="here", time_ms=NOON + 2 * DAY)
    append(Registry(there), "noted", 2, text="there", actor="ben", reason="because", time_ms=NOON + DAY)
    before, theirs = files(here), files(there)
    original = Registry(there).event(3)
    assert merge(here, there) == Merged(2, (4,), 0)
    assert before.items() <= files(here).items(), "what was written never changes"
    assert files(there) == theirs, "the other copy is only read"
    merged = Registry(here).event(4)
    assert (merged.id, merged.actor, merged.time, merged.reason, merged.tool) == (
        original.id,
        "ben",
        original.time,
        "because",
        original.tool,
    )
    assert merged.origin == events.Origin(3, events.digest_of(entry(there, 3).read_bytes()))
    state = Registry(here).known()
    assert (state.version(1).notes, state.version(2).notes, state.skewed) == (1, 1, ())


def test_merging_twice_changes_nothing(here: LocalStore, there: LocalStore) -> None:
    append(Registry(here), "noted", 1, text="here")
    promote(Registry(there), 3, 4)
    merge(here, there)
    once = files(here)
    assert merge(here, there) == Merged(2, (), 2)
    assert files(here) == once


def test_where_only_the_other_went_on_its_entries_are_copied_byte_by_byte(here: LocalStore, there: LocalStore) -> None:
    promote(Registry(there), 3, 4)
    assert merge(here, there) == Merged(2, (3, 4), 0)
    assert files(here) == files(there)


def test_where_only_we_went_on_nothing_is_done(here: LocalStore, there: LocalStore) -> None:
    promote(Registry(here), 3, 4)
    assert merge(here, there) == Merged(2, (), 0)


def test_what_the_other_adds_later_is_merged_later(here: LocalStore, there: LocalStore) -> None:
    append(Registry(here), "noted", 1, text="here")
    promote(Registry(there), 3)
    merge(here, there)
    promote(Registry(there), 4)
    assert merge(here, there) == Merged(2, (5,), 1)
    assert [holder.version for holder in Registry(here).known().aliases["production"].stack] == [1, 2, 3, 4]


def test_an_alias_that_both_moved_is_a_conflict_and_nothing_is_written(here: LocalStore, there: LocalStore) -> None:
    promote(Registry(here), 3, actor="anna", time_ms=NOON)
    append(Registry(there), "noted", 1, text="x")
    promote(Registry(there), 4, actor="ben", time_ms=NOON + DAY)
    promote(Registry(there), 4, alias="canary")
    before = files(here)
    with pytest.raises(ConflictError) as caught:
        merge(here, there)
    told = (
        "here anna set it to 3 (2026-11-23 12:00 UTC, event 3), there ben set it to 4 (2026-11-24 12:00 UTC, event 4)"
    )
    assert f"production: {told}." in str(caught.value)
    assert "canary" not in str(caught.value)
    assert files(here) == before


def test_both_moved_an_alias_to_the_same_version(here: LocalStore, there: LocalStore) -> None:
    promote(Registry(here), 3)
    promote(Registry(there), 4, 3)
    merge(here, there)
    assert production(here) == 3


def test_theirs_counts_where_it_is_preferred(here: LocalStore, there: LocalStore) -> None:
    promote(Registry(here), 3)
    promote(Registry(there), 4)
    assert merge(here, there, prefer="theirs") == Merged(2, (4,), 0)
    assert production(here) == 4
    once = files(here)
    for prefer in ("theirs", ""):
        assert merge(here, there, prefer=prefer) == Merged(2, (), 1)  # type: ignore[arg-type]
        assert files(here) == once
    promote(Registry(there), 5)
    assert merge(here, there).added == (5,), "it goes on from what was preferred"


def test_ours_counts_where_it_is_preferred(here: LocalStore, there: LocalStore) -> None:
    promote(Registry(here), 3)
    promote(Registry(there), 4)
    promote(Registry(there), 4, alias="canary")
    assert merge(here, there, prefer="ours", actor="carl") == Merged(2, (4, 5), 0, ("production",))
    state = Registry(here).known()
    assert [holder.version for holder in state.aliases["production"].stack] == [1, 2, 3]
    assert state.aliases["production"].by.actor == "carl"
    assert state.aliases["canary"].version == 4
    once = files(here)
    assert merge(here, there, prefer="ours", actor="carl") == Merged(2, (), 2)
    assert files(here) == once


def test_a_removed_alias_stays_removed_where_ours_counts(here: LocalStore, there: LocalStore) -> None:
    append(Registry(here), "alias_removed", 2, alias="production")
    promote(Registry(there), 4)
    with pytest.raises(ConflictError, match="here anna removed it"):
        merge(here, there)
    merge(here, there, prefer="ours", actor="carl")
    assert "production" not in Registry(here).known().aliases


@pytest.mark.parametrize("prefer", ["", "ours"])
def test_an_interrupted_merge_is_finished_by_the_next(
    here: LocalStore, there: LocalStore, monkeypatch: pytest.MonkeyPatch, prefer: Any
) -> None:
    append(Registry(here), "noted", 1, text="here")
    if prefer:
        promote(Registry(here), 7)
    promote(Registry(there), 3, 4, 5)
    create, left = LocalStore.create, [2]

    def full(self: LocalStore, key: str, data: bytes) -> bool:
        left[0] -= 1
        if left[0] < 0:
            raise StorageError("No space left on device.")
        return create(self, key, data)

    monkeypatch.setattr(LocalStore, "create", full)
    with pytest.raises(StorageError):
        merge(here, there, prefer=prefer, actor="carl")
    monkeypatch.undo()
    merge(here, there, prefer=prefer, actor="carl")
    ids = [event.id for event, _ in Registry(here).history()]
    assert len(ids) == len(set(ids))
    assert {event.id for event, _ in Registry(there).history()} <= set(ids)
    assert production(here) == (7 if prefer else 5)


def test_the_way_back_is_a_copy_and_no_second_merge(here: LocalStore, there: LocalStore) -> None:
    append(Registry(here), "noted", 1, text="here")
    append(Registry(there), "noted", 1, text="there")
    merge(here, there)
    before = files(there)
    with pytest.raises(RefusedError, match=r"in another order, and more\. Copy it over this one"):
        merge(there, here)
    assert files(there) == before


def test_logs_without_a_common_event_are_joined_if_they_are_about_the_same_versions(tmp_path: Path) -> None:
    here, there = store_of(tmp_path / "a"), store_of(tmp_path / "b")
    one, two = ("sha256:" + digit * 64 for digit in "12")
    append(Registry(here), "approved", 1, manifest=one)
    append(Registry(there), "approved", 1, manifest=one, actor="ben")
    assert merge(here, there) == Merged(0, (2,), 0)
    append(Registry(there), "approved", 1, manifest=two)
    with pytest.raises(RefusedError, match="Version 1 is another one in each copy"):
        merge(here, there)


def test_a_copy_that_is_not_known_is_not_merged(here: LocalStore, there: LocalStore) -> None:
    write(there, 3, format=2)
    with pytest.raises(NewerLogError):
        merge(here, there)
    entry(there, 3).write_bytes(b"{")
    with pytest.raises(DamagedLogError):
        merge(here, there)


def test_what_a_newer_package_added_to_an_event_is_kept(here: LocalStore, there: LocalStore) -> None:
    append(Registry(here), "noted", 1, text="here")
    write(there, 3, kind="painted", critical=False, data={"colour": [1.0, "red"]}, weight=0.1)
    merge(here, there)
    merged, original = fields(entry(here, 4)), json.loads(entry(there, 3).read_bytes())
    assert {**merged, "number": 3, "prev": original["prev"]} == {**original, "origin": merged["origin"]}


def test_an_event_that_another_merge_brought_meanwhile_is_not_brought_again(
    here: LocalStore, there: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(Registry(here), "noted", 1, text="here")
    promote(Registry(there), 3)
    create, first = LocalStore.create, [True]

    def raced(self: LocalStore, key: str, data: bytes) -> bool:
        if first and first.pop():
            merge(here, there)
        return create(self, key, data)

    monkeypatch.setattr(LocalStore, "create", raced)
    assert merge(here, there).added == (4,)
    assert [event.kind for event, _ in Registry(here).history()] == ["alias_set", "alias_set", "noted", "alias_set"]
