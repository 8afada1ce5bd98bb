"""Rules of gates over real manifests on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tb_versions.core.manifest import (
    MetaGraph,
    Metric,
    SavedModel,
    Shape,
    Signature,
    Tensor,
)
from tb_versions.gates.checking import check_gate
from tb_versions.gates.results import GateResult
from tests.support.world import World

DIGEST = "sha256:" + "a" * 64
OTHER_DIGEST = "sha256:" + "b" * 64


def rules_file(folder: Path, *rules: str, head: str = 'against = "digits:1"', name: str = "release") -> Path:
    """A file of rules; each text is one rule."""
    path = folder / "gates.toml"
    text = f'name = "{name}"\n{head}\n' + "".join(f"\n[[rules]]\n{rule}\n" for rule in rules)
    path.write_text(text, encoding="utf-8")
    return path


def checked(
    world: World, *rules: str, ref: str = "digits:2", head: str = 'against = "digits:1"', **more: Any
) -> GateResult:
    """What came of some rules for a version."""
    return check_gate(ref, world.models, rules=rules_file(world.base, *rules, head=head), **more)


def accuracy(value: float, **fields: Any) -> Metric:
    return Metric(**{"name": "accuracy", "value": value, "goal": "max", **fields})


def saved_model(*inputs: str, parameters: int = 1_000) -> SavedModel:
    """A SavedModel with one signature, whose inputs have these names."""
    shape = Shape(dimensions=(-1, 8))
    tensors = tuple(Tensor(name=name, dtype="float32", shape=shape) for name in inputs)
    outputs = (Tensor(name="probs", dtype="float32", shape=shape),)
    signature = Signature(key="serving_default", method="tensorflow/serving/predict", inputs=tensors, outputs=outputs)
    return SavedModel(meta_graphs=(MetaGraph(tags=("serve",), signatures=(signature,)),), parameter_count=parameters)
