"""Reads all manifests for the first time, in a process of its own; compared with the least that any reader must do."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from bench.figures import Report, Sample, interleave, peer, timed
from bench.make_data import ROOT, ensure, ensure_described


def measure(report: Report, size: int, *, runs: int = 5) -> None:
    """Adds the figures of reading at one size, of both kinds of manifests."""
    for kind, data in (("tables", ensure(size)), ("described", ensure_described(size))):
        found = [_in_a_new_process(data.models) for _ in range(runs if size <= 10_000 else 3)]
        floor, cold, memory = ([each[what] for each in found] for what in ("floor", "cold", "memory"))
        ratio = sum(s.cpu or 0 for s in cold) / sum(s.cpu or 0 for s in floor)
        least = peer("open, read and orjson.loads", floor)
        note = f"{_bytes_of_one(data.models) / 1e3:.1f} kB each; {ratio:.2f} × the floor's CPU"
        report.add(f"manifests.{kind}", cold, peer=least, ratio=ratio, versions=size, note=note)
        report.add(f"manifests.{kind}_memory", memory, unit="bytes", versions=size, note="what the catalog takes")


def _bytes_of_one(models: Path) -> int:
    return next(models.glob("*/*/version_manifest.json")).stat().st_size


def _in_a_new_process(models: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.manifests", str(models)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True, cwd=ROOT)
    found = json.loads(done.stdout)
    return {"floor": Sample(**found["floor"]), "cold": Sample(**found["cold"]), "memory": found["memory"]}


def _resident() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Reads the models folder that is named, and prints how long that took."""
    from tb_versions.read.folders.roots import roots_of
    from tb_versions.read.reader import CatalogReader

    models = Path(sys.argv[1])
    paths = sorted(models.glob("*/*/version_manifest.json"))

    def read_least() -> None:
        for path in paths:
            with open(path, "rb") as file:
                orjson.loads(file.read())

    read_least()  # what the disk has is in memory now
    (floor,) = interleave(1, timed(read_least), warm_up=0)
    gc.collect()
    before = _resident()
    reader = CatalogReader(roots_of("", [str(models)]))
    cold = timed(reader.refresh)()
    gc.collect()
    if len(reader.catalog.versions) != len(paths):
        raise RuntimeError(f"{len(reader.catalog.versions)} of {len(paths)} versions were read.")
    print(json.dumps({"floor": asdict(floor[0]), "cold": asdict(cold), "memory": _resident() - before}))


if __name__ == "__main__":
    main()
