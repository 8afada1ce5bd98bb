"""Metrics and hyperparameters of any runs, those without versions too."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tensorboard.context import RequestContext
from tensorboard.data.provider import RunTagFilter

from tb_versions.core.manifest import Scalar, visible
from tb_versions.core.metadata import TRAINING_RUNS, training_of
from tb_versions.errors import VersionNotFoundError
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.curves.at_export import Export
from tb_versions.read.curves.curve import Curve, CurveName, Points, RunPoints, named, summarize
from tb_versions.read.values import MetricValue, export_from, kind_of_curve


def runs_of(name: str, known: Iterable[str]) -> list[str]:
    """Returns the runs that a name means: the run itself, and those that Keras made below it."""
    having = frozenset(known)  # of a frozenset, no copy
    return [run for run in (name, *(f"{name}/{child}" for child in TRAINING_RUNS)) if run in having]


def runs_by_start(provider: Any) -> tuple[str, ...]:
    """Returns every run by the time of its first event: TensorBoard's order, which decides the colours.

    Args:
        provider: A DataProvider; None has no runs.
    """
    if provider is None:
        return ()
    runs = provider.list_runs(RequestContext(), experiment_id="")
    start = {run.run_name: math.inf if run.start_time is None else run.start_time for run in runs}
    return tuple(sorted(start, key=lambda name: (start[name], name)))


def exports_by_run(versions: Iterable[Version]) -> dict[str, frozenset[Export]]:
    """Returns every linked run that TensorBoard knows, with the exports from it that have a step."""
    exports: dict[str, set[Export]] = defaultdict(set)
    for version in versions:
        for link in version.links:
            if link.known:
                export = export_from(version, link.name)
                exports[link.name].update(() if export is None else (export,))
    return {run: frozenset(some) for run, some in exports.items()}


def by_metric(runs: Iterable[str], curves: RunPoints) -> dict[CurveName, tuple[str, str, Points]]:
    """Returns run, tag and points by metric's name, of the runs of one training."""
    names = named({run: curves.get(run, {}) for run in runs})
    return {_visible(name): (run, tag, curves[run][tag]) for name, (run, tag) in names.items()}


def _visible(name: CurveName) -> CurveName:
    return CurveName(visible(name.metric), visible(name.of))


def run_metrics(
    runs: Iterable[str], curves: RunPoints, sample: Callable[[Points], int] = lambda _: 0
) -> list[MetricValue]:
    """Returns the metrics of runs without a version: best and last, and no value at export.

    Args:
        runs: Names.
        curves: Of these and of others.
        sample: Returns the number of points of a curve if they are a sample of it; see `CurveReader.sample`.
    """
    found = by_metric(runs, curves)
    return [
        _metric(name, summarize(run, tag, points, sample=sample(points))) for name, (run, tag, points) in found.items()
    ]


def _metric(name: CurveName, curve: Curve) -> MetricValue:
    kind = kind_of_curve(name)
    return MetricValue(kind, None, None, curve, curve.best(kind.goal), curve.last, sample=curve.sample)


def read_hyperparameters(provider: Any, runs: Sequence[str] | None = None) -> dict[str, dict[str, Scalar]]:
    """Returns the hyperparameters that were logged for the HParams plugin, by training.

    A record that can't be read is skipped.

    Args:
        provider: A DataProvider.
        runs: Only these runs; all by default.
    """
    from tensorboard.plugins.hparams import metadata

    listed = provider.list_tensors(
        RequestContext(),
        experiment_id="",
        plugin_name=metadata.PLUGIN_NAME,
        run_tag_filter=None if runs is None else RunTagFilter(runs=runs, tags=[metadata.SESSION_START_INFO_TAG]),
    )
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
    """Returns the version that a reference names; raises as `Catalog.find`, and adds how to name a run of that name."""
    try:
        return catalog.find(ref)
    except VersionNotFoundError as error:
        if not runs_of(ref, catalog.known_runs):
            raise
        raise VersionNotFoundError(f"{error} The run of that name is written run:{ref}.") from error


def near_runs(name: str, catalog: Catalog) -> str:
    """Returns a sentence that names runs with a similar name."""
    import difflib

    near = difflib.get_close_matches(name, catalog.known_runs, n=3, cutoff=0.4)
    if near:
        return f"Did you mean {', '.join(near)}?"
    return "No runs are known." if not catalog.known_runs else ""
