"""Inputs in a configuration of Keras."""

from __future__ import annotations

from tb_versions.core.manifest import Shape
from tb_versions.formats.keras_config import inputs_of


def test_input_layers_are_inputs() -> None:
    layer = {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, 4], "dtype": "float32"}}
    (tensor,) = inputs_of({"config": {"layers": [layer, {"class_name": "Dense", "config": {}}]}})
    assert (tensor.name, tensor.dtype, tensor.shape) == ("x", "float32", Shape(dimensions=(-1, 4)))


def test_no_more_inputs_are_read_than_are_of_use() -> None:
    layer = {"class_name": "InputLayer", "config": {"name": "x"}}
    assert len(inputs_of({"config": {"layers": [layer] * 1_000}})) == 100
