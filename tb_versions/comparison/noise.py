"""Is a difference more than noise? Student's t over seeds, or over the late part of the curves. Pure.

Two questions, two tests, both two-sided at 95 %, so that at most one in forty equal pairs is called better:

- `over_seeds`: several trainings of each recipe. The means of the two groups differ by more than their pooled
  spread explains. One training on one side is enough if the other has three.
- `over_curves`: one training of each. Two single points of two curves differ by more than the points of these
  curves differ from their own trend. Neighbouring points of a curve resemble each other, so n points are worth
  fewer: n·(1-ρ)/(1+ρ) for a correlation ρ of neighbours, and the spread seen in a short window is too small by
  a share that follows from the same ρ.

docs/decisions/0005-noise-before-better.md has the measurements.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
"""Share of equal pairs that must be called "within noise"."""

MIN_POINTS = 8
"""Fewest points of a curve from which its noise is estimated."""

_WINDOW_SHARE = 0.5
_WINDOW_LEAST, _WINDOW_MOST = 20, 500
_LEAST_DEGREES = 2.0
_LEAST_CURVE_DEGREES = 3.0
_DOUBT = 0.5
_MOST_CORRELATED = 0.98
_MANY_DEGREES = 1_000.0
_TINY = 1e-12
_ROUNDING = 2.0**-23
"""Event files hold 32-bit floats: two neighbours differ by at most this share."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How far single values lie from their trend.

    Attributes:
        deviation: Standard deviation of a single value.
        degrees: Degrees of freedom behind it.
        count: Values looked at.
        effective: Independent values that they are worth.
    """

    deviation: float
    degrees: float
    count: int
    effective: float


@dataclass(frozen=True, slots=True)
class Group:
    """Trainings of one recipe with different seeds.

    Attributes:
        count: How many there are.
        mean: Of their values.
        deviation: Root of the mean square of what they differ from it.
    """

    count: int
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Test:
    """A difference, and the largest one that noise alone explains.

    Attributes:
        difference: The one that was tested.
        threshold: Largest difference that noise explains.
        spread: Standard deviation of a single value.
        degrees: Degrees of freedom.
    """

    difference: float
    threshold: float
    spread: float
    degrees: float

    @property
    def is_beyond(self) -> bool:
        """Whether the difference is more than noise explains."""
        return abs(self.difference) > self.threshold


def group_of(values: Sequence[float]) -> Group:
    """Returns the group of the finite values among some trainings with different seeds."""
    finite = [float(v) for v in values if math.isfinite(v)]
    if not finite:
        return Group(0, math.nan, 0.0)
    mean = math.fsum(v / len(finite) for v in finite)
    scale = max(abs(v) for v in finite) or 1.0  # squares of values near the largest double would overflow
    squares = math.fsum((v / scale - mean / scale) ** 2 for v in finite)
    return Group(len(finite), mean, scale * math.sqrt(squares / len(finite)))


def over_seeds(baseline: Group, other: Group) -> Test | None:
    """Tests the difference of the means of two groups of trainings.

    Args:
        baseline: Of one recipe.
        other: Of the other.

    Returns:
        The test, or None where there are too few finite values or all are equal.
    """
    degrees = baseline.count + other.count - 2
    if not baseline.count or not other.count or degrees < _LEAST_DEGREES:
        return None
    scale = max(abs(baseline.mean), abs(other.mean), baseline.deviation, other.deviation) or 1.0
    squares = sum(group.count * (group.deviation / scale) ** 2 for group in (baseline, other))
    spread = math.sqrt(squares / degrees)
    difference = other.mean - baseline.mean
    if spread <= _TINY or not math.isfinite(difference):
        return None
    error = scale * spread * math.sqrt(1 / baseline.count + 1 / other.count)
    return Test(difference, student_quantile(degrees) * error, scale * spread, degrees)


def over_curves(difference: float, spreads: Sequence[Spread]) -> Test | None:
    """Tests the difference of two single points of two curves.

    Args:
        difference: Of the two points.
        spreads: Of both curves, or of the only one that there is, which then stands for both.

    Returns:
        The test, or None where no spread is known.
    """
    if not spreads or not math.isfinite(difference):
        return None
    both = [spreads[0], spreads[-1]]
    scale = max(s.deviation for s in both)
    variances = [(s.deviation / scale) ** 2 for s in both]
    total = sum(variances)
    if len(spreads) == 1:
        degrees = spreads[0].degrees
    else:  # Welch and Satterthwaite
        degrees = total**2 / sum(v**2 / s.degrees for v, s in zip(variances, both, strict=True))
    error = scale * math.sqrt(total)
    return Test(difference, student_quantile(degrees) * error, scale * math.sqrt(total / 2), degrees)


def late_spread(values: Sequence[float] | NDArray[np.float64]) -> Spread | None:
    """Returns how far points lie from the straight line through them.

    Args:
        values: Points of a curve's late part, evenly spaced.

    Returns:
        The spread, or None where there are too few points, all of one trend, or all on one line but for the rounding
        of event files, which is no noise of a training.
    """
    points = np.asarray(values, dtype=np.float64)
    count = len(points)
    if count < MIN_POINTS:
        return None
    scale = float(np.max(np.abs(points))) or 1.0  # values near the largest double must not overflow
    residuals = _from_line(points / scale)
    squares = _sum(residuals * residuals)
    if squares <= _ROUNDING**2 * count:
        return None
    likeness = _correlation(residuals, squares)
    stretch = (1 + likeness) / (1 - likeness)
    effective = count / stretch
    degrees = effective - 2
    if degrees < _LEAST_CURVE_DEGREES:
        return None
    # The line takes away what two independent values would; each is worth `stretch` points.
    variance = squares / (count - 2 * stretch)
    return Spread(math.sqrt(variance) * scale, degrees, count, effective)


def _from_line(points: np.ndarray) -> np.ndarray:
    """How far each point lies above the straight line that fits all of them best."""
    count = len(points)
    times = np.arange(count) - (count - 1) / 2
    slope = _sum(times * points) / _sum(times * times)
    return points - _sum(points) / count - slope * times


def _sum(values: np.ndarray) -> float:
    """The exact sum. numpy's own differs by processor in the last digits: each adds in an order of its own."""
    return math.fsum(values.tolist())


def late_window(
    steps: Sequence[int] | NDArray[np.int64], values: Sequence[float] | NDArray[Any], *, step: int | None
) -> NDArray[np.float64]:
    """Returns the values before a step: half of the curve's finite points, at least 20 and at most 500.

    Args:
        steps: Ascending.
        values: Of the curve.
        step: Of the export; None takes the end.
    """
    numbers = np.asarray(values, np.float64)
    finite = np.isfinite(numbers)
    numbers, known = numbers[finite], np.asarray(steps, np.int64)[finite]
    width = min(_WINDOW_MOST, max(_WINDOW_LEAST, math.ceil(_WINDOW_SHARE * len(numbers))))
    before = len(numbers) if step is None else int(np.searchsorted(known, step, side="right"))
    start = max(0, before - width)
    return numbers[start : start + width]


def _correlation(residuals: np.ndarray, squares: float) -> float:
    """Correlation of neighbours, without the bias that the straight line brings, (2 + 4ρ)/n.

    Half a standard error is added: in a short window a slow wander looks like a steady level.
    """
    count = len(residuals)
    seen = _sum(residuals[1:] * residuals[:-1]) / squares
    likely = min(max((count * seen + 2) / (count - 4), 0.0), 1.0)
    return min(likely + _DOUBT * math.sqrt((1 - likely**2) / count), _MOST_CORRELATED)


@lru_cache(maxsize=1_024)
def student_quantile(degrees: float, confidence: float = CONFIDENCE) -> float:
    """Returns t such that a share `confidence` of Student's distribution lies in [-t, t].

    With t = sqrt(ν)·tan(θ) the density becomes cos(θ)^(ν-1), which is smooth on a bounded range.
    """
    degrees = min(degrees, _MANY_DEGREES)
    angles = np.linspace(0, math.pi / 2, 20_001)
    density = np.cos(angles) ** (degrees - 1)
    area = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) / 2)))
    angle = float(np.interp(confidence, area / area[-1], angles))
    return math.sqrt(degrees) * math.tan(angle)
