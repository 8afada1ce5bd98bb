"""The table of a real TensorBoard, asked for as the tab does: seconds from TensorBoard's first answer, and bytes."""

from __future__ import annotations

import gzip
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import orjson

from bench.figures import Report, Sample, interleave, timed
from bench.make_data import Data, ensure
from bench.server import PLUGIN, Answer, Server, tensorboard

LIMITED_TO = 10_000
"""Largest catalog for which limits were set."""

FIRST_ROWS, WARM, NOT_MODIFIED, BYTES, MEMORY = 1.0, 0.25, 0.005, 2e6, 100e6
_POLLING = 1.3


@dataclass
class Waits:
    """How long each part of the table took, in several starts."""

    first: list[Sample] = field(default_factory=list)
    everything: list[Sample] = field(default_factory=list)
    joined: list[Sample] = field(default_factory=list)


def _board(data: Data, plugins: str = "with") -> AbstractContextManager[Server]:
    flags = ["--versions_models_dir", str(data.models)] if plugins == "with" else []
    return tensorboard(data.logs, *flags, plugins=plugins)


class Table:
    """The table as the tab has it: it asks for what is new since its revision."""

    def __init__(self) -> None:
        """Has nothing yet."""
        self.revision = ""
        self.head: dict[str, Any] = {"blocks": [], "status": "loading"}
        self._parts: dict[str, Any] = {}

    def ask(self, server: Server) -> Answer:
        """Asks once."""
        revision = self.revision
        query, etag = (f"?since={revision}", f'"{revision}"') if revision else ("", None)
        answer = server.get(PLUGIN + "versions" + query, etag=etag)
        if answer.status != 304:
            self._take(answer)
        return answer

    def _take(self, answer: Answer) -> None:
        body = gzip.decompress(answer.body) if answer.headers.get("content-encoding") == "gzip" else answer.body
        self.head = orjson.loads(body)
        self._parts.update((part["digest"], part) for part in self.head.pop("parts"))
        self._parts = {digest: self._parts[digest] for block in self.head["blocks"] for digest in block["parts"]}
        self.revision = self.head["revision"]

    @property
    def rows(self) -> int:
        """How many versions it has."""
        return sum(block["rows"] for block in self.head["blocks"])

    @property
    def is_joined(self) -> bool:
        """Whether the curves of all runs are in it."""
        of_runs = [part for part in self._parts.values() if "run" in part["columns"]]
        logged = [metric for part in of_runs for metric in part["metrics"] if metric["key"] == "val_loss"]
        return len(logged) == len(of_runs) > 0 and not any(None in metric["best"] for metric in logged)


def _follow(server: Server, data: Data, waits: Waits, patience: float = 300) -> None:
    """Polls until all parts are there; notes how long each part took."""
    waiting: list[tuple[list[Sample], Callable[[Table], bool]]] = [
        (waits.first, lambda table: table.rows > 0),
        (waits.everything, lambda table: table.rows == data.count and table.head["status"] == "ready"),
        (waits.joined, lambda table: table.is_joined),
    ]
    cpu, end = server.start.cpu or 0, time.perf_counter() + patience
    table = Table()
    while waiting and time.perf_counter() < end:
        time.sleep(0.02 if table.revision else 0)
        if table.ask(server).status == 304:
            continue
        now = Sample(time.perf_counter() - server.answered, server.cpu() - cpu)
        while waiting and waiting[0][1](table):
            waiting.pop(0)[0].append(now)
    if waiting:
        raise RuntimeError(f"After {patience:.0f} s {len(waiting)} of 3 parts of the table were still missing.")


def _settle(server: Server) -> None:
    """Waits until the server has read everything: it uses no CPU for a second then."""
    quiet = 0
    while quiet < 4:
        before = server.cpu()
        time.sleep(0.25)
        quiet = quiet + 1 if server.cpu() - before < 0.02 else 0


def measure(report: Report, size: int, *, runs: int = 5) -> None:
    """Adds the figures of reading at one size."""
    data = ensure(size)
    runs = runs if size <= LIMITED_TO else 2
    waits, memory, peak = Waits(), [], []
    for turn in range(runs):
        with _board(data) as server:
            _follow(server, data, waits)
            _settle(server)
            if turn == runs - 1:
                warm = _warm(server)
            memory.append(server.memory())
            peak.append(server.peak())
        with _board(data, "without") as server:
            _settle(server)
            memory[-1] -= server.memory()
            peak[-1] -= server.peak()
    _report(report, data, waits, warm)
    kept = MEMORY if size <= LIMITED_TO else None
    report.add("read.memory", memory, unit="bytes", limit=kept, limit_of="above TensorBoard's own", versions=size)
    report.add("read.memory_peak", peak, unit="bytes", versions=size, note="at the worst moment")


@dataclass
class _Warm:
    answers: list[Answer]
    not_modified: list[Answer]
    polled: list[Answer]
    polled_not_modified: list[Answer]


def _warm(server: Server, runs: int = 9) -> _Warm:
    """Asks a server that has read everything: one request after the other, and with pauses as the tab makes them."""
    etag = server.get(PLUGIN + "versions").headers["etag"]
    warm = _Warm([], [], [], [])
    for _ in range(runs):
        warm.answers.append(server.get(PLUGIN + "versions"))
        warm.not_modified.append(server.get(PLUGIN + "versions", etag=etag))
    for _ in range(runs):
        time.sleep(_POLLING)
        warm.polled.append(server.get(PLUGIN + "versions"))
        time.sleep(_POLLING)
        warm.polled_not_modified.append(server.get(PLUGIN + "versions", etag=etag))
    if {answer.status for answer in warm.not_modified + warm.polled_not_modified} != {304}:
        raise RuntimeError("The table changed although nothing changed on disk.")
    return warm


def _report(report: Report, data: Data, waits: Waits, warm: _Warm) -> None:
    limited, size = data.count <= LIMITED_TO, data.count

    def add(name: str, values: Sequence[Sample | float], limit: float | None = None, **more: Any) -> None:
        report.add(f"read.{name}", values, limit=limit if limited else None, versions=size, **more)

    since, all_rows, poll = "from TensorBoard's first answer", "all rows with metrics", f"asked every {_POLLING} s"
    add("first_rows", waits.first, FIRST_ROWS, limit_of=since)
    add("all_rows", waits.everything, note=since)
    add("curves", waits.joined, note="best and last of every run's scalars joined")
    add("warm", [a.sample for a in warm.answers], WARM, limit_of=all_rows)
    add("warm_poll", [a.sample for a in warm.polled], WARM, limit_of=all_rows, note=poll)
    add("not_modified", [a.sample for a in warm.not_modified], NOT_MODIFIED, limit_of="not modified")
    polled = [a.sample for a in warm.polled_not_modified]
    add("not_modified_poll", polled, NOT_MODIFIED, limit_of="not modified", note=poll)
    add("bytes", [float(len(a.body)) for a in warm.answers], BYTES, unit="bytes", limit_of=f"{all_rows}, gzipped")
    (least,) = interleave(3, timed(lambda: _read_all(data)))
    note = f"open, read, orjson.loads, one after the other; all_rows takes {_over(waits.everything, least)} of it"
    report.add("limit.read_manifests", least, versions=size, note=note)


def _over(samples: list[Sample], least: list[Sample]) -> str:
    wall = statistics.median(s.wall for s in samples) / statistics.median(s.wall for s in least)
    return f"{wall:.2g} ×"


def _read_all(data: Data) -> None:
    """Reads every manifest: the least that any reader must do."""
    for path in data.models.glob("*/*/version_manifest.json"):
        orjson.loads(path.read_bytes())
