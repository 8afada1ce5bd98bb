"""Makes manifests of 9 kB, and no other files, with all that `publish` records of a small Keras model."""

from __future__ import annotations

import datetime
import hashlib
import random
import sys
from dataclasses import replace
from pathlib import Path

from bench.make_data import LOGGED, hyperparameters
from tb_versions.core import codec
from tb_versions.core.manifest import (
    Code,
    Environment,
    File,
    Fingerprint,
    Hardware,
    MetaGraph,
    Metric,
    Run,
    SavedModel,
    Shape,
    Signature,
    Tensor,
    Variable,
    VersionManifest,
)

_START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
_DIGEST = "sha256:" + "0123456789abcdef" * 4
_VERSIONS_OF_A_RUN = 10


def make(folder: Path, count: int) -> None:
    """Makes ten models with `count` manifests in all; each training made ten of the versions."""
    numbers = random.Random(count)
    described = _described()
    for run in range(-(-count // _VERSIONS_OF_A_RUN)):
        settings = dict(list(hyperparameters(numbers).items())[:6])
        of_run = replace(described, model=f"digits-{run % 10}", hyperparameters=settings)
        first = run // 10 * _VERSIONS_OF_A_RUN + 1
        for number in range(first, first + min(_VERSIONS_OF_A_RUN, count - run * _VERSIONS_OF_A_RUN)):
            _write(folder / "models", _version(of_run, number, f"run-{run}/train", numbers))


def _version(of_run: VersionManifest, number: int, run: str, numbers: random.Random) -> VersionManifest:
    created = _START + datetime.timedelta(seconds=numbers.randrange(10**7))
    step = number * 100
    return replace(
        of_run,
        number=number,
        created=created,
        metrics=tuple(
            Metric(name=tag, value=numbers.random(), step=step, source="log", run=run, tag=f"epoch_{tag}")
            for tag in LOGGED
        ),
        runs=(Run(name=run, step=step, wall_time=created),),
        digest="sha256:" + hashlib.sha256(f"{run} {number}".encode()).hexdigest(),
    )


def _write(models: Path, manifest: VersionManifest) -> None:
    folder = models / manifest.model / str(manifest.number)
    folder.mkdir(parents=True)
    (folder / "version_manifest.json").write_bytes(codec.encode(manifest))


def _described() -> VersionManifest:
    packages = {f"some-package-{index}": f"{index}.{index + 1}.0" for index in range(140)}
    variables = tuple(
        Variable(name=f"sequential/dense_{index}/kernel", dtype="float32", shape=Shape(dimensions=(64, 32)))
        for index in range(4)
    )
    return VersionManifest(
        description="Trained by the bench. Nobody will ever use it.",
        code=Code(commit="a" * 40, branch="main", dirty=False, entry_point="train.py"),
        environment=Environment(python="3.11.7", os="Linux", tensorflow="2.21.0", keras="3.15.1", packages=packages),
        hardware=Hardware(cpu="AMD EPYC", cores=2, logical_cores=2, memory_bytes=25_000_000_000),
        saved_model=SavedModel(
            meta_graphs=(_graph(),),
            variables=variables,
            parameter_count=2_410,
            fingerprint=Fingerprint(saved_model_checksum="1" * 19, checkpoint_hash="2" * 20),
        ),
        files=tuple(File(path=f"variables/part-{index}", size=52_142, digest=_DIGEST) for index in range(5)),
        size_bytes=5 * 52_142,
        created_by="tb_versions bench",
    )


def _graph() -> MetaGraph:
    pixels = Tensor(name="pixels", dtype="float32", shape=Shape(dimensions=(-1, 64)), tensor="serve_pixels:0")
    logits = Tensor(name="output_0", dtype="float32", shape=Shape(dimensions=(-1, 10)), tensor="PartitionedCall:0")
    return MetaGraph(
        tags=("serve",),
        tensorflow_version="2.21.0",
        signatures=tuple(
            Signature(key=key, method="tensorflow/serving/predict", inputs=(pixels,), outputs=(logits,))
            for key in ("serve", "serving_default")
        ),
        ops={f"Operation{index}": index + 1 for index in range(21)},
    )


if __name__ == "__main__":
    make(Path(sys.argv[2]), int(sys.argv[3]))
