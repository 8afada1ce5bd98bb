"""Exports as one file and as a folder: seconds, bytes, and how long a browser needs to show rows."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from playwright.sync_api import Browser

from bench.browser import chromium, fresh_page
from bench.figures import Report, Sample
from bench.make_data import ROOT, Data, ensure_apart, ensure_shared

SECONDS = 10.0
BYTES = 15_000_000
OPENED = 1.5
LIMITED_TO = 1_000
MOST = 10_000

_RUN = "20 metrics a version; five curves of 1,000 points a run, 200 points of each kept"
_SHAPES = {"together": f"{_RUN}; ten versions a run", "apart": f"{_RUN}; a run for each version"}


def measure(report: Report, size: int) -> None:
    """Adds the figures of both forms at one size."""
    if size > MOST:
        report.skip(f"export at {size:,}", f"event files of more than {MOST:,} versions take minutes to make")
        return
    for shape in ("together", "apart") if size <= LIMITED_TO else ("together",):
        data = ensure_shared(size) if shape == "together" else ensure_apart(size)
        for form in ("html", "site"):
            _measure_form(report, data, form, shape)


def _measure_form(report: Report, data: Data, form: str, shape: str) -> None:
    size = data.count
    name = f"export.{form}" if shape == "together" else f"export.{form}.{shape}"
    with tempfile.TemporaryDirectory(prefix="tb-versions-bench-") as folder:
        out = Path(folder) / ("share.html" if form == "html" else "share")
        found = [_export(data, form, out) for _ in range(3 if size <= LIMITED_TO else 1)]
        opened = _opened(out)
    limited = form == "html" and size == LIMITED_TO
    report.add(
        name,
        [sample for sample, _ in found],
        limit=SECONDS if limited else None,
        limit_of="exporting 1,000 versions as one file" if limited else "",
        versions=size,
        note=_SHAPES[shape],
    )
    report.add(
        f"{name}.bytes",
        [float(found[0][1])],
        unit="bytes",
        limit=BYTES if limited else None,
        limit_of="1,000 versions as one file" if limited else "",
        versions=size,
    )
    size_limited = size == (LIMITED_TO if form == "html" else MOST)
    report.add(
        f"{name}.opened",
        opened,
        limit=OPENED if size_limited else None,
        limit_of="from the address to visible rows" if size_limited else "",
        versions=size,
    )


def _export(data: Data, form: str, out: Path) -> tuple[Sample, int]:
    """Returns the command's seconds, CPU seconds (with those of TensorBoard's data server), and bytes written."""
    command = [sys.executable, "-m", "tb_versions.cli", "export", "--format", form, "--out", str(out), "--force"]
    command += ["--logdir", str(data.logs), "--models-dir", str(data.models)]
    before, wall = _cpu(), time.perf_counter()
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    sample = Sample(time.perf_counter() - wall, _cpu() - before)
    files = [out] if out.is_file() else [path for path in out.rglob("*") if path.is_file()]
    return sample, sum(path.stat().st_size for path in files)


def _opened(out: Path) -> list[float]:
    """Returns the seconds until rows are visible. A file is opened from the disk, a folder from a server."""
    with chromium() as browser, _address(out) as address:
        return [_open(browser, address) for _ in range(3)]


def _open(browser: Browser, address: str) -> float:
    with fresh_page(browser) as page:
        begun = time.perf_counter()
        page.goto(address)
        page.locator("table.versions tbody tr[aria-selected]").first.wait_for()
        return time.perf_counter() - begun


@contextmanager
def _address(out: Path) -> Iterator[str]:
    if out.is_file():
        yield out.as_uri()
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(out))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    """A static host that prints nothing."""

    def log_message(self, *_: object) -> None:
        """Prints no line."""


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
