"""What `inspect` says of inputs, outputs and weights is what each format's own loader says, over real files."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tb_versions.core.manifest import SavedModel, Shape, Tensor, Variable
from tb_versions.trust.inspecting import inspect_model
from tests.support.effort import HANGS

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]

CLIENT = Path(__file__).parents[1] / "support" / "formats_client.py"
LEAST = 30

Told = dict[str, Any]


def sizes(shape: Shape | None) -> list[int] | None:
    return None if shape is None or shape.unknown_rank else list(shape.dimensions)


def tensors(found: tuple[Tensor, ...]) -> list[list[Any]]:
    return [[each.name, each.dtype, sizes(each.shape)] for each in found]


def weights(found: tuple[Variable, ...]) -> list[list[Any]]:
    return [[each.name, each.dtype, sizes(each.shape)] for each in found]


def inspected(path: Path) -> SavedModel:
    (part,) = inspect_model(str(path)).parts
    assert part.model is not None, path
    return part.model


@pytest.mark.client("formats")
def test_inspect_says_what_each_loader_says(client_python: Path, test_data: Path, tmp_path: Path) -> None:
    """Prints and counts the files of each format."""
    tf = pytest.importorskip("tensorflow")
    counts = {
        "SavedModel": sum(map(compare_saved_model, saved_models(tf, tmp_path, test_data))),
        "Keras": sum(map(compare_keras, keras_files(tf, tmp_path))),
        "LiteRT": sum(map(compare_litert, litert_files(tf, tmp_path))),
        **compare_others(client_python, tmp_path / "others"),
    }
    print(f"{sum(counts.values())} files compared: {counts}")
    assert all(counts.values())
    assert sum(counts.values()) >= LEAST


def saved_models(tf: Any, folder: Path, test_data: Path) -> Iterator[Path]:
    """Those that others wrote, and exports of several kinds."""
    yield from (path.parent for path in sorted(test_data.rglob("saved_model.pb")))
    for name, model in models(tf).items():
        path = folder / "exports" / name
        model.export(str(path), verbose=False)
        yield path
    module, signatures = module_with_signatures(tf)
    tf.saved_model.save(module, str(folder / "module"), signatures=signatures)
    yield folder / "module"


def compare_saved_model(path: Path) -> bool:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path), tags=["serve"])
    said = {
        each.key: each
        for graph in inspected(path).meta_graphs
        for each in graph.signatures
        if "init_op" not in each.key
    }
    callables = dict(loaded.signatures.items())
    assert set(said) - {"__saved_model_train_op"} == set(callables), path
    for key, each in callables.items():
        _, inputs = each.structured_input_signature
        assert sorted(tensors(said[key].inputs)) == sorted(map(of_tensorflow, inputs, inputs.values())), (path, key)
        outputs = each.structured_outputs
        assert sorted(tensors(said[key].outputs)) == sorted(map(of_tensorflow, outputs, outputs.values())), (path, key)
    return True


def of_tensorflow(name: str, spec: Any) -> list[Any]:
    shape = None if spec.shape.rank is None else [-1 if size is None else size for size in spec.shape]
    return [name, spec.dtype.name, shape]


def models(tf: Any) -> dict[str, Any]:
    layers = tf.keras.layers

    def chain(shape: tuple[int | None, ...], *parts: Any, dtype: str = "float32") -> Any:
        return tf.keras.Sequential([tf.keras.Input(shape, dtype=dtype), *parts])

    image, table = tf.keras.Input((8, 8, 3), name="image"), tf.keras.Input((4,), name="table", dtype="float64")
    features = layers.Flatten()(layers.Conv2D(2, 3)(image))
    both = layers.Concatenate()([features, layers.Dense(3)(table)])
    return {
        "dense": chain((4,), layers.Dense(3), layers.BatchNormalization(), layers.Dense(2)),
        "conv": chain((8, 8, 3), layers.Conv2D(4, 3), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(2)),
        "lstm": chain((None, 5), layers.LSTM(3), layers.Dense(1)),
        "embedding": chain((6,), layers.Embedding(10, 4), layers.GlobalAveragePooling1D(), dtype="int32"),
        "several": tf.keras.Model([image, table], {"class": layers.Dense(3)(both), "score": layers.Dense(1)(both)}),
        "shared": chain((4,), layers.Dense(4, name="a"), layers.Dropout(0.5), layers.Dense(4, name="b")),
    }


def module_with_signatures(tf: Any) -> tuple[Any, dict[str, Any]]:
    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec((None, 2), tf.float32, "x"), tf.TensorSpec((), tf.bool, "flag")])
        def scale(self, x: Any, flag: Any) -> dict[str, Any]:
            return {"y": 2.0 * x, "flag": flag}

        @tf.function(input_signature=[tf.TensorSpec(None, tf.string, "text")])
        def upper(self, text: Any) -> dict[str, Any]:
            return {"text": tf.strings.upper(text)}

    module = Module()
    return module, {"scale": module.scale, "upper": module.upper}


def keras_files(tf: Any, folder: Path) -> Iterator[Path]:
    """Archives of Keras 3, and its HDF5."""
    (folder / "keras").mkdir()
    for name, model in models(tf).items():
        for ending in (".keras", ".h5") if name in ("dense", "conv", "lstm") else (".keras",):
            path = folder / "keras" / f"{name}{ending}"
            model.save(path)
            yield path


def compare_keras(path: Path) -> bool:
    import keras

    loaded = keras.models.load_model(path, compile=False)
    said = inspected(path)
    inputs = [[each.dtype, [-1 if size is None else size for size in each.shape]] for each in loaded.inputs]
    (graph,) = said.meta_graphs
    (signature,) = graph.signatures
    assert sorted(each[1:] for each in tensors(signature.inputs)) == sorted(inputs), path
    theirs = sorted([str(each.dtype), list(each.shape)] for each in loaded.weights)
    assert sorted(each[1:] for each in weights(said.variables) if "seed_generator" not in each[0]) == [
        each for each in theirs if each != ["uint32", [2]]
    ], path
    return True


def litert_files(tf: Any, folder: Path) -> Iterator[Path]:
    """Converted models, some of them with integers as weights."""
    (folder / "litert").mkdir()
    for name in ("dense", "conv", "embedding", "several", "shared"):
        model = models(tf)[name]
        for quantized in (False, True):
            converter = tf.lite.TFLiteConverter.from_keras_model(model)
            converter.optimizations = [tf.lite.Optimize.DEFAULT] if quantized else []
            path = folder / "litert" / f"{name}{'_quantized' * quantized}.tflite"
            path.write_bytes(converter.convert())
            yield path


def compare_litert(path: Path) -> bool:
    import numpy as np
    import tensorflow as tf

    loaded = tf.lite.Interpreter(model_path=str(path))
    (graph,) = inspected(path).meta_graphs
    (signature,) = graph.signatures

    def details(found: list[Told]) -> list[list[Any]]:
        return [[each["name"], np.dtype(each["dtype"]).name, each["shape_signature"].tolist()] for each in found]

    assert tensors(signature.inputs) == details(loaded.get_input_details()), path
    assert tensors(signature.outputs) == details(loaded.get_output_details()), path
    return True


def compare_others(python: Path, folder: Path) -> dict[str, int]:
    """ONNX and safetensors, which their own libraries wrote and read in an environment of their own."""
    folder.mkdir()
    done = subprocess.run([python, CLIENT, folder], capture_output=True, text=True, check=False, timeout=HANGS)
    assert done.returncode == 0, done.stderr[-2000:]
    counts = {"ONNX": 0, "safetensors": 0}
    for name, theirs in json.loads(done.stdout).items():
        said = inspected(folder / name)
        signature = said.meta_graphs[0].signatures[0] if said.meta_graphs and said.meta_graphs[0].signatures else None
        assert tensors(signature.inputs if signature else ()) == theirs["inputs"], name
        assert tensors(signature.outputs if signature else ()) == theirs["outputs"], name
        assert sorted(weights(said.variables)) == sorted(theirs["weights"]), name
        counts["ONNX" if name.endswith(".onnx") else "safetensors"] += 1
    return counts
