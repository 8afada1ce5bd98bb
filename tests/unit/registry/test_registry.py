from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import msgspec
import pytest

from tb_versions.core.store import LocalStore
from tb_versions.errors import ConflictError, DamagedLogError, InvalidManifestError, StorageError
from tb_versions.registry import checkpoints, events, remedies
from tb_versions.registry.registry import Draft, Registry
from tb_versions.registry.state import State
from tests.support.logs import DAY, NOON, append, entry, fields, promote, relink, store_of, write
from tests.support.unprivileged import run_unprivileged


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return store_of(tmp_path / "models")


@pytest.fixture
def registry(store: LocalStore) -> Registry:
    return Registry(store)


def production(state: State) -> int:
    return state.aliases["production"].version


def checkpoint_numbers(store: LocalStore) -> list[int]:
    return [number for number, _, _ in checkpoints.names(store)]


def test_a_refresh_reads_only_what_is_new(registry: Registry, store: LocalStore) -> None:
    reader = Registry(store)
    assert reader.refresh() is reader.refresh()
    promote(registry, 1, 2, 3)
    assert production(reader.refresh()) == 3
    state = reader.refresh()
    assert reader.refresh() is state
    # Only the last event is looked at again: it tells whether the log is still the same.
    entry(store, 1).write_bytes(b"damaged")
    entry(store, 2).write_bytes(b"damaged")
    promote(registry, 4)
    assert production(reader.refresh()) == 4


def test_a_log_that_was_replaced_is_read_anew(registry: Registry, store: LocalStore, tmp_path: Path) -> None:
    promote(registry, 1, 2)
    other = Registry(store_of(tmp_path / "others"))
    promote(other, 7, 8, 9)
    reader = Registry(store)
    assert production(reader.refresh()) == 2
    shutil.rmtree(store.shown)
    shutil.copytree(other.store.shown, store.shown)
    assert production(reader.refresh()) == 9
    assert reader.state.head.number == 3


def test_a_log_that_was_cut_is_read_anew(registry: Registry, store: LocalStore) -> None:
    promote(registry, 1, 2, 3)
    entry(store, 3).unlink()
    assert production(registry.refresh()) == 2
    shutil.rmtree(store.shown)
    assert registry.refresh() == State()


def test_a_damaged_event_keeps_the_last_state_that_is_known_until_it_is_mended(
    registry: Registry, store: LocalStore
) -> None:
    promote(registry, 1, 2, 3)
    whole = entry(store, 2).read_bytes()
    entry(store, 2).write_bytes(whole[:-20])
    reader = Registry(store)
    state = reader.refresh()
    assert (state.problem_kind, state.head.number, production(state)) == ("damaged", 1, 1)
    assert reader.refresh() is state
    with pytest.raises(DamagedLogError, match="Event 2 is damaged"):
        reader.known()
    with pytest.raises(DamagedLogError):
        promote(reader, 4)
    entry(store, 2).write_bytes(whole)
    state = reader.known()
    assert (state.problem, state.problem_kind, production(state)) == ("", "", 3)


def test_a_gap_is_a_problem_until_it_is_mended(registry: Registry, store: LocalStore) -> None:
    promote(registry, 1, 2, 3)
    aside = store.shown + "/aside"
    entry(store, 2).rename(aside)
    reader = Registry(store)
    assert "gap: event 2 is missing" in reader.refresh().problem
    os.rename(aside, entry(store, 2))
    assert production(reader.known()) == 3


def test_the_kind_of_a_problem_is_not_read_from_its_sentence(registry: Registry, store: LocalStore) -> None:
    write(store, 1, kind="approved", tool="a newer version\x00")
    write(store, 2)
    state = registry.refresh()
    assert state.problem_kind == "damaged"
    with pytest.raises(DamagedLogError):
        registry.known()


def test_an_error_in_the_middle_of_reading_loses_nothing(
    registry: Registry, store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote(registry, 1, 2, 3)
    reader = Registry(store)
    after = reader.log.after

    def interrupted(number: int):  # type: ignore[no-untyped-def]
        for found, data in after(number):
            yield found, data
            if found == 2:
                raise StorageError("Stale file handle")

    monkeypatch.setattr(reader.log, "after", interrupted)
    with pytest.raises(StorageError):
        reader.refresh()
    monkeypatch.undo()
    entry(store, 3).unlink()
    assert production(reader.refresh()) == 2


def test_an_event_is_decided_upon_the_newest_state(registry: Registry, store: LocalStore) -> None:
    seen = []

    def decide(state: State) -> Draft:
        seen.append(state.head.number)
        if len(seen) == 1:
            promote(Registry(store), 1, actor="ben")
        said = events.AliasSet(alias="production", from_=(state.aliases and production(state)) or None)
        return Draft(kind="alias_set", said=said, version=2, actor="anna")

    event = registry.append(decide)
    assert event is not None
    assert (seen, event.number, events.said(event).from_) == ([0, 1], 2, 1)
    assert registry.state.aliases["production"].by.actor == "anna"


def test_nothing_is_appended_where_nothing_is_to_be_done_or_it_is_refused(registry: Registry) -> None:
    assert registry.append(lambda _: None) is None

    def refuse(_: State) -> Draft:
        raise ConflictError("ben was faster")

    with pytest.raises(ConflictError):
        registry.append(refuse)
    with pytest.raises(InvalidManifestError):
        append(registry, "noted", 1, text="\x00")
    assert registry.refresh() == State()
    assert registry.store.names("log") == []


def test_racing_writers_append_each_event_once(store: LocalStore) -> None:
    start = threading.Barrier(6)
    appended: list[str] = []

    def work(turn: int) -> None:
        mine = Registry(store)
        start.wait()
        appended.extend(append(mine, "noted", 1, actor=f"a{turn}", text=f"{count}").id for count in range(10))

    threads = [threading.Thread(target=work, args=(turn,)) for turn in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [event.id for event, _ in Registry(store).history()]
    assert len(found) == 60
    assert sorted(found) == sorted(appended)
    assert Registry(store).known().version(1).notes == 60


def test_who_is_always_slower_gives_up(registry: Registry, store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tb_versions.registry.registry.time.sleep", lambda _: None)
    monkeypatch.setattr(registry.log, "create", lambda *_: False)
    with pytest.raises(ConflictError, match="other writers were faster 200 times"):
        promote(registry, 1)


def test_an_event_that_is_written_is_told_though_it_can_not_be_read_back(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh = registry.refresh
    calls = []

    def failing() -> State:
        calls.append(1)
        if len(calls) > 1:
            raise StorageError("Input/output error")
        return refresh()

    monkeypatch.setattr(registry, "refresh", failing)
    assert append(registry, "approved", 1).number == 1


def test_the_state_at_a_moment_goes_by_effective_time(registry: Registry) -> None:
    for version, days in ((1, 0), (2, 2), (3, 1), (4, 3)):
        promote(registry, version, time_ms=NOON + days * DAY)
    found = [registry.at(NOON + days * DAY).aliases for days in (-1, 0, 1, 2, 3, 9)]
    assert [aliases["production"].version if aliases else None for aliases in found] == [None, 1, 1, 3, 4, 4]


def test_the_state_at_a_moment_needs_nothing_that_came_later(registry: Registry, store: LocalStore) -> None:
    promote(registry, 1, time_ms=NOON)
    promote(registry, 2, time_ms=NOON + DAY)
    write(store, 3, format=2)
    assert production(registry.at(NOON)) == 1


def test_the_history_has_events_and_their_digests(registry: Registry, store: LocalStore) -> None:
    promote(registry, 1, 2, 3)
    found = list(registry.history(after=1))
    assert [(event.number, event.version) for event, _ in found] == [(2, 2), (3, 3)]
    assert [digest for _, digest in found] == [events.digest_of(entry(store, n).read_bytes()) for n in (2, 3)]
    assert found[1][0].prev == found[0][1]
    assert registry.event(2) == found[0][0]


def test_an_event_says_who_when_and_with_what(registry: Registry) -> None:
    event = append(registry, "approved", 1, actor="ben", reason="fine", manifest="sha256:" + "1" * 64, time_ms=NOON)
    assert (event.actor, event.reason, event.time_ms, event.critical) == ("ben", "fine", NOON, True)
    assert event.tool.startswith("tb_versions ")
    assert fields(entry(registry.store, 1))["time"] == "2026-11-23T12:00:00Z"
    assert append(registry, "noted", 1, text="x").time_ms > NOON


def test_every_hundredth_event_a_checkpoint_is_written_and_two_are_kept(store: LocalStore) -> None:
    for number in range(1, 99):
        write(store, number, kind="alias_set", version=number, data={"alias": "production"})
    registry = Registry(store)
    promote(registry, 99)
    assert checkpoint_numbers(store) == []
    promote(registry, *range(100, 320))
    assert checkpoint_numbers(store) == [200, 300]
    reader = Registry(store)
    for number in range(1, 300):
        entry(store, number).unlink()
    assert production(reader.refresh()) == 319
    assert len(reader.state.aliases["production"].stack) == 319


def test_a_checkpoint_that_was_missed_is_made_up_for(store: LocalStore) -> None:
    for number in range(1, 141):
        write(store, number)
    promote(Registry(store), 1)
    assert checkpoint_numbers(store) == [141]


def test_a_log_that_ends_before_a_checkpoint_was_cut(store: LocalStore) -> None:
    for number in range(1, 100):
        write(store, number)
    promote(Registry(store), 1, 2, 3)
    cut = {number: entry(store, number).read_bytes() for number in (100, 101, 102)}
    for number in cut:
        entry(store, number).unlink()
    reader = Registry(store)
    state = reader.refresh()
    assert state.problem_kind == "damaged"
    assert "lacks event 100, of which there is a checkpoint" in state.problem
    assert state.problem.endswith(f": {remedies.fsck(store, '--acknowledge')}")
    assert state.head.number == 99, "what is there is shown"
    assert reader.refresh() is state
    with pytest.raises(DamagedLogError):
        promote(reader, 4)
    for number, data in cut.items():
        entry(store, number).write_bytes(data)
    assert production(reader.known()) == 3


@pytest.mark.parametrize("what", ["other digest", "no JSON", "other mark", "too deep", "symlink", "fifo", "folder"])
def test_a_checkpoint_that_does_not_fit_is_as_good_as_none(store: LocalStore, what: str, tmp_path: Path) -> None:
    for number in range(1, 100):
        write(store, number)
    promote(Registry(store), 7)
    ((_, _, name),) = checkpoints.names(store)
    path = Path(store.shown, "checkpoints", name)
    data = path.read_bytes()
    path.unlink()
    if what == "other digest":
        path.write_bytes(data.replace(b'"version":7', b'"version":8'))
        write(store, 50, reason="rewritten")
        relink(store, 51)
    elif what == "other mark":
        path.with_name(name[:21] + "00000000.json").write_bytes(data.replace(b'"version":7', b'"version":8'))
    elif what == "symlink":
        (tmp_path / "elsewhere").write_bytes(data.replace(b'"version":7', b'"version":8'))
        path.symlink_to(tmp_path / "elsewhere")
    elif what == "fifo":
        os.mkfifo(path)
    elif what == "folder":
        path.parent.rmdir()
        path.parent.symlink_to(tmp_path)
    else:
        path.write_bytes(b"{" if what == "no JSON" else b"[" * 100_000)
    assert production(Registry(store).known()) == 7


@pytest.mark.parametrize(
    "forged",
    [
        {"aliases": {"v1": {"stack": [{"version": 7, "event": 100}], "by": {"event": 1, "ms": 0, "actor": "a"}}}},
        {"aliases": {"production": {"stack": [], "by": {"event": 1, "ms": 0, "actor": "a"}}}},
        {"aliases": {"a": {"stack": [{"version": 7, "event": 1}], "by": {"event": 1, "ms": 0, "actor": "\u202e"}}}},
        {"versions": {"1": {"approvals": {"\x00": {"event": 1, "ms": 0, "actor": "a"}}}}},
        {"versions": {"1": {"labels": {"__proto__": "x"}}}},
        {"versions": {"1": {"description": "\x00"}}},
        {"versions": {"one": {}}},
        {"policy": {"digest": "", "rules": "\x00", "by": {"event": 1, "ms": 0, "actor": "a"}}},
        {"problem": "x"},
        {"head": {"number": 99, "digest": ""}},
    ],
)
def test_a_checkpoint_keeps_the_rules_of_events(store: LocalStore, forged: dict[str, object]) -> None:
    for number in range(1, 100):
        write(store, number)
    promote(Registry(store), 7)
    ((_, _, name),) = checkpoints.names(store)
    path = Path(store.shown, "checkpoints", name)
    found = msgspec.json.decode(path.read_bytes())
    found["state"] |= forged
    path.write_bytes(msgspec.json.encode(found))
    assert checkpoints.read(store, name) is None
    assert production(Registry(store).known()) == 7


def test_a_checkpoint_that_can_not_be_written_hinders_nobody(store: LocalStore) -> None:
    for number in range(1, 100):
        write(store, number)
    Path(store.shown, "checkpoints").write_bytes(b"")
    promote(Registry(store), 7)
    assert production(Registry(store).known()) == 7


def test_a_read_only_folder_is_told_and_stays_as_it_is(store: LocalStore) -> None:
    promote(Registry(store), 1)
    folder = entry(store, 1).parent
    folder.chmod(0o555)
    script = f"""
from tb_versions.core.store import LocalStore
from tb_versions.errors import StorageError
from tb_versions.registry import events
from tb_versions.registry.registry import Draft, Registry
registry = Registry(LocalStore({store.shown!r}, within={os.path.dirname(os.path.dirname(store.shown))!r}))
try:
    registry.append(lambda _: Draft(kind="approved", version=1, actor="anna"))
except StorageError as error:
    print(error)
print(registry.refresh().aliases["production"].version)
"""
    done = run_unprivileged("-c", script)
    folder.chmod(0o755)
    said, version = done.stdout.splitlines()
    assert said.startswith("Event 2 was not written: ")
    assert said.endswith("Permission denied.")
    assert version == "1"
    assert [path.name for path in folder.iterdir()] == [entry(store, 1).name]
