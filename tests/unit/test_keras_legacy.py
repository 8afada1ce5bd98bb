"""The callback in `model.fit` of Keras 2: `tf_keras`, which is also what `tf.keras` is with TF_USE_LEGACY_KERAS=1.

Each test is a process of its own, because a process has either Keras in `tf.keras`.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.skipif(importlib.util.find_spec("tf_keras") is None, reason="tf_keras is not installed"),
]

ROOT = Path(__file__).resolve().parents[2]

PREPARE = """
import warnings
import numpy as np
import tb_versions as tbv

def callback(**options):
    return tbv.keras.PublishVersions("models", **{"name": "m", "monitor": "val_loss", **options})

def train(keras, callbacks, epochs=3):
    model = keras.Sequential([keras.Input((4,), name="x"), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.5), "mse")
    x = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
    model.fit(x, x[:, :1], validation_split=0.5, epochs=epochs, verbose=0, callbacks=callbacks)
    return model

warnings.filterwarnings("error", category=tbv.TbVersionsWarning)
warnings.filterwarnings("ignore", ".* no run in TensorBoard", tbv.TbVersionsWarning)
"""


def run(script: str, folder: Path, **environment: str) -> list[str]:
    """Runs a script after PREPARE; the lines that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", PREPARE + textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path]), **environment},
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout.splitlines()


def test_versions_are_published_and_announced_in_the_run(tmp_path: Path) -> None:
    script = """
        import tf_keras
        publisher = callback(save="epoch", logdir="logs")
        train(tf_keras, [tf_keras.callbacks.TensorBoard("logs/r"), publisher], epochs=2)
        for version in publisher.versions:
            metrics = {m.name: (m.run, m.tag) for m in version.manifest.metrics}
            print(version.reference, version.announced, version.manifest.runs[0].step, metrics["val_loss"])
        print(version.manifest.environment.keras.split(".")[0], sorted(version.manifest.hyperparameters))
    """
    assert run(script, tmp_path) == [
        "m:1 True 0 ('r/validation', 'epoch_loss')",
        "m:2 True 1 ('r/validation', 'epoch_loss')",
        "2 ['batch_size', 'epochs', 'learning_rate', 'loss', 'optimizer']",
    ]


def test_tf_keras_as_tf_dot_keras(tmp_path: Path) -> None:
    script = """
        import tensorflow as tf
        publisher = callback(save="end")
        train(tf.keras, [publisher])
        print(publisher.versions[0].manifest.environment.keras.split(".")[0], publisher.versions[0].reference)
    """
    assert run(script, tmp_path, TF_USE_LEGACY_KERAS="1") == ["2 m:1"]


def test_one_callback_serves_both_when_both_are_loaded(tmp_path: Path) -> None:
    script = """
        import keras, tf_keras
        publisher = callback(save="end")
        for module in (tf_keras, keras):
            train(module, [publisher])
        print([version.reference for version in publisher.versions])
    """
    assert run(script, tmp_path) == ["['m:1', 'm:2']"]


def test_restored_best_weights_have_the_numbers_of_their_epoch(tmp_path: Path) -> None:
    script = """
        import tf_keras
        stopping = tf_keras.callbacks.EarlyStopping("val_loss", mode="max", patience=2, restore_best_weights=True)
        publisher = callback(save="end")
        train(tf_keras, [publisher, stopping], epochs=6)
        metrics = {m.name: m for m in publisher.versions[0].manifest.metrics}
        print(abs(metrics["val_loss"].value - stopping.best) < 1e-6, metrics["val_loss"].step == stopping.best_epoch)
    """
    assert run(script, tmp_path) == ["True True"]


def test_it_can_be_pickled(tmp_path: Path) -> None:
    script = """
        import pickle, tf_keras
        publisher = pickle.loads(pickle.dumps(callback(save="end")))
        train(tf_keras, [publisher])
        print(publisher.versions[0].reference, isinstance(publisher, tf_keras.callbacks.Callback))
    """
    assert run(script, tmp_path) == ["m:1 True"]


def test_the_name_of_the_monitor_decides_as_in_keras_2(tmp_path: Path) -> None:
    script = """
        import tf_keras
        def train_with(monitor, metric):
            publisher = callback(name="m-" + monitor, monitor=monitor)
            model = tf_keras.Sequential([tf_keras.Input((4,), name="x"), tf_keras.layers.Dense(1, "sigmoid")])
            model.compile("adam", "binary_crossentropy", metrics=[metric])
            x = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
            y = (x[:, :1] > 0).astype("float32")
            model.fit(x, y, validation_data=(x, y), verbose=0, callbacks=[publisher])
            recorded = {m.name: m.goal for m in publisher.versions[0].manifest.metrics}
            print(monitor, publisher._best.goal, repr(recorded[monitor]), recorded["loss"])
        train_with("val_accuracy", "accuracy")
        train_with("accuracy", "accuracy")
        train_with("val_auc", tf_keras.metrics.AUC(name="auc"))
        train_with("val_bacc", tf_keras.metrics.BinaryAccuracy(name="bacc"))
        train_with("val_mae", "mae")
        train_with("val_recall", tf_keras.metrics.Recall(name="recall"))
        for odd in ("steps", "loss_acc"):
            try:
                train_with("val_" + odd, tf_keras.metrics.BinaryAccuracy(name=odd))
            except tbv.InvalidManifestError as error:
                print(f"val_{odd} needs a mode" if 'say mode="max" or mode="min"' in str(error) else error)
    """
    assert run(script, tmp_path) == [
        "val_accuracy max '' min",
        "accuracy max '' min",
        "val_auc max '' min",
        "val_bacc max '' min",
        "val_mae min '' min",
        "val_recall max '' min",
        "val_steps needs a mode",
        "val_loss_acc max '' min",
    ]
