"""Seconds that the plugin adds to TensorBoard's start: TensorBoard starts in turns with and without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bench.figures import Report, Sample, interleave, peer
from bench.make_data import Data, ensure
from bench.server import tensorboard

LIMIT = 0.2


def _starter(data: Data, plugins: str, *, tensorflow: bool) -> Callable[[], Sample]:
    flags = ["--versions_models_dir", str(data.models)] if plugins == "with" else []

    def start() -> Sample:
        with tensorboard(data.logs, *flags, plugins=plugins, tensorflow=tensorflow) as server:
            return server.start

    return start


def measure(report: Report, sizes: Sequence[int], *, runs: int = 7) -> None:
    """Adds the figures of the start, for the smallest size, and for 10,000 if that is among the sizes."""
    for size in sorted({min(sizes), *(size for size in sizes if size == 10_000)}):
        _measure(report, size, tensorflow=False, runs=runs)
    _measure(report, min(sizes), tensorflow=True, runs=4)


def _measure(report: Report, size: int, *, tensorflow: bool, runs: int) -> None:
    data = ensure(size)
    ours, theirs = interleave(
        runs, _starter(data, "with", tensorflow=tensorflow), _starter(data, "without", tensorflow=tensorflow)
    )
    # Fastest from fastest, slowest from slowest: the median is the difference of medians.
    pairs = zip(sorted(ours, key=_wall), sorted(theirs, key=_wall), strict=True)
    added = [Sample(a.wall - b.wall, (a.cpu or 0) - (b.cpu or 0)) for a, b in pairs]
    where = "TensorFlow installed" if tensorflow else "TensorFlow not installed"
    without = peer("TensorBoard without the plugin", theirs)
    report.add("start.with", ours, versions=size, peer=without, note=f"to the first answer; {where}")
    report.add("start.added", added, versions=size, limit=LIMIT, limit_of="added to TensorBoard's start", note=where)


def _wall(sample: Sample) -> float:
    return sample.wall
