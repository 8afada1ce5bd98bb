"""Metrics over all examples and over parts of them, from one number per example."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tb_versions.core.manifest import Goal, Metric, Source, shown
from tb_versions.errors import InvalidManifestError
from tb_versions.write.values import described

LEAST_FOR_MEANS = 30
"""Fewest examples for the interval of a mean: of fewer it would be too narrow, for their spread is not known well."""

_Numbers = NDArray[np.float64]


def slices(
    name: str,
    values: Sequence[Any] | NDArray[Any],
    by: Mapping[str, Sequence[Any] | NDArray[Any]],
    *,
    dataset: str = "",
    goal: Goal = "",
    source: Source = "",
    confidence: float = 0.95,
) -> list[Metric]:
    """Returns the mean of one number per example, over all of them and over each slice, with intervals.

    For an accuracy the numbers are whether each example was right:
    `slices("accuracy", predicted == labels, {"digit": labels})` gives "accuracy" and "accuracy" of the slices
    "digit:0", "digit:1" and so on.

    Args:
        name: Of the metric.
        values: Shape [examples]: a finite number or a bool for each example. At least one.
        by: Feature to its value for each example, shape [examples]; each of its values is a slice `feature:value`.
        dataset: Name of the data.
        goal: "max" or "min"; "" lets the reader infer it from the name.
        source: As in `Metric`: "evaluated" if the exported model was asked.
        confidence: Share of intervals that hold the true value, between 0 and 1. Of zeros and ones the interval is
            Wilson's score interval for shares; of other numbers that of the mean of 30 or more examples, by the normal
            distribution. Else there is none.

    Returns:
        The metric over all examples first, then slices by feature, in the order of their values as text.

    Raises:
        InvalidManifestError: Lengths differ, a number is not finite, or there is none.
        TypeError: `values` or a feature is not one-dimensional.
    """
    numbers = _column(values, "values").astype(np.float64)
    if not len(numbers) or not np.isfinite(numbers).all():
        raise InvalidManifestError(f"The values of {shown(name)} must be finite numbers, at least one.")
    if not 0 < confidence < 1:
        raise InvalidManifestError(f"The confidence must be a number between 0 and 1, like 0.95, not {confidence!r}.")
    is_share = bool(np.isin(numbers, (0, 1)).all())
    parts = {"": np.ones(len(numbers), np.bool_)}
    for feature, column in by.items():
        parts |= _parts(feature, _column(column, f"the feature {shown(feature)}"), len(numbers))
    kept = {part: numbers[of] for part, of in parts.items()}
    return [
        Metric(
            name=name,
            value=float(np.mean(some)),
            goal=goal,
            dataset=dataset,
            slice=part,
            source=source,
            examples=len(some),
            **_interval(some, confidence, is_share=is_share),
        )
        for part, some in kept.items()
    ]


def _column(given: object, what: str) -> NDArray[Any]:
    column = np.asarray(given)
    if column.ndim != 1:
        raise TypeError(f"{what} must have one dimension, with a value for each example, not {described(given)}.")
    return column


def _parts(feature: str, column: NDArray[Any], examples: int) -> dict[str, NDArray[np.bool_]]:
    if len(column) != examples:
        raise InvalidManifestError(
            f"The feature {shown(feature)} has {len(column):,} values for {examples:,} examples; give one for each."
        )
    texts = np.array([str(value) for value in column.tolist()])
    return {f"{feature}:{value}": texts == value for value in np.unique(texts).tolist()}


def _interval(values: _Numbers, confidence: float, *, is_share: bool) -> dict[str, Any]:
    z, count, mean = NormalDist().inv_cdf((1 + confidence) / 2), len(values), float(np.mean(values))
    if is_share:
        middle = (mean + z * z / (2 * count)) / (1 + z * z / count)
        half = z * math.sqrt(mean * (1 - mean) / count + z * z / (4 * count**2)) / (1 + z * z / count)
    elif count >= LEAST_FOR_MEANS:
        middle, half = mean, z * float(np.std(values, ddof=1)) / math.sqrt(count)
    else:
        return {}
    lower, upper = middle - half, middle + half
    if is_share and mean in (0, 1):  # that end is the value itself; rounding makes it -7e-18
        lower, upper = (0.0, upper) if mean == 0 else (lower, 1.0)
    return {"lower": lower, "upper": upper, "confidence": confidence}
