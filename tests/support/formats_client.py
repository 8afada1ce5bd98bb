"""Runs in the environment of ONNX and safetensors: writes models, loads them again, and prints what it got.

`formats_client.py FOLDER` prints JSON: file to `inputs` and `outputs` ([name, dtype, shape]; -1 for a size that is not
fixed), and `weights` ([name, dtype, shape]).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors import safe_open
from safetensors.numpy import save_file

BATCH = "batch"


def value(name: str, kind: int, shape: list[Any] | None) -> Any:
    return helper.make_tensor_value_info(name, kind, shape)


def weight(name: str, *shape: int, dtype: Any = np.float32) -> Any:
    return numpy_helper.from_array(np.ones(shape, dtype), name)


def onnx_models() -> dict[str, Any]:
    f32, i64, f64, f16 = TensorProto.FLOAT, TensorProto.INT64, TensorProto.DOUBLE, TensorProto.FLOAT16
    node = helper.make_node
    return {
        "dense": (
            [node("MatMul", ["x", "w"], ["y"])],
            [("x", f32, [BATCH, 4])],
            [("y", f32, [BATCH, 3])],
            [weight("w", 4, 3)],
        ),
        "two_inputs": (
            [node("Add", ["a", "b"], ["s"]), node("Mul", ["a", "b"], ["p"])],
            [("a", f64, [2, 3]), ("b", f64, [2, 3])],
            [("s", f64, [2, 3]), ("p", f64, [2, 3])],
            [],
        ),
        "conv": (
            [node("Conv", ["image", "k"], ["features"]), node("Relu", ["features"], ["y"])],
            [("image", f32, [BATCH, 3, 8, 8])],
            [("y", f32, [BATCH, 2, 6, 6])],
            [weight("k", 2, 3, 3, 3)],
        ),
        "embedding": (
            [node("Gather", ["table", "ids"], ["y"])],
            [("ids", i64, [BATCH, None])],
            [("y", f16, [BATCH, None, 5])],
            [weight("table", 7, 5, dtype=np.float16)],
        ),
        "scalar": ([node("Neg", ["x"], ["y"])], [("x", f32, [])], [("y", f32, [])], []),
        "without_rank": (
            [node("Identity", ["x"], ["y"])],
            [("x", TensorProto.STRING, None)],
            [("y", TensorProto.STRING, None)],
            [],
        ),
        "types": (
            [node("Not", ["flag"], ["y"])],
            [("flag", TensorProto.BOOL, [1])],
            [("y", TensorProto.BOOL, [1])],
            [
                weight("small", 2, dtype=np.int8),
                weight("wide", 2, dtype=np.uint64),
                weight("half", 3, dtype=np.float16),
            ],
        ),
        "named_weight": (  # an older form, in which weights are inputs, too
            [node("MatMul", ["x", "w"], ["y"])],
            [("x", f32, [1, 4]), ("w", f32, [4, 3])],
            [("y", f32, [1, 3])],
            [weight("w", 4, 3)],
        ),
    }


def written_onnx(folder: Path) -> dict[str, Any]:
    told = {}
    for name, (nodes, inputs, outputs, weights) in onnx_models().items():
        graph = helper.make_graph(nodes, name, [value(*v) for v in inputs], [value(*v) for v in outputs], weights)
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
        if name != "without_rank":  # which exporters write, and the checker refuses
            onnx.checker.check_model(made)
        onnx.save(made, folder / f"{name}.onnx")
        told[f"{name}.onnx"] = loaded_onnx(folder / f"{name}.onnx")
    return told


def loaded_onnx(path: Path) -> dict[str, Any]:
    graph = onnx.load(path).graph
    weights = [numpy_helper.to_array(each) for each in graph.initializer]
    names = {each.name for each in graph.initializer}
    return {
        "inputs": [tensor(each) for each in graph.input if each.name not in names],
        "outputs": [tensor(each) for each in graph.output],
        "weights": [
            [each.name, str(array.dtype), list(array.shape)]
            for each, array in zip(graph.initializer, weights, strict=True)
        ],
    }


def tensor(info: Any) -> list[Any]:
    of = info.type.tensor_type
    kind = helper.tensor_dtype_to_np_dtype(of.elem_type)
    shape = [d.dim_value if d.HasField("dim_value") else -1 for d in of.shape.dim] if of.HasField("shape") else None
    return [info.name, "string" if of.elem_type == TensorProto.STRING else str(kind), shape]


def written_safetensors(folder: Path) -> dict[str, Any]:
    groups = {
        "dense": {"w": np.ones((4, 3), np.float32), "b": np.zeros(3, np.float32)},
        "halves": {"h": np.ones((2, 2), np.float16), "scalar": np.ones((), np.float64)},
        "whole": {"n": np.ones(5, np.int64), "small": np.ones((1, 2, 3), np.int8), "flag": np.ones(2, np.bool_)},
        "empty": {"none": np.ones((0, 3), np.float32), "u": np.ones(3, np.uint8)},
        "many": {f"layer.{number}.weight": np.ones((number + 1, 2), np.float32) for number in range(40)},
    }
    told = {}
    for name, arrays in groups.items():
        path = folder / f"{name}.safetensors"
        save_file(arrays, path, metadata={"format": "np"})
        with safe_open(path, "numpy") as opened:
            found = [(key, opened.get_tensor(key)) for key in list(opened.keys())]
        weights = [[key, str(array.dtype), list(array.shape)] for key, array in found]
        told[path.name] = {"inputs": [], "outputs": [], "weights": weights}
    return told


if __name__ == "__main__":
    target = Path(sys.argv[1])
    print(json.dumps(written_onnx(target) | written_safetensors(target)))
