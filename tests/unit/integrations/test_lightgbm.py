"""publish_booster of LightGBM beside real trainings; numbers are those that a loaded model has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.integrations.lightgbm import publish_booster

lightgbm = pytest.importorskip("lightgbm")


def logloss(probabilities: Any, classes: Any) -> float:
    p = np.clip(np.asarray(probabilities, dtype="float64"), 1e-15, 1 - 1e-15)
    return float(-np.mean(classes * np.log(p) + (1 - classes) * np.log(1 - p)))


def loaded(version: Any) -> Any:
    return lightgbm.Booster(model_file=str(version.path / "model.txt"))


def test_after_early_stopping_the_number_is_that_of_the_loaded_model(table: Any, classes: Any) -> None:
    model = lightgbm.LGBMClassifier(n_estimators=40, learning_rate=0.5, min_child_samples=3, verbose=-1)
    stop = lightgbm.early_stopping(3, verbose=False)
    model.fit(table[:80], classes[:80], eval_X=table[80:], eval_y=classes[80:], callbacks=[stop])
    assert 0 < model.best_iteration_ < len(model.evals_result_["valid_0"]["binary_logloss"])
    version = publish_booster(model, "models", name="digits", strict=True)
    assert version is not None
    (metric,) = version.manifest.metrics
    assert metric.step == model.best_iteration_ - 1
    assert metric.goal == "min"
    assert metric.value == pytest.approx(logloss(loaded(version).predict(table[80:]), classes[80:]))


def trained(table: Any, classes: Any, rounds: int, **options: Any) -> tuple[Any, dict[str, Any]]:
    record: dict[str, Any] = {}
    data = lightgbm.Dataset(table[:80], classes[:80], free_raw_data=False)
    held = lightgbm.Dataset(table[80:], classes[80:], reference=data, free_raw_data=False)
    parameters = {"objective": "binary", "min_data_in_leaf": 3, "learning_rate": 0.5, "verbose": -1}
    callbacks = [lightgbm.record_evaluation(record), *options.pop("callbacks", [])]
    booster = lightgbm.train(
        parameters, data, rounds, valid_sets=[held], valid_names=["held"], callbacks=callbacks, **options
    )
    return booster, record


def test_a_booster_has_the_number_of_its_last_round(table: Any, classes: Any) -> None:
    booster, record = trained(table, classes, 5)
    version = publish_booster(booster, "models", name="digits", evals_result=record, strict=True)
    assert version is not None
    assert version.manifest.metrics[0].step == 4
    number = version.metrics["binary_logloss [held]"]
    assert number == pytest.approx(logloss(loaded(version).predict(table[80:]), classes[80:]))
    assert version.manifest.hyperparameters["learning_rate"] == 0.5


@pytest.mark.parametrize("stops", [False, True])
def test_a_training_that_went_on_has_the_number_of_all_its_trees(table: Any, classes: Any, stops: bool) -> None:
    first, _ = trained(table, classes, 2)
    callbacks = [lightgbm.early_stopping(2, verbose=False)] if stops else []
    second, record = trained(table, classes, 20 if stops else 3, init_model=first, callbacks=callbacks)
    version = publish_booster(second, "models", name="digits", evals_result=record, strict=True)
    assert version is not None
    number = version.metrics["binary_logloss [held]"]
    assert number == pytest.approx(logloss(loaded(version).predict(table[80:]), classes[80:]))


def test_the_reader_shows_framework_and_columns(table: Any, classes: Any) -> None:
    booster, _ = trained(table, classes, 2)
    version = publish_booster(booster, "models", name="digits", strict=True)
    assert version is not None
    assert version.manifest.saved_model is not None
    inputs = version.manifest.saved_model.meta_graphs[0].signatures[0].inputs
    assert [tensor.name for tensor in inputs] == ["width", "height", "depth"]
    (found,) = tbv.open_catalog(models_dir="models").versions
    assert found.listing is not None
    assert found.listing.framework == "LightGBM"


def test_a_model_that_is_not_fitted_is_refused() -> None:
    with pytest.raises(tbv.ModelExportError, match="not fitted yet"):
        publish_booster(lightgbm.LGBMClassifier(), "models", name="digits")


def test_a_kept_booster_that_was_updated_by_hand_has_no_stale_numbers(table: Any, classes: Any) -> None:
    booster, record = trained(table, classes, 3, keep_training_booster=True)
    number = record["held"]["binary_logloss"][-1]
    version = publish_booster(booster, "models", name="digits", evals_result=record, strict=True)
    assert version is not None
    assert version.metrics == {"binary_logloss [held]": number}
    booster.update()
    later = publish_booster(booster, "models", name="digits", strict=True)
    assert later is not None
    assert later.metrics == {}
