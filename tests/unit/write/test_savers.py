"""What is published gets into a folder: copied, exported, or refused with a reason."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tb_versions.errors import ModelExportError, TbVersionsWarning, UnreadableFolderError, UnsafeFileError
from tb_versions.write import failures
from tb_versions.write.savers import KERAS_ARCHIVE, _save_keras, saver_of


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "weights.bin").write_bytes(b"weights")
    (folder / "version_manifest.json").write_text("{}")
    (folder / ".versions").mkdir()
    (folder / ".versions" / "next").write_text("1 1")
    return folder


def test_a_folder_is_copied_without_its_old_manifest(source: Path, tmp_path: Path) -> None:
    saver_of(source).save(str(tmp_path / "target"))
    copied = [p.relative_to(tmp_path / "target").as_posix() for p in (tmp_path / "target").rglob("*") if p.is_file()]
    assert copied == ["a/b/weights.bin"]
    assert (source / "version_manifest.json").exists()


@pytest.mark.parametrize("kind", ["symlink", "fifo"])
def test_only_plain_files_are_copied(source: Path, tmp_path: Path, kind: str) -> None:
    if kind == "symlink":
        (source / "a" / "odd").symlink_to("/etc/hostname")
    else:
        os.mkfifo(source / "a" / "odd")
    with pytest.raises(UnsafeFileError, match=kind):
        saver_of(source).save(str(tmp_path / "target"))


def test_a_folder_is_not_copied_into_itself(source: Path) -> None:
    with pytest.raises(UnsafeFileError, match="is inside"):
        saver_of(source).save(str(source / "models"))


def test_what_can_not_be_published_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="not int"):
        saver_of(3)
    with pytest.raises(UnreadableFolderError, match="does not exist"):
        saver_of(tmp_path / "none")
    with pytest.raises(TypeError, match="signatures"):
        saver_of(tmp_path, signatures=object())


@pytest.mark.tensorflow
def test_a_function_of_tensorflow_is_refused_and_its_module_is_not(tmp_path: Path) -> None:
    import tensorflow as tf

    double = tf.function(lambda x: 2 * x, input_signature=[tf.TensorSpec([None], tf.float32)])
    for function in (double, double.get_concrete_function()):
        with pytest.raises(
            TypeError, match=r"takes a tf\.Module, not a tf\.function.* signatures=\{\"serving_default\": f\}"
        ):
            saver_of(function)
    module = tf.Module()
    module.f = double
    saver_of(module, signatures={"serving_default": double}).save(str(tmp_path / "saved"))
    assert (tmp_path / "saved" / "saved_model.pb").exists()


@pytest.mark.tensorflow
def test_a_keras_model_brings_its_native_archive(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    capfd.readouterr()
    saver_of(model).save(str(tmp_path / "with"))
    saver_of(model, keras_archive=False).save(str(tmp_path / "without"))
    assert (tmp_path / "with" / "saved_model.pb").exists()
    assert keras.models.load_model(tmp_path / "with" / KERAS_ARCHIVE).count_params() == 3
    assert not (tmp_path / "without" / KERAS_ARCHIVE).exists()
    out, err = capfd.readouterr()
    assert out == ""
    assert "Assets written" not in err


@pytest.mark.tensorflow
@pytest.mark.parametrize("kind", ["layer", "model", "save"])
def test_a_model_without_an_archive_is_saved_without_it(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    monkeypatch.setattr(failures, "_reported", set())

    class Applied(keras.layers.Layer):
        def __init__(self, function: object) -> None:
            super().__init__()
            self.function = function

        def call(self, inputs: Any) -> Any:
            return self.function(inputs)

    class Model(keras.Model):
        def __init__(self, inner: Any) -> None:
            super().__init__()
            self.inner = inner

        def call(self, inputs: Any) -> Any:
            return self.inner(inputs)

        def get_config(self) -> Any:
            raise NotImplementedError

    class Unsaved(keras.Sequential):
        def save(self, path: str) -> None:
            Path(path).write_bytes(b"half")
            raise RuntimeError("\n  no space for names\nmore")

    inner = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    made = {
        "layer": lambda: keras.Sequential([keras.Input((2,)), Applied(lambda value: value)]),
        "model": lambda: Model(inner),
        "save": lambda: Unsaved([keras.Input((2,)), keras.layers.Dense(1)]),
    }
    model = made[kind]()
    model(np.ones((1, 2), "float32"))
    with pytest.warns(TbVersionsWarning, match="without its Keras archive: This Keras model can't be saved as .keras"):
        saver_of(model).save(str(tmp_path / "lenient"))
    assert (tmp_path / "lenient" / "saved_model.pb").exists()
    assert not (tmp_path / "lenient" / KERAS_ARCHIVE).parent.exists()
    with pytest.raises(ModelExportError, match="can't be saved as"):
        saver_of(model, strict=True).save(str(tmp_path / "strict"))


@pytest.mark.tensorflow
def test_an_unbuilt_keras_model_is_refused_in_a_sentence() -> None:
    import keras

    with pytest.raises(ModelExportError, match="not built, so it has no weights"):
        saver_of(keras.Sequential([keras.layers.Dense(1)]))


@pytest.mark.tensorflow
def test_a_model_without_call_is_refused_with_another_remedy() -> None:
    import keras

    class Gan(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])

    class Vae(Gan):
        def call(self, x: object) -> object:
            return self.generator(x)

    class Model(keras.Model):
        """Has the name of Keras' own class."""

        def call(self, x: object) -> object:
            return x

    with pytest.raises(ModelExportError, match=r"has no call\(\).*publish\(gan\.generator"):
        saver_of(Gan())
    with pytest.raises(ModelExportError, match="trained without being called itself"):
        saver_of(Vae())
    with pytest.raises(ModelExportError, match="not built, so it has no weights"):
        saver_of(Model())


@pytest.mark.tensorflow
def test_a_module_is_saved_with_its_signatures(tmp_path: Path) -> None:
    import tensorflow as tf

    class Doubler(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([], tf.float32)])
        def __call__(self, x: tf.Tensor) -> tf.Tensor:
            return 2 * x

    module = Doubler()
    saver_of(module, signatures={"double": module.__call__}).save(str(tmp_path / "target"))
    assert list(tf.saved_model.load(str(tmp_path / "target")).signatures) == ["double"]


@pytest.mark.tensorflow
def test_a_failing_export_says_why(tmp_path: Path) -> None:
    import tensorflow as tf

    with pytest.raises(ModelExportError, match=r"tf\.Module can't be saved: ValueError"):
        saver_of(tf.Module(), signatures=3).save(str(tmp_path / "target"))


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("", ""),
        ("one\n\ntwo", "one"),
        ("Exception encountered when calling A.call().\n\n\x1b[1mno numpy\x1b[0m\n\nArguments", "no numpy"),
        (
            "{{function_node __wrapped__SaveV2_device_/job:a}} a; No space left [Op:SaveV2]",
            "a; No space left [Op:SaveV2]",
        ),
    ],
)
def test_of_a_long_message_the_part_is_said_that_says_why(tmp_path: Path, message: str, said: str) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(message)

    with pytest.raises(ModelExportError) as caught:
        _save_keras(SimpleNamespace(export=fail), str(tmp_path / "1"), archive=False, strict=True)
    assert str(caught.value).endswith(said)
    assert [mark for mark in ("\x1b", "{{", "two", "Arguments") if mark in str(caught.value)] == []
