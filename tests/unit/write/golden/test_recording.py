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
        version = publish(model, tmp_path, dataset, golden_examples=5)
    golden = version.manifest.golden
    assert golden is not None
    assert (golden.compared, golden.max_error) == ("different", 1.0)
    assert "differs in 20 of 20 values, by up to 1" in golden.notes[0]
    assert read(file_of(tmp_path))["serving_default"].outputs["output_0"].tolist() == [[2.0] * 4] * 5


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
        tmp_path, name="digits", save="end", golden=x[:3], keras_archive=False, capture=NOTHING, strict=True
    )
    model.fit(x, {"a": x[:, :2], "b": x}, verbose=0, callbacks=[publisher])
    golden = publisher.versions[0].manifest.golden
    assert golden is not None
    assert (golden.compared, golden.notes) == ("same", ())
    assert read(file_of(tmp_path))["serving_default"].outputs.keys() == {"a", "b"}


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
