"""publish_booster of XGBoost beside real trainings; numbers are those that a loaded model has."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import tb_versions as tbv
from tb_versions.integrations.xgboost import publish_booster

xgboost = pytest.importorskip("xgboost")


def logloss(probabilities: Any, classes: Any) -> float:
    p = np.clip(np.asarray(probabilities, dtype="float64"), 1e-15, 1 - 1e-15)
    return float(-np.mean(classes * np.log(p) + (1 - classes) * np.log(1 - p)))


def classifier(table: Any, classes: Any, **options: Any) -> Any:
    model = xgboost.XGBClassifier(n_estimators=30, max_depth=4, learning_rate=0.5, eval_metric="logloss", **options)
    return model.fit(table[:80], classes[:80], eval_set=[(table[80:], classes[80:])], verbose=False)


@pytest.mark.parametrize("file", ["ubj", "json"])
def test_after_early_stopping_the_number_is_that_of_the_loaded_model(table: Any, classes: Any, file: Any) -> None:
    model = classifier(table, classes, early_stopping_rounds=3)
    assert model.best_iteration < model.get_booster().num_boosted_rounds() - 1
    version = publish_booster(model, "models", name="digits", file=file, strict=True)
    assert version is not None
    loaded = xgboost.XGBClassifier()
    loaded.load_model(version.path / f"model.{file}")  # type: ignore[operator]
    (metric,) = version.manifest.metrics
    assert (metric.name, metric.dataset, metric.step) == ("logloss", "validation_0", model.best_iteration)
    assert metric.goal == "min"
    assert metric.value == pytest.approx(logloss(loaded.predict_proba(table[80:])[:, 1], classes[80:]), rel=1e-5)


def test_a_booster_has_the_number_of_its_last_round_for_it_predicts_with_all_trees(table: Any, classes: Any) -> None:
    train, held = xgboost.DMatrix(table[:80], classes[:80]), xgboost.DMatrix(table[80:], classes[80:])
    record: dict[str, Any] = {}
    parameters = {"objective": "binary:logistic", "eta": 0.5, "eval_metric": ["logloss", "auc"]}
    booster = xgboost.train(
        parameters, train, 30, evals=[(held, "held")], early_stopping_rounds=3, evals_result=record, verbose_eval=False
    )
    version = publish_booster(booster, "models", name="digits", evals_result=record, strict=True)
    assert version is not None
    loaded = xgboost.Booster(model_file=str(version.path / "model.ubj"))  # type: ignore[operator]
    assert version.metrics["logloss [held]"] == pytest.approx(logloss(loaded.predict(held), classes[80:]), rel=1e-5)
    assert {metric.name: metric.goal for metric in version.manifest.metrics} == {"logloss": "min", "auc": "max"}
    assert version.manifest.hyperparameters["objective"] == "binary:logistic"


def test_a_booster_that_early_stopping_cut_has_the_number_of_its_last_tree(table: Any, classes: Any) -> None:
    train, held = xgboost.DMatrix(table[:80], classes[:80]), xgboost.DMatrix(table[80:], classes[80:])
    record: dict[str, Any] = {}
    stop = xgboost.callback.EarlyStopping(3, save_best=True)
    parameters = {"objective": "binary:logistic", "eta": 0.5, "eval_metric": "logloss"}
    booster = xgboost.train(
        parameters, train, 30, evals=[(held, "held")], callbacks=[stop], evals_result=record, verbose_eval=False
    )
    assert booster.num_boosted_rounds() < len(record["held"]["logloss"])
    version = publish_booster(booster, "models", name="digits", evals_result=record, strict=True)
    assert version is not None
    assert version.metrics["logloss [held]"] == pytest.approx(logloss(booster.predict(held), classes[80:]), rel=1e-5)


def test_a_training_that_went_on_has_the_round_of_all_its_trees(table: Any, classes: Any) -> None:
    train, held = xgboost.DMatrix(table[:80], classes[:80]), xgboost.DMatrix(table[80:], classes[80:])
    parameters = {"objective": "binary:logistic", "eval_metric": "logloss"}
    first = xgboost.train(parameters, train, 4)
    record: dict[str, Any] = {}
    second = xgboost.train(
        parameters, train, 3, evals=[(held, "held")], xgb_model=first, evals_result=record, verbose_eval=False
    )
    version = publish_booster(second, "models", name="digits", evals_result=record, strict=True)
    assert version is not None
    assert version.manifest.metrics[0].step == 6
    assert version.metrics["logloss [held]"] == pytest.approx(logloss(second.predict(held), classes[80:]), rel=1e-5)


def test_an_estimator_that_went_on_and_stopped_early_has_the_number_of_the_loaded_model(
    table: Any, classes: Any
) -> None:
    first = xgboost.XGBClassifier(n_estimators=2, max_depth=1, learning_rate=0.1).fit(table[:80], classes[:80])
    model = xgboost.XGBClassifier(
        n_estimators=30, max_depth=4, learning_rate=0.5, eval_metric="logloss", early_stopping_rounds=3
    )
    model.fit(
        table[:80], classes[:80], eval_set=[(table[80:], classes[80:])], verbose=False, xgb_model=first.get_booster()
    )
    version = publish_booster(model, "models", name="digits", strict=True)
    assert version is not None
    loaded = xgboost.XGBClassifier()
    loaded.load_model(version.path / "model.ubj")  # type: ignore[operator]
    number = version.metrics["logloss [validation_0]"]
    assert number == pytest.approx(logloss(loaded.predict_proba(table[80:])[:, 1], classes[80:]), rel=1e-5)


def test_numbers_of_a_record_that_is_longer_than_the_booster_are_left_out_with_a_warning(
    table: Any, classes: Any
) -> None:
    train = xgboost.DMatrix(table[:80], classes[:80])
    record: dict[str, Any] = {}
    booster = xgboost.train(
        {"objective": "binary:logistic"}, train, 6, evals=[(train, "train")], evals_result=record, verbose_eval=False
    )
    with pytest.warns(tbv.TbVersionsWarning, match="none is published"):
        version = publish_booster(booster[:3], "models", name="digits", evals_result=record, strict=True)
    assert version is not None
    assert version.metrics == {}


def test_the_reader_shows_framework_columns_and_parameters(table: Any, classes: Any) -> None:
    publish_booster(classifier(table, classes), "models", name="digits", strict=True)
    (version,) = tbv.open_catalog(models_dir="models").versions
    assert version.listing is not None
    assert version.listing.framework == "XGBoost"
    assert version.listing.hyperparameters["max_depth"] == 4
    assert "None" not in version.listing.hyperparameters.values()


def test_a_model_that_is_not_fitted_is_refused() -> None:
    with pytest.raises(tbv.ModelExportError, match="not fitted yet"):
        publish_booster(xgboost.XGBClassifier(), "models", name="digits")


def test_a_fitted_model_without_evaluations_has_no_numbers_and_no_warning(table: Any, classes: Any) -> None:
    model = xgboost.XGBRegressor(n_estimators=2).fit(table, classes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        version = publish_booster(model, "models", name="digits", strict=True)
    assert version is not None
    assert version.metrics == {}
