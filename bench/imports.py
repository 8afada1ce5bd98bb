"""Seconds and memory that an import takes in a new process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

from bench.figures import Report, Sample, interleave, peer
from bench.make_data import ROOT

SECONDS, BYTES = 0.1, 35e6

_SCRIPT = """
import json, sys, time
def rss():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096
exec(sys.argv[2])
before = rss()
wall, cpu = time.perf_counter(), time.process_time()
exec(sys.argv[1])
seconds = [time.perf_counter() - wall, time.process_time() - cpu]
print(json.dumps([*seconds, rss() - before, sys.modules.get("tensorflow") is not None]))
"""

STATEMENTS = {
    "import": "import tb_versions",
    "import_publish": "from tb_versions import publish",
    "import_plugin": "import tb_versions.plugin.loader, tb_versions.plugin.plugin",
    "event_writer": "from tensorboard.summary.writer.event_file_writer import EventFileWriter",
    "hparams_api": "from tensorboard.plugins.hparams import api",
}

_TENSORBOARD = "from bench.launch import hide_tensorflow; hide_tensorflow(); from tensorboard import default, program"

BEFORE = {"import_plugin": _TENSORBOARD}
"""What a process has loaded before the statement runs."""


class _Importer:
    """Runs one statement in new processes and keeps what they measured."""

    def __init__(self, statement: str, before: str) -> None:
        self.statement = statement
        self.before = before
        self.bytes: list[float] = []
        self.tensorflow = False

    def __call__(self) -> Sample:
        command = [sys.executable, "-c", _SCRIPT, self.statement, self.before]
        done = subprocess.run(command, capture_output=True, check=True, text=True, cwd=ROOT)
        wall, cpu, size, tensorflow = json.loads(done.stdout)
        self.bytes.append(size)
        self.tensorflow = self.tensorflow or tensorflow
        return Sample(wall, cpu)


def measure(report: Report, *, runs: int = 5) -> None:
    """Adds the figures of importing."""
    importers = {name: _Importer(statement, BEFORE.get(name, "")) for name, statement in STATEMENTS.items()}
    subjects: list[Callable[[], Sample]] = list(importers.values())
    samples = dict(zip(importers, interleave(runs, *subjects, warm_up=0), strict=True))
    writer = peer("TensorBoard's event writer", samples["event_writer"])
    for name, importer in importers.items():
        limited = name == "import"
        limit_of = "import tb_versions" if limited else ""
        compared = writer if name.startswith("import") else None
        seconds = SECONDS if limited else None
        report.add(
            f"{name}.seconds", samples[name], limit=seconds, limit_of=limit_of, peer=compared, note=importer.statement
        )
        size = BYTES if limited else None
        report.add(f"{name}.memory", importer.bytes[-runs:], unit="bytes", limit=size, limit_of=limit_of)
    loads = [float(importers[name].tensorflow) for name in ("import", "import_publish", "import_plugin")]
    report.add("import.tensorflow", [max(loads)], unit="", limit=0, limit_of="TensorFlow is not loaded")
