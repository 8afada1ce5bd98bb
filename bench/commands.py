"""The command line in new processes, beside the least that reading the same manifests costs."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson

from bench.figures import Report, Sample, interleave, timed
from bench.make_data import OUT, ROOT, Data, ensure

COLD, WITH_LOGDIR, SECOND, HELP = 2.5, 4.0, 0.5, 3.0


def measure(report: Report, size: int, *, runs: int = 5) -> None:
    """Adds the figures of `list` at one size; limits are multiples of the floor's CPU."""
    data = ensure(size)
    places = ["--models-dir", str(data.models)]
    with_logdir, best = [*places, "--logdir", str(data.logs)], ["--columns", "best.loss"]
    runs = runs if size <= 10_000 else 2
    with tempfile.TemporaryDirectory() as cache:
        kept = {"TB_VERSIONS_CACHE_DIR": cache}
        none = {"TB_VERSIONS_NO_CACHE": "1"}
        subjects: dict[str, tuple[Callable[[], Sample], float | None, str]] = {
            "floor": (timed(lambda: _read_all(data)), None, "open, read, orjson.loads"),
            "list": (command(["list", *places], none), COLD, "nothing kept"),
            "list_again": (command(["list", *places], kept), SECOND, "all manifests kept by the run before"),
            "list_unchecked": (command(["list", *places, "--columns", "created"], kept), None, "no files compared"),
            "list_model": (command(["list", "model-a", *places], none), None, "one model's folder"),
            "list_logdir": (command(["list", *with_logdir], none), WITH_LOGDIR, "nothing kept"),
            "list_logdir_again": (command(["list", *with_logdir], kept), WITH_LOGDIR, "manifests and runs kept"),
            "list_best": (command(["list", *with_logdir, *best], none), None, "nothing kept; reads every point"),
            "list_best_again": (command(["list", *with_logdir, *best], kept), None, "curves kept too"),
        }
        measured = interleave(runs, *(subject for subject, _, _ in subjects.values()))
    floor = _cpu(measured[0])
    for (name, (_, limit, note)), samples in zip(subjects.items(), measured, strict=True):
        over = _cpu(samples) / floor
        text = f"CPU {over:.2f} × the floor's{f'; {note}' if note else ''}"
        report.add(f"cli.{name}", samples, ratio=over, versions=size, note=text)
        if limit is not None:
            report.add(f"cli.{name}_cpu", [over], unit="×", limit=limit, limit_of="CPU, of the floor's", versions=size)


def measure_start(report: Report, *, runs: int = 9) -> None:
    """Adds the figures of commands that read nothing."""
    names = ("import click", "--help", "--version")
    click = process([sys.executable, "-c", "import click"], {})
    measured = interleave(runs, click, command(["--help"], {}), command(["--version"], {}))
    for name, samples in zip(names, measured, strict=True):
        over = _cpu(samples) / _cpu(measured[0])
        limit = None if name == "import click" else HELP
        report.add(f"cli.{name}", [over], unit="×", limit=limit, limit_of="CPU, of `python -c 'import click'`")


def _cpu(samples: Sequence[Sample]) -> float:
    return statistics.median(sample.cpu or 0 for sample in samples)


def command(arguments: Sequence[str], environment: dict[str, str]) -> Callable[[], Sample]:
    """Returns what runs a command in a new process and measures it."""
    return process([sys.executable, "-m", "tb_versions.cli", *arguments], environment)


def process(command: Sequence[str], environment: dict[str, str]) -> Callable[[], Sample]:
    """Measures a process with its own processes, TensorBoard's data server for one.

    Python has the bytecode of all modules, as it has of what was installed: the first run makes it.
    """
    environment = {
        **os.environ,
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(OUT / "bytecode"),
        **environment,
    }

    def run() -> Sample:
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True, cwd=ROOT, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Sample(time.perf_counter() - started, cpu)

    return run


def _read_all(data: Data) -> None:
    for folder in sorted(Path(data.models).iterdir()):
        for version in os.scandir(folder):
            if not version.name.startswith("."):
                with open(f"{version.path}/version_manifest.json", "rb") as file:
                    orjson.loads(file.read())
