"""The tables of a fleet: made by one process, by shards and by Beam, brought up to date, and asked."""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.commands import command, process
from bench.figures import Report, Sample, peer, say, timed
from bench.fleet_data import VERSIONS_OF_A_MODEL, make_model
from bench.make_data import ROOT, Data, ensure_fleet
from bench.peers.environments import python_of

SMALL = 10_000
"""What 100 new versions cost in a table of so many is the measure for what they cost in a larger one."""

GROWTH = 1.5

_NEW = 100
_SHARDS = 8
_TOP = 'SELECT model, number, "metric.accuracy" FROM rows ORDER BY 3 DESC LIMIT 10'
_TABLES = ("versions", "events", "aliases", "unread")


def measure(report: Report, sizes: Sequence[int], *, runs: int = 3) -> None:
    """Adds the figures of the tables at each size, and how the cost of new versions grows from `SMALL` on."""
    new = {size: _measure(report, size, runs=runs if size < 1_000_000 else 1) for size in sizes}
    largest = max(sizes)
    if SMALL in new and largest > SMALL:
        report.add(
            "fleet.new_growth",
            [new[largest] / new[SMALL]],
            unit="×",
            limit=GROWTH,
            limit_of=f"CPU of {_NEW} versions more, of that in a table of {SMALL:,}",
            versions=largest,
        )


def _measure(report: Report, size: int, *, runs: int) -> float:
    """Returns the seconds of CPU that new versions cost."""
    data = ensure_fleet(size)
    with tempfile.TemporaryDirectory(prefix="tb-versions-bench-") as folder:
        floor = peer("open, read and orjson.loads of the manifests", [_floor(data) for _ in range(runs)])
        made = [_index(data, f"{folder}/one-{run}") for run in range(runs)]
        report.add("fleet.build", made, versions=size, peer=floor, note="a new process")
        one = f"{folder}/one-0"
        size_of = sum(path.stat().st_size for path in Path(one).rglob("*") if path.is_file())
        report.add("fleet.bytes", [float(size_of)], versions=size, unit="bytes")
        _measure_others(report, data, folder, size)
        again = [_index(data, one) for _ in range(runs)]
        report.add("fleet.again", again, versions=size, peer=floor, note="nothing new")
        new = _with_new(data, one, runs=3)
        added = report.add("fleet.new", new, versions=size, note=f"{_NEW} versions more, each of another model")
        for name, ask in (("duckdb", _duckdb), ("polars", _polars)):
            found = [ask(one) for _ in range(3)]
            report.add(f"fleet.{name}", found, versions=size, note="the top 10 by a metric, with its start")
    return added.cpu or added.median


def _measure_others(report: Report, data: Data, folder: str, size: int) -> None:
    """Makes the same tables by shards and by Beam, and compares them with those of one process.

    Raises:
        RuntimeError: They are not equal.
    """
    shards = [_arguments(data, f"{folder}/shards", "--shard", f"{n}/{_SHARDS}") for n in range(1, _SHARDS + 1)]
    by_shards = _together([[sys.executable, *each] for each in shards])
    _must_be_equal(f"{folder}/one-0", f"{folder}/shards")
    note = f"{_SHARDS} processes, {os.cpu_count()} at a time; the table equals that of one process"
    report.add("fleet.shards", [by_shards], versions=size, note=note)
    python = python_of("beam")
    if python is None:
        report.skip(f"fleet.beam at {size:,}", "Apache Beam can't be installed here")
        return
    by_beam = process([os.fspath(python), *_arguments(data, f"{folder}/beam", "--runner", "beam")], {})()
    _must_be_equal(f"{folder}/one-0", f"{folder}/beam")
    note = "Apache Beam's runner in one process; the table equals that of one process without it"
    report.add("fleet.beam", [by_beam], versions=size, note=note)


def _floor(data: Data) -> Sample:
    import orjson

    def read() -> None:
        for path in data.models.glob("*/*/version_manifest.json"):
            orjson.loads(path.read_bytes())

    return timed(read)()


def _arguments(data: Data, to: str, *more: str) -> list[str]:
    return ["-m", "tb_versions.cli", "index", "--models-dir", os.fspath(data.models), "--to", to, *more]


def _index(data: Data, to: str) -> Sample:
    return command(_arguments(data, to)[2:], {})()


def _together(commands: Sequence[Sequence[str]]) -> Sample:
    """Runs processes, as many at a time as there are cores; returns the time and CPU of all."""

    def run(command: Sequence[str]) -> None:
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, cwd=ROOT)

    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(run, commands))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Sample(time.perf_counter() - started, cpu)


def _must_be_equal(one: str, other: str) -> None:
    for name in _TABLES:
        if _fingerprint(f"{one}/{name}") != _fingerprint(f"{other}/{name}"):
            raise RuntimeError(f"The table {name} in {other} is not the one in {one}.")
    say(f"equal tables: {one} and {other}")


def _fingerprint(table: str) -> tuple[object, ...]:
    """Columns, number of rows, and the sum of the rows' hashes: equal for equal rows in any order."""
    import duckdb
    from deltalake import DeltaTable

    rows = DeltaTable(table).to_pyarrow_dataset()
    columns = [(name, str(kind)) for name, kind in zip(rows.schema.names, rows.schema.types, strict=True)]
    found = duckdb.connect().execute("SELECT count(*), sum(hash(rows)::HUGEINT) FROM rows").fetchone()
    return (*columns, found)


def _with_new(data: Data, to: str, *, runs: int) -> list[Sample]:
    """Adds a version to each of a hundred models and indexes them, several times; then removes them again."""
    models = sorted(path for path in data.models.iterdir() if path.name.startswith("model-"))
    models = models[:: max(1, len(models) // _NEW)][:_NEW]
    numbers = range(VERSIONS_OF_A_MODEL + 1, VERSIONS_OF_A_MODEL + 1 + runs)
    try:
        samples = []
        for number in numbers:
            for model in models:
                make_model(model, range(number, number + 1), random.Random(f"{model.name} {number}"))
            samples.append(_index(data, to))
        return samples
    finally:
        for model in models:
            for number in numbers:
                shutil.rmtree(model / str(number), ignore_errors=True)
        _index(data, to)


def _duckdb(to: str) -> Sample:
    script = (
        "import duckdb; from deltalake import DeltaTable; "
        f"rows = DeltaTable({to + '/versions'!r}).to_pyarrow_table(columns=['model', 'number', 'metric.accuracy']); "
        f"duckdb.sql({_TOP!r}).fetchall()"
    )
    return _script(script)


def _polars(to: str) -> Sample:
    return _script(
        f"import polars; polars.scan_delta({to + '/versions'!r}).sort('metric.accuracy', descending=True)"
        ".select('model', 'number', 'metric.accuracy').head(10).collect()"
    )


def _script(text: str) -> Sample:
    return process([sys.executable, "-c", text], {})()
