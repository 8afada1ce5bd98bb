"""Publishes a model that was fitted in one call: a file that its library writes, its parameters and its numbers."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from tb_versions.core.manifest import Goal, Metric, SavedModel, shown
from tb_versions.errors import MissingDependencyError, ModelExportError, TbVersionsError
from tb_versions.write.facts import Facts
from tb_versions.write.failures import warn
from tb_versions.write.hyperparameters import masked
from tb_versions.write.metrics import to_metrics
from tb_versions.write.publish import publish
from tb_versions.write.published import PublishedVersion
from tb_versions.write.savers import Saver, Told

History = Mapping[str, Mapping[str, Any]]
"""Values by data set, metric and round: {"validation": {"logloss": [0.6, 0.5]}}."""


@dataclass(frozen=True)
class Fitted:
    """A fitted model.

    Attributes:
        format: As in the manifest.
        file: Name of the file that holds the model.
        save: Writes that file, whose path it gets.
        signature: What is known of inputs.
        parameters: Hyperparameters that the model itself knows.
        metrics: Numbers of the model that the library measured.
    """

    format: str
    file: str
    save: Callable[[str], object]
    signature: SavedModel | None
    parameters: Mapping[str, Any]
    metrics: tuple[Metric, ...] = ()


def publish_fitted(
    fitted: Fitted, models_dir: str | os.PathLike[str], *, name: str, facts: Facts, options: Mapping[str, Any]
) -> PublishedVersion | None:
    """Publishes a fitted model; returns and raises as `publish`.

    Args:
        fitted: The model.
        models_dir: As in `publish`.
        name: As in `publish`.
        facts: As in `publish`. Metrics and hyperparameters are added to the model's own, and win over them.
        options: `number`, `writer`, `run_dir` and `strict` as in `publish`.
    """
    saver = Saver(lambda folder: _save(fitted, folder), tell=lambda _: Told(fitted.format, fitted.signature))
    given = to_metrics(facts.get("metrics", {}), facts.get("goals", {}), None)
    metrics = {(m.name, m.dataset, m.slice): m for m in (*fitted.metrics, *given)}
    parameters = {**masked(fitted.parameters), **facts.get("hyperparameters", {})}
    rest = {key: value for key, value in facts.items() if key != "goals"}
    steps = [metric.step for metric in fitted.metrics if metric.step is not None]
    if steps:
        rest.setdefault("step", max(steps))
    merged = cast("Facts", {**rest, "metrics": list(metrics.values()), "hyperparameters": parameters})
    return publish(saver, models_dir, name=name, **options, **merged)


def history_metrics(history: History, *, at: int | None, step: int | None, goals: Mapping[str, Goal]) -> list[Metric]:
    """Returns what was measured on the model that is saved.

    Args:
        history: The library's record of its rounds.
        at: Index of the round in the record that the saved model is of; None if it is not known, and then nothing is
            returned, with a warning.
        step: The round, counted from 0 over all trainings of the model.
        goals: Which values are better, by name of a metric, where it is known.
    """
    if not history:
        return []
    if at is None:
        warn(
            "The model has another number of rounds than the record of its evaluations, so no number of that record is "
            "known to be the model's; none is published. Give metrics= to publish them."
        )
        return []
    return [
        Metric(name=metric, dataset=data, value=float(values[at]), step=step, source="log", goal=goals.get(metric, ""))
        for data, by_name in history.items()
        for metric, values in by_name.items()
        if len(values) > at
    ]


def needs(module: str, *, extra: str, instead: str = "") -> Any:
    """Returns an optional library.

    Args:
        module: Its module.
        extra: The extra of this package that installs it.
        instead: What to do otherwise, as a sentence.

    Raises:
        MissingDependencyError: It is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        remedy = f"pip install 'tensorboard-plugin-versions[{extra}]'"
        message = f"This needs {module.partition('.')[0]}: {remedy}. {instead}".strip()
        raise MissingDependencyError(message) from error


def goal_of(metric: str) -> Goal:
    """Returns which values of a metric that boosting libraries measure are better; "" for one that is not known."""
    name = metric.partition("@")[0].rstrip("+-")
    if name in _HIGH:
        return "max"
    return "min" if name in _LOW else ""


_HIGH = frozenset({"auc", "aucpr", "map", "ndcg", "average_precision", "auc_mu", "pre"})
_LOW = frozenset({
    *("rmse", "rmsle", "mae", "mape", "mphe", "logloss", "error", "merror", "mlogloss", "l1", "l2", "rmse", "huber"),
    *("quantile", "fair", "poisson", "gamma", "tweedie", "binary_logloss", "binary_error", "multi_logloss"),
    *("multi_error", "cross_entropy", "kullback_leibler", "poisson-nloglik", "gamma-nloglik", "gamma-deviance"),
    *("tweedie-nloglik", "cox-nloglik", "aft-nloglik"),
})  # fmt: skip


def check_fitted(is_fitted: bool, model: object) -> None:
    """Raises ModelExportError if a model has not been fitted."""
    if not is_fitted:
        raise ModelExportError(
            f"This {type(model).__name__} is not fitted yet, so there is nothing to publish: fit it."
        )


def _save(fitted: Fitted, folder: str) -> None:
    os.mkdir(folder)
    try:
        fitted.save(os.path.join(folder, fitted.file))
    except (OSError, TbVersionsError):
        raise
    except Exception as error:
        raise ModelExportError(f"{shown(fitted.file)} can't be written: {type(error).__name__}: {error}") from error
