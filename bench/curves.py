"""Curves of linked runs from their event files: memory and bytes read, for one long run and for many short ones."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bench.figures import Report, Sample, say
from bench.make_data import ROOT
from tests.support.event_files import FIRST_STEP, scalar, write_long_run

POINTS = 1_000_000
RUNS, OF_EACH = 10_000, 60
START = 1_700_000_000.0

APPENDED_BYTES = 4_096
"""One appended point must not cost more than so many bytes: its own, those before it and one file's end."""

_SCRIPT = """
import json, resource, subprocess, sys, threading, time
from tb_versions.read import run_files
from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.file_curves import FileCurves
from tb_versions.read.curves.linked_curves import LinkedCurves
from tb_versions.read import data_server
from tb_versions.read.folders.roots import roots_of
import grpc
from tensorboard.data import grpc_provider
from tensorboard.data.proto import data_provider_pb2

def rss(pid="self"):
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1]) * 4096
    except (OSError, IndexError):
        return 0

read, servers, peak = [0], [], [0]
pread = run_files.os.pread
def counted(*arguments):
    data = pread(*arguments)
    read[0] += len(data)
    return data
run_files.os.pread = counted
start = data_server._start
def noted(*arguments, **options):
    servers.append(start(*arguments, **options))
    return servers[-1]
data_server._start = noted
def watch():
    while True:
        peak[0] = max([peak[0], *(rss(server.pid) for server in servers[-1:])])
        time.sleep(0.002)
threading.Thread(target=watch, daemon=True).start()

def look():
    read[0], wall, cpu = 0, time.perf_counter(), time.process_time()
    curves.refresh(exports)
    told = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "bytes": read[0],
            "servers": len(servers), "server": peak[0], "own": rss() - before}
    print(json.dumps(told), flush=True)

logs, runs = sys.argv[1], json.loads(sys.stdin.readline())
exports = {run: frozenset({Export(step, 2e9)}) for run, step in runs.items()}
before = rss()
curves = FileCurves(run_files.RunFiles(roots_of(logs)))
for _ in sys.stdin:
    look()
"""


class _Reader:
    """A process that looks at runs when it is told to."""

    def __init__(self, logs: Path, runs: dict[str, int]) -> None:
        command = [sys.executable, "-c", _SCRIPT, str(logs)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        self._say(json.dumps(runs))

    def look(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        self._say("look")
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told

    def _say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def stop(self) -> None:
        self.process.communicate()


def measure(report: Report) -> None:
    """Adds the figures."""
    with tempfile.TemporaryDirectory(prefix="tb-versions-bench-") as folder:
        _measure_long(report, Path(folder) / "long")
        _measure_many(report, Path(folder) / "many")


def _measure_long(report: Report, logs: Path) -> None:
    say(f"a run of {POINTS:,} points …")
    path = write_long_run(logs / "run", np.linspace(1, 0, POINTS, dtype=np.float32), tag="val_loss", start=START)
    reader = _Reader(logs, {"run": FIRST_STEP + POINTS // 2})
    try:
        first = reader.look()
        _add(
            report, "curves.long", first, note=f"{path.stat().st_size:,} bytes of event files, read by the data server"
        )
        quiet = [reader.look() for _ in range(5)]
        appended = []
        for number in range(5):
            point = scalar("val_loss", FIRST_STEP + POINTS + number, -1.0, wall_time=START + POINTS + number)
            with path.open("ab") as file:
                file.write(point)
            appended.append(reader.look())
    finally:
        reader.stop()
    report.add("curves.quiet", [Sample(look["wall"], look["cpu"]) for look in quiet], note="a look, nothing new")
    report.add("curves.appended", [Sample(look["wall"], look["cpu"]) for look in appended], note="a look, one point")
    of_bytes = "one appended point; the first look also finds the end of the file's last record"
    bytes_read = [float(look["bytes"]) for look in appended]
    report.add("curves.appended.bytes", bytes_read, unit="bytes", limit=APPENDED_BYTES, limit_of=of_bytes)
    report.add("curves.appended.servers", [float(appended[-1]["servers"] - first["servers"])], unit="")


def _measure_many(report: Report, logs: Path) -> None:
    say(f"{RUNS:,} runs of {OF_EACH} points …")
    data = b"".join(scalar("val_loss", step, 1 / (step + 1), wall_time=START + step) for step in range(OF_EACH))
    for number in range(RUNS):
        (logs / f"run-{number}").mkdir(parents=True)
        (logs / f"run-{number}" / "events.out.tfevents.1.made").write_bytes(data)
    reader = _Reader(logs, {f"run-{number}": OF_EACH // 2 for number in range(RUNS)})
    try:
        _add(report, "curves.many", reader.look(), note=f"{RUNS:,} runs, {len(data) * RUNS:,} bytes of event files")
        quiet = [reader.look() for _ in range(3)]
    finally:
        reader.stop()
    report.add("curves.many.quiet", [Sample(look["wall"], look["cpu"]) for look in quiet], note="a look, nothing new")


def _add(report: Report, name: str, look: dict[str, Any], *, note: str) -> None:
    report.add(name, [Sample(look["wall"], look["cpu"])], note=note)
    report.add(f"{name}.server", [float(look["server"])], unit="bytes", note="most memory of a data server")
    report.add(f"{name}.own", [float(look["own"])], unit="bytes", note="memory of this process that stays")
    report.add(f"{name}.servers", [float(look["servers"])], unit="", note="data servers that were started")
