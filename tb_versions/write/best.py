"""Decides whether a monitored value is the best so far, by the rules of Keras' own callbacks, and which are to stay."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from tb_versions.core.amounts import significant
from tb_versions.core.manifest import Goal
from tb_versions.write.published import PublishedVersion


class Best:
    """The best value so far.

    Attributes:
        value: The value; None before the first.
        goal: "max" or "min"; "" until `start` was called.
        improved: Whether a value improved on it since then.
    """

    def __init__(self, *, min_delta: float, baseline: float | None) -> None:
        """Begins without a value.

        Args:
            min_delta: Smallest difference that counts as an improvement.
            baseline: A value that the first one must improve on.
        """
        self.value = baseline
        self.goal: Goal = ""
        self.improved = False
        self._min_delta = abs(min_delta)
        self._baseline = baseline
        self._seen: float | None = None
        self._to_beat: Mapping[str, float] = {}

    def start(self, goal: Goal, earlier: Mapping[str, float]) -> None:
        """Begins a training.

        Args:
            goal: "max" or "min".
            earlier: Values of earlier trainings that must be improved on, too, by the version that has each.
        """
        self.goal, self.improved, self._seen = goal, False, None
        others = {"baseline=": self._baseline, "the training before": self.value}
        self._to_beat = {**earlier, **{name: value for name, value in others.items() if value is not None}}
        self.value = self._best(self._to_beat.values())

    def forget(self) -> None:
        """Makes the next training start afresh, with the baseline only."""
        self.value = self._baseline

    def improves(self, value: float) -> bool:
        """Returns whether a value is better than the best; NaN never is."""
        if math.isnan(value):
            return False
        self._seen = value if self._seen is None else self._best((self._seen, value))
        if self.value is not None:
            difference = value - self.value if self.goal == "max" else self.value - value
            if not difference > self._min_delta:
                return False
        self.improved = True
        return True

    def obstacle(self) -> tuple[str, str]:
        """Returns why no value of this training was the best, and the version that is as good or better, or ""."""
        if self._seen is None or self.value is None:
            return "it was not a number in any epoch", ""
        name = next((name for name, value in self._to_beat.items() if value == self.value), "")
        by = f" by more than min_delta={self._min_delta:g}" if self._min_delta else ""
        best, seen = significant(self.value, 6), significant(self._seen, 6)
        standing = f"{name}{best}" if name.endswith("=") else f"the {best} of {name}"
        return f"it was {seen} at best, which does not improve{by} on {standing}", name if ":" in name else ""

    def _best(self, values: Iterable[float]) -> float | None:
        return (max if self.goal == "max" else min)(values, default=None)


def others(
    versions: Sequence[PublishedVersion], *, last: int, best: int, metric: str, goal: Goal
) -> list[PublishedVersion]:
    """Returns the versions that are neither among the newest nor among the best, oldest first.

    Args:
        versions: Oldest first.
        last: Number of the newest; 0 for none.
        best: Number of the best; 0 for none. Of equal ones the newest count.
        metric: By which they are the best.
        goal: Which values are better; where it is unknown, "", and the best are to be kept, nothing is returned.
    """
    if best and not goal:
        return []
    kept = {version.number for version in versions[-last:]} if last else set()
    if best:
        values = {v.number: v.metrics[metric] for v in versions if not math.isnan(v.metrics.get(metric, math.nan))}
        ranked = sorted(values, key=lambda number: (values[number] if goal == "min" else -values[number], -number))
        kept.update(ranked[:best])
    return [version for version in versions if version.number not in kept]
