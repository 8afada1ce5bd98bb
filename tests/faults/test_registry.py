"""Whatever happens to a writer or to its files, no event of the registry is lost, doubled or half seen."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.store import LocalStore
from tb_versions.registry import events, fsck
from tb_versions.registry.registry import Registry
from tb_versions.registry.state import State
from tests.faults.conftest import Zygote
from tests.faults.judge import CALLS, points_of
from tests.faults.test_kill import KILLED
from tests.support.effort import FULL
from tests.support.logs import DAY, NOON, entry, promote, store_of

pytestmark = [pytest.mark.faults]

TRACED = f"{CALLS},mkdirat,renameat"
ERRORS = ("ENOSPC", "EIO", "EACCES", "EROFS", "EDQUOT", "ESTALE")
PROMOTERS = 8
TRANSITIONS = 50


@pytest.fixture
def models(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def judged(store: LocalStore) -> list[events.Event]:
    """All events of a log. Fails unless each follows the one before, is there once, and sets another version."""
    registry = Registry(store)
    state = registry.known()
    found = [event for event, _ in registry.history()]
    assert [event.number for event in found] == list(range(1, len(found) + 1))
    assert len({event.id for event in found}) == len({event.version for event in found}) == len(found)
    if found:
        assert [holder.version for holder in state.aliases["production"].stack] == [event.version for event in found]
    return found


def mend(store: LocalStore) -> tuple[int, int]:
    """Mends what an interrupted writer left, as it is an hour later; the number of temporary files and half events."""
    log = Path(store.shown, "log")
    then = time.time() - 2 * fsck.OLD
    for path in log.iterdir() if log.exists() else ():
        os.utime(path, (then, then))
    found = [finding for finding in fsck.check(store, folders={}) if finding.kind != "alias"]
    assert all(finding.is_certain for finding in found), found
    fsck.repair(store, found)
    kinds = [finding.kind for finding in found]
    assert set(kinds) <= {"litter", "damaged"}
    return kinds.count("litter"), kinds.count("damaged")


@pytest.mark.usefixtures("strace")
@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_a_promotion_killed_before_any_system_call_is_whole_or_absent(
    zygote: Zygote, models: Path, links: bool, sample: Callable[[list[Any], int], list[Any]]
) -> None:
    store = store_of(models)
    refusing = [] if links else ["-e", "inject=link:error=EPERM"]
    options = ["-e", f"trace={TRACED}", *refusing]
    assert zygote.here("promote", models=str(models), version=1) == 1
    end, log = zygote.traced(options, "promote", models=str(models), version=2)
    assert end["result"]["value"] == 2
    kills = survived = litter = halves = 0
    points = [point for point in points_of(log) if links or point[0] != "link"]
    for call, count in sample(points, 60):
        before = judged(store)
        version = len(before) + 1
        killing = [*options, "-e", f"inject={call}:signal=KILL:when={count}"]
        end, _ = zygote.traced(killing, "promote", models=str(models), version=version)
        assert end["status"] in (KILLED, 0), end
        kills += end["status"] == KILLED
        survived += end["status"] == 0
        left, half = mend(store)
        litter, halves = litter + left, halves + half
        assert not (links and half), "half an event was visible"
        after = judged(store)
        assert after[: len(before)] == before
        assert len(after) <= version
        assert end["status"] == KILLED or len(after) == version, "an acknowledged event was lost"
        assert zygote.here("promote", models=str(models), version=len(after) + 1) == len(after) + 1
    print(
        f"promotion, {'hard links' if links else 'no hard links'}: killed at {kills} system calls ({survived} "
        f"survived): 0 lost, 0 doubled, {halves} half events moved aside, {litter} temporary files deleted"
    )
    assert kills > 8


@pytest.mark.usefixtures("strace")
def test_the_first_promotion_killed_anywhere_leaves_nothing_half_visible(
    zygote: Zygote, tmp_path: Path, sample: Callable[[list[Any], int], list[Any]]
) -> None:
    (tmp_path / "traced").mkdir()
    _, log = zygote.traced(["-e", f"trace={TRACED}"], "promote", models=str(tmp_path / "traced"), version=1)
    kills = 0
    for turn, (call, count) in enumerate(sample(points_of(log), 20)):
        models = tmp_path / f"models{turn}"
        store = store_of(models)
        options = ["-e", f"trace={TRACED}", "-e", f"inject={call}:signal=KILL:when={count}"]
        end, _ = zygote.traced(options, "promote", models=str(models), version=1)
        kills += end["status"] == KILLED
        assert mend(store)[1] == 0
        made = len(judged(store))
        assert zygote.here("promote", models=str(models), version=made + 1) == made + 1
        shutil.rmtree(models)
    print(f"first promotion: killed at {kills} system calls: 0 half-visible")
    assert kills > 8


@pytest.mark.usefixtures("strace")
def test_an_error_at_any_system_call_is_told_and_the_next_try_succeeds(
    zygote: Zygote, models: Path, sample: Callable[[list[Any], int], list[Any]]
) -> None:
    store = store_of(models)
    assert zygote.here("promote", models=str(models), version=1) == 1
    _, log = zygote.traced(["-e", f"trace={TRACED}"], "promote", models=str(models), version=2)
    points = [(call, n, error) for call, n in points_of(log) if call != "close" for error in ERRORS]
    refused = harmless = undurable = 0
    for call, count, error in sample(points, 50):
        before = judged(store)
        version = len(before) + 1
        options = ["-e", f"trace={TRACED}", "-e", f"inject={call}:error={error}:when={count}"]
        end, _ = zygote.traced(options, "promote", models=str(models), version=version)
        result = end["result"]
        what = f"{call} {count} {error}: {result}"
        assert end["status"] == 0, what
        assert result["expected"], what
        mend(store)
        after = judged(store)
        written = len(after) > len(before)
        if result["value"] is not None:
            harmless += 1
            assert written, what
        elif written:
            undurable += 1
            assert "is written, but may be lost" in result["error"] or "is not known" in result["error"], what
        else:
            refused += 1
            assert "\n" not in result["error"], what
            assert after == before, what
        assert zygote.here("promote", models=str(models), version=len(after) + 1) == len(after) + 1
    print(f"{refused} errors told and nothing written, {harmless} harmless, {undurable} told that it may not last")
    assert refused > 5


def test_a_full_disk_is_told_and_nothing_is_lost(zygote: Zygote, small_disk: Path) -> None:
    models = small_disk / "models"
    store = store_of(models)
    (models / "filler").write_bytes(bytes(900_000))
    done = 0
    while True:
        result = zygote.forked("promote", models=str(models), version=done + 1)["result"]
        if result["value"] is None:
            break
        done += 1
    assert "No space left on device" in result["error"]
    assert len(judged(store)) == done
    assert mend(store) == (0, 0)
    (models / "filler").unlink()
    assert zygote.here("promote", models=str(models), version=done + 1) == done + 1
    print(f"disk full after {done} promotions: told, {done} kept, and it goes on once there is room")


def test_a_disk_that_became_read_only_is_read_and_told(zygote: Zygote, small_disk: Path) -> None:
    models = small_disk / "models"
    store = store_of(models)
    promote(Registry(store), 1)
    remount = ["mount", "-o", "remount,{}", "tmpfs", str(small_disk)]
    subprocess.run([word.format("ro") for word in remount], check=True)
    try:
        result = zygote.forked("promote", models=str(models), version=2)["result"]
    finally:
        subprocess.run([word.format("rw") for word in remount], check=True)
    assert result["expected"]
    assert "Event 2 was not written" in result["error"]
    assert "Read-only file system" in result["error"]
    assert len(judged(store)) == 1


def in_parallel(zygote: Zygote, *tasks: tuple[str, dict[str, Any]]) -> list[Any]:
    """Runs tasks in a process each, all at once; what each returned."""
    pids = [zygote.ask(do="fork", task=task, arguments=arguments)["pid"] for task, arguments in tasks]
    zygote.ask(do="release", pids=pids)
    results = [zygote.ask(do="end", pid=pid)["result"] for pid in pids]
    assert [result["error"] for result in results] == [None] * len(tasks)
    return [result["value"] for result in results]


def versions_of(promoter: int, count: int = TRANSITIONS) -> list[int]:
    return list(range(promoter * count + 1, (promoter + 1) * count + 1))


def assert_acknowledged(store: LocalStore, told: list[dict[str, int]]) -> list[events.Event]:
    """Fails unless the log has exactly the events of which the writers were told, under the numbers they were told."""
    found = judged(store)
    acknowledged = {number: int(version) for each in told for version, number in each.items()}
    assert len(acknowledged) == sum(map(len, told)), "two writers were told the same number"
    assert {event.number: event.version for event in found} == acknowledged
    assert mend(store) == (0, 0)
    return found


def test_many_promoters_of_one_alias_lose_nothing_and_readers_see_nothing_torn(zygote: Zygote, models: Path) -> None:
    store, total = store_of(models), PROMOTERS * TRANSITIONS
    promoters = [
        ("promote_many", {"models": str(models), "versions": versions_of(promoter)}) for promoter in range(PROMOTERS)
    ]
    readers = [("watch", {"models": str(models), "last": total})] * 2
    *told, one, two = in_parallel(zygote, *promoters, *readers)
    found = assert_acknowledged(store, told)
    looks, torn = one["looks"] + two["looks"], one["torn"] + two["torn"]
    print(
        f"{PROMOTERS} promoters × {TRANSITIONS} transitions: {total} acknowledged, {len(found)} in the log, 0 lost, "
        f"0 doubled; 2 readers looked {looks} times, {torn} torn"
    )
    assert len(found) == total
    assert torn == 0


def test_clocks_that_are_days_apart_change_no_order(zygote: Zygote, models: Path) -> None:
    store = store_of(models)
    clocks = [NOON + days * DAY for days in (-1, 0, 0, 1)]
    told = in_parallel(
        zygote,
        *(
            ("promote_many", {"models": str(models), "versions": versions_of(turn, 10), "time_ms": clock})
            for turn, clock in enumerate(clocks)
        ),
    )
    found = assert_acknowledged(store, told)
    state, latest = Registry(store).known(), 0
    skewed = []
    for event in found:
        latest = max(latest, event.time_ms)
        skewed += [event.number] * (event.time_ms < latest)
    assert state.skewed == tuple(skewed)
    assert state.ms == NOON + DAY
    assert found[-1].version == state.aliases["production"].version
    print(f"4 writers with clocks 2 days apart: {len(found)} of 40 in order of number, {len(skewed)} shown as skewed")


@pytest.mark.parametrize("code", [errno.EIO, errno.EEXIST, errno.ESTALE])
def test_links_that_are_made_and_report_an_error_are_neither_lost_nor_doubled(
    zygote: Zygote, models: Path, code: int
) -> None:
    told = in_parallel(
        zygote,
        *(
            ("promote_many", {"models": str(models), "versions": versions_of(turn, 10), "lie": code})
            for turn in range(4)
        ),
    )
    found = assert_acknowledged(store_of(models), told)
    print(f"every third link reports {errno.errorcode[code]}: {len(found)} of 40 acknowledged and kept, 0 doubled")


@pytest.fixture
def five(models: Path) -> LocalStore:
    """A log of five promotions."""
    store = store_of(models)
    promote(Registry(store), 1, 2, 3, 4, 5, reason="better")
    return store


def looked_at(store: LocalStore) -> State:
    return Registry(store).refresh()


@pytest.mark.parametrize("number", [1, 3, 5])
def test_an_entry_that_is_cut_off_at_any_byte_is_damaged(five: LocalStore, number: int) -> None:
    path = entry(five, number)
    whole = path.read_bytes()
    cut = [*range(len(whole) - 2), len(whole) - 1]
    for size in cut[:-1]:
        path.write_bytes(whole[:size])
        state = looked_at(five)
        assert (state.problem_kind, state.head.number) == ("damaged", number - 1), size
        assert f"Event {number} is damaged" in state.problem
    path.write_bytes(whole)
    assert looked_at(five).problem == ""
    print(f"event {number} cut off at {len(cut) - 1} places: each reported, those before it kept, 0 exceptions")


def test_a_changed_byte_anywhere_but_in_the_last_entry_is_found(five: LocalStore) -> None:
    path = entry(five, 3)
    whole = bytearray(path.read_bytes())
    places = range(0, len(whole), 1 if FULL else 3)
    for place in places:
        changed = whole.copy()
        changed[place] ^= 1
        path.write_bytes(changed)
        assert looked_at(five).problem_kind, place
    path.write_bytes(whole)
    print(f"{len(places)} bytes changed, one at a time: {len(places)} found")


@pytest.mark.parametrize("number", range(1, 5))
def test_a_gap_a_fork_and_a_wrong_digest_are_told_by_their_number(
    five: LocalStore, tmp_path: Path, number: int
) -> None:
    path = entry(five, number)
    whole = path.read_bytes()
    other = store_of(tmp_path / "others")
    promote(Registry(other), 11, 12, 13, 14, 15)
    path.unlink()
    assert f"event {number} is missing" in looked_at(five).problem
    assert [(one.kind, one.event) for one in fsck.check(five, folders={}) if one.event] == [("gap", number)]
    for data in (entry(other, number).read_bytes(), whole.replace(b'"better"', b'"worse"')):
        path.write_bytes(data)
        # The first event has no other before it: only the second tells that it is another one.
        wrong = number + 1 if number == 1 or b'"worse"' in data else number
        assert f"Event {wrong} does not follow event {wrong - 1}" in looked_at(five).problem
        assert ("fork", wrong) in [(one.kind, one.event) for one in fsck.check(five, folders={})]
    path.write_bytes(whole)
    assert looked_at(five).problem == ""
