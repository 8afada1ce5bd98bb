"""A table of 10,000,000 rows, asked by DuckDB and Polars for the ten best, beside MLflow and HParams."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import hparams
from bench.commands import process
from bench.figures import Report, peer, say
from bench.make_data import LOGGED, OUT
from bench.peers import mlflow
from bench.peers.environments import python_of

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 10_000_000
VERSIONS_OF_A_MODEL = 1_000

MLFLOW_RUNS = 10_000
"""Runs of MLflow that are asked for their ten best; more take too long to make."""

HPARAMS_GROUPS = 10_000
"""Session groups of HParams, the most that this bench makes."""

_FORMAT = 1
_ROWS_AT_A_TIME = 1_000_000
_METRIC = "metric.accuracy"
_MODEL = "model-00042"


def measure(report: Report, *, rows: int = ROWS, runs: int = 5, peers: bool = False) -> None:
    """Adds the figures of both engines, and of the peers."""
    table = _ensure(rows)
    size = sum(path.stat().st_size for path in table.glob("*.parquet"))
    report.add("engines.bytes", [float(size)], versions=rows, unit="bytes", note=f"{len(LOGGED)} metrics")
    others = _peers(report) if peers else ()
    if not peers:
        report.skip("MLflow and HParams", "without --peers they are not measured")
    for engine, script in (("duckdb", _DUCKDB), ("polars", _POLARS)):
        for which, model in (("all", ""), ("model", _MODEL)):
            run = process([sys.executable, "-c", script, os.fspath(table), model], {})
            found = [run() for _ in range(runs)]
            note = "the ten best by a metric, " + ("of one model" if model else "of all") + "; with its start"
            slowest = max(others, key=lambda other: other.value, default=None)
            report.add(f"engines.{engine}_{which}", found, versions=rows, note=note, peer=slowest)


_DUCKDB = f"""
import sys, duckdb
from deltalake import DeltaTable
files, model = DeltaTable(sys.argv[1]).file_uris(), sys.argv[2]
sql = 'SELECT model, number, "{_METRIC}" FROM read_parquet($files)'
if model: sql += " WHERE model = $model"
sql += ' ORDER BY "{_METRIC}" DESC LIMIT 10'
given = {{"files": files}} | ({{"model": model}} if model else {{}})
assert len(duckdb.execute(sql, given).fetchall()) == 10
"""

_POLARS = f"""
import sys, polars
rows = polars.scan_delta(sys.argv[1])
if sys.argv[2]: rows = rows.filter(polars.col("model") == sys.argv[2])
best = rows.select("model", "number", "{_METRIC}").top_k(10, by="{_METRIC}").collect()
assert best.height == 10
"""


def _ensure(rows: int) -> Path:
    """Returns a table of so many rows; makes it if it is not there."""
    folder = OUT / f"rows-{rows}"
    marker = folder / "complete.json"
    if not marker.exists() or json.loads(marker.read_text()) != [_FORMAT, rows]:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        say(f"making a table of {rows:,} rows in {folder}")
        _write(folder / "versions", rows)
        marker.write_text(json.dumps([_FORMAT, rows]))
    return folder / "versions"


def _write(table: Path, rows: int) -> None:
    import pyarrow as pa
    from deltalake import WriterProperties, write_deltalake

    numbers: Any = [("model", pa.string()), ("number", pa.int64())]
    schema = pa.schema([*numbers, *((f"metric.{name}", pa.float64()) for name in LOGGED)])
    reader = pa.RecordBatchReader.from_batches(schema, _batches(schema, rows))
    write_deltalake(os.fspath(table), reader, writer_properties=WriterProperties(compression="ZSTD"))


def _batches(schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatch]:
    import numpy as np
    import pyarrow as pa

    chance = np.random.default_rng(rows)
    for first in range(0, rows, _ROWS_AT_A_TIME):
        place = np.arange(first, min(rows, first + _ROWS_AT_A_TIME))
        models, codes = np.unique(place // VERSIONS_OF_A_MODEL, return_inverse=True)
        names = pa.array([f"model-{model:05}" for model in models])
        columns = [
            pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), names).dictionary_decode(),
            pa.array(place % VERSIONS_OF_A_MODEL + 1, pa.int64()),
            *(pa.array(chance.random(len(place))) for _ in LOGGED),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _peers(report: Report) -> Sequence[Any]:
    found = []
    python = python_of("mlflow")
    if python is None:
        report.skip("engines.mlflow", "MLflow can't be installed here")
    else:
        folder = OUT / "engines-mlflow"
        shutil.rmtree(folder, ignore_errors=True)
        try:
            with mlflow.Registry(python, folder, 1, runs=MLFLOW_RUNS) as registry:
                samples = [registry.best() for _ in range(3)]
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        note = "MLflow over SQLite: search_runs, the ten best by a metric; without its start"
        report.add("engines.mlflow", samples, versions=MLFLOW_RUNS, note=note)
        found.append(peer(f"MLflow with {MLFLOW_RUNS:,} runs", samples))
    samples = hparams.best(report, HPARAMS_GROUPS)
    if samples:
        note = "HParams: the ten best by a metric, once all are read; without its start"
        report.add("engines.hparams", samples, versions=HPARAMS_GROUPS, note=note)
        found.append(peer(f"HParams with {HPARAMS_GROUPS:,} session groups", samples))
    return found
