"""PublishTrials beside real searches; numbers are those that the published weights have when they are loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tb_versions as tbv
from tests.support.announced import announcements
from tests.support.effort import FULL

pytestmark = [pytest.mark.tensorflow, pytest.mark.slow]
takes_long = pytest.mark.skipif(not FULL, reason="a search of its own, a quarter of a minute or more: make faults")

keras_tuner = pytest.importorskip("keras_tuner")


def build(hp: Any) -> Any:
    import keras

    model = keras.Sequential(
        [
            keras.Input((3,), name="x"),
            keras.layers.Dense(hp.Int("units", 2, 8)),
            keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    rate = hp.Choice("rate", [0.3, 0.03])
    model.compile(keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"], jit_compile=False)
    return model


def tuner(objective: Any = "val_loss", **options: Any) -> Any:
    given = {"max_trials": 3, "seed": 1, "directory": "search", "project_name": "p", **options}
    return keras_tuner.RandomSearch(build, objective=objective, **given)


def publisher(**options: Any) -> Any:
    from tb_versions.integrations.keras_tuner import PublishTrials

    quiet = tbv.Capture(code=False, environment=False, hardware=False)
    return PublishTrials("models", name="digits", capture=quiet, strict=True, **options)


def search(searching: Any, publishing: Any, table: Any, classes: Any, callbacks: Any = (), epochs: int = 3) -> None:
    x, y = table.to_numpy(), classes
    held = (x[80:], y[80:])
    searching.search(x[:80], y[:80], epochs=epochs, validation_data=held, callbacks=[publishing, *callbacks], verbose=0)


def measured(version: Any, table: Any, classes: Any) -> dict[str, float]:
    """What the framework says of the weights that are published."""
    import keras

    model = keras.models.load_model(version.path / "assets.extra" / "model.keras")
    found: dict[str, float] = model.evaluate(table.to_numpy()[80:], classes[80:], verbose=0, return_dict=True)
    return found


def test_each_trial_is_a_version_with_its_own_numbers_and_the_best_is_marked(table: Any, classes: Any) -> None:
    import keras

    publishing, searching = publisher(logdir="logs"), tuner()
    search(searching, publishing, table, classes, [keras.callbacks.TensorBoard("logs")])
    assert [version.manifest.labels["trial"] for version in publishing.versions] == ["0", "1", "2"]
    for version in publishing.versions:
        trial = searching.oracle.get_trial(version.manifest.labels["trial"])
        assert version.manifest.hyperparameters["units"] == trial.hyperparameters.values["units"]
        assert version.manifest.hyperparameters["rate"] == trial.hyperparameters.values["rate"]
        again = measured(version, table, classes)
        assert version.metrics["val_loss"] == pytest.approx(again["loss"], rel=1e-5)
        assert version.metrics["val_accuracy"] == pytest.approx(again["accuracy"])
        assert version.metrics["val_loss"] == pytest.approx(trial.score)
    best = searching.oracle.get_best_trials(1)[0]
    marked = tbv.open_catalog(models_dir="models").find("digits@best")
    assert marked.listing is not None
    assert marked.listing.labels["trial"] == best.trial_id
    assert marked.listing.lead_metric == "val_loss"
    runs = {run for run, _ in announcements(Path("logs"))}
    assert len(runs) == 3
    assert all(Path("logs", run.removesuffix("/versions")).is_dir() for run in runs)


def test_the_direction_of_the_objective_decides_which_is_the_best(table: Any, classes: Any) -> None:
    publishing = publisher(keras_archive=False)
    search(tuner(keras_tuner.Objective("val_accuracy", "max")), publishing, table, classes)
    values = {version.number: version.metrics["val_accuracy"] for version in publishing.versions}
    which = tbv.which("digits@best", Path("models"))
    assert values[which.number] == max(values.values())
    assert values[which.number] > min(values.values()), "all trials are equal: the test says nothing"


@takes_long
def test_several_objectives_are_marked_by_their_sum_and_each_has_its_goal(table: Any, classes: Any) -> None:
    publishing = publisher(keras_archive=False)
    objectives = ["val_loss", keras_tuner.Objective("val_accuracy", "max")]
    search(tuner(objectives), publishing, table, classes)
    sums = {v.number: v.metrics["val_loss"] - v.metrics["val_accuracy"] for v in publishing.versions}
    marked = tbv.which("digits@best", Path("models")).number
    assert sums[marked] == min(sums.values())
    goals = {metric.name: metric.goal for metric in publishing.versions[0].manifest.metrics}
    assert (goals["val_loss"], goals["val_accuracy"]) == ("min", "max")


@takes_long
def test_a_search_that_computes_its_objective_after_training_is_published_and_not_marked(
    table: Any, classes: Any
) -> None:
    class Computes(keras_tuner.HyperModel):  # type: ignore[misc]
        def build(self, hp: Any) -> Any:
            return build(hp)

        def fit(self, hp: Any, model: Any, *args: Any, **kwargs: Any) -> Any:
            model.fit(*args, **kwargs)
            return {"surprise": 1.0}

    searching = keras_tuner.RandomSearch(
        Computes(), objective=keras_tuner.Objective("surprise", "max"), max_trials=1, directory="search"
    )
    publishing = publisher(keras_archive=False)
    with pytest.warns(tbv.TbVersionsWarning, match="no number of surprise was measured on its weights"):
        search(searching, publishing, table, classes)
    assert "val_loss" in publishing.versions[0].metrics
    assert not tbv.history("digits", Path("models"))


def test_one_semantic_version_for_all_trials_is_refused() -> None:
    with pytest.raises(tbv.InvalidManifestError, match="a search publishes several"):
        publisher(semantic_version="1.0.0")


def test_with_several_executions_the_numbers_are_of_the_saved_weights_and_not_the_mean(
    table: Any, classes: Any
) -> None:
    publishing, searching = publisher(), tuner(max_trials=1, executions_per_trial=2)
    search(searching, publishing, table, classes)
    assert len(publishing.versions) == 1
    for version in publishing.versions:
        trial = searching.oracle.get_trial(version.manifest.labels["trial"])
        assert version.metrics["val_loss"] == pytest.approx(measured(version, table, classes)["loss"], rel=1e-5)
        assert version.metrics["val_loss"] != pytest.approx(trial.score), "the mean happens to be the best"


@takes_long
def test_a_search_that_goes_on_marks_a_trial_only_if_it_is_better(table: Any, classes: Any) -> None:
    first = publisher(keras_archive=False)
    search(tuner(max_trials=1), first, table, classes)
    second = publisher(keras_archive=False)
    searching = tuner(max_trials=3)
    search(searching, second, table, classes)
    assert [version.manifest.labels["trial"] for version in second.versions] == ["1", "2"]
    values = {version.number: version.metrics["val_loss"] for version in (*first.versions, *second.versions)}
    marked = tbv.which("digits@best", Path("models")).number
    assert values[marked] == min(values.values())


def test_a_trial_that_fails_is_no_version_and_the_search_goes_on(table: Any, classes: Any) -> None:
    import keras

    class Fails(keras.callbacks.Callback):  # type: ignore[misc]
        trials = 0

        def __deepcopy__(self, memo: Any) -> Any:
            return self

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 0:
                self.trials += 1
            if self.trials == 2:
                raise keras_tuner.errors.FailedTrialError("as asked")

    publishing = publisher(keras_archive=False)
    search(tuner(max_trials=3), publishing, table, classes, [Fails()], epochs=1)
    assert [version.manifest.labels["trial"] for version in publishing.versions] == ["0", "2"]


@takes_long
def test_early_stopping_that_restores_weights_leaves_the_numbers_right(table: Any, classes: Any) -> None:
    import keras

    stop = keras.callbacks.EarlyStopping(monitor="val_loss", patience=1, restore_best_weights=True)
    publishing = publisher()
    search(tuner(max_trials=1), publishing, table, classes, [stop], epochs=8)
    for version in publishing.versions:
        assert version.metrics["val_loss"] == pytest.approx(measured(version, table, classes)["loss"], rel=1e-5)


def test_a_training_outside_of_a_search_says_which_callback_publishes_it(table: Any, classes: Any) -> None:
    publishing = publisher(keras_archive=False)
    with pytest.warns(tbv.TbVersionsWarning, match="is no trial of a KerasTuner"):
        build(keras_tuner.HyperParameters()).fit(table.to_numpy(), classes, epochs=1, callbacks=[publishing], verbose=0)
    assert publishing.versions == []


@takes_long
def test_the_manifest_names_the_trial_and_no_bookkeeping_of_the_tuner(table: Any, classes: Any) -> None:
    publishing = publisher(keras_archive=False)
    hyperband = keras_tuner.Hyperband(
        build, objective="val_loss", max_epochs=2, factor=2, hyperband_iterations=1, directory="search", seed=1
    )
    search(hyperband, publishing, table, classes)
    for version in publishing.versions:
        told = json.loads((version.path / "version_manifest.json").read_bytes())
        assert not [name for name in told["hyperparameters"] if name.startswith("tuner/")]
        assert "val_loss" in version.metrics
