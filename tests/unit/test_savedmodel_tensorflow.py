"""What is parsed is what TensorFlow itself says, for models that TensorFlow really exports."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tb_versions.core.manifest import Shape
from tb_versions.savedmodel import read_saved_model
from tb_versions.savedmodel.dtypes import dtype_name
from tb_versions.savedmodel.known_ops import KNOWN_OPS_OF, known_ops

pytestmark = pytest.mark.tensorflow

ROOT = Path(__file__).resolve().parents[2]
KERAS_PARAMETERS = 4 * 3 + 3 + 4 * 3 + 3 * 2 + 2
EXPORTS = ("keras", "keras_saved", "signatures", "bare", "assets", "trained", "tf1", "tf1_again")


@pytest.fixture(scope="session")
def tf() -> ModuleType:
    return pytest.importorskip("tensorflow", reason="TensorFlow is not installed")


@pytest.fixture(scope="session")
def exports(tf: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one SavedModel for each name in EXPORTS."""
    folder = tmp_path_factory.mktemp("exports")
    _export_keras(tf, folder)
    tf.saved_model.save(*_module_with_signatures(tf, str(folder / "signatures")))
    _export_small_modules(tf, folder)
    _export_tf1(tf, str(folder / "tf1"))
    tf.saved_model.save(tf.saved_model.load(str(folder / "tf1"), tags=["serve"]), str(folder / "tf1_again"))
    return folder


def _export_keras(tf: Any, folder: Path) -> None:
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input((4,)),
            layers.Dense(3, name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Dropout(0.5),
            layers.Dense(2, name="last"),
        ],
        name="net",  # Keras numbers unnamed models and layers on, whatever test made the earlier ones
    )
    model.compile("adam", "mse", metrics=["mae"])
    model.train_on_batch(tf.zeros((2, 4)), tf.zeros((2, 2)))
    model.export(str(folder / "keras"), verbose=False)
    tf.saved_model.save(model, str(folder / "keras_saved"))


def _module_with_signatures(tf: Any, path: str) -> tuple[Any, str, dict[str, Any]]:
    class Module(tf.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = tf.Variable(tf.ones((2, 3)), name="weight")
            self.frozen = tf.Variable(tf.ones(5, tf.bfloat16), name="frozen", trainable=False)
            self.words = tf.Variable(["a", "b"], name="words", trainable=False)
            self.unnamed = [tf.Variable(1, dtype=tf.int64), tf.Variable([True])]

        @tf.function(input_signature=[tf.TensorSpec((None, 2), tf.float32, "x"), tf.TensorSpec((), tf.bool, "flag")])
        def scale(self, x: Any, flag: Any) -> dict[str, Any]:
            return {"y": x @ self.weight, "flag": flag, "frozen": self.frozen}

        @tf.function(input_signature=[tf.TensorSpec(None, tf.string, "text"), tf.TensorSpec((3, None), tf.int64, "n")])
        def describe(self, text: Any, n: Any) -> dict[str, Any]:
            return {"text": tf.strings.upper(text), "n": n + self.unnamed[0], "half": tf.cast(n, tf.float16)}

    module = Module()
    return module, path, {"scale": module.scale, "describe": module.describe}


def _export_small_modules(tf: Any, folder: Path) -> None:
    bare = tf.Module()
    bare.weight = tf.Variable([1.0, 2.0], name="w")
    tf.saved_model.save(bare, str(folder / "bare"))
    (folder / "vocabulary.txt").write_text("a\nb\n")
    assets = tf.Module()
    assets.file = tf.saved_model.Asset(str(folder / "vocabulary.txt"))
    tf.saved_model.save(assets, str(folder / "assets"))
    trained = tf.Module()
    trained.weight = tf.Variable([1.0, 2.0], name="w")
    trained.opt = tf.keras.optimizers.Adam()
    trained.opt.build([trained.weight])
    tf.saved_model.save(trained, str(folder / "trained"))


def _export_tf1(tf: Any, path: str) -> None:
    v1 = tf.compat.v1
    builder = v1.saved_model.Builder(path)
    for tags in (["serve", "train"], ["serve"]):
        with tf.Graph().as_default(), v1.Session() as session:
            x = v1.placeholder(tf.float32, (None, 2), name="x")
            weight = v1.get_variable("dense/w", (2, 3), use_resource=False)
            v1.get_variable("mean", (3,), trainable=False)
            y = tf.matmul(x, weight, name="y")
            if "train" in tags:
                step = v1.train.get_or_create_global_step()
                v1.train.AdamOptimizer().minimize(tf.reduce_sum(y), global_step=step)
            session.run(v1.global_variables_initializer())
            signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
            if "train" in tags:
                builder.add_meta_graph_and_variables(session, tags, {"serving_default": signature})
            else:
                builder.add_meta_graph(tags, {"serving_default": signature})
    builder.save()


def _proto(folder: Path) -> Any:
    from tensorflow.core.protobuf import saved_model_pb2

    return saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())


def _shape_of(tf: Any, proto: Any) -> Shape:
    shape = tf.TensorShape(proto)
    if shape.rank is None:
        return Shape(unknown_rank=True)
    return Shape(dimensions=tuple(-1 if size is None else size for size in shape))


@pytest.mark.parametrize("name", EXPORTS)
def test_graphs_equal_those_of_tensorflows_own_parser(tf: Any, exports: Path, name: str) -> None:
    found, expected = read_saved_model(exports / name).meta_graphs, _proto(exports / name).meta_graphs
    assert len(found) == len(expected)
    for graph, proto in zip(found, expected, strict=True):
        assert graph.tags == tuple(sorted(proto.meta_info_def.tags))
        assert graph.tensorflow_version == proto.meta_info_def.tensorflow_version == tf.__version__
        ops = Counter(node.op for node in proto.graph_def.node)
        ops.update(node.op for function in proto.graph_def.library.function for node in function.node_def)
        assert graph.ops == ops
        public = {key: value for key, value in proto.signature_def.items() if key != "__saved_model_init_op"}
        assert [signature.key for signature in graph.signatures] == sorted(public)
        for signature in graph.signatures:
            _assert_signature(tf, signature, public[signature.key])


def _assert_signature(tf: Any, signature: Any, proto: Any) -> None:
    assert signature.method == proto.method_name
    for tensors, protos in ((signature.inputs, proto.inputs), (signature.outputs, proto.outputs)):
        assert [tensor.name for tensor in tensors] == sorted(protos)
        for tensor in tensors:
            told = protos[tensor.name]
            expected = (tf.dtypes.as_dtype(told.dtype).name, _shape_of(tf, told.tensor_shape), told.name)
            assert (tensor.dtype, tensor.shape, tensor.tensor) == expected


@pytest.mark.parametrize("name", ["keras", "signatures", "bare"])
def test_signatures_are_those_of_the_loaded_model(tf: Any, exports: Path, name: str) -> None:
    loaded = tf.saved_model.load(str(exports / name))
    (graph,) = read_saved_model(exports / name).meta_graphs
    assert {signature.key for signature in graph.signatures} == set(loaded.signatures)
    for signature in graph.signatures:
        function = loaded.signatures[signature.key]
        for tensors, specs in (
            (signature.inputs, function.structured_input_signature[1]),
            (signature.outputs, function.structured_outputs),
        ):
            assert {t.name: (t.dtype, t.shape) for t in tensors} == {
                key: (spec.dtype.name, _shape_of(tf, spec.shape.as_proto())) for key, spec in specs.items()
            }


def test_signatures_show_every_dtype_and_unknown_shape(exports: Path) -> None:
    (graph,) = read_saved_model(exports / "signatures").meta_graphs
    describe, scale = graph.signatures
    assert {t.name: (t.dtype, t.shape) for t in describe.inputs + describe.outputs} == {
        "text": ("string", Shape(unknown_rank=True)),
        "n": ("int64", Shape(dimensions=(3, -1))),
        "half": ("float16", Shape(dimensions=(3, -1))),
    }
    assert {t.name: (t.dtype, t.shape) for t in scale.inputs + scale.outputs} == {
        "x": ("float32", Shape(dimensions=(-1, 2))),
        "flag": ("bool", Shape()),
        "y": ("float32", Shape(dimensions=(-1, 3))),
        "frozen": ("bfloat16", Shape(dimensions=(5,))),
    }


def test_keras_parameters_are_counted_once_though_the_checkpoint_holds_them_twice(tf: Any, exports: Path) -> None:
    stored = [shape for name, shape in tf.train.list_variables(str(exports / "keras/variables/variables"))]
    assert sum(tf.TensorShape(shape).num_elements() for shape in stored[1:]) == 2 * KERAS_PARAMETERS + 2
    for name in ("keras", "keras_saved"):
        model = read_saved_model(exports / name)
        assert model.parameter_count == KERAS_PARAMETERS
        assert sorted(v.name for v in model.variables if not v.trainable) == [
            "net/norm/moving_mean",
            "net/norm/moving_variance",
        ]


def test_variables_of_a_module_are_those_in_its_checkpoint(tf: Any, exports: Path) -> None:
    model = read_saved_model(exports / "signatures")
    reader = tf.train.load_checkpoint(str(exports / "signatures/variables/variables"))
    shapes, dtypes = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
    suffix = "/.ATTRIBUTES/VARIABLE_VALUE"
    expected = {
        key.removesuffix(suffix): (dtypes[key].name, tuple(shapes[key])) for key in shapes if key.endswith(suffix)
    }
    assert {v.name: (v.dtype, v.shape.dimensions if v.shape else None) for v in model.variables} == expected
    assert {v.name for v in model.variables if v.trainable} == {"weight", "unnamed/0", "unnamed/1"}
    assert model.parameter_count == 6 + 5 + 2 + 1 + 1


def test_a_tf1_checkpoint_is_read_as_tensorflow_lists_it(tf: Any, exports: Path) -> None:
    from tb_versions.savedmodel.checkpoint import _entries

    index = (exports / "tf1/variables/variables.index").read_bytes()
    found = [(name, list(v.shape.dimensions) if v.shape else None) for name, v in _entries(index)]
    assert found == tf.train.list_variables(str(exports / "tf1/variables/variables"))
    assert len(found) == 7


def test_a_tf1_model_counts_weights_without_optimizer_and_step(exports: Path) -> None:
    model = read_saved_model(exports / "tf1")
    assert [(v.name, v.dtype, v.trainable) for v in model.variables] == [
        ("dense/w", "float32", True),
        ("mean", "float32", False),
    ]
    assert model.parameter_count == 9
    assert [graph.tags for graph in model.meta_graphs] == [("serve", "train"), ("serve",)]


def test_an_optimizers_state_in_the_model_is_not_counted(exports: Path) -> None:
    assert [v.name for v in read_saved_model(exports / "trained").variables] == ["w"]


def test_a_model_of_assets_has_no_variables(exports: Path) -> None:
    assert read_saved_model(exports / "assets").parameter_count == 0


@pytest.mark.parametrize("name", [name for name in EXPORTS if name != "tf1"])
def test_fingerprints_are_those_that_tensorflow_reads(tf: Any, exports: Path, name: str) -> None:
    expected = tf.saved_model.experimental.read_fingerprint(str(exports / name))
    found = read_saved_model(exports / name).fingerprint
    assert found is not None
    for part in (
        "saved_model_checksum",
        "graph_def_program_hash",
        "signature_def_hash",
        "saved_object_graph_hash",
        "checkpoint_hash",
    ):
        assert getattr(found, part) == str(getattr(expected, part))


def test_every_dtype_has_tensorflows_name(tf: Any) -> None:
    from tensorflow.core.framework import types_pb2

    for number in types_pb2.DataType.values():
        if number:
            assert dtype_name(number) == tf.dtypes.as_dtype(number).name
    assert (dtype_name(0), dtype_name(999)) == ("", "dtype 999")


@pytest.mark.parametrize("name", ["keras", "tf1"])
def test_real_exports_are_read_where_tensorflow_is_absent(
    exports: Path, name: str, run_without: Callable[..., str]
) -> None:
    program = (
        "from tb_versions.savedmodel import read_saved_model; print(read_saved_model(sys.argv[1]).parameter_count)"
    )
    assert run_without(program, str(exports / name)) == f"{read_saved_model(exports / name).parameter_count}\n"


@pytest.fixture
def run_without() -> Callable[..., str]:
    """Runs a program in which importing TensorFlow fails."""

    def run(program: str, *arguments: str) -> str:
        blocked = f"import sys; sys.modules['tensorflow'] = None; {program}"
        command = [sys.executable, "-c", blocked, *arguments]
        return subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout

    return run


@pytest.mark.tensorflow
def test_the_known_ops_are_those_of_the_installed_tensorflow() -> None:
    import tensorflow as tf
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.client import pywrap_tf_session

    if not tf.__version__.startswith(f"{KNOWN_OPS_OF}."):
        pytest.skip(f"tensorflow is {tf.__version__}, and the list is of {KNOWN_OPS_OF}")
    found = op_def_pb2.OpList.FromString(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList()))
    assert known_ops() == {op.name for op in found.op}
