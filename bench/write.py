"""What publishing costs without the export and the hashing, while the number of existing versions grows."""

from __future__ import annotations

import os
import random
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import tb_versions
from bench.figures import Report, Sample, Subject, interleave, median, peer, timed
from bench.launch import hide_tensorflow
from bench.make_data import OUT, facts
from bench.peers import mlflow
from bench.peers.environments import python_of
from tb_versions.core.storage import fsync_tree
from tb_versions.write import placement, savers
from tb_versions.write import publish as publishing
from tb_versions.write.complete import complete
from tb_versions.write.savers import Saver

LIMIT = 0.002
FLAT = 1.3
OVER_MLFLOW = 1 / 15
EXISTING = (1, 100, 1_000, 10_000)
_SERVER_SIZES = (1, 1_000)


class Watch:
    """Adds up the time spent in named parts of `publish`, so that it can be subtracted."""

    def __init__(self) -> None:
        self.parts: dict[str, Sample] = {}

    def around(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Wraps a function so that its time is counted under a name."""

        def measured(*arguments: Any, **options: Any) -> Any:
            wall, cpu = time.perf_counter(), time.process_time()
            try:
                return work(*arguments, **options)
            finally:
                before = self.parts.get(name, Sample(0, 0))
                wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
                self.parts[name] = Sample(before.wall + wall, (before.cpu or 0) + cpu)

        return measured

    @contextmanager
    def inside_publish(self) -> Iterator[None]:
        """Counts export ("save"), hashing and parsing ("complete"), and fsync of the model's files."""

        def saver_of(*arguments: Any, **options: Any) -> Saver:
            saver = savers.saver_of(*arguments, **options)
            return replace(saver, save=self.around("save", saver.save))

        with (
            mock.patch.object(publishing, "saver_of", saver_of),
            mock.patch.object(placement, "complete", self.around("complete", complete)),
            mock.patch.object(placement, "fsync_tree", self.around("fsync_tree", fsync_tree)),
        ):
            yield


class Publisher:
    """Publishes small versions of one model again and again."""

    def __init__(self, folder: Path, existing: int) -> None:
        self.models = folder / f"models-{existing}"
        self.source = folder / "exported"
        self.facts = facts(random.Random(existing))
        self.samples: dict[str, list[Sample]] = {}
        _fill(self.models / "m", existing)
        _export(self.source)

    def __call__(self) -> Sample:
        """Publishes one version; returns the time that it took without those parts."""
        watch = Watch()
        with watch.inside_publish():
            whole = timed(lambda: tb_versions.publish(self.source, self.models, name="m", strict=True, **self.facts))()
        outside = sum(part.wall for part in watch.parts.values())
        outside_cpu = sum(part.cpu or 0 for part in watch.parts.values())
        own = Sample(whole.wall - outside, (whole.cpu or 0) - outside_cpu)
        for name, sample in (("own", own), ("whole", whole), *watch.parts.items()):
            self.samples.setdefault(name, []).append(sample)
        return own


def _fill(model: Path, existing: int) -> None:
    """Makes versions as earlier calls of `publish` left them."""
    (model / ".versions" / "numbers").mkdir(parents=True)
    for number in range(1, existing + 1):
        os.mkdir(model / str(number))
        (model / str(number) / "version_manifest.json").write_bytes(b"{}")
        (model / ".versions" / "numbers" / str(number)).touch()


def _export(folder: Path) -> None:
    """A folder of plain files: small, so that nothing but publishing costs time."""
    folder.mkdir(exist_ok=True)
    (folder / "weights.bin").write_bytes(b"w" * 1_000)
    (folder / "graph.txt").write_bytes(b"g" * 1_000)


def _fsync_and_rename(folder: Path, size: int) -> Subject:
    """The least that a durable file costs: write, fsync, rename."""
    data = os.urandom(size)

    def write() -> None:
        temporary = folder / f".tmp-{uuid.uuid4().hex}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        os.write(descriptor, data)
        os.fsync(descriptor)
        os.close(descriptor)
        os.rename(temporary, folder / f"file-{uuid.uuid4().hex}")

    return timed(write)


def _announcing(folder: Path, data: bytes) -> Subject:
    """Announces a version in a run's event file, through TensorBoard's own writer, and flushes it."""
    hide_tensorflow()  # TensorBoard's writer would load it, and provenance would then ask it for GPUs
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    from tb_versions.core.metadata import announcement_pb
    from tb_versions.write.announcer import find_announcer

    announcer = find_announcer(EventFileWriter(str(folder / "run")))
    assert announcer is not None
    return timed(lambda: announcer.write(announcement_pb("m", 1, data, location="../m/1"), 1))


def measure(report: Report, sizes: Sequence[int], *, runs: int = 30, peers: bool = False) -> None:
    """Adds the figures of writing."""
    folder = OUT / "write"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    existing = [1, *(size for size in EXISTING[1:] if size <= max(sizes))]
    try:
        _measure(report, folder, existing, runs=runs, peers=peers)
    finally:
        shutil.rmtree(folder)


def _measure(report: Report, folder: Path, existing: Sequence[int], *, runs: int, peers: bool) -> None:
    publishers = [Publisher(folder, count) for count in existing]
    publishers[0]()
    manifest = (publishers[0].models / "m" / "2" / "version_manifest.json").read_bytes()
    least, announcing = _fsync_and_rename(folder, len(manifest)), _announcing(folder, manifest)
    samples = interleave(runs, least, announcing, *publishers, warm_up=3)
    limit = peer("fsync + rename of a file of the manifest's size", samples[0])
    size = f"manifest of {len(manifest):,} bytes"
    report.add("write.fsync_and_rename", samples[0], note=size)
    for publisher, count, own in zip(publishers, existing, samples[2:], strict=True):
        note = "reserve, encode, fsync, rename, fsync of folders"
        common: dict[str, Any] = {"versions": count, "peer": limit, "note": note}
        report.add("write.own", own, limit=LIMIT, limit_of="2 ms without export and hashing", **common)
        parts = publisher.samples
        report.add("write.model_files_fsync", parts["fsync_tree"][-runs:], versions=count, note="2 files, 1 folder")
        report.add("write.whole", parts["whole"][-runs:], versions=count, note="with copying, hashing and provenance")
    growth = median(samples[-1]) / median(samples[2])
    note = f"write.own with {existing[-1]:,} versions, divided by write.own with 1"
    report.add("write.growth", [growth], unit="×", limit=FLAT, limit_of="not slower with more versions", note=note)
    report.add("write.announcement", samples[1], note="through TensorBoard's EventFileWriter, flushed")
    if peers:
        _against_mlflow(report, folder, publishers[0])
    else:
        report.skip("write.over_mlflow", "without --peers MLflow is not measured")


def _against_mlflow(report: Report, folder: Path, publisher: Publisher, *, runs: int = 15) -> None:
    """Measures our writing and MLflow's registry over SQLite in turns."""
    python = python_of("mlflow")
    if python is None:
        report.skip("write.over_mlflow", "MLflow can't be installed here")
        return
    for existing in _SERVER_SIZES:
        with mlflow.Registry(python, folder / f"mlflow-{existing}", existing) as registry:
            ours, theirs, alone = interleave(runs, publisher, registry.record_everything, registry.create_version)
        note = "a run, 20 metrics, 20 parameters, a model version: what a manifest holds"
        report.add("write.mlflow", theirs, versions=existing, note=note)
        report.add("write.mlflow_version", alone, versions=existing, note="create_model_version alone, without metrics")
        whole, part = peer("MLflow over SQLite, the same content", theirs), peer("create_model_version alone", alone)
        ratio = median(ours) / whole.value
        common: dict[str, Any] = {"unit": "×", "versions": existing}
        limit_of = "a fifteenth of MLflow's time for the same content"
        report.add(
            "write.over_mlflow", [ratio], limit=OVER_MLFLOW, limit_of=limit_of, peer=whole, ratio=ratio, **common
        )
        ratio = median(ours) / part.value
        report.add("write.over_mlflow_version", [ratio], peer=part, ratio=ratio, **common)
