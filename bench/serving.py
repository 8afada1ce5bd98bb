"""What handing over to TensorFlow Serving costs: the configuration of 1,000 models, in a new process."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.commands import command
from bench.figures import Report, interleave
from tb_versions.core import codec
from tb_versions.core.manifest import (
    MANIFEST_NAME,
    MetaGraph,
    SavedModel,
    Shape,
    Signature,
    Tensor,
    Variable,
    VersionManifest,
)
from tb_versions.core.store import LocalStore
from tb_versions.registry.events import AliasSet
from tb_versions.registry.registry import Draft, Registry
from tb_versions.registry.seen import STATE_DIR

MODELS, VERSIONS, EVENTS = 1_000, 3, 10
MOST_SECONDS = 1.0


def measure(report: Report, *, runs: int = 5) -> None:
    """Adds the figures."""
    with tempfile.TemporaryDirectory(prefix="tb-versions-bench-") as folder:
        models, made = _made(Path(folder) / "models"), Path(folder) / "models.config"
        arguments = ["serving-config", "--models-dir", str(models), "--aliases-as-labels", "--out", str(made)]
        (found,) = interleave(runs, command(arguments, {STATE_DIR: f"{folder}/state"}))
        size = made.stat().st_size
    report.add(
        "serving.config",
        found,
        limit=MOST_SECONDS,
        limit_of="one second, with the start of Python",
        versions=MODELS * VERSIONS,
        note=f"{MODELS:,} models with {EVENTS} events each, two versions of each looked over; {size:,} B",
    )


def _made(models: Path) -> Path:
    shape = Shape(dimensions=(-1, 28, 28))
    inputs = (Tensor(name="image", dtype="float32", shape=shape, tensor="serving_default_image:0"),)
    signature = Signature(key="serving_default", method="tensorflow/serving/predict", inputs=inputs, outputs=inputs)
    ops = dict.fromkeys(("Add", "Const", "Identity", "MatMul", "NoOp", "Placeholder", "ReadVariableOp", "Relu"), 4)
    variables = tuple(Variable(name=f"layer{at}/kernel", dtype="float32", shape=shape) for at in range(40))
    graph = MetaGraph(tags=("serve",), tensorflow_version="2.21.0", signatures=(signature,), ops=ops)
    saved_model = SavedModel(meta_graphs=(graph,), variables=variables)
    for at in range(MODELS):
        model = f"model{at}"
        for number in range(1, VERSIONS + 1):
            folder = models / model / str(number)
            folder.mkdir(parents=True)
            (folder / "saved_model.pb").write_bytes(b"graph")
            manifest = VersionManifest(model=model, number=number, format="saved_model", saved_model=saved_model)
            (folder / MANIFEST_NAME).write_bytes(codec.encode(manifest))
        registry = Registry(LocalStore(str(models / model / ".versions"), within=str(models)))
        for event in range(EVENTS):
            said = AliasSet("canary" if event % 2 else "production")
            draft = Draft(kind="alias_set", said=said, version=event % VERSIONS + 1, actor="anna", reason="better")
            registry.append(lambda _, draft=draft: draft)  # type: ignore[misc]
    return models
