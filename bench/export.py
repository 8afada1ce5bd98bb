"""Exports: seconds and bytes of one file and of a folder, each in a process of its own, event files and all."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.figures import Report, Sample
from bench.make_data import ROOT, Data, ensure_shared

SECONDS = 10.0
BYTES = 15_000_000
LIMITED_TO = 1_000
MOST = 10_000

_SHAPE = "20 metrics a version; five curves of 1,000 points a run, ten versions a run; 200 points a curve kept"


def measure(report: Report, size: int) -> None:
    """Adds the figures of both forms at one size."""
    if size > MOST:
        report.skip(f"export at {size:,}", f"event files of more than {MOST:,} versions take minutes to make")
        return
    data = ensure_shared(size)
    runs = 3 if size <= LIMITED_TO else 1
    for form in ("html", "site"):
        found = [_export(data, form) for _ in range(runs)]
        limited = form == "html" and size == LIMITED_TO
        report.add(
            f"export.{form}",
            [sample for sample, _ in found],
            limit=SECONDS if limited else None,
            limit_of="exporting 1,000 versions as one file" if limited else "",
            versions=size,
            note=_SHAPE,
        )
        report.add(
            f"export.{form}.bytes",
            [float(found[0][1])],
            unit="bytes",
            limit=BYTES if limited else None,
            limit_of="1,000 versions as one file" if limited else "",
            versions=size,
        )


def _export(data: Data, form: str) -> tuple[Sample, int]:
    """Seconds of the whole command, its CPU seconds with those of TensorBoard's data server, and bytes."""
    folder = Path(tempfile.mkdtemp(prefix="tb-versions-bench-"))
    out = folder / ("share.html" if form == "html" else "share")
    command = [sys.executable, "-m", "tb_versions.cli", "export", "--format", form, "--out", str(out)]
    command += ["--logdir", str(data.logs), "--models-dir", str(data.models)]
    before, wall = _cpu(), time.perf_counter()
    try:
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        sample = Sample(time.perf_counter() - wall, _cpu() - before)
        files = [out] if out.is_file() else [path for path in out.rglob("*") if path.is_file()]
        return sample, sum(path.stat().st_size for path in files)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
