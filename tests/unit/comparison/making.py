"""Members made by hand: what a reader would have read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from tb_versions.comparison import Member, Sibling
from tb_versions.core.manifest import Shape, Signature, Tensor, VersionManifest
from tb_versions.read.catalog import LinkedRun
from tb_versions.read.curves.curve import Points, summarize
from tb_versions.read.manifests.listed_metrics import MetricKind, metric_key
from tb_versions.read.values import MetricValue
from tests.support.points import made_points


def metric(
    name: str,
    value: float | None,
    *,
    goal: str = "max",
    source: str = "log",
    dataset: str = "",
    part: str = "",
    curve: Sequence[float] = (),
    step: int | None = None,
) -> MetricValue:
    """A metric as the catalog joins it."""
    kind = MetricKind(
        key=metric_key(name, dataset, part),
        name=name,
        dataset=dataset,
        slice=part,
        goal=goal,
        goal_source="unknown" if goal == "unknown" else "manifest",
        source=source,
        run="",
        tag="",
    )
    if not curve:
        return MetricValue(kind, step, value)
    joined = summarize("run", name, made_points(range(len(curve)), curve))
    return MetricValue(kind, step, value, joined, joined.best(kind.goal), joined.last)


def member(name: str, *metrics: MetricValue, **fields: Any) -> Member:
    """A version; `model:number` is its id."""
    model, _, number = name.rpartition(":")
    fields.setdefault("manifest", VersionManifest(model=model, number=int(number)))
    fields.setdefault("kind", "version")
    return Member(id=name, label=" ".join(name.rsplit(":", 1)), metrics=metrics, **fields)


def run_member(name: str, *metrics: MetricValue, **fields: Any) -> Member:
    """A run without a version."""
    runs = (LinkedRun(name, None, None, True),)
    return Member(id=f"run:{name}", kind="run", label=f"run {name}", metrics=metrics, runs=runs, **fields)


def seeds(key: str, *values: float) -> tuple[Sibling, ...]:
    """Siblings with these values of one metric."""
    return tuple(Sibling(f"sibling {i}", {key: value}) for i, value in enumerate(values))


def curves(**values: Sequence[float]) -> Mapping[str, Points]:
    """Curves by metric."""
    return {name: made_points(range(len(v)), v) for name, v in values.items()}


def tensor(name: str, dtype: str = "float32", *dimensions: int, rank: bool = True) -> Tensor:
    """A tensor; -1 is an unknown dimension; without a known rank no dimension counts."""
    return Tensor(name=name, dtype=dtype, shape=Shape(dimensions=dimensions if rank else (), unknown_rank=not rank))


def signature(
    inputs: Sequence[Tensor], outputs: Sequence[Tensor], *, key: str = "serving_default", method: str = "predict"
) -> Signature:
    """A signature."""
    name = f"tensorflow/serving/{method}" if method else ""
    return Signature(key=key, method=name, inputs=tuple(inputs), outputs=tuple(outputs))


def is_nan(value: object) -> bool:
    """Whether a value is NaN."""
    return isinstance(value, float) and math.isnan(value)
