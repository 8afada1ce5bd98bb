"""Golden outputs of real models, published as a training does. Each takes a process that loads TensorFlow."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.core.golden.file import key_of, read
from tb_versions.core.golden.outcome import Tolerance
from tb_versions.core.golden.running import ask
from tb_versions.errors import InvalidManifestError, ModelExportError
from tb_versions.write import failures
from tests.support.publishing import published
from tests.support.savedmodel_bytes import graph, info, saved_model, shape, signature, tensor, write_model

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)
RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "_reported", set())
    monkeypatch.setattr(failures, "_said", {"no writer"})


def publish(model: Any, models: Path, golden: Any, **options: Any) -> tbv.PublishedVersion:
    given = {"keras_archive": False, "capture": NOTHING, **options}
    version = tbv.publish(model, models, name="digits", golden=golden, **given)
    assert version is not None
    return version


def file_of(models: Path, number: int = 1) -> bytes:
    return (models / "digits/.versions" / key_of(number)).read_bytes()


@pytest.mark.tensorflow
@pytest.mark.slow
def test_a_keras_model_with_dropout_answers_as_in_memory_and_a_scaled_kernel_does_not(tmp_path: Path) -> None:
    import keras

    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    hidden = keras.layers.Dropout(0.5)(keras.layers.Dense(8, activation="relu")(b))
    scores = keras.layers.Dense(3, activation="softmax", name="scores")
    model = keras.Model([b, a], [scores(keras.layers.Concatenate()([hidden, a])), keras.layers.Dense(1)(a)])
    inputs = {"a": RNG.normal(size=(8, 4)), "b": RNG.normal(size=(8, 3))}
    version = publish(model, tmp_path, inputs, strict=True)
    golden = version.manifest.golden
    assert golden is not None
    assert (golden.compared, golden.notes) == ("same", ())
    assert golden.max_error is not None
    assert golden.max_error < 1e-5
    data = file_of(tmp_path)
    assert (golden.digest, golden.size) == (f"sha256:{hashlib.sha256(data).hexdigest()}", len(data))
    assert all(not file.path.startswith(".versions") for file in version.manifest.files)
    asked = read(data)["serving_default"]
    np.testing.assert_allclose(asked.outputs["output_0"], model([inputs["b"], inputs["a"]])[0], atol=1e-5)

    scores.set_weights([scores.get_weights()[0] * 1.01, scores.get_weights()[1]])
    model.export(tmp_path / "scaled", verbose=False)
    outcome = ask("It", str(tmp_path / "scaled"), data).outcome
    assert not outcome.ok
    assert {each.name for each in outcome.differing} == {"output_0"}
    assert outcome.agreement is not None
    assert ask("It", str(tmp_path / "scaled"), data, tolerance=Tolerance(absolute=0.5)).outcome.ok


@pytest.mark.tensorflow
@pytest.mark.slow
def test_an_export_that_is_broken_is_reported_at_once_and_recorded(tmp_path: Path) -> None:
    import keras
    import tensorflow as tf

    class Broken(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x * 2 if tf.inside_function() else x

    model = keras.Sequential([keras.Input((4,), name="x"), Broken()])
    dataset = tf.data.Dataset.from_tensor_slices((np.ones((9, 4), "float32"), np.zeros(9))).batch(4)
    with pytest.warns(tbv.TbVersionsWarning, match="does not answer as the model in memory: .*differs in 20 of 20"):
        version = publish(model, tmp_path, dataset, golden_examples=5, golden_labels=True)
    golden = version.manifest.golden
    assert golden is not None
    assert (golden.compared, golden.max_error) == ("different", 1.0)
    assert "differs in 20 of 20 values, by up to 1" in golden.notes[0]
    asked = read(file_of(tmp_path))["serving_default"]
    assert asked.outputs["output_0"].tolist() == [[2.0] * 4] * 5
    assert asked.labels[""].tolist() == [0] * 5


@pytest.mark.tensorflow
@pytest.mark.slow
def test_signatures_of_a_module_with_texts_are_kept_and_random_answers_are_not(tmp_path: Path) -> None:
    import tensorflow as tf

    class Module(tf.Module):  # type: ignore[misc]
        @tf.function
        def up(self, text: Any) -> Any:
            return {"up": tf.strings.upper(text), "length": tf.strings.length(text)}

        @tf.function
        def noise(self, x: Any) -> Any:
            return {"y": x + tf.random.uniform(tf.shape(x)), "x": x}

    module = Module()
    signatures = {
        "up": module.up.get_concrete_function(text=tf.TensorSpec([None], tf.string)),
        "noise": module.noise.get_concrete_function(x=tf.TensorSpec([None], tf.float32)),
    }
    version = publish(module, tmp_path, {"text": ["a", "bc"], "x": [1.0]}, signatures=signatures, strict=True)
    golden = version.manifest.golden
    assert golden is not None
    assert (golden.compared, golden.signatures) == ("same", ("noise", "up"))
    assert golden.notes == ("The output noise: y changes from call to call, and is not kept.",)
    asked = read(file_of(tmp_path))
    assert asked["up"].outputs["up"].tolist() == [b"A", b"BC"]
    assert asked["noise"].outputs.keys() == {"x"}


@pytest.mark.tensorflow
@pytest.mark.slow
def test_ragged_sparse_open_and_stateful_signatures_are_kept_and_replayed(tmp_path: Path) -> None:
    import tensorflow as tf

    floats = tf.float32

    class Module(tf.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.calls = tf.Variable(0.0)

        @tf.function(input_signature=[tf.RaggedTensorSpec([None, None, None], floats)])
        def ragged(self, x: Any) -> Any:
            return {"twice": x * 2.0, "sums": tf.reduce_sum(x, axis=2)}

        @tf.function(input_signature=[tf.SparseTensorSpec([None, 4], floats), tf.TensorSpec([None, 4], name="dense")])
        def sparse(self, x: Any, dense: Any) -> Any:
            return {"twice": tf.sparse.add(x, x), "sum": tf.sparse.to_dense(x) + dense}

        @tf.function(input_signature=[tf.TensorSpec([None, None], floats, name="x")])
        def open(self, x: Any) -> Any:
            return tf.reduce_sum(x, 1), tf.transpose(x)

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def words(self, text: Any) -> Any:
            return tf.strings.split(text)

        @tf.function(input_signature=[tf.TensorSpec([None], floats, name="x")])
        def counting(self, x: Any) -> Any:
            self.calls.assign_add(1.0)
            return {"calls": self.calls + 0.0 * tf.reduce_sum(x), "x": x}

    module = Module()
    golden = {
        "ragged": {"x": tf.ragged.constant([[[1.0, 2.0], [3.0]], [[4.0]]])},
        "sparse": {"x": tf.sparse.from_dense([[0, 1.0, 0, 2], [3, 0, 0, 0]]), "dense": np.ones((2, 4))},
        "open": {"x": np.arange(6.0).reshape(2, 3)},
        "words": {"text": ["a b", "", "ü"]},
        "counting": {"x": np.ones(3)},
    }
    signatures = {key: getattr(module, key) for key in golden}
    version = publish(module, tmp_path, golden, signatures=signatures, strict=True)
    assert version.manifest.golden is not None
    assert version.manifest.golden.compared == "same"
    assert version.manifest.golden.notes == ("The output counting: calls changes from call to call, and is not kept.",)
    data = file_of(tmp_path)
    found = {f"{key}: {name}": value.tolist() for key, one in read(data).items() for name, value in one.outputs.items()}
    assert found == {
        "ragged: twice (values)": [2.0, 4.0, 6.0, 8.0],
        "ragged: twice (row splits 1)": [0, 2, 3],
        "ragged: twice (row splits 2)": [0, 2, 3, 4],
        "ragged: sums (values)": [3.0, 3.0, 4.0],
        "ragged: sums (row splits 1)": [0, 2, 3],
        "sparse: twice (indices)": [[0, 1], [0, 3], [1, 0]],
        "sparse: twice (values)": [2.0, 4.0, 6.0],
        "sparse: twice (shape)": [2, 4],
        "sparse: sum": [[1.0, 2.0, 1.0, 3.0], [4.0, 1.0, 1.0, 1.0]],
        "open: output_0": [3.0, 12.0],
        "open: output_1": [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]],
        "words: output_0 (values)": [b"a", b"b", "ü".encode()],
        "words: output_0 (row splits 1)": [0, 2, 2, 3],
        "counting: x": [1.0, 1.0, 1.0],
    }
    outcome = ask("It", str(version.path), data).outcome
    assert outcome.ok
    assert len(outcome.outputs) == len(found)


@pytest.mark.tensorflow
@pytest.mark.slow
def test_the_callback_asks_the_export_of_a_subclassed_model_with_named_outputs(tmp_path: Path) -> None:
    import keras

    class Named(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.dense, self.drop = keras.layers.Dense(2), keras.layers.Dropout(0.5)

        def call(self, x: Any, training: bool = False) -> Any:
            return {"a": self.dense(self.drop(x, training=training)), "b": x}

    x = RNG.normal(size=(8, 4)).astype("float32")
    model = Named()
    model.compile("adam", {"a": "mse", "b": "mse"})
    publisher = tbv.keras.PublishVersions(
        tmp_path,
        name="digits",
        save="end",
        golden=x[:3],
        golden_labels={"a": [0, 1, 1]},
        keras_archive=False,
        capture=NOTHING,
        strict=True,
    )
    model.fit(x, {"a": x[:, :2], "b": x}, verbose=0, callbacks=[publisher])
    golden = publisher.versions[0].manifest.golden
    assert golden is not None
    assert (golden.compared, golden.notes) == ("same", ())
    asked = read(file_of(tmp_path))["serving_default"]
    assert asked.outputs.keys() == {"a", "b"}
    assert asked.labels["a"].tolist() == [0, 1, 1]


def folder_with_model(folder: Path) -> Path:
    content = graph("MatMul") + signature(x=tensor("x:0", 1, shape(-1, 4)))
    return write_model(folder, saved_model(info("serve") + content))


def test_inputs_that_do_not_fit_leave_a_version_without_golden_outputs(tmp_path: Path) -> None:
    source = folder_with_model(tmp_path / "m")
    with pytest.warns(tbv.TbVersionsWarning, match=r"published without golden outputs: .*\[any, 4\], not \[1, 3\]"):
        version = published(source, tmp_path / "models", golden=[[1, 2, 3]], strict=False)
    assert version.manifest.golden is None
    assert not (tmp_path / "models/digits/.versions/golden").exists()
    with pytest.raises(InvalidManifestError, match="not asked"):
        published(source, tmp_path / "strict", golden=[[1, 2, 3]])


@pytest.mark.tensorflow
@pytest.mark.slow
def test_an_export_that_can_not_be_loaded_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelExportError, match=r"The export of digits in .* can't be loaded"):
        published(folder_with_model(tmp_path / "m"), tmp_path / "models", golden=[[1, 2, 3, 4]])


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    in_place = folder_with_model(tmp_path / "digits/1")
    with pytest.raises(InvalidManifestError, match="golden= adds a file"):
        published(in_place, tmp_path, golden=[[0, 0, 0, 0]])
