"""Publishes a trained booster of LightGBM, or an estimator that holds one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

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
    evals_result: History | None = None,
    number: int | None = None,
    writer: object = None,
    run_dir: str | os.PathLike[str] | None = None,
    strict: bool = False,
    **facts: Unpack[Facts],
) -> PublishedVersion | None:
    """Publishes a trained booster as the next version of a model, as LightGBM's own text, `model.txt`.

    After early stopping, LightGBM saves the trees up to the best round only, so the numbers are those of that round.

    Args:
        booster: A `Booster`, or a fitted `LGBMModel` (`LGBMClassifier` …).
        models_dir: As in `publish`.
        name: As in `publish`.
        evals_result: What `lightgbm.record_evaluation(…)` filled; needed only for a booster that was trained with
            `keep_training_booster=True`.
        number: As in `publish`.
        writer: As in `publish`.
        run_dir: As in `publish`.
        strict: As in `publish`.
        **facts: As in `publish`. The step is the round of the numbers, counted from 0.

    Returns:
        As `publish`.

    Raises:
        MissingDependencyError: LightGBM is not installed.
        ModelExportError: The model is not fitted; with `strict`, also if it can't be saved.
        TypeError, TbVersionsError: As `publish`.
    """
    check_names(facts, "publish_booster", "evals_result")
    inner = _booster(booster)
    fitted = Fitted(
        format="lightgbm",
        file="model.txt",
        save=inner.save_model,
        signature=features(inner.feature_name(), inner.num_feature(), library="lightgbm"),
        parameters=booster.get_params() if booster is not inner else inner.params,
        metrics=tuple(_metrics(inner, evals_result)),
    )
    options = {"number": number, "writer": writer, "run_dir": run_dir, "strict": strict}
    return publish_fitted(fitted, models_dir, name=name, facts=facts, options=options)


def _booster(given: Any) -> Any:
    lightgbm = needs("lightgbm", extra="lightgbm")
    if isinstance(given, lightgbm.Booster):
        return given
    if not isinstance(given, lightgbm.LGBMModel):
        raise TypeError(f"publish_booster() takes a Booster or an LGBMModel, not {type(given).__name__}.")
    check_fitted(given.__sklearn_is_fitted__(), given)
    return given.booster_


def _metrics(inner: Any, record: History | None) -> list[Metric]:
    """What was measured with the trees that are saved: those up to the best round, where there is one.

    LightGBM keeps the numbers of that round, `best_score`. A booster that still has its data may have been trained on
    since then, so of one only the record tells.
    """
    saved = inner.best_iteration if inner.best_iteration > 0 else inner.current_iteration()
    if not hasattr(inner, "train_set"):
        history: History = {data: {m: [v] for m, v in by_name.items()} for data, by_name in inner.best_score.items()}
        at: int | None = 0
    else:
        history = record or {}
        recorded = max((len(values) for by_name in history.values() for values in by_name.values()), default=0)
        before = inner.current_iteration() - recorded  # rounds of an earlier training that this one went on from
        at = saved - 1 - before
        if before < 0 or not 0 <= at < recorded:
            at = None
    goals = {metric: goal_of(metric) for by_name in history.values() for metric in by_name}
    return history_metrics(history, at=at, step=saved - 1, goals=goals)
