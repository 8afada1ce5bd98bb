"""A version's numbers are those of its own weights, whatever other callbacks do to the weights."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.write import failures

pytestmark = [pytest.mark.tensorflow]

NOTHING = tbv.Capture(code=False, environment=False, hardware=False)
RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(64, 4)).astype("float32")
Y = RANDOM.integers(0, 2, 64)
X_VAL = RANDOM.normal(size=(100, 4)).astype("float32")
Y_VAL = (X_VAL.sum(axis=1) > 0).astype("int32")


@pytest.fixture(autouse=True)
def _fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import keras

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(failures, "_reported", set())
    monkeypatch.setattr(failures, "_said", {"no writer"})
    keras.utils.set_random_seed(0)


def new_model(*, frozen: bool = False, **optimizer: Any) -> Any:
    """A model that overfits, so that its validation loss goes up after the first epochs."""
    import keras

    layers = [keras.layers.Dense(32, "relu", trainable=not frozen), keras.layers.BatchNormalization()]
    model = keras.Sequential([keras.Input((4,), name="x"), *layers, keras.layers.Dense(2, "softmax")])
    model.compile(keras.optimizers.Adam(0.05, **optimizer), "sparse_categorical_crossentropy", jit_compile=False)
    return model


def callback(**options: Any) -> tbv.keras.PublishVersions:
    return tbv.keras.PublishVersions("models", **{"name": "m", "save": "end", "capture": NOTHING, **options})


def fit(callbacks: list[Any], model: Any = None, *, epochs: int = 6, **options: Any) -> list[str]:
    """Trains; returns our warnings."""
    model = model or new_model()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model.fit(X, Y, validation_data=(X_VAL, Y_VAL), epochs=epochs, verbose=0, callbacks=callbacks, **options)
    return [str(w.message) for w in caught if issubclass(w.category, tbv.TbVersionsWarning)]


def recorded(version: tbv.PublishedVersion) -> dict[str, tuple[float, int | None]]:
    return {metric.name: (metric.value, metric.step) for metric in version.manifest.metrics}


def true_loss(version: tbv.PublishedVersion) -> float:
    """The validation loss of the weights that were published."""
    import keras

    loaded = keras.models.load_model(version.path / "assets.extra" / "model.keras")
    return float(loaded.evaluate(X_VAL, Y_VAL, verbose=0, return_dict=True)["loss"])


def assert_true(version: tbv.PublishedVersion) -> None:
    """The recorded validation loss is that of the published weights."""
    assert recorded(version)["val_loss"][0] == pytest.approx(true_loss(version), rel=1e-4)


def assert_true_or_unknown(version: tbv.PublishedVersion) -> None:
    if "val_loss" in recorded(version):
        assert_true(version)


def acting(**actions: Any) -> Any:
    """A callback whose methods get the model before the usual arguments."""
    import keras

    def method(action: Any) -> Any:
        return lambda self, *arguments: action(self.model, *arguments)

    return type("Acting", (keras.callbacks.Callback,), {name: method(action) for name, action in actions.items()})()


def going_back_to_epoch_0() -> Any:
    """A callback that puts the weights of epoch 0 back after each epoch."""
    kept: list[Any] = []

    def restore(model: Any, epoch: int, logs: Any = None) -> None:
        kept.append(model.get_weights())
        model.set_weights(kept[0])

    return acting(on_epoch_end=restore)


@pytest.mark.parametrize("publisher_first", [False, True])
@pytest.mark.parametrize("frozen", [False, True])
def test_restored_best_weights_have_the_numbers_of_their_epoch(publisher_first: bool, frozen: bool) -> None:
    import keras

    stopping = keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
    publisher, model = callback(), new_model(frozen=frozen)
    assert fit([publisher, stopping] if publisher_first else [stopping, publisher], model, epochs=50) == []
    (version,) = publisher.versions
    assert stopping.best_epoch < stopping.stopped_epoch
    assert recorded(version)["val_loss"] == (pytest.approx(stopping.best), stopping.best_epoch)
    assert recorded(version)["loss"][1] == version.manifest.runs[0].step == stopping.best_epoch
    assert_true(version)


def test_restored_weights_beside_a_variable_that_keras_does_not_restore_have_no_numbers() -> None:
    import keras
    import tensorflow as tf

    scale = tf.Variable(1.0)
    layer = type("Scaled", (keras.layers.Layer,), {"call": lambda self, inputs: inputs * self.scale})()
    layer.scale = scale
    model = keras.Sequential(
        [keras.Input((4,), name="x"), keras.layers.Dense(16, "relu"), layer, keras.layers.Dense(2)]
    )
    model.compile(keras.optimizers.Adam(0.05), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    annealing = acting(on_epoch_begin=lambda model, epoch, logs=None: scale.assign(1.0 + epoch))
    stopping = keras.callbacks.EarlyStopping("val_loss", patience=2, restore_best_weights=True)
    publisher = callback()
    said = fit([annealing, stopping, publisher], model, epochs=50)
    assert stopping.best_epoch < stopping.stopped_epoch
    assert recorded(publisher.versions[0]) == {}
    assert "restored or swapped the weights" in said[0]


@pytest.mark.parametrize("publisher_first", [False, True])
def test_weights_that_are_restored_after_each_epoch_have_the_numbers_of_theirs(publisher_first: bool) -> None:
    publisher, other = callback(save="epoch"), going_back_to_epoch_0()
    assert fit([publisher, other] if publisher_first else [other, publisher], epochs=3) == []
    assert [recorded(version)["val_loss"][1] for version in publisher.versions] == [0, 0, 0]
    for version in publisher.versions:
        assert_true(version)


def test_a_checkpoint_that_is_loaded_at_the_end_has_the_numbers_of_its_epoch() -> None:
    import keras

    checkpoint = keras.callbacks.ModelCheckpoint("best.weights.h5", save_best_only=True, save_weights_only=True)
    loading = acting(on_train_end=lambda model, logs=None: model.load_weights("best.weights.h5"))
    publisher = callback()
    assert fit([publisher, checkpoint, loading]) == []
    assert recorded(publisher.versions[0])["val_loss"][0] == pytest.approx(checkpoint.best)
    assert_true(publisher.versions[0])


def test_a_training_that_was_interrupted_and_resumed_has_its_own_numbers() -> None:
    import keras

    def interrupt(model: Any, epoch: int, logs: Any = None) -> None:
        if epoch == 2:
            raise RuntimeError("interrupted")

    backup = keras.callbacks.BackupAndRestore("backup")
    with pytest.raises(RuntimeError, match="interrupted"):
        fit([callback(), acting(on_epoch_end=interrupt), backup])
    publisher = callback(save="epoch")
    assert fit([publisher, keras.callbacks.BackupAndRestore("backup")], epochs=4) == []
    assert [recorded(version)["val_loss"][1] for version in publisher.versions] == [2, 3]
    for version in publisher.versions:
        assert_true(version)


@pytest.mark.parametrize("swap_on_epoch", [False, True])
@pytest.mark.parametrize(
    ("save", "publisher_first"), [("best", False), ("epoch", False), ("epoch", True), ("end", False)]
)
def test_averaged_weights_have_their_own_numbers_or_none(swap_on_epoch: bool, save: str, publisher_first: bool) -> None:
    import keras

    swap = keras.callbacks.SwapEMAWeights(swap_on_epoch=swap_on_epoch)
    publisher = callback(save=save)
    model = new_model(use_ema=True, ema_momentum=0.9)
    said = fit([publisher, swap] if publisher_first else [swap, publisher], model, epochs=4)
    assert publisher.versions
    for version in publisher.versions:
        assert_true_or_unknown(version)
    if any("val_loss" not in recorded(version) for version in publisher.versions):
        assert len(said) == 1
        assert "val_loss: another callback restored or swapped the weights" in said[0]
        assert "evaluate=" in said[0]


def test_an_optimizers_own_averages_at_the_end_have_no_numbers_of_an_epoch() -> None:
    publisher = callback()
    said = fit([publisher], new_model(use_ema=True, ema_momentum=0.9))
    assert recorded(publisher.versions[0]) == {}
    assert publisher.versions[0].manifest.runs == ()
    assert len(said) == 1


@pytest.mark.parametrize("evaluate", ["arrays", "list", "dataset"])
def test_evaluate_measures_weights_that_no_epoch_measured(evaluate: str) -> None:
    import keras
    import tensorflow as tf

    data: Any = [X_VAL, Y_VAL] if evaluate == "list" else (X_VAL, Y_VAL)
    if evaluate == "dataset":
        data = tf.data.Dataset.from_tensor_slices(data).batch(25)
    publisher = callback(save="epoch", evaluate=data)
    model = new_model(use_ema=True, ema_momentum=0.9)
    fit([publisher, keras.callbacks.SwapEMAWeights(swap_on_epoch=False)], model, epochs=3)
    for version in publisher.versions:
        assert_true(version)
        (metric,) = [metric for metric in version.manifest.metrics if metric.name == "val_loss"]
        assert (metric.source, metric.goal) == ("evaluated", "min")


def test_an_evaluation_that_fails_does_not_stop_the_training() -> None:
    publisher = callback(evaluate=("not", "arrays"))
    said = fit([publisher], new_model(use_ema=True))
    assert len(publisher.versions) == 1
    assert any("were not evaluated" in message for message in said)


def test_what_another_callback_adds_to_the_logs_counts_only_for_unchanged_weights() -> None:
    def add(model: Any, epoch: int, logs: Any = None) -> None:
        logs["score"] = float(epoch)

    adding, publisher = acting(on_epoch_end=add), callback(save="epoch")
    assert fit([publisher, adding], epochs=2) == []
    assert [recorded(version)["score"] for version in publisher.versions] == [(0.0, 0), (1.0, 1)]

    adding, publisher = acting(on_epoch_end=add), callback(save="epoch", name="n")
    said = fit([publisher, adding, going_back_to_epoch_0()], epochs=2)
    assert [recorded(version).get("score") for version in publisher.versions] == [(0.0, 0), (0.0, 0)]
    assert said == []


def test_a_callback_inside_another_list_is_published_after_all_others() -> None:
    import keras

    publisher = callback(save="epoch")
    inner = keras.callbacks.CallbackList([publisher])
    fit([inner, going_back_to_epoch_0()], epochs=2)
    assert [recorded(version)["val_loss"][1] for version in publisher.versions] == [0, 0]


def test_numbers_of_epochs_without_validation_are_not_guessed() -> None:
    publisher = callback(save="epoch")
    assert fit([publisher], epochs=4, validation_freq=2) == []
    assert ["val_loss" in recorded(version) for version in publisher.versions] == [False, True, False, True]


def test_the_list_of_callbacks_is_left_as_it_was() -> None:
    import keras

    publisher, model = callback(save="epoch"), new_model()
    given = keras.callbacks.CallbackList([publisher], add_history=True, model=model)
    before = list(given.callbacks)
    for _ in range(2):
        model.fit(X, Y, epochs=1, verbose=0, callbacks=given)
        assert given.callbacks == before
    assert len(publisher.versions) == 2


def test_a_training_that_was_interrupted_leaves_no_hooks_behind() -> None:
    import keras

    def interrupt(model: Any, epoch: int, logs: Any = None) -> None:
        raise RuntimeError("interrupted")

    publisher, interrupting, model = callback(save="epoch"), acting(on_epoch_end=interrupt), new_model()
    given = keras.callbacks.CallbackList([publisher, interrupting], add_history=True, model=model)
    with pytest.raises(RuntimeError, match="interrupted"):
        model.fit(X, Y, epochs=1, verbose=0, callbacks=given)
    given.callbacks = [member for member in given.callbacks if member is not interrupting]
    model.fit(X, Y, epochs=1, verbose=0, callbacks=given)
    assert len(publisher.versions) == 1


def test_a_loop_that_calls_the_callback_itself_is_believed() -> None:
    publisher = callback(save="epoch")
    model = new_model()
    publisher.set_model(model)
    publisher.set_params({"epochs": 2})
    publisher.on_train_begin()
    for epoch in range(2):
        publisher.on_epoch_begin(epoch)
        model.train_on_batch(X, Y)
        publisher.on_epoch_end(epoch, {"loss": 0.5, "val_loss": 1.0 + epoch})
    publisher.on_train_end()
    assert [recorded(version)["val_loss"] for version in publisher.versions] == [(1.0, 0), (2.0, 1)]
