"""Publishes a fitted estimator of scikit-learn, or of a library that follows its interface."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

from tb_versions.errors import InvalidManifestError
from tb_versions.integrations.features import features
from tb_versions.integrations.fitted import Fitted, check_fitted, needs, publish_fitted
from tb_versions.write.facts import Facts, check_names
from tb_versions.write.published import PublishedVersion

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["publish_estimator"]


def publish_estimator(
    estimator: Any,
    models_dir: str | os.PathLike[str],
    *,
    name: str,
    file: Literal["skops", "joblib"] = "skops",
    number: int | None = None,
    writer: object = None,
    run_dir: str | os.PathLike[str] | None = None,
    strict: bool = False,
    **facts: Unpack[Facts],
) -> PublishedVersion | None:
    """Publishes a fitted estimator or pipeline as the next version of a model.

    The estimator's parameters become hyperparameters, with secrets masked; the names of its columns become the
    signature, where it was fitted to a table with names. scikit-learn measures nothing while it fits: give `metrics`.

    Args:
        estimator: A fitted estimator.
        models_dir: As in `publish`.
        name: As in `publish`.
        file: "skops" writes `model.skops`, which can be read without running code; "joblib" writes `model.joblib`, a
            pickle, which runs code when it is loaded. This package loads neither.
        number: As in `publish`.
        writer: As in `publish`.
        run_dir: As in `publish`.
        strict: As in `publish`.
        **facts: As in `publish`.

    Returns:
        As `publish`.

    Raises:
        MissingDependencyError: scikit-learn or skops is not installed.
        ModelExportError: The estimator is not fitted; with `strict`, also if it can't be saved.
        TypeError, TbVersionsError: As `publish`.
    """
    check_names(facts, "publish_estimator", "file")
    if file not in ("skops", "joblib"):
        raise InvalidManifestError(f'file must be "skops" or "joblib", not {file!r}.')
    _check(estimator)
    writes = _skops() if file == "skops" else needs("joblib", extra="sklearn").dump
    fitted = Fitted(
        format="sklearn",
        file=f"model.{file}",
        save=lambda path: writes(estimator, path),
        signature=_features(estimator),
        parameters=_parameters(estimator),
    )
    options = {"number": number, "writer": writer, "run_dir": run_dir, "strict": strict}
    return publish_fitted(fitted, models_dir, name=name, facts=facts, options=options)


def _check(estimator: Any) -> None:
    sklearn = needs("sklearn.utils.validation", extra="sklearn")
    if not hasattr(estimator, "get_params") or isinstance(estimator, type):
        raise TypeError(f"publish_estimator() takes a fitted estimator, not {estimator!r:.80}.")
    try:
        sklearn.check_is_fitted(estimator)
        is_fitted = True
    except needs("sklearn.exceptions", extra="sklearn").NotFittedError:
        is_fitted = False
    check_fitted(is_fitted, estimator)


def _skops() -> Any:
    return needs("skops.io", extra="sklearn", instead='Or say file="joblib", which writes a pickle.').dump


def _parameters(estimator: Any) -> dict[str, Any]:
    """The parameters but those that are estimators, or lists of them: their own parameters are among them."""
    found = estimator.get_params(deep=True)
    return {key: value for key, value in found.items() if not _holds_estimator(value)}


def _holds_estimator(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_estimator(part) for part in value)
    return hasattr(value, "get_params") and not isinstance(value, type)


def _features(estimator: Any) -> Any:
    names = getattr(estimator, "feature_names_in_", None)
    texts = [] if names is None else [str(name) for name in names]
    return features(texts, int(getattr(estimator, "n_features_in_", 0) or 0), library="sklearn")
