"""Versions of which much is known, and one of which nothing is, for tests of documents."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from tb_versions.cli import main
from tb_versions.comparison.loading import Source
from tb_versions.core.manifest import (
    Code,
    Dataset,
    Environment,
    Gpu,
    Hardware,
    MetaGraph,
    Metric,
    Parent,
    SavedModel,
    Shape,
    Signature,
    Tensor,
)
from tb_versions.documents.reading import read_subject
from tb_versions.documents.subject import Subject
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.reader import open_reader
from tests.support.world import World

HOSTILE = "# Good\n---\nmodel-index: []\n<script>alert(1)</script> ![x](http://evil.example/p.png) @team"
"""A description that would end the metadata, run code, load a picture and call people, if it were obeyed."""

_DIGEST = "sha256:" + "ab" * 32


def document_world(base: Path) -> World:
    """Writes digits:1 and digits:2, both of one run, and bare:7, of which nothing is known but its files."""
    world = World(base)
    world.scalars("mlp", "val_accuracy", [(step, 0.5 + step / 1_000) for step in range(0, 401, 20)])
    world.version(
        "digits",
        1,
        run="mlp",
        step=100,
        metrics=(Metric(name="val_accuracy", value=0.6, goal="max", source="log"),),
        hyperparameters={"lr": 0.1, "api_key": "s3cr3t-of-one"},
    )
    world.version(
        "digits",
        2,
        run="mlp",
        step=300,
        description=HOSTILE,
        lead_metric="val_accuracy",
        labels={"license": "mit", "task": "image-classification", "annex-iv.5": "Risk file RF-12"},
        metrics=_metrics(),
        hyperparameters={"lr": 1e-05, "optimizer": "adam", "api_key": "s3cr3t-of-two"},
        seeds={"numpy": 7},
        training_seconds=12.5,
        parents=(Parent(model="digits", number=1, relation="fine_tuned_from"),),
        datasets=(
            Dataset(name="train.csv", digest=_DIGEST, digest_of="file", rows=1_000, split="train"),
            Dataset(name="digits-test", digest=_DIGEST, digest_of="array", uri="/home/jane/test.npz", split="test"),
        ),
        code=Code(
            commit="c0ffee" * 6 + "c0ff", remote="git@git.internal.corp:x.git", dirty=True, dirty_files=("a.py",)
        ),
        environment=Environment(
            python="3.11.9", tensorflow="2.21.0", packages={"numpy": "2.4.0", "Odd_Name": "1+cu12"}
        ),
        hardware=Hardware(cpu="A CPU", cores=2, memory_bytes=8_000_000_000, gpus=(Gpu(name="A GPU"),)),
        saved_model=_model(),
    )
    world.version("bare", 7, created=None)
    return world


def _metrics() -> tuple[Metric, ...]:
    return (
        Metric(name="val_accuracy", value=0.8, goal="max", source="log", run="mlp", tag="val_accuracy", step=300),
        Metric(name="tiny", value=1e-07, source="typed"),
        Metric(name="broken", value=float("nan"), source="typed"),
        Metric(
            name="accuracy", value=0.81, goal="max", source="evaluated", dataset="digits-test", lower=0.7, upper=0.9,
            confidence=0.95, examples=300,
        ),
        *(
            Metric(name="accuracy", value=value, goal="max", source="evaluated", dataset="digits-test", slice=part)
            for part, value in (("zero", 0.9), ("one", 0.4))
        ),
    )  # fmt: skip


def _model() -> SavedModel:
    image = Tensor(name="image", dtype="float32", shape=Shape(dimensions=(-1, 8)))
    probs = Tensor(name="probs", dtype="float32", shape=Shape(dimensions=(-1, 10)))
    serving = Signature(key="serving_default", inputs=(image,), outputs=(probs,))
    graph = MetaGraph(tags=("serve",), tensorflow_version="2.21.0", signatures=(serving,))
    return SavedModel(meta_graphs=(graph,), parameter_count=33_130)


def said(world: World, *arguments: str) -> None:
    """Runs a verb of the registry on a world's models."""
    done = CliRunner().invoke(main, [*arguments, "--models-dir", str(world.models)], prog_name="tb-versions")
    assert done.exit_code == 0, done.output


def subject_in(world: World, ref: str, **options: object) -> Subject:
    """What a document tells of a version of a world."""
    reader = open_reader(str(world.logs), [str(world.models)])
    source = Source(reader.catalog, reader.manifest_bytes, CurveReader(reader.provider))
    return read_subject(source, reader.catalog.find(ref), **options)  # type: ignore[arg-type]
