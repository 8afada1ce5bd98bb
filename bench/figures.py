"""Makes figures of samples: prints one JSON line for each, and a table for people at the end."""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Sample:
    """One measurement: wall-clock seconds, and seconds of CPU where they were measured."""

    wall: float
    cpu: float | None = None


Subject = Callable[[], Sample]


@dataclass(frozen=True)
class Peer:
    """What a figure is compared with; `name` says which program did what."""

    name: str
    value: float
    runs: int = 1


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the result.

    Attributes:
        value: Median.
        limit: What the value must not be above (not below, if `at_least`); None where none was set.
        limit_of: What the limit is.
        ratio: Value over the peer's; where there is no peer, over the limit.
        ok: Whether the limit is kept; None without one.
        cpu: Median CPU seconds of the same runs, which a busy machine hardly changes.
    """

    figure: str
    value: float
    unit: str
    limit: float | None
    limit_of: str
    peer: Peer | None
    ratio: float | None
    ok: bool | None
    runs: int
    min: float
    median: float
    max: float
    cpu: float | None = None
    versions: int | None = None
    note: str = ""


@dataclass
class Report:
    """Keeps figures, and prints each one when it is added."""

    figures: list[Figure] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def add(
        self,
        name: str,
        values: Sequence[Sample | float],
        *,
        unit: str = "s",
        limit: float | None = None,
        limit_of: str = "",
        at_least: bool = False,
        **more: Any,
    ) -> Figure:
        """Adds a figure and prints its line.

        Args:
            name: Like "write.own".
            values: Samples; the figure's value is their median.
            unit: Of the values.
            limit: The value must not be above it.
            limit_of: What the limit is.
            at_least: The value must not be below the limit instead.
            **more: `peer`, `ratio`, `versions`, `note`; see `Figure`.
        """
        samples = [v if isinstance(v, Sample) else Sample(v) for v in values]
        walls, cpus = [s.wall for s in samples], [s.cpu for s in samples if s.cpu is not None]
        median, peer = statistics.median(walls), more.pop("peer", None)
        reference = peer.value if peer else limit
        ratio = more.pop("ratio", None) or (median / reference if reference else None)
        kept = None if limit is None else median >= limit if at_least else median <= limit
        figure = Figure(
            figure=name,
            value=median,
            unit=unit,
            limit=limit,
            limit_of=limit_of,
            peer=peer,
            ratio=ratio,
            ok=kept,
            runs=len(walls),
            min=min(walls),
            median=median,
            max=max(walls),
            cpu=statistics.median(cpus) if cpus else None,
            **more,
        )
        self.figures.append(figure)
        print(json.dumps(_rounded(asdict(figure))), flush=True)
        return figure

    def skip(self, what: str, why: str) -> None:
        """Notes what was not measured."""
        self.skipped.append(f"{what}: {why}")
        say(f"skipped {what}: {why}")

    def table(self) -> str:
        """Returns the figures as a table for people."""
        rows: list[tuple[str, ...]] = [("figure", "versions", "median", "min … max", "CPU", "limit", "ratio", "")]
        rows += [_row(figure) for figure in self.figures]
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        return "\n".join([*lines, *(f"skipped {what}" for what in self.skipped)])

    def save(self, path: Path) -> None:
        """Writes machine, date and figures as one JSON file."""
        result = {"machine": machine(), "figures": [asdict(f) for f in self.figures], "skipped": self.skipped}
        path.write_text(json.dumps(_rounded(result), indent=2) + "\n", encoding="utf-8")


def interleave(runs: int, *subjects: Subject, warm_up: int = 1) -> list[list[Sample]]:
    """Measures A B A B …, so that a machine that gets slower slows all alike; returns each subject's samples."""
    samples: list[list[Sample]] = [[] for _ in subjects]
    for turn in range(-warm_up, runs):
        for subject, kept in zip(subjects, samples, strict=True):
            sample = subject()
            if turn >= 0:
                kept.append(sample)
    return samples


def timed(work: Callable[[], object]) -> Subject:
    """Makes a subject of a function."""

    def measure() -> Sample:
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        return Sample(time.perf_counter() - wall, time.process_time() - cpu)

    return measure


def median(samples: Sequence[Sample]) -> float:
    """Returns the median of the wall-clock seconds."""
    return statistics.median(sample.wall for sample in samples)


def peer(name: str, samples: Sequence[Sample]) -> Peer:
    """Returns a peer with its median."""
    return Peer(name, median(samples), len(samples))


def say(text: str) -> None:
    """Prints a message for people on stderr."""
    print(text, file=sys.stderr, flush=True)


def machine() -> Mapping[str, object]:
    """Returns what kind of machine this is and how busy it is, but not its name."""
    model = ""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), "")
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "system": platform.system(),
        "processor": model,
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "python": platform.python_version(),
        "load_average": round(os.getloadavg()[0], 1),
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    return value


def _row(figure: Figure) -> tuple[str, ...]:
    shown = {None: "", True: "ok", False: "MISSED"}[figure.ok]
    against = f" of {figure.peer.name}" if figure.peer else ""
    return (
        figure.figure,
        "" if figure.versions is None else f"{figure.versions:,}",
        _with_unit(figure.median, figure.unit),
        f"{_with_unit(figure.min, figure.unit)} … {_with_unit(figure.max, figure.unit)}",
        "" if figure.cpu is None else _with_unit(figure.cpu, "s"),
        "" if figure.limit is None else _with_unit(figure.limit, figure.unit),
        "" if figure.ratio is None else f"{figure.ratio:.3g}{against}",
        " ".join(part for part in (shown, figure.note) if part),
    )


def _with_unit(value: float, unit: str) -> str:
    if unit == "s":
        return f"{value * 1000:.3g} ms" if abs(value) < 1 else f"{value:.3g} s"
    if unit == "bytes":
        return f"{value / 1e6:.3g} MB" if abs(value) >= 1e6 else f"{value / 1e3:.3g} KB"
    return f"{value:.3g} {unit}".strip()
