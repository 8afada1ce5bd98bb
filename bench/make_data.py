"""Makes a models folder and a log directory of many versions, once: `python -m bench.make_data FOLDER COUNT`.

Every version has 20 metrics and 20 hyperparameters, a manifest as `publish` writes it, model files (tiny), and an
announcement in the event file of its run. A run logs four of the metrics as scalars.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import math
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench.figures import say

OUT = Path(__file__).parent / "out"
ROOT = Path(__file__).parent.parent

LOGGED = {"loss": "MIN", "accuracy": "MAX", "val_loss": "MIN", "val_accuracy": "MAX"}
"""Metrics that the runs log as scalars."""

EVALUATED = ("auc", "f1", "precision", "recall", "top5", "brier", "ece", "latency_ms")
"""Metrics measured on the exported model, on two datasets each."""

POINTS = 50
"""Points of each scalar."""

SHARED_LOGGED = {**LOGGED, "top5": "MAX"}
"""Scalars of the runs of what is exported: five."""

SHARED_POINTS = 1_000
"""Points of each of these."""

COMPARED_LOGGED = (*LOGGED, *(f"layer_{index}/{'loss' if index % 2 else 'gradient'}" for index in range(16)))
"""Scalars of the runs of what is compared: twenty, as long."""

_FORMAT = 6
_START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
_FILES = {"saved_model.pb": 1500, "variables/variables.index": 240, "variables/variables.data-00000-of-00001": 900}


@dataclass(frozen=True)
class Data:
    """The folders that were made."""

    folder: Path
    count: int

    @property
    def models(self) -> Path:
        """Folder of models."""
        return self.folder / "models"

    @property
    def logs(self) -> Path:
        """Log directory."""
        return self.folder / "logs"


def ensure(count: int) -> Data:
    """Returns the folders with that many versions; makes them if they are not there."""
    return Data(_made("versions", count), count)


def ensure_shared(count: int) -> Data:
    """Returns as many versions of runs with five curves of 1,000 points each: ten versions of a run."""
    return Data(_made("shared", count), count)


def ensure_apart(count: int) -> Data:
    """Returns as many versions, each of a run of its own with five curves of 1,000 points."""
    return Data(_made("apart", count), count)


def ensure_hparams(count: int) -> Path:
    """Returns a log directory with that many session groups for TensorBoard's HParams plugin."""
    return _made("hparams", count)


def ensure_curves(count: int) -> Data:
    """Returns as many versions, each of a run of its own with 20 curves of 1,000 points."""
    return Data(_made("curves", count), count)


def ensure_described(count: int) -> Data:
    """Returns as many manifests of 9 kB, see `bench.described`; there is no log directory."""
    return Data(_made("described", count, module="bench.described"), count)


def ensure_fleet(count: int) -> Data:
    """Returns as many manifests of 1.5 kB, a hundred of each model, see `bench.fleet_data`; no log directory."""
    return Data(_made("fleet", count, module="bench.fleet_data"), count)


@contextmanager
def one_more(data: Data) -> Iterator[None]:
    """Adds a version for a `with` block."""
    source, target = data.models / "model-a" / "1", data.models / "model-a" / "999999"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    manifest = json.loads((target / "version_manifest.json").read_text())
    manifest["number"] = "999999"
    (target / "version_manifest.json").write_text(json.dumps(manifest))
    try:
        yield
    finally:
        shutil.rmtree(target)


def _made(kind: str, count: int, *, module: str = "bench.make_data") -> Path:
    folder = OUT / f"{kind}-{count}"
    marker = folder / "complete.json"
    if not marker.exists() or json.loads(marker.read_text()) != [_FORMAT, count]:
        say(f"making {count:,} {kind} in {folder.relative_to(ROOT)} …")
        shutil.rmtree(folder, ignore_errors=True)
        command = [sys.executable, "-m", module, kind, str(folder), str(count)]
        subprocess.run(
            command, check=True, cwd=ROOT, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
        )
        marker.write_text(json.dumps([_FORMAT, count]))
        os.sync()
    return folder


def facts(random_numbers: random.Random) -> dict[str, Any]:
    """Returns 20 metrics and 20 hyperparameters, as one gives them to `publish`."""
    metrics = {name: random_numbers.random() for name in (*LOGGED, *EVALUATED)}
    metrics.update({f"{name}_shifted": random_numbers.random() for name in EVALUATED})
    return {"metrics": metrics, "hyperparameters": hyperparameters(random_numbers)}


def hyperparameters(random_numbers: random.Random) -> dict[str, Any]:
    """Returns the 20 hyperparameters of one run."""
    pick = random_numbers.choice
    return {
        "optimizer": pick(["adam", "sgd", "rmsprop", "lion"]),
        "learning_rate": 10 ** random_numbers.uniform(-5, -1),
        "batch_size": pick([32, 64, 128, 256]),
        "epochs": pick([10, 50, 100]),
        "network": pick(["resnet", "mlp", "vit"]),
        "augment": pick([True, False]),
        "schedule": pick(["cosine", "step", "constant"]),
        **{f"dropout_{layer}": random_numbers.uniform(0, 0.5) for layer in range(6)},
        **{f"units_{layer}": pick([64, 128, 256, 512]) for layer in range(6)},
        "weight_decay": 10 ** random_numbers.uniform(-6, -2),
    }


class _Maker:
    """Makes versions run by run."""

    def __init__(self, folder: Path, count: int, *, logged: Sequence[str], points: int, runs: int) -> None:
        self.data = Data(folder, count)
        self.logged = logged
        self.points = points
        self.runs = runs
        self.random = random.Random(count)
        self.models = [f"model-{letter}" for letter in "abcdefghij"[: max(1, min(10, count // 100))]]
        self.numbers = dict.fromkeys(self.models, 0)
        self.template = _template()
        self.contents = {name: b"x" * size for name, size in _FILES.items()}

    def run(self) -> None:
        runs = self.runs
        for index in range(runs):
            first, last = index * self.data.count // runs, (index + 1) * self.data.count // runs
            self._one_run(f"run-{index:03}", self.models[index % len(self.models)], last - first)
        for model in self.models:
            numbers = self.data.models / model / ".versions" / "numbers"
            numbers.mkdir(parents=True, exist_ok=True)

    def _one_run(self, run: str, model: str, count: int) -> None:
        from tensorboard.plugins.scalar.summary_v2 import scalar_pb

        from tb_versions.core.metadata import announcement_pb

        hyper = hyperparameters(self.random)
        curves = {tag: [_value(tag, step, self.random) for step in range(self.points)] for tag in self.logged}
        with event_file(self.data.logs / run) as write:
            for tag, values in curves.items():
                for step, value in enumerate(values):
                    write(scalar_pb(tag, value), step)
            for index in range(count):
                self.numbers[model] += 1
                number, step = self.numbers[model], index * self.points // count
                logged = {tag: values[step] for tag, values in curves.items()}
                data = self._manifest(run, model, number=number, step=step, hyper=hyper, logged=logged)
                self._folder(model, number, data)
                location = f"../../models/{model}/{number}"
                write(announcement_pb(model, number, data, location=location), step)

    def _manifest(
        self, run: str, model: str, *, number: int, step: int, hyper: dict[str, Any], logged: dict[str, float]
    ) -> bytes:
        fields: dict[str, Any] = dict(self.template)
        created = (_START + datetime.timedelta(minutes=self.random.random() * 400_000)).isoformat()
        name = created.replace("+00:00", "Z")
        digest = hashlib.sha256(f"{model}:{number}".encode()).hexdigest()
        fields.update(model=model, number=str(number), created=name, digest=f"sha256:{digest}")
        fields["hyperparameters"] = {k: float(v) if type(v) is int else v for k, v in hyper.items()}
        fields["runs"] = [{"name": run, "step": str(step), "wallTime": name}]
        at = {"step": str(step)}
        fields["metrics"] = [
            {"goal": goal, "name": tag, "run": run, "source": "LOG", "tag": tag, "value": logged[tag], **at}
            for tag, goal in LOGGED.items()
        ]
        fields["metrics"] += [
            {"goal": "MIN" if metric in ("brier", "ece", "latency_ms") else "MAX", "name": metric, "dataset": dataset}
            | {"source": "EVALUATED", "value": self.random.random(), **at}
            for dataset in ("test", "shifted")
            for metric in EVALUATED
        ]
        return orjson.dumps(fields, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    def _folder(self, model: str, number: int, manifest: bytes) -> None:
        folder = os.path.join(self.data.models, model, str(number))
        os.makedirs(os.path.join(folder, "variables"))
        for name, content in (*self.contents.items(), ("version_manifest.json", manifest)):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)


def _template() -> dict[str, Any]:
    """A manifest's fields that all versions share, through the package's own encoder."""
    from tb_versions.core import codec
    from tb_versions.core.manifest import (
        Code,
        Dataset,
        Environment,
        File,
        Hardware,
        SavedModel,
        Shape,
        Variable,
        VersionManifest,
    )

    digest = "sha256:" + "0123456789abcdef" * 4
    packages = {f"package-{index}": f"{index}.{index + 1}.0" for index in range(25)}
    manifest = VersionManifest(
        model="model",
        number=1,
        description="Trained by the bench. Nobody will ever use it.",
        labels={"stage": "candidate", "team": "bench"},
        datasets=tuple(Dataset(name="pictures", split=split, digest=digest) for split in ("train", "test", "shifted")),
        code=Code(commit="a" * 40, branch="main", remote="https://example.org/team/project", entry_point="train.py"),
        environment=Environment(python="3.11.7", os="Linux", tensorflow="2.21.0", keras="3.15.1", packages=packages),
        hardware=Hardware(cpu="AMD EPYC", cores=2, logical_cores=2, memory_bytes=25_000_000_000),
        saved_model=SavedModel(
            variables=tuple(
                Variable(name=f"layer/{i}/kernel", dtype="float32", shape=Shape(dimensions=(64, 64))) for i in range(4)
            ),
            parameter_count=16_384,
        ),
        files=tuple(File(path=path, size=size, digest=digest) for path, size in sorted(_FILES.items())),
        digest=digest,
        size_bytes=sum(_FILES.values()),
        created_by="tb_versions bench",
    )
    fields: dict[str, Any] = orjson.loads(codec.encode(manifest))
    return fields


def _value(tag: str, step: int, random_numbers: random.Random) -> float:
    falling = math.exp(-step / 15) + 0.05 * random_numbers.random()
    return falling if tag.endswith("loss") else 1 - falling


@contextmanager
def event_file(folder: Path) -> Iterator[Callable[[Any, int], None]]:
    """Yields a function that writes a summary at a step. It uses TensorFlow's record writer: Python's takes minutes."""
    import tensorflow as tf
    from tensorboard.compat.proto import event_pb2

    folder.mkdir(parents=True, exist_ok=True)
    now = _START.timestamp() - 1_000_000  # before the versions are exported
    with tf.io.TFRecordWriter(str(folder / f"events.out.tfevents.{int(now)}.bench")) as records:
        records.write(event_pb2.Event(wall_time=now, file_version="brain.Event:2").SerializeToString())
        yield lambda summary, step: records.write(
            event_pb2.Event(wall_time=now + step, step=step, summary=summary).SerializeToString()
        )


def make_hparams(folder: Path, count: int) -> None:
    """Makes session groups for the HParams plugin: a run each, with the same metrics and hyperparameters."""
    from tensorboard.plugins.hparams import summary_v2
    from tensorboard.plugins.scalar.summary_v2 import scalar_pb

    numbers = random.Random(count)
    for index in range(count):
        given = facts(numbers)
        with event_file(folder / "logs" / f"session-{index:06}") as write:
            write(summary_v2.hparams_pb(given["hyperparameters"], trial_id=str(index)), 0)
            for tag, value in given["metrics"].items():
                write(scalar_pb(tag, value), 0)


def main() -> None:
    """Makes the kind and number of versions that the command line names."""
    kind, folder, count = sys.argv[1:]
    runs = max(1, int(count) // 10)
    if kind == "versions":
        _Maker(Path(folder), int(count), logged=tuple(LOGGED), points=POINTS, runs=min(300, runs)).run()
    elif kind == "shared":
        _Maker(Path(folder), int(count), logged=tuple(SHARED_LOGGED), points=SHARED_POINTS, runs=runs).run()
    elif kind == "apart":
        _Maker(Path(folder), int(count), logged=tuple(SHARED_LOGGED), points=SHARED_POINTS, runs=int(count)).run()
    elif kind == "curves":
        _Maker(Path(folder), int(count), logged=COMPARED_LOGGED, points=SHARED_POINTS, runs=int(count)).run()
    else:
        make_hparams(Path(folder), int(count))


if __name__ == "__main__":
    main()
