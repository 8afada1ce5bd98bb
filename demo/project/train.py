"""Trains runs of `settings.json` on scikit-learn's digits, and publishes versions with tb_versions.

    python train.py --logs LOGS --models MODELS RUN...

This is what a user's project looks like; `python -m demo` copies it into a git repository of its own, so
that the versions' commits, and one dirty tree, are real. What is written is noted in `--record`, for tests.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorboard.plugins.hparams import api as hp

import tb_versions as tbv

Array = np.ndarray[Any, Any]
Arrays = tuple[Array, ...]
History = Mapping[str, list[float]]


def load_data() -> dict[str, Arrays]:
    """Returns the splits: pixels from 0 to 1 of shape [rows, 64], and labels from 0 to 9 of shape [rows]."""
    pixels, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    pixels, labels = (pixels[order] / 16).astype("float32"), labels[order].astype("int64")
    parts = {"train": slice(0, 1200), "validation": slice(1200, 1500), "test": slice(1500, None)}
    return {split: (pixels[rows], labels[rows]) for split, rows in parts.items()}


def shifted(arrays: Arrays) -> Arrays:
    """Returns the rows four times over, each image moved by one pixel up, down, left or right."""
    pixels, labels = arrays
    images = pixels.reshape(-1, 8, 8)
    moves = [np.roll(images, by, axis) for axis in (1, 2) for by in (1, -1)]
    return np.concatenate(moves).reshape(-1, 64), np.tile(labels, 4)


def build(setting: Mapping[str, Any]) -> Any:
    """Returns a model of the kind that a setting names: not compiled."""
    layers = tf.keras.layers
    parts: list[Any] = [tf.keras.Input((64,), name="pixels")]
    if setting["network"] == "convolutional":
        parts += [
            layers.Reshape((8, 8, 1)),
            layers.Conv2D(setting["filters"], 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(setting.get("dropout", 0.0)),
        ]
    parts += [layers.Dense(setting["units"], activation="relu"), layers.Dense(10, "softmax", name="probabilities")]
    return tf.keras.Sequential(parts, name=setting["network"])


def compile_model(model: Any, setting: Mapping[str, Any]) -> None:
    """Compiles with the setting's optimizer and learning rate."""
    optimizer = tf.keras.optimizers.get(setting["optimizer"])
    optimizer.learning_rate = setting["learning_rate"]
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])


def evaluate_export(folder: str, test: Arrays) -> list[tbv.Metric]:
    """Returns accuracies of the exported model, also by digit, asked as a client of TensorFlow Serving would."""
    serve = tf.saved_model.load(folder).signatures["serving_default"]

    def right(arrays: Arrays) -> Any:
        (probabilities,) = serve(tf.constant(arrays[0])).values()
        return np.argmax(probabilities, axis=1) == arrays[1]

    known: dict[str, Any] = {"goal": "max", "source": "evaluated"}
    return [
        *tbv.slices("test_accuracy", right(test), {"digit": test[1]}, **known),
        *tbv.slices("test_accuracy", right(shifted(test)), {}, dataset="digits-moved", **known),
    ]


class Training:
    """One run: its setting, its folders, and what it wrote."""

    def __init__(self, name: str, setting: Mapping[str, Any], *, logs: Path, models: Path) -> None:
        self.name = name
        self.setting = setting
        self.logs = logs
        self.models = models
        self.versions: list[tbv.PublishedVersion] = []

    def run(self, data: Mapping[str, Arrays]) -> None:
        """Trains and publishes."""
        tf.keras.backend.clear_session()
        tf.keras.utils.set_random_seed(self.setting["seed"])
        model = self._initial_model()
        compile_model(model, self.setting)
        rows = self.setting.get("rows")
        train = tuple(array[:rows] for array in self._training_data(data["train"]))
        start = time.monotonic()
        history = model.fit(
            *train,
            validation_data=data["validation"],
            batch_size=self.setting["batch_size"],
            epochs=self.setting["epochs"],
            callbacks=self._callbacks(train),
            verbose=0,
        )
        if self.setting["save"] == "evaluated":
            seconds = time.monotonic() - start
            self._publish(model, history.history, self._facts(train, data["test"]), test=data["test"], seconds=seconds)

    def _initial_model(self) -> Any:
        if "fine_tuned_from" in self.setting:
            return tbv.load(self.setting["fine_tuned_from"], models_dir=self.models)
        return build(self.setting)

    def _training_data(self, arrays: Arrays) -> Arrays:
        """The setting's view of the training data: as it is, moved, or with the labels that a teacher gives."""
        if not self.setting.get("shifted"):
            return arrays
        pixels, labels = shifted(arrays)
        if "distilled_from" in self.setting:
            teacher = tbv.load(self.setting["distilled_from"], models_dir=self.models)
            labels = np.argmax(teacher.predict(pixels, verbose=0), axis=1)
        return pixels, labels

    def _callbacks(self, train: Arrays) -> list[Any]:
        folder = str(self.logs / self.name)
        callbacks = [
            tf.keras.callbacks.TensorBoard(folder, write_graph=False),
            hp.KerasCallback(folder, self._inputs()),
        ]
        if self.setting["save"] in ("best", "epoch", "end"):
            options = {
                key: self.setting[key] for key in ("save", "monitor", "every", "min_delta") if key in self.setting
            }
            publisher = tbv.keras.PublishVersions(
                self.models, name=self.setting["model"], strict=True, **options, **self._facts(train)
            )
            self.versions = publisher.versions
            callbacks.append(publisher)
        return callbacks

    def _inputs(self) -> dict[str, Any]:
        names = ("network", "optimizer", "learning_rate", "batch_size", "epochs", "units", "filters", "dropout")
        return {name: self.setting[name] for name in names if name in self.setting}

    def _facts(self, train: Arrays, test: Arrays | None = None) -> dict[str, Any]:
        """What every version of this run says of itself."""
        used = {"train": train, "test": test}
        facts: dict[str, Any] = {
            "datasets": [tbv.digest_array(a, name="digits", split=split) for split, a in used.items() if a is not None],
            "seeds": {"run": self.setting["seed"]},
            "logdir": self.logs,
        }
        facts |= {
            key: self.setting[key] for key in ("semantic_version", "description", "labels") if key in self.setting
        }
        for relation in ("fine_tuned_from", "distilled_from"):
            if relation in self.setting:
                parent = tbv.path(self.setting[relation], models_dir=self.models)
                facts[relation] = f"{parent.parent.name}:{parent.name}"
        return facts

    def _publish(self, model: Any, history: History, facts: dict[str, Any], *, test: Arrays, seconds: float) -> None:
        """Exports, evaluates the export on unseen data, and publishes exactly these files."""
        last = len(history["loss"]) - 1
        with tempfile.TemporaryDirectory() as folder:
            model.export(folder, verbose=False)
            os.makedirs(f"{folder}/assets.extra")
            model.save(f"{folder}/assets.extra/model.keras")
            evaluated = evaluate_export(folder, test)
            asked = self.setting.get("golden", 0)  # examples that `tb-versions replay` can ask again
            # The training is over and its writer closed, so its run may get a second event file.
            with tf.summary.create_file_writer(str(self.logs / self.name / "train")).as_default(step=last):
                tf.summary.scalar("test_accuracy", evaluated[0].value)
                version = tbv.publish(
                    folder,
                    self.models,
                    name=self.setting["model"],
                    metrics=[
                        tbv.Metric(name="val_loss", value=history["val_loss"][last], goal="min", source="log"),
                        tbv.Metric(name="val_accuracy", value=history["val_accuracy"][last], goal="max", source="log"),
                        *evaluated,
                    ],
                    hyperparameters=self._inputs(),
                    training_seconds=seconds,
                    runs=[f"{self.name}/{part}" for part in ("train", "validation")],
                    strict=True,
                    golden=test[0][:asked] if asked else None,
                    golden_labels=test[1][:asked] if asked else None,
                    **facts,
                )
        assert version is not None  # strict
        self.versions.append(version)

    def records(self) -> list[dict[str, Any]]:
        """What was written, as the demo's tests expect to find it."""
        manifests = [version.manifest for version in self.versions]
        return [
            {
                "reference": manifest.reference,
                "model": manifest.model,
                "number": manifest.number,
                "semantic_version": manifest.semantic_version,
                "run": self.name,
                "step": manifest.runs[0].step,
                "metrics": {each.name: each.value for each in manifest.metrics if not (each.dataset or each.slice)},
                "hyperparameters": self._inputs(),
                "parents": [f"{parent.model}:{parent.number}" for parent in manifest.parents],
                "digest": manifest.digest,
            }
            for manifest in manifests
        ]


def main() -> None:
    """Trains the runs named on the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--logs", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("runs", nargs="+")
    arguments = parser.parse_args()
    settings = json.loads(Path("settings.json").read_text())
    data = load_data()
    for name in arguments.runs:
        training = Training(name, settings[name], logs=arguments.logs, models=arguments.models)
        start = time.monotonic()
        training.run(data)
        references = ", ".join(version.reference for version in training.versions) or "no version"
        print(f"      {name:<16} {time.monotonic() - start:4.1f} s   {references}", flush=True)
        with arguments.record.open("a") as record:
            record.writelines(json.dumps(entry) + "\n" for entry in training.records())


if __name__ == "__main__":
    main()
