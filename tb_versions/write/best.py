"""Decides whether a monitored value is the best so far, by the rules of Keras' own callbacks."""

from __future__ import annotations

import math
from collections.abc import Iterable

from tb_versions.core.manifest import Goal


class Best:
    """The best value so far.

    Attributes:
        value: The value; None before the first.
        goal: "max" or "min"; "" until `start` was called.
    """

    def __init__(self, *, min_delta: float, baseline: float | None) -> None:
        """Begins without a value.

        Args:
            min_delta: Smallest difference that counts as an improvement.
            baseline: A value that the first one must improve on.
        """
        self.value = baseline
        self.goal: Goal = ""
        self._min_delta = abs(min_delta)
        self._baseline = baseline

    def start(self, goal: Goal, earlier: Iterable[float]) -> None:
        """Begins a training.

        Args:
            goal: "max" or "min".
            earlier: Values of earlier trainings that must be improved on, too.
        """
        self.goal = goal
        values = [value for value in (*earlier, self.value, self._baseline) if value is not None]
        self.value = (max if goal == "max" else min)(values, default=None)

    def improves(self, value: float) -> bool:
        """Returns whether a value is better than the best; NaN never is."""
        if math.isnan(value):
            return False
        if self.value is None:
            return True
        difference = value - self.value if self.goal == "max" else self.value - value
        return difference > self._min_delta
