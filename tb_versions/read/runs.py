"""Curves and hyperparameters of any runs, those without versions too; reads through the DataProvider."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tensorboard.data.provider import RunTagFilter

from tb_versions.core.manifest import Scalar, visible
from tb_versions.errors import VersionNotFoundError
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.curves import MAX_POINTS, SCALARS, Curve, Series, joinable_tags, metric_name, summarize
from tb_versions.read.goals import infer_goal
from tb_versions.read.listed_metrics import MetricKind
from tb_versions.read.values import MetricValue

CHILDREN = ("train", "validation")
"""Runs that Keras' callback makes below the run of a training."""

MOST_POINTS = 200_000
"""Most points of one read; of many curves fewer are asked for each."""

LEAST_POINTS = 200
"""Points asked for of each curve at least: enough to tell its noise."""

Curves = Mapping[str, Mapping[str, Series]]


def training_of(run: str) -> str:
    """Returns the training that a run belongs to: `mlp` for `mlp/train`."""
    parent, _, last = run.rpartition("/")
    return parent if parent and last in CHILDREN else run


def runs_of(name: str, known: Iterable[str]) -> list[str]:
    """Returns the runs that a name stands for: itself, and what Keras put below it."""
    having = frozenset(known)  # of a frozenset, no copy
    return [run for run in (name, *(f"{name}/{child}" for child in CHILDREN)) if run in having]


def read_curves(provider: Any, context: Any, runs: Sequence[str], *, most_points: int | None = MOST_POINTS) -> Curves:
    """Reads every joinable curve of the runs at once.

    Args:
        provider: A DataProvider.
        context: TensorBoard's request context.
        runs: Names.
        most_points: Of all curves together; None reads every point that TensorBoard would show.

    Returns:
        Run to tag to points. An error of the provider passes through.
    """
    if not runs:
        return {}
    listed = provider.list_scalars(
        context, experiment_id="", plugin_name=SCALARS, run_tag_filter=RunTagFilter(runs=list(runs))
    )
    tags_of = {run: joinable_tags(listed.get(run, {})) for run in runs}
    tags = sorted({tag for tags in tags_of.values() for tag in tags})
    if not tags:
        return {}
    read = provider.read_scalars(
        context,
        experiment_id="",
        plugin_name=SCALARS,
        downsample=MAX_POINTS if most_points is None else _share(most_points, len(runs) * len(tags)),
        run_tag_filter=RunTagFilter(runs=list(runs), tags=tags),
    )
    return {run: {tag: _series(read[run][tag]) for tag in tags_of[run] if read.get(run, {}).get(tag)} for run in runs}


def _share(points: int, curves: int) -> int:
    return min(MAX_POINTS, max(LEAST_POINTS, points // curves))


def _series(data: Sequence[Any]) -> Series:
    points = sorted((int(d.step), float(d.value)) for d in data)
    return Series(tuple(step for step, _ in points), tuple(value for _, value in points))


def by_metric(runs: Iterable[str], curves: Curves) -> dict[str, tuple[str, str, Series]]:
    """Returns run, tag and points by metric's name; of several runs with one metric the first counts."""
    found: dict[str, tuple[str, str, Series]] = {}
    for run in runs:
        for tag, series in curves.get(run, {}).items():
            found.setdefault(metric_name(run, tag), (run, tag, series))
    return found


def run_metrics(runs: Iterable[str], curves: Curves) -> list[MetricValue]:
    """Returns the metrics of runs without a version: best and last, and no value at export."""
    values = []
    for name, (run, tag, series) in by_metric(runs, curves).items():
        curve = summarize(run, tag, steps=series.steps, values=series.values, asked=())
        values.append(_metric(name, curve))
    return values


def _metric(name: str, curve: Curve) -> MetricValue:
    goal = infer_goal(name)
    kind = MetricKind(
        key=visible(name),
        name=visible(name),
        dataset="",
        slice="",
        goal=goal,
        goal_source="unknown" if goal == "unknown" else "inferred",
        source="run",
        run="",
        tag="",
    )
    return MetricValue(kind, None, None, curve, curve.best(goal), curve.last)


def read_hyperparameters(provider: Any, context: Any) -> dict[str, dict[str, Scalar]]:
    """Returns what the HParams plugin's writers recorded: training to its hyperparameters.

    A run whose record can't be read has none.
    """
    from tensorboard.plugins.hparams import metadata

    listed = provider.list_tensors(context, experiment_id="", plugin_name=metadata.PLUGIN_NAME)
    found: dict[str, dict[str, Scalar]] = {}
    for run, tags in listed.items():
        record = tags.get(metadata.SESSION_START_INFO_TAG)
        if record is None:
            continue
        try:
            session = metadata.parse_session_start_info_plugin_data(record.plugin_content)
            values = {visible(name): _scalar(value) for name, value in session.hparams.items()}
        except Exception:  # noqa: BLE001, S112 - written by anyone; its other facts are still shown
            continue
        found.setdefault(training_of(run), {k: v for k, v in sorted(values.items()) if v is not None})
    return found


def _scalar(value: Any) -> Scalar | None:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return visible(value.string_value)
    if kind == "bool_value":
        return bool(value.bool_value)
    if kind == "number_value":
        number = float(value.number_value)
        if not math.isfinite(number):
            return str(number)  # as manifests hold it: JSON has no such number
        return int(number) if number.is_integer() and abs(number) <= 2**53 else number
    return None


def found_version(ref: str, catalog: Catalog) -> Version:
    """Returns the version that a reference names; raises as `find`, and says how a run of that name is written."""
    try:
        return catalog.find(ref)
    except VersionNotFoundError as error:
        if not runs_of(ref, catalog.known_runs):
            raise
        raise VersionNotFoundError(f"{error} The run of that name is written run:{ref}.") from error


def near_runs(name: str, catalog: Catalog) -> str:
    """A sentence that names runs like the one that is not there."""
    import difflib

    near = difflib.get_close_matches(name, catalog.known_runs, n=3, cutoff=0.4)
    if near:
        return f"Did you mean {', '.join(near)}?"
    return "No runs are known." if not catalog.known_runs else ""
