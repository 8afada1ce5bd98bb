"""Files of tables are weighed before they are read, once each."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import OrderedDict
from pathlib import Path

import pyarrow as pa
import pytest

from tb_versions.fleet import reading
from tb_versions.fleet.delta import Delta, appended, replaced
from tb_versions.fleet.reading import table_of


def rows(*ids: str) -> pa.Table:
    return pa.table({"id": pa.array(ids, pa.string())})


@pytest.fixture
def delta(tmp_path: Path) -> Delta:
    return Delta(os.fspath(tmp_path), "versions")


def test_a_file_with_the_size_and_time_of_another_is_weighed_itself(
    delta: Delta, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_weighings", OrderedDict())
    delta.change(lambda _: replaced(rows("a", "b")))
    table = delta.existing()
    assert table_of(table).num_rows == 2
    assert len(reading._weighings) == 1
    (path,) = Path(delta.url).glob("*.parquet")
    status, data = path.stat(), path.read_bytes()
    time.sleep(0.03)  # until the clock of the file system went on
    path.unlink()
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert table_of(table).num_rows == 2
    assert len(reading._weighings) == 2


def test_several_threads_weigh_files(delta: Delta, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        delta.change(lambda _, name=name: appended(rows(name)))  # type: ignore[misc]
    table = delta.existing()
    monkeypatch.setattr(reading, "_MOST_WEIGHED", 1)
    interval = sys.getswitchinterval()
    failed: list[Exception] = []

    def read() -> None:
        try:
            for _ in range(100):
                table_of(table)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not failed
