from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from tb_versions.core import object_store
from tb_versions.core.object_store import ObjectStore, open_store
from tb_versions.errors import (
    DamagedLogError,
    InvalidManifestError,
    MissingDependencyError,
    StorageError,
    UnsupportedStorageError,
)
from tb_versions.registry.registry import Registry
from tests.support import logs
from tests.support.object_stores import BUCKET, Asked, Buckets, Fault

pytestmark = pytest.mark.slow


@pytest.fixture(params=["s3", "gcs", "memory"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """A folder in each kind of store."""
    if request.param == "memory":
        return open_store(f"memory://{uuid4().hex}/models")
    request.getfixturevalue(request.param)
    return open_store(f"{'s3' if request.param == 's3' else 'gs'}://{BUCKET}/models")


def test_what_was_created_is_read_and_never_overwritten(store: ObjectStore) -> None:
    assert store.create("log/1.json", b"anna")
    assert not store.create("log/1.json", b"ben")
    assert store.read("log/1.json", 10) == b"anna"
    assert store.exists("log/1.json")
    assert not store.exists("log/2.json")


def test_of_racing_writers_one_wins(store: ObjectStore) -> None:
    for key in range(20):
        barrier = threading.Barrier(8)

        def write(writer: int, key: int = key, barrier: threading.Barrier = barrier) -> bool:
            barrier.wait()
            return store.create(f"race/{key}", b"%d" % writer)

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(write, range(8)))
        assert won.count(True) == 1
        assert store.read(f"race/{key}", 10) == b"%d" % won.index(True)


def test_a_missing_object_is_no_error_of_the_store(store: ObjectStore) -> None:
    with pytest.raises(FileNotFoundError):
        store.read("nothing", 10)
    assert store.names("nothing") == []
    store.delete("nothing")


def test_an_object_is_moved(store: ObjectStore) -> None:
    store.create("log/1.json", b"x")
    store.move("log/1.json", "lost/1.json")
    assert (store.names("log"), store.names("lost")) == ([], ["1.json"])
    with pytest.raises(StorageError, match="is not there"):
        store.move("log/1.json", "lost/2.json")


def test_a_folder_shows_its_names_and_not_what_is_below(store: ObjectStore) -> None:
    for key in ("a/1/x", "a/1/y", "a/2/x", "a/note.txt", "a/.hidden", "ab/3"):
        store.create(key, b"x")
    assert store.names("a") == ["1", "2", "note.txt"]
    assert store.listed("a").folders == ("1", "2")
    assert [entry.key for entry in store.entries("a")] == [".hidden", "1/x", "1/y", "2/x", "note.txt"]
    assert store.below("a").names("1") == ["x", "y"]
    assert set(store.ages("a")) == {".hidden", "note.txt"}


def test_objects_are_read_up_to_the_first_gap(store: ObjectStore) -> None:
    keys = [f"log/{number:020}.json" for number in range(1, 60)]
    for key in (*keys[:40], keys[43]):
        store.create(key, key.encode())
    assert list(store.read_each(keys[9:], 100)) == [key.encode() for key in keys[9:40]]
    assert store.first_there(keys[41:]) == keys[43]
    assert list(store.read_each(keys[50:], 100)) == []
    assert store.first_there(keys[51:]) is None
    assert store.first_there(keys[2:4]) == keys[2]
    assert list(store.below("log").read_each([], 100)) == []
    assert len(list(store.below("log").read_each(["1/2"], 100))) == 0
    assert list(store.read_each(keys[:3], 100)) == [key.encode() for key in keys[:3]]


@pytest.mark.parametrize(
    "name", ["a b", "#x", "%41", "q?", "~t", "*", "back\\slash", "ü", "a+b", "c&d", "'\"", "[x]{y}|^`"]
)
def test_odd_names_are_kept(store: ObjectStore, name: str) -> None:
    store.create(f"odd/{name}", name.encode())
    assert store.names("odd") == [name]
    assert store.read(f"odd/{name}", 100) == name.encode()


@pytest.mark.parametrize("size", [0, 1, object_store.PIECE, 2 * object_store.PIECE + 7])
def test_a_file_comes_back_as_it_was_whatever_its_size(store: ObjectStore, tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "file").write_bytes(data)
    read: list[int] = []
    store.upload("v/file", str(tmp_path / "file"), progress=read.append)
    (entry,) = store.entries("v")
    assert entry.size == size == sum(read)
    assert b"".join(store.stream(entry, folder="v")) == data


def test_a_file_that_is_replaced_while_it_is_read_is_noticed(s3: Buckets) -> None:
    store = open_store(f"s3://{BUCKET}")
    store.write("file", b"one")
    entry = store.entry("file")
    store.write("file", b"two")
    assert entry is not None
    with pytest.raises(StorageError, match="was replaced while it was read"):
        list(store.stream(entry))


def test_a_large_object_is_refused_before_it_is_read(store: ObjectStore) -> None:
    store.create("large", b"x" * 11)
    with pytest.raises(InvalidManifestError, match="has 11 bytes; at most 10 are read"):
        store.read("large", 10)


@pytest.mark.parametrize("how", ["500", "cut", "409", "503"])
def test_whatever_the_answer_a_write_is_known_to_have_won(s3: Buckets, how: str) -> None:
    store = open_store(f"s3://{BUCKET}/models")
    store.check_conditional()
    s3.faults.append(Fault(how, lambda asked: asked.kind == "PUT"))
    assert store.create("key", b"own")
    assert store.read("key", 10) == b"own"
    assert not s3.faults[0].times


@pytest.mark.parametrize("how", ["500", "cut", "409", "503"])
def test_whatever_the_answer_a_write_is_known_to_have_lost(s3: Buckets, how: str) -> None:
    store = open_store(f"s3://{BUCKET}/models")
    store.create("key", b"other")
    s3.faults.append(Fault(how, lambda asked: asked.kind == "PUT"))
    assert not store.create("key", b"own")
    assert store.read("key", 10) == b"other"


def test_a_store_that_overwrites_in_spite_of_a_condition_is_refused(
    s3: Buckets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TB_VERSIONS_STORE_TIMEOUT", "19")  # settings under which nothing was written yet
    s3.ignores_conditions = True
    store = open_store(f"s3://{BUCKET}/models")
    with pytest.raises(StorageError, match="does not honour conditional writes"):
        store.create("key", b"x")
    assert {asked.key for asked in s3.asked if asked.kind == "PUT"} == {"models/.versions/probe"}


def test_a_store_that_answers_nothing_is_given_up(s3: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TB_VERSIONS_STORE_TIMEOUT", "1")
    s3.faults.append(Fault("silent", lambda asked: asked.kind == "GET", times=99))
    with pytest.raises(StorageError, match="can't be reached or used"):
        open_store(f"s3://{BUCKET}").read("key", 10)


def test_an_unreachable_store_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("TB_VERSIONS_STORE_TIMEOUT", "1")
    with pytest.raises(StorageError, match=r"^s3://bucket/models can't be reached or used: ") as caught:
        open_store("s3://bucket/models").names("")
    assert "\n" not in str(caught.value)


def test_a_missing_bucket_is_a_sentence(s3: Buckets) -> None:
    with pytest.raises(StorageError, match="there is no such bucket"):
        open_store("s3://another/models").names("")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://x/y", "known are s3://, gs:// and memory://"),
        ("https://x/y", "http only reads"),
        ("zip://a::s3://b/c", "chain"),
        ("s3://user:secret@bucket/x", "user or password"),
        ("s3://", "names no bucket"),
        ("s3://bucket/../x", "names no bucket and folder"),
        ("s3://bucket/a\nb", "names no bucket and folder"),
        ("s3://bucket/x?versionId=1", "has"),
        ("models", "is no URL"),
    ],
)
def test_what_is_no_store_is_refused(url: str, why: str) -> None:
    with pytest.raises(UnsupportedStorageError, match=why) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_slashes_too_many_make_no_difference() -> None:
    assert open_store("s3://bucket//models/").shown == "s3://bucket/models"
    assert open_store("gcs://bucket").shown == "gs://bucket"


@pytest.mark.parametrize(("url", "extra"), [("s3://b/x", "s3"), ("gs://b/x", "gcs")])
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, url: str, extra: str) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(MissingDependencyError, match=rf"tensorboard-plugin-versions\[{extra}\]"):
        open_store(url)


def test_a_forked_process_is_told_and_does_not_hang() -> None:
    open_store("memory://fork/x").create("key", b"x")
    child = multiprocessing.get_context("fork").Process(target=_use_after_fork)
    child.start()
    child.join(60)
    assert child.exitcode == 7


def _use_after_fork() -> None:
    try:
        open_store("memory://fork/x").read("key", 10)
    except StorageError as error:
        os._exit(7 if "forked" in str(error) else 1)


def test_a_listing_costs_a_request_for_each_thousand_names(s3: Buckets) -> None:
    store = open_store(f"s3://{BUCKET}")
    with s3.counting() as requests:
        assert store.names("a") == []
    assert requests == {"LIST": 1}
    assert s3.asked[-1] == Asked("LIST", "a/")


def test_a_promotion_costs_two_reads_and_one_write(s3: Buckets) -> None:
    registry = Registry(open_store(f"s3://{BUCKET}/models/digits/.versions"))
    logs.promote(registry, 1)
    with s3.counting() as requests:
        logs.promote(registry, 2)
    assert requests == {"GET": 2, "PUT": 1}


def test_a_registry_is_read_from_its_newest_checkpoint(s3: Buckets) -> None:
    logs.promote(Registry(open_store(f"s3://{BUCKET}/models/digits/.versions")), *range(1, 213))
    with s3.counting() as requests:
        assert Registry(open_store(f"s3://{BUCKET}/models/digits/.versions")).known().head.number == 212
    assert requests == {"LIST": 2, "GET": 1 + 1 + 12}  # checkpoints and log; one checkpoint, its event, what follows


def test_another_writers_event_is_seen_at_once(s3: Buckets) -> None:
    first, second = (Registry(open_store(f"s3://{BUCKET}/models/digits/.versions")) for _ in range(2))
    for turn in range(1, 6):
        logs.promote(first if turn % 2 else second, turn)
        assert first.known().head == second.known().head
        assert first.state.aliases["production"].version == turn


def test_a_gap_in_a_log_is_found(s3: Buckets) -> None:
    store = open_store(f"s3://{BUCKET}/models/digits/.versions")
    logs.promote(Registry(store), 1, 2, 3, 4)
    store.delete(f"log/{3:020}.json")
    with pytest.raises(DamagedLogError, match="event 3 is missing, though there is an event 4"):
        Registry(open_store(f"s3://{BUCKET}/models/digits/.versions")).known()
