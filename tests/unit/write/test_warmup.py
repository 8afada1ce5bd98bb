"""Warm-up requests: what is written, what is refused, and that TensorFlow and TensorFlow Serving read it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.core import codec
from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.errors import InvalidManifestError
from tb_versions.write.warmup import MOST_REQUESTS, WARMUP_FILE
from tests.support.publishing import published
from tests.support.savedmodel_bytes import graph, info, saved_model, shape, signature, tensor, write_model
from tests.support.serving_api import prediction_log


def model(folder: Path, **inputs: bytes) -> Path:
    """A SavedModel whose inputs are those; by default `x`, four floats each."""
    inputs = inputs or {"x": tensor("x:0", 1, shape(-1, 4))}
    return write_model(folder, saved_model(info("serve") + graph("MatMul") + signature(**inputs)))


def written(tmp_path: Path, warmup: Any, **inputs: bytes) -> Path:
    """Publishes a model with samples; returns the file."""
    version = published(model(tmp_path / "model", **inputs), tmp_path / "models", warmup=warmup)
    return Path(version.path) / WARMUP_FILE


def test_the_file_is_a_part_of_the_version_and_the_same_each_time(tmp_path: Path) -> None:
    first = written(tmp_path / "a", np.zeros((1, 4)))
    second = written(tmp_path / "b", {"x": [[0.0, 0.0, 0.0, 0.0]]})
    assert first.read_bytes() == second.read_bytes()
    manifest = codec.decode((first.parent.parent / MANIFEST_NAME).read_bytes())
    assert WARMUP_FILE in [file.path for file in manifest.files]
    assert not tbv.verify("digits:1", models_dir=tmp_path / "a/models")


@pytest.mark.parametrize(
    ("warmup", "inputs", "why"),
    [
        ({"y": [[1, 2, 3, 4]]}, {}, 'The model has the inputs "x", and warmup= gives "y"'),
        ([[1, 2, 3]], {}, r'The input "x" has the shape \[any, 4\], not \[1, 3\]'),
        ([["a", "b", "c", "d"]], {}, "takes float32, not <U1"),
        ([[1.5]], {"n": tensor("n:0", 3, shape(-1, 1))}, "takes int32, not float64"),
        ([[300]], {"n": tensor("n:0", 4, shape(-1, 1))}, "does not fit into uint8"),
        ([[1]], {"s": tensor("s:0", 7, shape(-1, 1))}, "takes strings"),
        ([[1.0]], {"h": tensor("h:0", 14, shape(-1, 1))}, 'For inputs of bfloat16, like "h"'),
        ([1.0], {"a": tensor("a:0", 1, shape(-1)), "b": tensor("b:0", 1, shape(-1))}, "give a mapping"),
    ],
)
def test_samples_that_do_not_fit_are_left_out_with_a_warning_and_refused_when_strict(
    tmp_path: Path, warmup: Any, inputs: dict[str, bytes], why: str
) -> None:
    source = model(tmp_path / "model", **inputs)
    with pytest.raises(InvalidManifestError, match=why):
        published(source, tmp_path / "strict", warmup=warmup)
    with pytest.warns(tbv.TbVersionsWarning, match="without warm-up requests"):
        version = published(source, tmp_path / "models", warmup=warmup, strict=False)
    assert not (Path(version.path) / "assets.extra").exists()


def test_mistakes_are_found_before_anything_is_written(tmp_path: Path) -> None:
    source = model(tmp_path / "model")
    for wrong in ("text", [{"x": 1}, 2]):
        with pytest.raises(TypeError, match="warmup= takes"):
            published(source, tmp_path / "models", warmup=wrong)
    with pytest.raises(InvalidManifestError, match="1,001 warm-up requests"):
        published(source, tmp_path / "models", warmup=[{"x": 1}] * (MOST_REQUESTS + 1))
    with pytest.raises(InvalidManifestError, match="asks for nothing"):
        published(source, tmp_path / "models", warmup={})
    assert not (tmp_path / "models/digits/1").exists()


def test_a_model_without_a_default_signature_has_none(tmp_path: Path) -> None:
    source = write_model(tmp_path / "model", saved_model(info("serve") + signature("other", x=tensor("x:0", 1, b""))))
    with pytest.raises(InvalidManifestError, match="no signature serving_default"):
        published(source, tmp_path / "models", warmup=[1.0])


def test_a_folder_in_its_place_and_a_file_that_is_there_stay_as_they_are(tmp_path: Path) -> None:
    in_place = model(tmp_path / "models/digits/1")
    with pytest.raises(InvalidManifestError, match="warmup= adds a file"):
        published(in_place, tmp_path / "models", warmup=[[0, 0, 0, 0]])
    assert not (in_place / "assets.extra").exists()
    source = model(tmp_path / "model")
    (source / WARMUP_FILE).parent.mkdir()
    (source / WARMUP_FILE).write_bytes(b"theirs")
    with pytest.raises(InvalidManifestError, match="already"):
        published(source, tmp_path / "other", warmup=[[0, 0, 0, 0]])


@pytest.mark.tensorflow
def test_tensorflow_and_the_real_message_read_what_a_training_publishes(tmp_path: Path) -> None:
    import tensorflow as tf

    class Scores(tf.Module):
        @tf.function
        def score(self, image: Any, word: Any) -> Any:
            return {"score": tf.reduce_sum(image, 1, keepdims=True) + tf.cast(tf.strings.length(word), tf.float32)}

    built = Scores()
    inputs = {"image": tf.TensorSpec([None, 2], tf.float32), "word": tf.TensorSpec([None, 1], tf.string)}
    signatures = {"serving_default": built.score.get_concrete_function(**inputs)}
    samples = [{"image": np.ones((count, 2)), "word": [["ü"]] * count} for count in (1, 3)]
    version = tbv.publish(built, tmp_path, name="digits", warmup=samples, signatures=signatures, strict=True)
    assert version is not None
    path = str(Path(version.path) / WARMUP_FILE)
    records = [bytes(record) for record in tf.data.TFRecordDataset([path]).as_numpy_iterator()]
    requests = [prediction_log(record).predict_log.request for record in records]
    served = tf.saved_model.load(str(version.path)).signatures["serving_default"]
    for request, count in zip(requests, (1, 3), strict=True):
        assert request.model_spec.name == "digits"
        given = {name: tf.constant(tf.make_ndarray(value)) for name, value in request.inputs.items()}
        assert given["image"].dtype == tf.float32
        assert tf.make_ndarray(request.inputs["word"]).tolist() == [["ü".encode()]] * count
        (answer,) = served(**given).values()
        assert answer.shape == (count, 1)


@pytest.mark.tensorflow
def test_the_callback_gives_each_version_the_requests(tmp_path: Path) -> None:
    import tensorflow as tf

    from tb_versions.keras import PublishVersions

    model = tf.keras.Sequential([tf.keras.Input((3,), name="x"), tf.keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    callback = PublishVersions(
        tmp_path,
        name="digits",
        save="epoch",
        warmup=tf.ones((2, 3)),
        run_dir=tmp_path / "run",
        keras_archive=False,
        strict=True,
    )
    model.fit(tf.ones((4, 3)), tf.ones((4, 1)), epochs=2, verbose=0, callbacks=[callback])
    assert [(Path(version.path) / WARMUP_FILE).is_file() for version in callback.versions] == [True, True]
    with pytest.raises(TypeError, match="warmup= takes"):
        PublishVersions(tmp_path, name="digits", warmup="text")
