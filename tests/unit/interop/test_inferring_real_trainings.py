"""Real trainings with Keras, and what Keras and TensorFlow write."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tb_versions.core.manifest import Shape
from tb_versions.formats import read_format
from tb_versions.interop.adopting import planning
from tb_versions.interop.finding import find_models
from tb_versions.interop.homes import into
from tb_versions.interop.inferring import Logs

pytestmark = [pytest.mark.slow, pytest.mark.tensorflow]

EPOCHS = 8


def small() -> Any:
    import keras

    keras.utils.set_random_seed(7)
    model = keras.Sequential([keras.Input((4,), name="x"), keras.layers.Dense(8), keras.layers.Dense(3)])
    model.compile("sgd", "mse")
    return model


def train(base: Path, how: str, *, pause_s: float) -> None:
    """Eight epochs of some tenths of a second, each exported: before or after it is logged, or as one file."""
    import keras

    model = small()
    x, y = np.ones((20_000, 4), np.float32), np.ones((20_000, 3), np.float32)
    board = keras.callbacks.TensorBoard(str(base / "logs" / how), write_graph=False)

    def export(epoch: int, _: object) -> None:
        if how == "file":
            (base / "models" / how / str(epoch + 1)).mkdir(parents=True)
            model.save(base / "models" / how / str(epoch + 1) / "model.keras")
        else:
            model.export(base / "models" / how / str(epoch + 1), verbose=False)

    exports = keras.callbacks.LambdaCallback(on_epoch_begin=lambda *_: time.sleep(pause_s), on_epoch_end=export)
    callbacks = [exports, board] if how == "before" else [board, exports]
    model.fit(x, y, epochs=EPOCHS, batch_size=100, callbacks=callbacks, verbose=0)


def test_the_steps_of_real_trainings_are_found(tmp_path: Path) -> None:
    """No step is ever wrong; where a busy machine exports for as long as it trains, some are not known."""
    missing: list[str] = []
    for pause_s in (0, 0.5, 2):  # longer epochs, until what else the machine does makes no difference
        base = tmp_path / str(pause_s)
        for how in ("before", "after", "file"):
            train(base, how, pause_s=pause_s)
        with planning([str(base / "models")]) as plan:
            found = Logs(str(base / "logs")).infer(plan.versions)
        right = {planned.model.folder: planned.number - 1 for planned in plan.versions}
        assert len(right) == 3 * EPOCHS
        wrong = {key: (each.step, each.words) for key, each in found.items() if each.step not in (None, right[key])}
        assert wrong == {}
        missing = [each.words for each in found.values() if each.step is None]
        if len(missing) <= 1:
            return
    raise AssertionError(missing)


def test_the_names_of_model_checkpoint_and_the_log_tell_the_steps_of_copied_files(tmp_path: Path) -> None:
    import keras

    model = small()
    x, y = np.random.default_rng(7).normal(size=(200, 4)), np.ones((200, 3))
    board = keras.callbacks.TensorBoard(str(tmp_path / "logs" / "mlp"), write_graph=False)
    names = str(tmp_path / "kept" / "weights.{epoch:02d}-{val_loss:.3f}.keras")
    saving = keras.callbacks.ModelCheckpoint(names)
    model.fit(x, y, epochs=6, validation_split=0.25, callbacks=[board, saving], verbose=0)
    shutil.copytree(tmp_path / "kept", tmp_path / "copied", copy_function=shutil.copyfile)
    goal = into(str(tmp_path / "models"), [str(tmp_path / "copied")], [], known={})
    with planning([str(tmp_path / "copied")], into=goal) as plan:
        found = Logs(str(tmp_path / "logs")).infer(plan.versions)
        assert [version.reference for version in plan.versions] == [f"copied:{number}" for number in range(1, 7)]
        assert [found[version.model.path].step for version in plan.versions] == list(range(6))
    last = found[plan.versions[5].model.path]
    assert "epoch_loss of run mlp/validation has at step 5" in last.words
    assert {metric.step for metric in last.metrics} == {5}
    shutil.copytree(tmp_path / "logs" / "mlp", tmp_path / "logs" / "same")
    ambiguous = Logs(str(tmp_path / "logs")).infer(plan.versions)
    assert {each.step for each in ambiguous.values()} == {None}


def test_what_keras_and_litert_write_is_told(tmp_path: Path) -> None:
    import tensorflow as tf

    model = small()
    for name in ("keras", "h5", "lite"):
        (tmp_path / name).mkdir()
    model.save(tmp_path / "keras" / "m.keras")
    model.save(tmp_path / "h5" / "m.h5")
    (tmp_path / "lite" / "m.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    told = {model.format: read_format(model) for model in find_models([str(tmp_path)]).models}
    assert told["keras_h5"].saved_model is not None
    assert told["keras_h5"].saved_model.parameter_count == model.count_params()
    keras, lite = told["keras"], told["tflite"]
    assert keras.environment is not None
    assert keras.environment.keras.startswith("3.")
    assert keras.saved_model is not None
    assert lite.saved_model is not None
    assert keras.saved_model.meta_graphs[0].signatures[0].inputs[0].shape == Shape(dimensions=(-1, 4))
    (signature,) = lite.saved_model.meta_graphs[0].signatures
    assert [tensor.shape for tensor in signature.inputs] == [Shape(dimensions=(-1, 4))]
    assert [tensor.shape for tensor in signature.outputs] == [Shape(dimensions=(-1, 3))]
    assert lite.saved_model.parameter_count >= 4 * 8 + 8 * 3
