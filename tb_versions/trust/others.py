"""What files of Keras, ONNX and LiteRT contain that runs code or reaches out of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import FileIO

from tb_versions.core.manifest import visible
from tb_versions.formats import keras, keras_h5, tflite
from tb_versions.formats.hdf5 import UnknownFormError
from tb_versions.formats.keras_code import code_in
from tb_versions.formats.onnx_ops import read_operators
from tb_versions.trust.findings import Finding
from tb_versions.trust.ops import judge_op

_STANDARD = frozenset({"", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "ai.onnx.preview"})
_PYTHON = frozenset({"PyOp", "PyCustomOp", "PythonOp", "ATen"})
_LONGEST = 256
_FLEX = "Flex"
_NOT_READ = "it is of a form of HDF5 that is not read; whether it has Lambda layers is not known"
_OUTSIDE = "arrays whose data lies in other files, which Keras reads when it loads them"


def inspect_keras(file: FileIO, path: str) -> Iterator[Finding]:
    """Yields what is code in Keras 3's archive; raises as `keras.read`."""
    for kind, name, why in code_in(keras.read_config(file)):
        yield Finding(kind, path, name, why)
    weights = keras.look_at_weights(file)
    if weights.problem:
        yield Finding("unread", path, "model.weights.h5", weights.problem)
    if weights.reaches_out:
        yield Finding("dangerous", path, "model.weights.h5", _OUTSIDE)


def inspect_h5(file: FileIO, path: str) -> Iterator[Finding]:
    """Yields what is code in a model in HDF5; raises as `keras_h5.read`."""
    try:
        config, reaches_out = keras_h5.read_config(file)
    except UnknownFormError:
        yield Finding("unread", path, "", _NOT_READ)
        return
    for kind, name, why in code_in(config):
        yield Finding(kind, path, name, why)
    if reaches_out:
        yield Finding("dangerous", path, "", _OUTSIDE)


def inspect_onnx(file: FileIO, path: str) -> Iterator[Finding]:
    """Yields operators that ONNX does not define, and files that weights are in; raises as `read_operators`."""
    found = read_operators(file)
    for (domain, op), count in found.counts.items():
        name = visible(f"{domain}.{op}" if domain else op)[:_LONGEST]
        if op in _PYTHON and domain not in _STANDARD:
            yield Finding("dangerous", path, name, "calls Python code of the process that runs it", count)
        elif domain not in _STANDARD:
            yield Finding("custom", path, name, "is no operator of ONNX", count)
    for location, count in found.files.items():
        normal = os.path.normpath(location.replace("\\", "/"))
        if os.path.isabs(normal) or normal.startswith("..") or not location:
            yield Finding(
                "dangerous", path, visible(location)[:_LONGEST], "weights in a file outside of its folder", count
            )


def inspect_tflite(file: FileIO, path: str) -> Iterator[Finding]:
    """Yields operators of a LiteRT model that are not its own; raises as `tflite.read`."""
    for name in tflite.custom_operators(file):
        judged = judge_op(name.removeprefix(_FLEX)) if name.startswith(_FLEX) else None
        if judged is not None and judged[0] == "dangerous":
            yield Finding("dangerous", path, name, judged[1])
        elif name.startswith(_FLEX):
            yield Finding("custom", path, name, "an op of TensorFlow, which LiteRT runs by its Flex delegate")
        else:
            yield Finding("custom", path, name, "is no operator of LiteRT")
