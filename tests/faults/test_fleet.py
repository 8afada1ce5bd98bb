"""Indexers that run at the same time or are killed: every row once, and the next run completes the table."""

from __future__ import annotations

import os
import random
import signal
import struct
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from deltalake import DeltaTable
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

from tb_versions.cli import main
from tb_versions.core.manifest import Metric
from tb_versions.fleet.checking import check
from tb_versions.read.reader import open_reader
from tb_versions.read.values import metric_values
from tests.support.effort import FULL, HANGS
from tests.support.event_files import begin, scalar
from tests.support.object_stores import BUCKET
from tests.support.remote import publish
from tests.support.world import World

pytestmark = [pytest.mark.faults, pytest.mark.slow]

INDEXERS = 4
RUNS = 10 if FULL else 2
KILLS = 200 if FULL else 6


def indexer(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.faults.indexer", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ids(url: str, **options: Any) -> Counter[str]:
    return Counter(DeltaTable(f"{url}/versions", **options).to_pyarrow_table(columns=["id"]).column("id").to_pylist())


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    for number in range(1, 301):
        world.version(f"model-{number % 7}", number, metrics=(Metric(name="loss", value=1 / number),))
    return world


def test_indexers_that_run_at_once_write_every_row_once(world: World) -> None:
    models = os.fspath(world.models)
    running = [indexer(models, "--rows", "20", "--runs", str(RUNS)) for _ in range(INDEXERS)]
    added = 301
    while any(each.poll() is None for each in running):  # versions come meanwhile
        world.version("model-0", added)
        added += 1
        time.sleep(0.02)
    for each in running:
        _, errors = each.communicate(timeout=HANGS)
        assert each.returncode == 0, errors
    last = indexer(models, "--rows", "20")
    assert last.wait(HANGS) == 0
    found = ids(f"{models}/.index")
    assert (len(found), max(found.values())) == (added - 1, 1)
    assert check(models).ok
    print(f"{INDEXERS} indexers × {RUNS} runs: {len(found)} versions, every row once")


def test_a_killed_indexer_leaves_a_table_that_the_next_completes(world: World) -> None:
    models, chance = os.fspath(world.models), random.Random(7)
    began = time.monotonic()
    assert indexer(models, "--rows", "20").wait(HANGS) == 0
    whole = time.monotonic() - began
    killed = 0
    for number in range(301, 301 + KILLS):
        world.version("model-1", number)
        (world.models / f"model-{(number - 300) % 7}" / str(number - 300) / "version_manifest.json").unlink(
            missing_ok=True
        )
        running = indexer(models, "--rows", "1")
        try:
            running.wait(chance.uniform(whole * 0.3, whole))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            killed += 1
        running.communicate(timeout=HANGS)
        assert max(ids(f"{models}/.index").values()) == 1
    assert indexer(models).wait(HANGS) == 0
    assert check(models).ok
    print(f"{killed} of {KILLS} indexers were killed: the table was readable each time, and whole after the next run")


def of_values(models: str) -> Counter[tuple[str, str]]:
    found = DeltaTable(f"{models}/.index/values").to_pyarrow_table(columns=["id", "metric"])
    return Counter(zip(found.column("id").to_pylist(), found.column("metric").to_pylist(), strict=True))


@pytest.fixture
def trained(tmp_path: Path) -> World:
    """60 versions of 6 runs, each with two curves."""
    world = World(tmp_path)
    for number in range(1, 61):
        world.version(f"model-{number % 3}", number, run=f"run-{number % 6}", step=number)
    _go_on(world, range(10))
    return world


def _go_on(world: World, steps: range) -> None:
    for run in range(6):
        for tag in ("loss", "accuracy"):
            world.scalars(f"run-{run}", tag, [(step, 1 / (1 + step + run)) for step in steps])


def test_indexers_that_run_at_once_while_runs_go_on_write_every_value_once(trained: World) -> None:
    models, logs = os.fspath(trained.models), os.fspath(trained.logs)
    running = [indexer(models, "--logdir", logs, "--rows", "20", "--runs", str(RUNS)) for _ in range(INDEXERS)]
    step = 10
    while any(each.poll() is None for each in running):
        _go_on(trained, range(step, step + 1))
        step += 1
        if any((trained.models / ".index" / "values" / "_delta_log").glob("*.json")):
            assert max(of_values(models).values(), default=1) == 1
        time.sleep(0.05)
    for each in running:
        _, errors = each.communicate(timeout=HANGS)
        assert each.returncode == 0, errors
    last = indexer(models, "--logdir", logs)
    _, errors = last.communicate(timeout=HANGS)
    assert last.returncode == 0, errors
    found = of_values(models)
    assert (len(found), max(found.values())) == (120, 1)
    assert check(models, logdir=logs).ok
    print(f"{INDEXERS} indexers × {RUNS} runs, up to step {step}: the values of 60 versions, every row once")


def test_an_indexer_of_values_that_is_killed_leaves_each_version_whole(trained: World) -> None:
    models, logs, chance = os.fspath(trained.models), os.fspath(trained.logs), random.Random(8)
    began = time.monotonic()
    assert indexer(models, "--logdir", logs, "--rows", "20").wait(HANGS) == 0
    whole = time.monotonic() - began
    killed = 0
    for step in range(10, 10 + KILLS // 2):
        _go_on(trained, range(step, step + 1))
        running = indexer(models, "--logdir", logs, "--rows", "20")
        try:
            running.wait(chance.uniform(whole * 0.4, whole * 1.2))
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGKILL)
            killed += 1
        running.communicate(timeout=HANGS)
        found = of_values(models)
        assert (len(found), max(found.values())) == (120, 1)
    assert indexer(models, "--logdir", logs).wait(HANGS) == 0
    assert check(models, logdir=logs).ok
    print(f"{killed} of {KILLS // 2} indexers of values were killed: no version lost a row")


@pytest.mark.usefixtures("s3")
def test_indexers_of_a_store_write_every_row_once(tmp_path: Path) -> None:
    url = f"s3://{BUCKET}/models"
    for _ in range(6):
        publish(tmp_path, url)
    environment = {**os.environ}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.faults.indexer", url, "--rows", "1", "--runs", str(RUNS)],
            stderr=subprocess.PIPE,
            text=True,
            env={**environment, "TB_VERSIONS_CACHE_DIR": os.fspath(tmp_path / f"cache-{number}")},
        )
        for number in range(INDEXERS)
    ]
    for each in running:
        _, errors = each.communicate(timeout=HANGS)
        assert each.returncode == 0, errors
    found = ids(f"{url}/.index", storage_options={"allow_http": "true"})
    assert (len(found), max(found.values())) == (6, 1)
    print(f"{INDEXERS} indexers × {RUNS} runs in an object store: every row once")


@pytest.mark.usefixtures("s3")
def test_values_of_versions_in_a_store_are_replaced_there(tmp_path: Path) -> None:
    url, run = f"s3://{BUCKET}/models", tmp_path / "run"
    for _ in range(2):
        publish(tmp_path, url, step=1)
    for number in range(2):
        data = begin(1.0 + number) + scalar("loss", number, 0.5 + number, wall_time=2.0 + number)
        (run / f"events.out.tfevents.{number}.made").write_bytes(data)
        done = indexer(url, "--logdir", os.fspath(tmp_path))
        _, errors = done.communicate(timeout=HANGS)
        assert done.returncode == 0, errors
    found = DeltaTable(f"{url}/.index/values", storage_options={"allow_http": "true"}).to_pyarrow_table().to_pylist()
    assert [(row["metric"], row["last"], row["last_step"]) for row in found] == [("loss", 1.5, 1)] * 2
    assert check(url, logdir=os.fspath(tmp_path)).ok


def test_event_files_that_are_torn_or_forged_are_told_and_hide_no_other_run(trained: World) -> None:
    trained.close()
    chance = random.Random(9)
    (path,) = (trained.logs / "run-1").iterdir()
    good = path.read_bytes()
    for turn in range(60 if FULL else 8):
        place = chance.randrange(len(good))
        path.write_bytes(good[:place] if turn % 2 else good[:place] + chance.randbytes(8) + good[place + 8 :])
        _check_against_the_tab(trained)
    header = struct.pack("<Q", 1 << 40)
    path.write_bytes(header + struct.pack("<I", masked_crc32c(header)) + b"abc")  # a record of 1 TB
    _check_against_the_tab(trained)
    path.unlink()
    os.mkfifo(path)
    _check_against_the_tab(trained)
    path.unlink()
    secret = trained.base / "secret"
    secret.mkdir()
    (secret / path.name).write_bytes(good)
    path.symlink_to(secret / path.name)
    _check_against_the_tab(trained)


def _check_against_the_tab(world: World) -> None:
    """The command line ends with 0 or 1, and the table says what a catalog says that is read anew."""
    models, logs = os.fspath(world.models), os.fspath(world.logs)
    done = CliRunner().invoke(main, ["index", "--models-dir", models, "--logdir", logs], prog_name="tb-versions")
    assert done.exit_code in (0, 1), done.output
    rows = DeltaTable(f"{models}/.index/values").to_pyarrow_table().to_pylist()
    found = {(row["model"], row["number"], row["metric"]): (row["best"], row["last"], row["sample"]) for row in rows}
    assert len(found) == len(rows)
    catalog = open_reader(logs, [models], check=False, cached=False).catalog
    failed = {where.removeprefix("curves of run ") for where, _ in catalog.problems} - set(catalog.curves)
    for version in catalog.versions:
        if failed.isdisjoint({run.name for run in version.runs}) and any(run.known for run in version.runs):
            for value in metric_values(version, catalog.curves):
                told = (value.best and value.best.value, value.last and value.last.value, value.sample or None)
                assert repr(found[version.model, version.number, value.kind.key]) == repr(told)
    others = {key[:2] for key in found if key[1] % 6 != 1}
    assert len(others) == 50
