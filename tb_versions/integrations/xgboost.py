"""Publishes a trained booster of XGBoost, or an estimator that holds one."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, Literal

from tb_versions.errors import InvalidManifestError
from tb_versions.integrations.features import features
from tb_versions.integrations.fitted import (
    Fitted,
    History,
    check_fitted,
    goal_of,
    history_metrics,
    needs,
    publish_fitted,
)
from tb_versions.write.facts import Facts, check_names
from tb_versions.write.published import PublishedVersion

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from tb_versions.core.manifest import Metric

__all__ = ["publish_booster"]


def publish_booster(
    booster: Any,
    models_dir: str | os.PathLike[str],
    *,
    name: str,
    file: Literal["ubj", "json"] = "ubj",
    evals_result: History | None = None,
    number: int | None = None,
    writer: object = None,
    run_dir: str | os.PathLike[str] | None = None,
    strict: bool = False,
    **facts: Unpack[Facts],
) -> PublishedVersion | None:
    """Publishes a trained booster as the next version of a model.

    The file holds every tree. A loaded `Booster` predicts with all of them, so its numbers are those of the last round;
    a loaded `XGBModel` predicts with the best round after early stopping, so its numbers are those of that round.

    Args:
        booster: A `Booster`, or a fitted `XGBModel` (`XGBClassifier` …).
        models_dir: As in `publish`.
        name: As in `publish`.
        file: "ubj" writes `model.ubj`, "json" writes `model.json`.
        evals_result: What `xgboost.train(evals_result=…)` filled. An `XGBModel` knows it itself.
        number: As in `publish`.
        writer: As in `publish`.
        run_dir: As in `publish`.
        strict: As in `publish`.
        **facts: As in `publish`. The step is the round of the numbers, counted from 0.

    Returns:
        As `publish`.

    Raises:
        MissingDependencyError: XGBoost is not installed.
        ModelExportError: The model is not fitted; with `strict`, also if it can't be saved.
        TypeError, TbVersionsError: As `publish`.
    """
    check_names(facts, "publish_booster", "file", "evals_result")
    if file not in ("ubj", "json"):
        raise InvalidManifestError(f'file must be "ubj" or "json", not {file!r}.')
    inner, history = _booster(booster, evals_result)
    names = inner.feature_names or []
    fitted = Fitted(
        format="xgboost",
        file=f"model.{file}",
        save=booster.save_model,
        signature=features(names, inner.num_features(), library="xgboost"),
        parameters=_parameters(booster, inner),
        metrics=tuple(_metrics(booster, inner, history)),
    )
    options = {"number": number, "writer": writer, "run_dir": run_dir, "strict": strict}
    return publish_fitted(fitted, models_dir, name=name, facts=facts, options=options)


def _booster(given: Any, evals_result: History | None) -> tuple[Any, History]:
    """The booster, and the record of its evaluations."""
    xgboost = needs("xgboost", extra="xgboost")
    if isinstance(given, xgboost.Booster):
        return given, evals_result or {}
    if not isinstance(given, xgboost.XGBModel):
        raise TypeError(f"publish_booster() takes a Booster or an XGBModel, not {type(given).__name__}.")
    check_fitted(given.__sklearn_is_fitted__(), given)
    return given.get_booster(), evals_result or getattr(given, "evals_result_", None) or {}


def _metrics(given: Any, inner: Any, history: History) -> list[Metric]:
    """What was measured with the trees that the loaded model predicts with."""
    rounds = inner.num_boosted_rounds()
    recorded = max((len(values) for by_name in history.values() for values in by_name.values()), default=0)
    last = recorded - 1 if 0 < recorded <= rounds else None
    if recorded > rounds and _is_cut(inner, history, rounds):
        recorded, last = rounds, rounds - 1
    best = inner.attr("best_iteration") if given is not inner else None
    before = rounds - recorded  # rounds of an earlier training that this one went on from
    at = last if best is None or last is None else int(best) - before
    if at is not None and not 0 <= at < recorded:
        at = None
    goals = {metric: goal_of(metric) for by_name in history.values() for metric in by_name}
    return history_metrics(history, at=at, step=None if at is None else before + at, goals=goals)


def _is_cut(inner: Any, history: History, rounds: int) -> bool:
    """Whether early stopping with `save_best` has cut the booster after its best round, whose score it names."""
    best, score = inner.attr("best_iteration"), inner.attr("best_score")
    if best is None or score is None or int(best) != rounds - 1:
        return False
    last_set = list(history.values())[-1]
    return float(list(last_set.values())[-1][rounds - 1]) == float(score)


def _parameters(given: Any, inner: Any) -> dict[str, Any]:
    """The parameters that were given; for a booster, those that it has of its training."""
    if given is not inner:
        return dict(given.get_params())
    config = json.loads(inner.save_config())["learner"]
    found = {"booster": config["gradient_booster"]["name"], "objective": config["objective"]["name"]}
    tree = config["gradient_booster"].get("tree_train_param", {})
    return {**found, **{name: _number(value) for name, value in tree.items()}}


def _number(text: str) -> Any:
    """The number that a parameter's text is, or the text."""
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() and "." not in text and "e" not in text.lower() else value
