"""Models in an S3 of our own (moto behind one lock): what promoting and looking cost, beside one conditional put."""

from __future__ import annotations

import itertools
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

from bench.figures import Peer, Report, interleave, median, timed
from tb_versions.core.mirror import Mirror
from tb_versions.core.object_store import ObjectStore, open_store
from tb_versions.registry import events
from tb_versions.registry.registry import Draft, Registry
from tests.support.object_stores import Buckets, serving, settings_for
from tests.support.remote import MODELS, publish

LIMIT = 4
"""Conditional puts that a promotion may take the time of."""

MOST_GETS = 110
_EVENTS = (10, 10_000)
_VERSIONS = 20


def measure(report: Report, *, runs: int = 31) -> None:
    """Adds the figures."""
    before = dict(os.environ)
    with serving() as server, tempfile.TemporaryDirectory() as folder:
        os.environ.update(settings_for(server), TB_VERSIONS_CACHE_DIR=folder, TB_VERSIONS_STATE_DIR=f"{folder}/state")
        try:
            for count in _EVENTS:
                _promotions(report, server, count, runs)
            _looks(report, server, Path(folder))
        finally:
            os.environ.clear()
            os.environ.update(before)


def _promotions(report: Report, server: Buckets, count: int, runs: int) -> None:
    store = _with_events(f"{MODELS}/model-{count}/.versions", count)
    turn = itertools.count(1)
    known = Registry(store)
    known.refresh()

    def promote(registry: Registry) -> None:
        registry.append(
            lambda _: Draft(kind="alias_set", said=events.AliasSet("production"), version=next(turn), actor="bench")
        )

    def put() -> None:
        store.create(f"bench/{uuid4().hex}", b"x" * 400)

    ours, puts = interleave(runs, timed(lambda: promote(known)), timed(put))
    (cold,) = interleave(runs // 4, timed(lambda: promote(Registry(open_store(store.shown)))))
    peer = Peer("one conditional put", median(puts), runs)
    report.add(
        f"stores.promote_{count}", ours, limit=LIMIT * median(puts), limit_of=f"{LIMIT} conditional puts", peer=peer
    )
    report.add(f"stores.promote_cold_{count}", cold, peer=peer, note="a registry that read nothing before")
    with server.counting() as asked:
        Registry(open_store(store.shown)).known()
    requests = asked["GET"] + asked["HEAD"]
    report.add(
        f"stores.gets_{count}", [requests], unit="GETs", limit=MOST_GETS, limit_of="requests", note=str(dict(asked))
    )


def _looks(report: Report, server: Buckets, folder: Path) -> None:
    for _ in range(_VERSIONS):
        publish(folder, name="looked-at", files=9)
    mirror = Mirror(MODELS, folder=str(folder / "copy" / "of"))
    for name in ("first", "second"):
        with server.counting() as asked:
            mirror.look(model="looked-at")
        note = f"{_VERSIONS} versions of 9 files: {dict(asked)}"
        report.add(f"stores.look_{name}", [sum(asked.values())], unit="requests", note=note)


def _with_events(url: str, count: int) -> ObjectStore:
    """A log of so many events, made in memory and copied."""
    made, store = open_store(f"memory://{uuid4().hex}/log"), open_store(url)
    registry = Registry(made)
    drafts = (
        Draft(kind="alias_set", said=events.AliasSet("production"), version=number % 9 + 1, actor="bench")
        for number in range(count)
    )
    for _ in range(count):
        registry.append(lambda _: next(drafts))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda entry: store.write(entry.key, made.read(entry.key, 1 << 26)), list(made.entries())))
    return store
