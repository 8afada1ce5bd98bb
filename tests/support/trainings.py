"""Small made-up trainings in real time: event files and SavedModels that nobody registered."""

from __future__ import annotations

import os
import sys
import time
import types
from collections.abc import Callable, Mapping
from pathlib import Path

if "tensorflow" not in sys.modules:  # TensorBoard's own switch: not 3 s and 500 MB for a file system
    sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.hparams import metadata, plugin_data_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from tests.support.savedmodel_bytes import small_model

STEP = 0.06
"""Seconds that a step computes: more than the clock of a file system needs for a tick."""


def compute(seconds: float = STEP) -> None:
    """Keeps the processor busy, as a training does."""
    end = time.time() + seconds
    while time.time() < end:
        pass


def export(folder: Path) -> Path:
    """Writes a SavedModel; it takes a moment."""
    (folder / "variables").mkdir(parents=True)
    (folder / "variables" / "variables.data-00000-of-00001").write_bytes(os.fsencode(folder.name))
    compute(STEP / 3)
    (folder / "saved_model.pb").write_bytes(small_model())
    return folder


def train(
    logdir: Path,
    models: Path,
    *,
    steps: int,
    every: int = 1,
    before: bool = False,
    settings: Mapping[str, float | str] | None = None,
    folder_of: Callable[[int], str] = str,
) -> dict[str, int]:
    """Trains and exports.

    Args:
        logdir: Folder of the run.
        models: Gets a folder for each export.
        steps: So many, from 0.
        every: Steps from one export to the next.
        before: Whether a step is exported before it is logged.
        settings: Logged for HParams.
        folder_of: Names the folder of the export of this number, from 1.

    Returns:
        Folder to step of each export.
    """
    writer = EventFileWriter(str(logdir))
    if settings:
        writer.add_event(event_pb2.Event(wall_time=time.time(), summary=_session(settings)))
    made: dict[str, int] = {}
    for step in range(steps):
        compute()
        parts = [lambda step=step: _log(writer, step)]
        if (step + 1) % every == 0:
            folder = models / folder_of(len(made) + 1)
            made[str(folder)] = step
            parts.append(lambda folder=folder: export(folder))
        for part in reversed(parts) if before else parts:
            part()
    writer.close()
    return made


def _log(writer: EventFileWriter, step: int) -> None:
    values = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in _values(step).items()]
    writer.add_event(event_pb2.Event(wall_time=time.time(), step=step, summary=summary_pb2.Summary(value=values)))
    writer.flush()


def _values(step: int) -> dict[str, float]:
    return {"loss": 1 / (step + 1), "accuracy": 1 - 1 / (step + 2)}


def _session(settings: Mapping[str, float | str]) -> summary_pb2.Summary:
    info = plugin_data_pb2.SessionStartInfo()
    for name, value in settings.items():
        if isinstance(value, str):
            info.hparams[name].string_value = value
        else:
            info.hparams[name].number_value = value
    data = plugin_data_pb2.HParamsPluginData(session_start_info=info)
    return summary_pb2.Summary(
        value=[
            summary_pb2.Summary.Value(
                tag=metadata.SESSION_START_INFO_TAG,
                metadata=metadata.create_summary_metadata(data),
                tensor=metadata.NULL_TENSOR,
            )
        ]
    )
