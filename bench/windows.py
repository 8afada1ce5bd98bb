"""What the process of the tables costs: CPU and memory of the first window, of sorts and filters, and at rest.

The table has no files beside it: manifests of the rows that are shown are read out of the table, which costs more than
reading them from their folders, and the folder is not looked at.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import psutil

from bench import fleet_tables
from bench.figures import Report, Sample

QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "newest": ("window", {"sort": ["-created"], "facets": "1"}),
    "scroll": ("window", {"sort": ["-created"], "first": "400000"}),
    "sort_metric": ("window", {"sort": ["-accuracy"]}),
    "sort_hp": ("window", {"sort": ["lr", "-val_loss"]}),
    "sort_text": ("window", {"sort": ["optimizer"]}),
    "sort_run": ("window", {"sort": ["run"]}),
    "sort_digest": ("window", {"sort": ["digest"]}),
    "filter_metric": ("window", {"filter": "val_accuracy > 0.9 and loss < 0.1", "facets": "1"}),
    "filter_hp": ("window", {"filter": "optimizer = adam and lr in (0.1, 0.01)"}),
    "filter_label": ("window", {"filter": "label.team = vision"}),
    "filter_run": ("window", {"filter": "run = 'model-00007/3'"}),
    "filter_word": ("window", {"filter": "lamb"}),
    "group_model": ("window", {"sort": ["-auc"], "group": "model"}),
    "tick_model": ("window", {"model": ["model-00042"], "facets": "1"}),
    "density": ("density", {"x": "created", "y": "val_accuracy"}),
    "ids": ("ids", {"filter": "f1 > 0.5", "count": "100000"}),
}
"""What is asked, in this order."""

LIMIT_S = 1.0
LIMIT_MB = 500.0


def measure(report: Report, size: int) -> None:
    """Adds the figures of windows over a table of one size."""
    from tb_versions.fleet.windows.service import Service

    models = fleet_tables.ensure(size)
    before = psutil.Process().memory_info().rss
    service = Service(os.fspath(models), None, above=0, looks=False)
    begun = time.monotonic()
    service.start()
    try:
        while service.standing().state == "starting":
            time.sleep(0.01)
        process = psutil.Process(service.pid or 0)
        report.add("windows.start", [Sample(time.monotonic() - begun, _cpu(process))], versions=size)
        for name, (what, question) in QUESTIONS.items():
            first, again = (_asked(service, process, what, question) for _ in range(2))
            note = f"again {again.cpu:.2f} s of CPU; then {_mb(process):.0f} MB"
            report.add(f"windows.{name}", [first], limit=LIMIT_S, limit_of="the first time", versions=size, note=note)
        total = _mb(process) + (psutil.Process().memory_info().rss - before) / 1e6
        note = f"with what is added here; at most {_most(process):.0f} MB in the process of the tables"
        of_what = "above TensorBoard's own"
        report.add("windows.memory", [total], unit="MB", limit=LIMIT_MB, limit_of=of_what, versions=size, note=note)
    finally:
        service.stop()


def _asked(service: Any, process: psutil.Process, what: str, question: dict[str, Any]) -> Sample:
    cpu, begun = _cpu(process), time.monotonic()
    json.loads(service.ask(what, question))
    return Sample(time.monotonic() - begun, _cpu(process) - cpu)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _mb(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6


def _most(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1e3
