"""The directory layout of TensorBoard.dev's own exporter: every scalar at full resolution, and the manifests.

docs/export-format.md describes it. Their JSON had bare NaN and infinities; ours is strict, and has them as texts.
"""

from __future__ import annotations

import base64
import contextlib
import datetime
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from tensorboard.compat.proto import summary_pb2

from tb_versions import payload
from tb_versions._version import __version__
from tb_versions.core.metadata import CHILD_RUN, summary_metadata, tag_of
from tb_versions.exports.contents.material import Progress, no_progress
from tb_versions.exports.redaction.shareable import shared_digest
from tb_versions.exports.tables.columns import Redact, as_it_is
from tb_versions.exports.tensorboard_dev.reading import FORMAT, INDEX, SCHEMA_VERSION, SEAL, seal_of
from tb_versions.read.catalog import Version
from tb_versions.read.curves.curve import Points
from tb_versions.read.curves.curve_reader import SCALARS, CurveReader
from tb_versions.read.runs.all_runs import runs_by_start

_ID_BYTES = 16
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST_NAME = 100


@dataclass(frozen=True)
class Experiment:
    """What an export in this layout holds.

    Attributes:
        name: Plain text.
        description: Markdown, or "".
        versions: The versions; it holds the manifests of those that have one.
        manifests: Version id to the bytes of its redacted manifest.
        curves: Reads the curves of runs.
        runs: Runs whose scalars it holds; None for all.
        progress: Gets how many runs of how many were read.
        redacted: Version id to what was taken out of its manifest, in words; others are as published.
        redact: Redacts names and texts.
        notes: Returns fields for `tb_versions.json`, such as "redacted" and "left_out": lists of sentences. Called when
            all else is written.
    """

    name: str
    description: str
    versions: Sequence[Version]
    manifests: Mapping[str, bytes]
    curves: CurveReader
    runs: Sequence[str] | None = None
    redacted: Mapping[str, Sequence[str]] = field(default_factory=dict)
    redact: Redact = as_it_is
    notes: Callable[[], Mapping[str, Any]] = dict
    progress: Progress = no_progress


def experiment_files(experiment: Experiment) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Yields every path below the export's folder and its bytes, in pieces; a path that ends with "/" is a folder.

    Args:
        experiment: What it holds.
    """
    writer = _Writer(experiment)
    digests: dict[str, str] = {}
    for path, chunks in writer.files():
        yield f"{writer.folder}/{path}", _digested(path, chunks, digests)
    yield f"{writer.folder}/{INDEX}", [_line(writer.about(digests))]


def _digested(path: str, chunks: Iterable[bytes], digests: dict[str, str]) -> Iterator[bytes]:
    """Yields the pieces unchanged; notes the file's digest after the last one."""
    whole = hashlib.sha256()
    for chunk in chunks:
        whole.update(chunk)
        yield chunk
    if not path.endswith("/"):
        digests[path] = f"sha256:{whole.hexdigest()}"


class _Writer:
    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._held = [v for v in experiment.versions if v.id in experiment.manifests]
        runs = runs_by_start(experiment.curves.provider) if experiment.runs is None else experiment.runs
        listed = experiment.curves.list(runs)
        self._series = {(run, tag): series for run, tags in listed.items() for tag, series in tags.items()}
        self.id = self._identify()
        self.folder = f"experiment_{self.id}"

    def _identify(self) -> str:
        """Returns an id of 22 characters: a digest of runs, tags, last points and manifests."""
        whole = hashlib.sha256()
        whole.update(payload.dump([self._experiment.name, self._experiment.description]))
        for (run, tag), series in sorted(self._series.items()):
            whole.update(payload.dump([*self._names(run, tag), series.max_step, repr(series.max_wall_time)]))
        for version in self._held:
            whole.update(hashlib.sha256(self._experiment.manifests[version.id]).digest())
        return base64.urlsafe_b64encode(whole.digest()[:_ID_BYTES]).decode().rstrip("=")

    def _names(self, run: str, tag: str) -> tuple[str, str]:
        """A run and a tag as they are exported."""
        return self._experiment.redact(run, "run"), self._experiment.redact(tag, "tag")

    def files(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        tensors = self._tensors()
        names = _unique([f"tensors/{tensor.wall_time:.6f}" for tensor in tensors], ".npz", join="_")
        yield "metadata.json", [_line(self._metadata())]
        yield "scalars.json", self._scalars()
        yield "tensors.json", [tensor.line(path) for tensor, path in zip(tensors, names, strict=True)]
        yield "tensors/", ()
        for tensor, path in zip(tensors, names, strict=True):
            yield path, [tensor.npz()]
        yield "blob_sequences.json", ()
        yield "blobs/", ()
        for version, path in self._readable():
            yield path, [self._experiment.manifests[version.id]]

    def _tensors(self) -> list[_Tensor]:
        """Returns the tensor of each version. If two have one number, the second gets a run `<run>/versions`."""
        tensors: dict[tuple[str, str], _Tensor] = {}
        for version in self._held:
            tensor = _Tensor.of(version, self._experiment.manifests[version.id], self._experiment.redact)
            while (tensor.run, tensor.tag) in tensors:
                tensor = replace(tensor, run=f"{tensor.run}/{CHILD_RUN}")
            tensors[tensor.run, tensor.tag] = tensor
        return list(tensors.values())

    def _metadata(self) -> dict[str, Any]:
        times = [v.listing.created_ms / 1000 for v in self._held if v.listing and v.listing.created_ms is not None]
        times += [s.max_wall_time for s in self._series.values() if np.isfinite(s.max_wall_time)]
        return {
            "create_time": _second(min(times, default=0.0)),
            "description": self._experiment.description,
            "name": self._experiment.name,
            "update_time": _second(max(times, default=0.0)),
        }

    def _scalars(self) -> Iterator[bytes]:
        tags: dict[str, list[str]] = {}
        for run, tag in sorted(self._series):
            tags.setdefault(run, []).append(tag)
        done = 0
        for curves in self._experiment.curves.read(tags):
            for run, of_run in curves.items():
                for tag, points in of_run.items():
                    yield self._scalar_line(run, tag, points)
            done += len(curves)
            self._experiment.progress("runs", done, len(tags))

    def _scalar_line(self, run: str, tag: str, points: Points) -> bytes:
        metadata = _scalar_metadata(self._series[run, tag], self._experiment.redact)
        run, tag = self._names(run, tag)
        return _line({"points": _points(points), "run": run, "summary_metadata": _encoded(metadata), "tag": tag})

    def _readable(self) -> list[tuple[Version, str]]:
        models = (self._experiment.redact(version.model, "model") for version in self._held)
        safe = [_UNSAFE.sub("_", model)[:_LONGEST_NAME] for model in models]
        names = [f"versions/{name}-{version.number}" for name, version in zip(safe, self._held, strict=True)]
        return list(zip(self._held, _unique(names, ".json", join="-"), strict=True))

    def about(self, digests: Mapping[str, str]) -> dict[str, Any]:
        paths = {version.id: path for version, path in self._readable()}
        about = {
            **self._experiment.notes(),
            "files": dict(sorted(digests.items())),
            "format": FORMAT,
            "generator": f"tb_versions {__version__}",
            "schema_version": SCHEMA_VERSION,
            "versions": [self._held_version(version, paths[version.id]) for version in self._held],
        }
        return dict(sorted({**about, SEAL: seal_of(about)}.items()))

    def _held_version(self, version: Version, path: str) -> dict[str, Any]:
        taken = list(self._experiment.redacted.get(version.id, ()))
        return {
            "id": self._experiment.redact(version.id, "id"),
            "manifest": path,
            "manifest_digest": shared_digest(version.manifest_digest, taken),
            "model": self._experiment.redact(version.model, "model"),
            "number": version.number,
            "redacted": taken,
        }


@dataclass(frozen=True)
class _Tensor:
    """A manifest as a string tensor with one step.

    NumPy's bytes of fixed width, which this layout has, lose NULs at the end: JSON never ends with one.
    """

    run: str
    tag: str
    step: int
    wall_time: float
    manifest: bytes

    @staticmethod
    def of(version: Version, manifest: bytes, redact: Redact) -> _Tensor:
        run = version.runs[0] if version.runs else None
        created = version.listing.created_ms if version.listing else None
        at = run.wall_ms if run and run.wall_ms is not None else created or 0
        tag = tag_of(redact(version.model, "model"), version.number)
        name = redact(run.name, "run") if run else CHILD_RUN
        return _Tensor(name, tag, version.step or 0, at / 1000, manifest)

    def line(self, path: str) -> bytes:
        points = {"steps": [self.step], "tensors_file_path": path, "wall_times": [self.wall_time]}
        metadata = _encoded(summary_metadata(self.manifest))
        return _line({"points": points, "run": self.run, "summary_metadata": metadata, "tag": self.tag})

    def npz(self) -> bytes:
        stream = io.BytesIO()
        np.savez(stream, np.array(self.manifest))
        return stream.getvalue()


def _scalar_metadata(series: Any, redact: Redact) -> summary_pb2.SummaryMetadata:
    return summary_pb2.SummaryMetadata(
        display_name=redact(series.display_name, "label"),
        summary_description=redact(series.description, "description"),
        data_class=summary_pb2.DATA_CLASS_SCALAR,
        plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=SCALARS, content=series.plugin_content),
    )


def _points(points: Points) -> dict[str, list[Any]]:
    values = points.values.astype(np.float64)
    numbers = values.tolist()
    for position in np.flatnonzero(~np.isfinite(values)):
        numbers[position] = payload.wire_number(numbers[position])
    return {"steps": points.steps.tolist(), "values": numbers, "wall_times": points.wall_times.tolist()}


def _encoded(metadata: summary_pb2.SummaryMetadata) -> str:
    return base64.b64encode(metadata.SerializeToString(deterministic=True)).decode()


def _line(value: Mapping[str, Any]) -> bytes:
    return payload.dump(value) + b"\n"


def _unique(names: Sequence[str], suffix: str, *, join: str) -> list[str]:
    """Returns names that differ even if upper case does not count: a second "Cnn" beside "cnn" becomes "Cnn_1"."""
    taken: set[str] = set()

    def free(name: str) -> str:
        candidate, count = name, 0
        while candidate.lower() in taken:
            count += 1
            candidate = f"{name}{join}{count}"
        taken.add(candidate.lower())
        return candidate + suffix

    return [free(name) for name in names]


def _second(timestamp: float) -> str:
    moment = datetime.datetime.fromtimestamp(0, datetime.timezone.utc)
    with contextlib.suppress(OverflowError):  # a wall time can be any number
        moment += datetime.timedelta(seconds=int(timestamp))
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
