"""Runs and versions for the pages under test, written through the public API and without TensorFlow."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

import tb_versions as tbv

QUIET = tbv.Capture(code=False, environment=False, hardware=False)
"""Nothing of this machine: the tests say what is in a manifest."""


def write_run(folder: Path, *, tag: str = "loss", values: Iterable[float] = (3.0, 2.0, 1.0)) -> None:
    """A run with one curve."""
    writer = EventFileWriter(os.fspath(folder))
    _write_curve(writer, tag, values)
    writer.close()


def _write_curve(writer: EventFileWriter, tag: str, values: Iterable[float]) -> None:
    for step, value in enumerate(values):
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
        writer.add_event(Event(wall_time=1_790_000_000 + step, step=step, summary=summary))


def write_model(folder: Path) -> Path:
    """Files to publish; no SavedModel, so that no TensorFlow is needed."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights.bin").write_bytes(b"\0\1\2\3")
    return folder


class Experiment:
    """A log directory and a models folder, with what a training would write.

    Attributes:
        logs: What `tensorboard --logdir` gets.
        models: What `--versions_models_dir` gets.
    """

    def __init__(self, folder: Path) -> None:
        self.logs = folder / "logs"
        self.models = folder / "models"
        self._model = write_model(folder / "model")
        self.logs.mkdir()
        self.models.mkdir()

    @property
    def arguments(self) -> tuple[str, ...]:
        """The arguments of the fixture `tensorboard_server`."""
        return (os.fspath(self.logs), "--versions_models_dir", os.fspath(self.models))

    def publish(self, name: str = "digits", *, run: str | None = None, **facts: Any) -> tbv.PublishedVersion:
        """Publishes a version; with `run`, announces it through that run's own writer, beside a curve."""
        facts = {"capture": QUIET, **facts}
        if run is None:
            return self._publish(name, facts)
        writer = EventFileWriter(os.fspath(self.logs / run))
        _write_curve(writer, "loss", (3.0, 2.0, 1.0))
        try:
            return self._publish(name, {"step": 2, "logdir": self.logs, **facts, "writer": writer})
        finally:
            writer.close()

    def _publish(self, name: str, facts: dict[str, Any]) -> tbv.PublishedVersion:
        version = tbv.publish(os.fspath(self._model), self.models, name=name, strict=True, **facts)
        assert version is not None
        return version

    def write_raw(self, model: str, number: int, fields: Mapping[str, Any] | bytes) -> Path:
        """Puts a manifest where no writer of ours would have put it; returns the version's folder."""
        folder = self.models / model / str(number)
        folder.mkdir(parents=True)
        data = fields if isinstance(fields, bytes) else json.dumps(fields, ensure_ascii=False).encode()
        (folder / "version_manifest.json").write_bytes(data)
        return folder


def plain_manifest(model: str, number: int, **fields: Any) -> dict[str, Any]:
    """The smallest manifest that is whole."""
    return {
        "schemaVersion": 1,
        "model": model,
        "number": str(number),
        "created": "2026-11-01T12:00:00Z",
        "format": "files",
        **fields,
    }


def tensors(count: int) -> bytes:
    """A file of safetensors."""
    header = json.dumps({"w": {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4 * count)
