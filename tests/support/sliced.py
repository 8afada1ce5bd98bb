"""Versions with metrics of slices: values and intervals whose verdicts are known beforehand."""

from __future__ import annotations

from collections.abc import Iterator

from tb_versions.core.manifest import Metric

DATASET = "digits-test"
HOSTILE = "<img src=x onerror=alert(1)>\u202e\"'&"


def accuracy(part: str, value: float, examples: int | None = 500, *, half: float | None = 0.02) -> Metric:
    """An accuracy on a slice, with an interval of 95 % this far to both sides; None: without one."""
    known = {} if half is None else {"lower": value - half, "upper": value + half, "confidence": 0.95}
    return Metric(
        name="accuracy",
        value=value,
        goal="max",
        dataset=DATASET,
        slice=part,
        source="evaluated",
        examples=examples,
        **known,  # type: ignore[arg-type]
    )


def before() -> tuple[Metric, ...]:
    """The baseline: digit 6 is measured here only."""
    return (
        accuracy("", 0.95, 3_000, half=0.005),
        accuracy("digit:1", 0.96),
        accuracy("digit:2", 0.94),
        accuracy("digit:3", 0.90),
        accuracy("digit:4", 0.93, half=None),
        accuracy("digit:5", 0.92),
        accuracy("digit:6", 0.91),
    )


def after() -> tuple[Metric, ...]:
    """The next version: worse on digit 1, within noise on 2, better on 3, not known on 4, equal on 5; 7 is new."""
    return (
        accuracy("", 0.96, 3_000, half=0.005),
        accuracy("digit:1", 0.60),
        accuracy("digit:2", 0.92),
        accuracy("digit:3", 0.99, half=0.01),
        accuracy("digit:4", 0.90, half=None),
        accuracy("digit:5", 0.92),
        accuracy("digit:7", 0.80, 12, half=0.2),
    )


def many(shift: float, count: int = 5_000) -> Iterator[Metric]:
    """As many slices as one manifest may hold, by pairs of a feature and its value; one loses much more than others."""
    for place in range(count):
        value = 0.9 + 0.0001 * (place % 7) + (shift if place == 1_234 else 0)
        yield Metric(name="accuracy", value=value, dataset=DATASET, slice=f"country:{place}")
