"""Writers to an object store that race, are killed at every request, and whose answers are lost.

`make test` has few of each, `make faults` as many as the figures that are printed.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

import tb_versions as tbv
from tb_versions.core.object_store import open_store
from tb_versions.registry import events
from tb_versions.registry.registry import Draft, Registry
from tb_versions.registry.state import State
from tests.support import logs
from tests.support.effort import FULL, HANGS
from tests.support.object_stores import Buckets, Fault, serving, settings_for
from tests.support.remote import MODELS, exported, publish

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
WRITERS = 8
PROMOTIONS = 50 if FULL else 5
ROUNDS = 5 if FULL else 1
LOG = f"{MODELS}/digits/.versions"


@pytest.fixture(params=["s3", "gcs"])
def any_store(request: pytest.FixtureRequest) -> str:
    """URL of the registry of a model, in each kind of store."""
    request.getfixturevalue(request.param)
    return LOG if request.param == "s3" else LOG.replace("s3://", "gs://")


def promote_by_many(url: str, count: int) -> list[events.Event]:
    """Promotions of one alias by racing writers; returns those that were acknowledged."""
    acknowledged: list[events.Event] = []

    def write(writer: int) -> None:
        registry = Registry(open_store(url))
        for turn in range(count):

            def decide(state: State, turn: int = turn) -> Draft:
                now = state.aliases.get("production")
                said = events.AliasSet("production", now.version if now else None)
                return Draft(kind="alias_set", said=said, version=writer * 1_000 + turn + 1, actor=f"writer {writer}")

            event = registry.append(decide)
            assert event is not None
            acknowledged.append(event)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    return acknowledged


def check_log(url: str, acknowledged: list[events.Event]) -> None:
    """Each promotion that was acknowledged is in the log once, and none else; each follows from the one before."""
    history = list(Registry(open_store(url)).history())
    assert [event.number for event, _ in history] == list(range(1, len(history) + 1))
    assert Counter(event.id for event, _ in history) == Counter(event.id for event in acknowledged)
    for (before, digest), (event, _) in pairwise(history):
        assert event.prev == digest
        assert event.kind == "alias_set"
        assert before.number == event.number - 1


def test_every_acknowledged_promotion_is_in_the_log_once(any_store: str) -> None:
    acknowledged = promote_by_many(any_store, PROMOTIONS)
    check_log(any_store, acknowledged)
    print(f"\n{len(acknowledged)} of {WRITERS * PROMOTIONS} acknowledged promotions are in the log of {any_store}")
    assert len(acknowledged) == WRITERS * PROMOTIONS


def test_readers_see_no_torn_state(s3: Buckets) -> None:
    done = threading.Event()
    heads: list[int] = []

    def read() -> None:
        registry = Registry(open_store(LOG))
        while not done.is_set():
            heads.append(registry.known().head.number)

    with ThreadPoolExecutor(2) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        promote_by_many(LOG, PROMOTIONS)
        done.set()
        for reader in readers:
            reader.result()
    assert max(heads) <= WRITERS * PROMOTIONS


@pytest.mark.parametrize("how", ["500", "cut", "409", "503"])
def test_a_promotion_whose_answer_was_lost_is_known_to_have_won_or_lost(s3: Buckets, how: str) -> None:
    times = 100 if FULL else 10
    registry = Registry(open_store(LOG))
    for turn in range(times):
        s3.faults[:] = [Fault(how, lambda asked: asked.kind == "PUT" and "/log/" in asked.key)]
        event = logs.append(registry, "alias_set", turn + 1, alias="production")
        assert not s3.faults[0].times
        assert event.number == turn + 1
    history = [event.version for event, _ in Registry(open_store(LOG)).history()]
    print(f"\n{how}: {len(history)} of {times} ambiguous writes resolved")
    assert history == list(range(1, times + 1))


@pytest.mark.parametrize("how", ["500", "cut", "409", "503"])
def test_of_racing_promotions_with_lost_answers_none_is_lost_or_doubled(s3: Buckets, how: str) -> None:
    turn = iter(range(10**9))
    s3.faults.append(Fault(how, lambda asked: asked.kind == "PUT" and next(turn) % 5 == 0, times=10**9))
    check_log(LOG, promote_by_many(LOG, PROMOTIONS))


def test_a_long_log_is_read_from_its_newest_checkpoint(s3: Buckets) -> None:
    count = 10_000 if FULL else 1_050
    registry = Registry(open_store(LOG))
    for turn in range(count):
        logs.append(registry, "alias_set", turn % 7 + 1, alias="production")
    with s3.counting() as asked:
        assert Registry(open_store(LOG)).known().head.number == count
    print(f"\nread at {count:,} events: {dict(asked)}")
    assert asked["GET"] + asked["HEAD"] <= 110
    with s3.counting() as asked:
        logs.append(Registry(open_store(LOG)), "alias_set", 3, alias="production")
    print(f"append at {count:,} events: {dict(asked)}")
    assert asked["GET"] + asked["HEAD"] <= 110


def test_publishers_that_are_killed_at_every_request_leave_nothing_half(tmp_path: Path) -> None:
    with serving() as server:
        environment = {**os.environ, **settings_for(server), "TB_VERSIONS_CACHE_DIR": str(tmp_path / "cache")}
        source = exported(tmp_path / "model")
        kills = published = 0
        for when in ("before", "after"):
            for first in range(1, 60 if FULL else 17, WRITERS):
                command = [sys.executable, "-m", "tests.faults.s3_publishers", str(source), when, str(first)]
                done = subprocess.run(
                    [*command, str(WRITERS)], env=environment, capture_output=True, text=True, timeout=HANGS, check=True
                )
                died = done.stdout.count("killed")
                kills, published = kills + died, published + done.stdout.count("published")
                if died == 0:
                    break
        _check_versions(server, tmp_path, published, kills)


def _check_versions(server: Buckets, tmp_path: Path, published: int, kills: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings_for(server).items():
            patch.setenv(name, value)
        patch.setenv("TB_VERSIONS_CACHE_DIR", str(tmp_path / "another"))
        found = tbv.open_catalog(models_dir=MODELS).versions
        numbers = [version.number for version in found]
        assert len(set(numbers)) == len(numbers) >= published
        differing = [version.id for version in found if tbv.verify(version.id, models_dir=MODELS)]
        print(f"\n{kills} kills, {published} acknowledged, {len(numbers)} versions, {len(differing)} half visible")
        assert kills > WRITERS
        assert not differing
        assert publish(tmp_path).number > max(numbers)


def test_publishers_race_for_numbers(any_store: str, tmp_path: Path) -> None:
    url = any_store.removesuffix("/digits/.versions")
    with ThreadPoolExecutor(WRITERS) as pool:
        versions = list(pool.map(lambda _: publish(tmp_path, url), range(WRITERS * ROUNDS)))
    assert sorted(version.number for version in versions) == list(range(1, WRITERS * ROUNDS + 1))
    for version in versions:
        assert not tbv.verify(version.reference, models_dir=url)
        listed = {file.path: file.digest for file in version.manifest.files}
        assert len(listed) == 3


@pytest.mark.skipif(not FULL, reason="a store of 160 MB, in memory: make faults")
def test_verifying_a_store_streams_its_objects(s3: Buckets, tmp_path: Path) -> None:
    """The command holds less than 100 MB, however large the objects are; this one reads 160 MB."""
    source = exported(tmp_path / "large", files=4, size=40_000_000)
    assert tbv.publish(source, MODELS, name="digits", run_dir=tmp_path / "run", strict=True)
    # Not `ru_maxrss`, which begins with what this process holds.
    code = (
        "import sys; from tb_versions.cli import main; main(sys.argv[1:], standalone_mode=False); "
        "print(open('/proc/self/status').read())"
    )
    command = [sys.executable, "-c", code, "verify", "digits:1", "--models-dir", MODELS]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TB_VERSIONS_CACHE_DIR": str(tmp_path / "c")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, timeout=HANGS)
    assert done.stdout.startswith("digits:1: as published\n")
    (most,) = [int(line.split()[1]) * 1024 for line in done.stdout.splitlines() if line.startswith("VmHWM")]
    print(f"\n{most / 1e6:.0f} MB at most")
    assert most < 100e6
