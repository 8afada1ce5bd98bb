"""The registry's log: read for the first time, and appended to; beside the least that the same files cost."""

from __future__ import annotations

import datetime
import itertools
import os
import shutil
import statistics
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from bench.figures import Report, Sample, Subject, interleave, median, peer, timed
from bench.make_data import OUT
from bench.peers import mlflow
from bench.peers.environments import python_of
from tb_versions.core.store import LocalStore
from tb_versions.registry import checkpoints, events
from tb_versions.registry.registry import Draft, Registry
from tb_versions.registry.state import State

FOLD, FLAT, OVER_MLFLOW = 2.5, 1.5, 1 / 3
SHORT, LONG = 10, 10_000
_START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def measure(report: Report, *, peers: bool, runs: int = 9) -> None:
    """Adds the figures of the log."""
    folder = OUT / "registry"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        short, long = (_make(folder / f"models-{count}", count) for count in (SHORT, LONG))
        _measure_fold(report, long, runs)
        _measure_append(report, short, long)
        if peers:
            _measure_mlflow(report, folder, long)
        else:
            report.skip("registry.over_mlflow", "without --peers MLflow is not measured")
    finally:
        shutil.rmtree(folder)


def _measure_fold(report: Report, store: LocalStore, runs: int) -> None:
    """A new process's first look, without and with a checkpoint, and a later look."""
    warm, kept = Registry(store), _with_checkpoint(store)
    warm.refresh()
    floor, cold, later, again = interleave(
        runs,
        timed(lambda: _read_all(store)),
        timed(lambda: Registry(store).refresh()),
        timed(lambda: Registry(kept).refresh()),
        timed(warm.refresh),
    )
    least = peer("open, read and orjson.loads of the same files", floor)
    over = sum(s.cpu or 0 for s in cold) / sum(s.cpu or 0 for s in floor)
    report.add("registry.floor", floor, versions=LONG, note="events")
    report.add("registry.cold", cold, versions=LONG, peer=least, note=f"{over:.2f} × the floor's CPU")
    report.add("registry.cold_cpu", [over], unit="×", limit=FOLD, limit_of="CPU, of the floor's", versions=LONG)
    report.add("registry.from_checkpoint", later, versions=LONG, note="the newest checkpoint, 50 events after it")
    report.add("registry.again", again, versions=LONG, note="nothing is new")


def _measure_append(report: Report, short: LocalStore, long: LocalStore, *, runs: int = 100) -> None:
    """An event more, with its fsyncs, to a short and a long log; by a process that has read it."""
    least = _fsync_link(Path(long.shown))
    at_short, at_long, disk = interleave(runs, _promoting(short), _promoting(long), least, warm_up=3)
    floor = peer("write, fsync, link, fsync of the folder", disk)
    report.add("registry.append", at_short, versions=SHORT, peer=floor)
    report.add("registry.append", at_long, versions=LONG, peer=floor)
    growth = _cpu(at_long) / _cpu(at_short)
    note = f"CPU of registry.append at {LONG:,} events, divided by that at {SHORT}"
    report.add("registry.growth", [growth], unit="×", limit=FLAT, limit_of="the same at any length", note=note)


def _measure_mlflow(report: Report, folder: Path, store: LocalStore, *, runs: int = 30) -> None:
    python = python_of("mlflow")
    if python is None:
        report.skip("registry.over_mlflow", "MLflow can't be installed here")
        return
    with mlflow.Registry(python, folder / "mlflow", 2) as registry:
        ours, theirs = interleave(runs, _promoting(store), registry.set_alias, warm_up=3)
    other = peer("MLflow's set_registered_model_alias on SQLite", theirs)
    ratio = median(ours) / other.value
    report.add("registry.mlflow_alias", theirs)
    report.add(
        "registry.over_mlflow",
        [ratio],
        unit="×",
        limit=OVER_MLFLOW,
        limit_of="a third of MLflow's time",
        peer=other,
        ratio=ratio,
        versions=LONG,
    )


def _cpu(samples: Sequence[Sample]) -> float:
    return statistics.median(sample.cpu or 0 for sample in samples)


def _promoting(store: LocalStore) -> Subject:
    """Sets an alias to one of two versions in turn; everything that promoting does to the log."""
    registry, versions = Registry(store), itertools.cycle((1, 2))
    registry.refresh()

    def promote() -> None:
        version = next(versions)
        registry.append(lambda state: _draft(state, version))

    return timed(promote)


def _draft(state: State, version: int) -> Draft:
    before = state.aliases.get("production")
    said = events.AliasSet(alias="production", from_=before.version if before else None, verified="digests")
    return Draft(kind="alias_set", said=said, version=version, actor="anna", reason="better")


def _make(models: Path, count: int) -> LocalStore:
    """A log as a team would make it: promotions, approvals, notes and labels of a thousand versions. Not durable."""
    store = LocalStore(str(models / "m" / ".versions"), within=str(models))
    log = Path(store.shown) / "log"
    log.mkdir(parents=True)
    prev = ""
    for number in range(1, count + 1):
        kind, said = _KINDS[number % len(_KINDS)](number)
        event = events.Event(
            format=1,
            critical=events.KINDS[kind].is_critical,
            number=number,
            id=uuid.uuid4().hex,
            prev=prev,
            time=_START + datetime.timedelta(minutes=number),
            actor=("anna", "ben", "carl")[number % 3],
            tool="tb_versions",
            kind=kind,
            version=number % 1_000 + 1,
            manifest=f"sha256:{number:064x}",
            reason="better on the newest data",
        )
        data = events.encode(event, said)
        (log / f"{number:020}.json").write_bytes(data)
        prev = events.digest_of(data)
    return store


_KINDS: tuple[Callable[[int], tuple[str, events.Said]], ...] = (
    lambda _: ("approved", events.Nothing()),
    lambda _: ("alias_set", events.AliasSet(alias="production", verified="digests")),
    lambda number: ("label_set", events.LabelSet("checked", str(number))),
    lambda _: ("noted", events.Text("Looked at the confusions of **3** and 8.")),
    lambda _: ("verified", events.Verified(ok=True)),
)


def _with_checkpoint(store: LocalStore) -> LocalStore:
    """The same log beside a checkpoint of its last event but 50."""
    models = Path(f"{Path(store.shown).parents[1]}-checkpoint")
    copy = LocalStore(str(models / "m" / ".versions"), within=str(models))
    shutil.copytree(store.shown, copy.shown)
    left = sorted((Path(copy.shown) / "log").iterdir())[-50:]
    for path in left:
        path.rename(Path(copy.shown) / path.name)
    checkpoints.write(copy, Registry(copy).refresh())
    for path in left:
        (Path(copy.shown) / path.name).rename(path)
    return copy


def _read_all(store: LocalStore) -> None:
    for entry in sorted(os.listdir(f"{store.shown}/log")):
        with open(f"{store.shown}/log/{entry}", "rb") as file:
            orjson.loads(file.read())


def _fsync_link(folder: Path) -> Callable[[], Sample]:
    """The least that a durable file costs that is made only once."""
    data = os.urandom(700)

    def write() -> None:
        temporary, name = folder / f".tmp-{uuid.uuid4().hex}", folder / f"file-{uuid.uuid4().hex}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        os.write(descriptor, data)
        os.fsync(descriptor)
        os.close(descriptor)
        os.link(temporary, name)
        above = os.open(folder, os.O_RDONLY)
        os.fsync(above)
        os.close(above)
        os.unlink(temporary)

    return timed(write)
