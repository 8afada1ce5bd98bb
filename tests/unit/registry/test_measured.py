from __future__ import annotations

import datetime
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.store import LocalStore
from tb_versions.errors import InvalidManifestError, StorageError
from tb_versions.registry import measured
from tb_versions.registry.measured import MeasuredReader, Value
from tests.support.logs import store_of

UTC = datetime.timezone.utc


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return store_of(tmp_path / "models")


def record(store: LocalStore, *values: Value, version: int = 12, **more: Any) -> Path:
    name = measured.record(
        store, measured.new(values or (Value("accuracy", 0.93),), version=version, actor="anna", **more)
    )
    return Path(store.shown, "measured", name)


def test_metrics_that_were_measured_later_are_read_by_time(store: LocalStore) -> None:
    days = [datetime.datetime(2026, 11, day, tzinfo=UTC) for day in (3, 1, 2)]
    for day in days:
        record(store, time=day, dataset="2026-11", part="digit=8", source="monitoring")
    found = MeasuredReader(store).refresh()
    assert [one.time for one in found] == sorted(days)
    assert {(one.version, one.actor, one.dataset, one.slice, one.source) for one in found} == {
        (12, "anna", "2026-11", "digit=8", "monitoring")
    }
    assert found[0].values == (Value("accuracy", 0.93),)
    assert found[0].recorded > found[0].time


def test_two_writers_never_meet(store: LocalStore) -> None:
    moment = datetime.datetime(2026, 11, 1, tzinfo=UTC)
    assert len({record(store, time=moment).name for _ in range(20)}) == 20
    one = measured.new((Value("a", 1.0),), version=1, actor="anna", time=moment)
    measured.record(store, one)
    with pytest.raises(StorageError, match="exists already"):
        measured.record(store, one)


def test_a_time_in_another_zone_is_the_same_moment(store: LocalStore) -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    path = record(store, time=datetime.datetime(2026, 11, 23, 14, tzinfo=zone))
    assert json.loads(path.read_bytes())["time"] == "2026-11-23T12:00:00Z"
    assert path.name.startswith("001795435200000-")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.5, 0.5),
        (3, 3.0),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
        ("NaN", "NaN"),
    ],
)
def test_every_double_is_kept(store: LocalStore, value: Any, written: Any) -> None:
    path = record(store, Value("a", value, "max"))
    assert json.loads(path.read_bytes())["values"] == [{"name": "a", "value": written, "goal": "max"}]
    ((found,),) = (one.values for one in MeasuredReader(store).refresh())
    assert found.number == float(written) or found.value == "NaN"


@pytest.mark.parametrize(
    ("values", "more"),
    [
        ((Value("a", "1"),), {}),
        ((Value("a", "high"),), {}),
        ((Value("a", 10**400),), {}),
        ((Value("a", None),), {}),  # type: ignore[arg-type]
        ((Value("", 1.0),), {}),
        ((Value("__proto__", 1.0),), {}),
        ((Value("a", 1.0, "up"),), {}),
        ((Value("a", 1.0), Value("a", 2.0)), {}),
        (tuple(Value(f"m{n}", 1.0) for n in range(1_001)), {}),
        ((Value("a", 1.0),), {"version": -1}),
        ((Value("a", 1.0),), {"dataset": "x" * 257}),
        ((Value("a", 1.0),), {"source": "\u202e"}),
        ((Value("a", 1.0),), {"manifest": "x"}),
    ],
)
def test_what_breaks_a_rule_is_not_recorded(store: LocalStore, values: tuple[Value, ...], more: dict[str, Any]) -> None:
    with pytest.raises(InvalidManifestError):
        record(store, *values, **more)
    with pytest.raises(InvalidManifestError):
        measured.record(store, measured.new((), version=1, actor="anna"))
    assert store.names("measured") == []


def test_a_refresh_reads_only_what_is_new(store: LocalStore) -> None:
    first = record(store)
    reader = MeasuredReader(store)
    assert reader.refresh() is reader.refresh()
    first.write_bytes(b"changed")
    record(store)
    assert len(reader.refresh()) == 2
    first.unlink()
    assert len(reader.refresh()) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[" * 1_000_000,
        b" " * ((1 << 20) + 1),
        b'{"format": 2}',
        {"format": 2},
        {"version": 10**30},
        {"actor": "\x00"},
        {"id": "../../x"},
        {"values": [{"name": "a", "value": "1e400"}]},
        {"values": [{"name": "a", "value": True}]},
        {"values": []},
        {"time": "2026-11-23T12:00:00"},
    ],
    ids=lambda data: str(data)[:20],
)
def test_a_file_that_can_not_be_used_is_named_and_hides_no_other(store: LocalStore, data: Any) -> None:
    bad, good = record(store), record(store, version=13)
    whole = json.loads(bad.read_bytes())
    bad.write_bytes(data if isinstance(data, bytes) else json.dumps({**whole, **data}).encode())
    reader = MeasuredReader(store)
    assert [one.version for one in reader.refresh()] == [13]
    ((where, why),) = reader.problems
    assert where == str(bad)
    assert why.startswith("These metrics can't be read: ")
    bad.unlink()
    reader.refresh()
    assert reader.problems == ()
    assert good.exists()


def test_links_fifos_and_litter_are_not_opened(store: LocalStore, tmp_path: Path) -> None:
    good = record(store)
    (tmp_path / "secret").write_bytes(good.read_bytes())
    (good.parent / "000000000000001-0.json").symlink_to(tmp_path / "secret")
    os.mkfifo(good.parent / "000000000000002-0.json")
    (good.parent / ".tmp-0123").write_bytes(good.read_bytes())
    reader = MeasuredReader(store)
    assert len(reader.refresh()) == 1
    assert len(reader.problems) == 2


def test_a_file_that_can_not_be_read_now_is_read_later(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    record(store)
    reader = MeasuredReader(store)

    def stale(*_: object) -> bytes:
        raise StorageError("Stale file handle")

    monkeypatch.setattr(store, "read", stale)
    assert reader.refresh() == ()
    assert "Stale" in reader.problems[0][1]
    assert reader.refresh() is reader.refresh()
    monkeypatch.undo()
    assert len(reader.refresh()) == 1
    assert reader.problems == ()
