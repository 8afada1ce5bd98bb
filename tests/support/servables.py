"""Versions that a server loads: what a SavedModel says of itself, without TensorFlow."""

from __future__ import annotations

from pathlib import Path

from tb_versions.core.manifest import MetaGraph, SavedModel, Shape, Signature, Tensor
from tests.support.world import World

PIXELS = Tensor(name="pixels", dtype="float32", shape=Shape(dimensions=(-1, 64)), tensor="serving_default_pixels:0")


def graph(*inputs: Tensor, ops: tuple[str, ...] = ("MatMul",), key: str = "serving_default", **more: str) -> SavedModel:
    """What a SavedModel says of itself."""
    signature = Signature(key=key, method="tensorflow/serving/predict", inputs=inputs or (PIXELS,))
    tags = (more.get("tag", "serve"),)
    version = more.get("tensorflow", "2.19.0")
    found = MetaGraph(tags=tags, tensorflow_version=version, signatures=(signature,), ops=dict.fromkeys(ops, 1))
    return SavedModel(meta_graphs=(found,))


def servable(world: World, model: str, number: int, saved_model: SavedModel | None = None, **more: object) -> Path:
    """Writes a version that a server loads."""
    return world.version(model, number, format="saved_model", saved_model=saved_model or graph(), **more)  # type: ignore[arg-type]
