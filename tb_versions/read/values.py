"""Value at export, best and last of every metric of a version, from its manifest and its runs' curves. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from tb_versions.read.catalog import Version
from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.current import Point
from tb_versions.read.curves.curve import Curve, CurveName, named, regret
from tb_versions.read.manifests.goals import infer_goal
from tb_versions.read.manifests.listed_metrics import ListedMetric, MetricKind

Curves = Mapping[str, Mapping[str, Curve]]


class MetricValue(NamedTuple):
    """A metric of a version.

    Attributes:
        kind: Its name, goal and source ("run" if only the curve has it).
        step: Step at which `at_export` was taken, or None.
        at_export: Value of the exported model.
        curve: The run's curve, or None.
        best: Best point of the curve by the goal, or None.
        last: Last point of the curve, or None.
        regret: Sentence about a clearly better step of the run, or None.
        why_not: Why the value at export is not known where the run has a curve, or "".
        sample: Number of points if best, last and a value at export from the run come from a sample of its curve; else
            0.
        is_other_life: Whether the curve's points up to the step of the export may belong to another life of the run.
    """

    kind: MetricKind
    step: int | None
    at_export: float | None
    curve: Curve | None = None
    best: Point | None = None
    last: Point | None = None
    regret: str | None = None
    why_not: str = ""
    sample: int = 0
    is_other_life: bool = False


def remarks(value: MetricValue) -> Iterator[str]:
    """Yields sentences about numbers of a metric that are not known, or may be wrong."""
    if value.why_not:
        yield f"{value.kind.key} at export is {value.why_not}."
    if value.curve is not None and value.curve.damage:
        what = "best is" if value.last else "best and last are"
        yield f"{value.kind.key}: {what} not known, because {value.curve.damage}."
    if value.sample:
        what = "best, last and at export" if value.kind.source == "run" else "best and last"
        yield f"{value.kind.key}: {what} are from a sample of {value.sample:,} points; others may be better."


def is_sampled(value: MetricValue) -> bool:
    """Whether the value at export comes from a sample of the run's curve, and may be another point's."""
    return bool(value.sample) and value.kind.source == "run" and value.at_export is not None


def export_from(version: Version, run: str) -> Export | None:
    """Returns when a version was exported from a run that it links to; None if it has no step of that run."""
    for link in version.links:
        if link.name != run:
            continue
        linked = link.at(version.listing.runs if version.listing else ())
        if linked.step is not None and abs(linked.step) < 2**63:
            created = version.listing.created_ms if version.listing else None
            milliseconds = created if linked.wall_ms is None else linked.wall_ms
            return Export(linked.step, None if milliseconds is None else milliseconds / 1_000)
    return None


class Joined(NamedTuple):
    """The curves of a version's metrics: the same for all versions with these metrics, hyperparameters and runs.

    Attributes:
        recorded: Of each metric of the manifest, or None.
        others: Those that the manifest has no metric for, by name.
    """

    recorded: tuple[Curve | None, ...]
    others: tuple[tuple[CurveName, Curve], ...]


def metric_values(version: Version, curves: Curves) -> list[MetricValue]:
    """Returns every metric of a version: the manifest's in its order, then those that only the run's curves have."""
    if version.listing is None:
        return []
    joined = join(version, curves)
    if joined is None:
        return [MetricValue(metric.kind, metric.step, metric.value) for metric in version.listing.metrics]
    recorded = zip(version.listing.metrics, joined.recorded, strict=True)
    values = [_from_manifest(metric, curve, version) for metric, curve in recorded]
    return values + [_from_curve(kind_of_curve(name), curve, version) for name, curve in joined.others]


def values_with_curves(version: Version, joined: Joined) -> list[MetricValue]:
    """Returns those of `metric_values` that have a curve."""
    recorded = zip(version.listing.metrics, joined.recorded, strict=True) if version.listing else ()
    values = [_from_manifest(metric, curve, version) for metric, curve in recorded if curve is not None]
    return values + [_from_curve(kind_of_curve(name), curve, version) for name, curve in joined.others]


def join(version: Version, curves: Curves) -> Joined | None:
    """Returns the curves of a version's metrics; None where its runs have none."""
    # A run of the name that a metric was recorded with may be another run: only linked ones count.
    curves = {run.name: curves[run.name] for run in version.runs if run.name in curves}
    by_name = {name: curves[run][tag] for name, (run, tag) in named(curves).items()}
    if version.listing is None or not by_name:
        return None
    several = {name.metric for name in by_name if name.of}
    recorded = tuple([_curve_for(metric.kind, by_name, several, curves) for metric in version.listing.metrics])
    taken = {metric.kind.key for metric in version.listing.metrics} | version.listing.hyperparameters.keys()
    joined = set(map(id, recorded))
    rest = sorted((name.key, name, curve) for name, curve in by_name.items() if id(curve) not in joined)
    return Joined(recorded, tuple((name, curve) for key, name, curve in rest if key not in taken))


def _curve_for(
    kind: MetricKind, by_name: Mapping[CurveName, Curve], several: Collection[str], curves: Curves
) -> Curve | None:
    """The curve of a metric; None where several runs have one of its name, and it does not say which it is."""
    if kind.dataset or kind.slice or kind.source == "evaluated":
        return None
    if kind.run and kind.tag:
        exact = curves.get(kind.run, {}).get(kind.tag)
        if exact is not None:
            return exact
    return None if kind.name in several else by_name.get(CurveName(kind.name))


def _from_manifest(metric: ListedMetric, curve: Curve | None, version: Version) -> MetricValue:
    kind = metric.kind
    # If the run's points are of another life than the version, they are no better steps of its training.
    is_other_life = curve is not None and isinstance(_current(curve, version), str)
    best = curve.best(kind.goal) if curve else None
    # A number that differs from the curve's at the step of the export itself tells of no better step.
    is_better_step = best is not None and best.step != (version.step if metric.step is None else metric.step)
    return MetricValue(
        kind=kind,
        step=metric.step,
        at_export=metric.value,
        curve=curve,
        best=best,
        last=curve.last if curve else None,
        regret=regret(kind.name, kind.goal, metric.value, curve)
        if curve and is_better_step and not is_other_life
        else None,
        is_other_life=is_other_life,
        sample=curve.sample if curve else 0,
    )


def _current(curve: Curve, version: Version) -> Point | str | None:
    """The point of a curve that was current when a version was exported; a sentence if that is not known."""
    export = export_from(version, curve.run)
    return None if export is None else curve.at.get(export)


def _from_curve(kind: MetricKind, curve: Curve, version: Version) -> MetricValue:
    current = _current(curve, version)
    point, why_not = (None, current) if isinstance(current, str) else (current, "")
    return MetricValue(
        kind=kind,
        step=point.step if point else None,
        at_export=point.value if point else None,
        curve=curve,
        best=curve.best(kind.goal),
        last=curve.last,
        regret=regret(kind.name, kind.goal, point.value, curve) if point else None,
        why_not=why_not,
        is_other_life=bool(why_not),
        sample=curve.sample,
    )


@lru_cache(maxsize=8_192)
def kind_of_curve(name: CurveName) -> MetricKind:
    """Returns what a metric is that only a run's curve has; its goal is guessed from the name."""
    goal = infer_goal(name.metric)
    return MetricKind(
        key=name.key,
        name=name.metric,
        dataset=name.of,
        slice="",
        goal=goal,
        goal_source="unknown" if goal == "unknown" else "inferred",
        source="run",
        run="",
        tag="",
    )
