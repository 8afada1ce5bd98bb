"""PublishVersions beside real trainings."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.write import failures
from tests.support.announced import announcements, event_files

pytestmark = [pytest.mark.tensorflow]

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)
X = np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
Y = (X.sum(axis=1) > 0).astype("float32")


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(failures, "_reported", set())
    monkeypatch.setattr(failures, "_said", {"no writer"})


def new_model(**options: Any) -> Any:
    import keras

    model = keras.Sequential([keras.Input((4,), name="x"), keras.layers.Dense(1, activation="sigmoid")])
    given = {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy"], "jit_compile": False}
    model.compile(**{**given, **options})
    return model


def callback(**options: Any) -> tbv.keras.PublishVersions:
    given = {"name": "digits", "keras_archive": False, "capture": NOTHING, "logdir": "logs", **options}
    return tbv.keras.PublishVersions("models", **given)


def fit(callbacks: list[Any], epochs: int = 3, model: Any = None, **options: Any) -> Any:
    model = model or new_model()
    model.fit(
        X,
        Y,
        **{"batch_size": 8, "epochs": epochs, "validation_split": 0.25, "verbose": 0, **options},
        callbacks=callbacks,
    )
    return model


def scripted(publisher: Any, monitor: str, values: list[float], first: int = 0) -> list[int]:
    """Runs the callback over made-up logs, with a model that is fast to save; the epochs after which it published."""
    import tensorflow as tf

    publisher.set_model(tf.Module())
    publisher.set_params({"epochs": len(values)})
    publisher.on_train_begin()
    saved = []
    for epoch, value in enumerate(values, start=first):
        before = len(publisher.versions)
        publisher.on_epoch_begin(epoch)
        publisher.on_epoch_end(epoch, {monitor: value})
        if len(publisher.versions) > before:
            saved.append(epoch)
    publisher.on_train_end()
    return saved


def test_loading_the_module_loads_no_keras() -> None:
    script = (
        "import sys, tb_versions; tb_versions.keras.PublishVersions\n"
        "sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)\n"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", script], check=False, cwd=root).returncode == 0


def test_it_is_a_keras_callback_and_can_be_inherited_from() -> None:
    import keras

    class Mine(tbv.keras.PublishVersions):
        def on_train_begin(self, logs: Any = None) -> None:
            super().on_train_begin(logs)
            self.seen = True

    mine = Mine("models", name="digits", save="end")
    assert isinstance(mine, keras.callbacks.Callback)
    assert isinstance(mine, tbv.keras.PublishVersions)
    fit([mine], epochs=1)
    assert mine.seen
    assert [v.number for v in mine.versions] == [1]


@pytest.mark.parametrize("publisher_first", [False, True])
@pytest.mark.parametrize("update_freq", ["epoch", 1000])
def test_versions_are_announced_through_the_tensorboard_callback(publisher_first: bool, update_freq: Any) -> None:
    import keras

    board = keras.callbacks.TensorBoard("logs/run", update_freq=update_freq)
    publisher = callback(save="epoch")
    fit([publisher, board] if publisher_first else [board, publisher], epochs=2)
    found = announcements(Path("logs"))
    assert {key: step for key, (_, step, _) in found.items()} == {
        ("run/train", "digits:1"): 0,
        ("run/train", "digits:2"): 1,
    }
    assert found["run/train", "digits:1"][2] == "../../../models/digits/1"
    assert event_files(Path("logs")) == {"run/train": 1, "run/validation": 1}
    assert [[r.name for r in v.manifest.runs] for v in publisher.versions] == [["run/train", "run/validation"]] * 2


def test_metrics_say_which_curve_they_are_from() -> None:
    import keras
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.util.tensor_util import make_ndarray

    publisher = callback(save="epoch", every=2, metrics={"size": 3}, goals={"size": "min", "loss": "max"})
    fit([keras.callbacks.TensorBoard("logs/run"), publisher], epochs=4)
    assert [v.manifest.runs[0].step for v in publisher.versions] == [1, 3]
    for version in publisher.versions:
        metrics = {metric.name: metric for metric in version.manifest.metrics}
        assert {name: m.goal for name, m in metrics.items()} == {
            "loss": "max",
            "accuracy": "max",
            "val_loss": "min",
            "val_accuracy": "max",
            "size": "min",
        }
        assert (metrics.pop("size").source, metrics["val_loss"].tag) == ("typed", "epoch_loss")
        for metric in metrics.values():
            assert metric.source == "log"
            accumulator = EventAccumulator(os.path.join("logs", metric.run), size_guidance={"tensors": 0})
            accumulator.Reload()
            curve = {e.step: float(make_ndarray(e.tensor_proto)) for e in accumulator.Tensors(metric.tag)}
            assert curve[metric.step] == pytest.approx(metric.value)


def test_hyperparameters_come_from_the_compiled_model_and_hparams() -> None:
    from tensorboard.plugins.hparams import api as hp

    hparams = hp.KerasCallback("logs/run", {hp.HParam("units"): 16, "dropout": 0.5, "epochs": 99})
    publisher = callback(save="end", hyperparameters={"dropout": 0.25})
    fit([publisher, hparams], epochs=1)
    assert publisher.versions[0].manifest.hyperparameters == {
        "optimizer": "adam",
        "learning_rate": 0.001,
        "loss": "binary_crossentropy",
        "batch_size": 8,
        "epochs": 99,
        "units": 16,
        "dropout": 0.25,
    }
    assert publisher.versions[0].manifest.training_seconds > 0


def test_best_publishes_only_improvements() -> None:
    assert scripted(callback(monitor="val_loss"), "val_loss", [3, 4, 2, 2, 1]) == [0, 2, 4]
    assert scripted(callback(name="b", monitor="val_accuracy", mode="max"), "val_accuracy", [1, 3, 2, 3, 4]) == [
        0,
        1,
        4,
    ]


def test_min_delta_and_baseline_count() -> None:
    assert scripted(callback(min_delta=0.5), "val_loss", [3, 2.6, 2.4, 1]) == [0, 2, 3]
    assert scripted(callback(name="b", baseline=2.5), "val_loss", [3, 2.6, 2.4, 1]) == [2, 3]


def test_nan_is_never_the_best() -> None:
    publisher = callback()
    assert scripted(publisher, "val_loss", [math.nan, 3, math.nan, 2]) == [1, 3]
    assert publisher.best == 2


def test_mode_is_inferred_as_keras_does() -> None:
    publisher = callback(monitor="val_accuracy")
    fit([publisher], epochs=2)
    assert {m.name: m.goal for m in publisher.versions[0].manifest.metrics}["val_accuracy"] == "max"


@pytest.mark.parametrize(
    ("monitor", "goal", "recorded"),
    [("val_b_accuracy", "max", "max"), ("val_b_loss", "min", "min"), ("val_a_recall_of_mine", "max", "")],
)
def test_a_metric_of_one_of_several_outputs_can_be_watched(monitor: str, goal: str, recorded: str) -> None:
    import keras

    def recall_of_mine(y: Any, predicted: Any) -> Any:
        return predicted[:, 0] - y[:, 0]

    given = keras.Input((4,), name="x")
    outputs = {"a": keras.layers.Dense(1, name="a")(given), "b": keras.layers.Dense(2, "softmax", name="b")(given)}
    model = keras.Model(given, outputs)
    losses = {"a": "mse", "b": "sparse_categorical_crossentropy"}
    model.compile("adam", losses, metrics={"a": [recall_of_mine], "b": ["accuracy"]})
    x = np.random.default_rng(0).normal(size=(16, 4)).astype("float32")
    y = {"a": x[:, :1], "b": (x[:, 0] > 0).astype("int32")}
    publisher = callback(monitor=monitor)
    model.fit(x, y, validation_data=(x, y), verbose=0, callbacks=[publisher])
    assert publisher._best.goal == goal
    assert {m.name: m.goal for m in publisher.versions[0].manifest.metrics}[monitor] == recorded


@pytest.mark.parametrize("save", ["best", "epoch", "end"])
def test_a_mode_is_recorded_however_versions_are_saved(save: str) -> None:
    publisher = callback(save=save, monitor="val_accuracy_loss", mode="max")
    scripted(publisher, "val_accuracy_loss", [0.5])
    assert {m.name: m.goal for m in publisher.versions[0].manifest.metrics} == {"val_accuracy_loss": "max"}


def test_a_metric_without_a_direction_needs_a_mode() -> None:
    def largest(y: Any, predicted: Any) -> Any:
        return predicted[:, 0]

    with pytest.raises(tbv.InvalidManifestError, match='say mode="max" or mode="min"'):
        fit([callback(monitor="val_largest")], epochs=1, model=new_model(metrics=[largest]))
    publisher = callback(monitor="val_largest", mode="max")
    fit([publisher], epochs=1, model=new_model(metrics=[largest]))
    assert len(publisher.versions) == 1


def test_a_missing_monitor_gives_one_warning_with_the_names() -> None:
    publisher = callback(monitor="val_acc")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit([publisher], epochs=3)
    told = [str(w.message) for w in caught if issubclass(w.category, tbv.TbVersionsWarning)]
    assert len(told) == 1
    assert 'no number called "val_acc"' in told[0]
    assert "Available: accuracy, loss, val_accuracy, val_loss." in told[0]
    assert publisher.versions == []


def warned_of(callback_: Any, **options: Any) -> list[str]:
    """Trains; returns our warnings."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit([callback_], **options)
    return [str(w.message) for w in caught if issubclass(w.category, tbv.TbVersionsWarning)]


@pytest.mark.parametrize("save", ["best", "epoch", "end"])
def test_validation_in_some_epochs_only_is_no_reason_to_warn(save: str) -> None:
    publisher = callback(save=save)
    assert warned_of(publisher, epochs=4, validation_freq=2) == []
    assert publisher.versions
    if save == "best":
        assert {version.manifest.runs[0].step for version in publisher.versions} <= {1, 3}


def test_a_training_without_validation_is_told_so_at_its_end() -> None:
    (said,) = warned_of(callback(), epochs=2, validation_freq=5)
    assert 'no number called "val_loss"' in said
    assert "Available: accuracy, loss." in said


def test_a_training_without_epochs_publishes_nothing_and_says_so() -> None:
    publisher = callback(save="end")
    (said,) = warned_of(publisher, epochs=0)
    assert "No epoch was trained" in said
    assert publisher.versions == []


def test_a_model_without_call_trains_on_and_one_warning_has_the_remedy() -> None:
    import keras

    class Gan(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.generator = keras.Sequential([keras.Input((4,), name="x"), keras.layers.Dense(1)])

        def train_step(self, data: Any) -> Any:
            return {"loss": keras.ops.mean(self.generator(data[0]))}

    model = Gan()
    model.compile("sgd", jit_compile=False)
    publisher = callback(save="epoch")
    (said,) = warned_of(publisher, model=model, epochs=3, validation_split=0)
    assert "has no call()" in said
    assert "train it" not in said
    assert publisher.versions == []


def test_a_resumed_training_continues_numbers_and_best() -> None:
    assert scripted(callback(), "val_loss", [3, 2]) == [0, 1]
    resumed = callback()
    assert scripted(resumed, "val_loss", [2.5, 1.5], first=2) == [3]
    assert [v.number for v in resumed.versions] == [3]


def test_the_same_run_resumes_and_a_new_run_starts_afresh() -> None:
    import keras

    def saved(run: str, values: list[float]) -> list[int]:
        board = keras.callbacks.TensorBoard(f"logs/{run}")
        board.set_model(new_model())
        return scripted(callback(monitor="val_loss", tensorboard=board), "val_loss", values)

    assert saved("a", [3, 2]) == [0, 1]
    assert saved("a", [2.5, 1.5]) == [1]
    assert saved("b", [2.5, 1.5]) == [0, 1]


def test_two_fits_of_one_callback_go_on() -> None:
    publisher = callback(save="epoch")
    model = fit([publisher], epochs=1)
    fit([publisher], epochs=3, model=model, initial_epoch=1)
    assert [v.manifest.runs[0].step for v in publisher.versions] == [0, 1, 2]
    assert [v.number for v in publisher.versions] == [1, 2, 3]


def numbers_there() -> list[str]:
    return sorted(path.parent.name for path in Path("models/m").glob("*/version_manifest.json"))


@pytest.mark.parametrize(
    ("options", "there"),
    [
        ({"keep": 2}, ["4", "5"]),
        ({"keep_best": 2}, ["2", "4"]),
        ({"keep": 1, "keep_best": 1}, ["2", "5"]),
        ({}, ["1", "2", "3", "4", "5"]),
    ],
)
def test_only_so_many_versions_of_a_training_stay(options: dict[str, Any], there: list[str]) -> None:
    publisher = callback(name="m", save="epoch", monitor="loss", mode="min", **options)
    scripted(publisher, "loss", [5.0, 1.0, 4.0, 2.0, 3.0])
    assert numbers_there() == there
    assert [str(version.number) for version in publisher.versions] == there


def test_versions_of_other_trainings_and_what_is_in_use_stay() -> None:
    from tb_versions.actions.aliases import promote

    scripted(callback(name="m", save="epoch", monitor="loss", mode="min"), "loss", [1.0])
    publisher = callback(name="m", save="epoch", monitor="loss", mode="min", keep=1)
    scripted(publisher, "loss", [2.0])
    promote("m:2", "models", alias="production")
    scripted(publisher, "loss", [3.0, 4.0])
    assert numbers_there() == ["1", "2", "4"]


def test_a_removal_that_fails_does_not_stop_the_training() -> None:
    publisher = callback(name="m", save="epoch", monitor="loss", mode="min", keep=1)
    scripted(publisher, "loss", [2.0])
    Path("models/m/.versions/trash/1").mkdir(parents=True)  # in the way
    with pytest.warns(tbv.TbVersionsWarning, match="m:1 was not removed, so the disk fills"):
        scripted(publisher, "loss", [3.0])
    assert numbers_there() == ["1", "2"]


def test_end_is_announced_even_where_tensorboard_closed_its_writer_before() -> None:
    import keras

    publisher = callback(save="end")
    fit([keras.callbacks.TensorBoard("logs/run"), publisher], epochs=2)
    assert list(announcements(Path("logs"))) == [("run/train/versions", "digits:1")]
    assert event_files(Path("logs"))["run/train"] == 1
    assert publisher.versions[0].manifest.runs[0].name == "run/train"


def test_end_has_the_weights_that_other_callbacks_restored() -> None:
    import keras
    import tensorflow as tf

    stopping = keras.callbacks.EarlyStopping("loss", mode="max", patience=1, restore_best_weights=True)
    publisher = callback(save="end")
    model = fit([stopping, publisher], epochs=4)
    loaded = tf.saved_model.load(str(publisher.versions[0].path))
    np.testing.assert_allclose(loaded.serve(X), model(X), rtol=1e-5)


def test_a_broken_disk_does_not_stop_the_training() -> None:
    Path("models").write_text("no folder")
    publisher = callback(save="epoch")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = fit([publisher], epochs=3)
    assert len(model.history.epoch) == 3
    assert [w.category for w in caught].count(tbv.TbVersionsWarning) == 1
    with pytest.raises(tbv.StorageError):
        fit([callback(save="epoch", strict=True)], epochs=1)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"name": "a/b"}, tbv.InvalidNameError),
        ({"save": "last"}, tbv.InvalidManifestError),
        ({"mode": "up"}, tbv.InvalidManifestError),
        ({"every": 0}, tbv.InvalidManifestError),
        ({"monitr": "loss"}, TypeError),
        ({"labels": {"a": 1}}, tbv.InvalidManifestError),
        ({"writer": 3}, TypeError),
    ],
)
def test_mistakes_raise_before_the_training(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        callback(**options)


def test_facts_go_into_every_version() -> None:
    callback_ = callback(save="epoch", labels={"team": "a"}, fine_tuned_from="base:1", description="x")
    fit([callback_], epochs=2)
    for version in callback_.versions:
        assert version.manifest.labels == {"team": "a"}
        assert version.manifest.parents[0].relation == "fine_tuned_from"
        assert version.manifest.description == "x"


def test_a_default_writer_is_used_without_a_tensorboard_callback() -> None:
    import tensorflow as tf

    writer = tf.summary.create_file_writer("logs/mine")
    with writer.as_default():
        fit([callback(save="end")], epochs=1)
    assert list(announcements(Path("logs"))) == [("mine", "digits:1")]
    writer.close()


def test_odd_models_only_lose_facts() -> None:
    publisher = callback(save="epoch")
    publisher.set_model(new_model())
    publisher.set_params(None)
    publisher.model.optimizer = SimpleNamespace()
    publisher.on_train_begin()
    publisher.on_epoch_begin(0)
    publisher.on_epoch_end(0, None)
    assert publisher.versions[0].manifest.hyperparameters == {"loss": "binary_crossentropy"}


def test_versions_are_published_to_an_object_store() -> None:
    url = "memory://keras/models"
    publisher = tbv.keras.PublishVersions(url, name="digits", keras_archive=False, capture=NOTHING, run_dir="logs")
    assert scripted(publisher, "val_loss", [0.5, 0.6, 0.4]) == [0, 2]
    assert [version.path for version in publisher.versions] == [f"{url}/digits/1", f"{url}/digits/2"]
    resumed = tbv.keras.PublishVersions(url, name="digits", keras_archive=False, capture=NOTHING, run_dir="logs")
    assert scripted(resumed, "val_loss", [0.45, 0.3], first=3) == [4]
    assert tbv.load("digits:3", models_dir=url) is not None
