"""`tb-versions curves`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import click

from tb_versions.cli import options, text
from tb_versions.cli.numbers import WholeNumberIn
from tb_versions.comparison.loading import RUN
from tb_versions.core.manifest import shown, visible
from tb_versions.errors import VersionNotFoundError
from tb_versions.exports.contents.thinning import thinned
from tb_versions.payload import metric_detail, wire_integer, wire_number
from tb_versions.query.names import nearest
from tb_versions.read.catalog import Catalog
from tb_versions.read.curves.curve import RunPoints
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.runs.all_runs import found_version, near_runs, run_metrics, runs_of
from tb_versions.read.values import MetricValue, metric_values, remarks

_NAMED = 10


class _Found(NamedTuple):
    """What a reference named: its metrics that have a curve, and the step of its export."""

    id: str
    values: list[MetricValue]
    step: int | None = None


@click.command()
@click.argument("refs", metavar="REF...", nargs=-1, required=True)
@options.places
@click.option("--metric", "metrics", metavar="NAME", multiple=True, help="Only this metric; repeatable.")
@click.option(
    "--max-points",
    metavar="N",
    type=WholeNumberIn(0, 1_000_000),
    default=100,
    show_default=True,
    help="Most points of one curve, beside that of the export; 0 keeps all.",
)
@options.as_json
def curves(
    refs: tuple[str, ...],
    *,
    logdir: str,
    models_dirs: tuple[str, ...],
    metrics: tuple[str, ...],
    max_points: int,
    json: bool,
) -> None:
    """Show the curves of the runs that versions were exported from: value at export, best, last, and the points.

    REF is model:3, model:1.4.0, model@alias, model for the newest that is there, or run:NAME for a run.
    """
    if not logdir:
        raise click.UsageError("Curves are read from event files: say where they are, --logdir DIR.")
    reader = options.read(logdir, models_dirs, check=False)
    source = CurveReader(reader.provider)
    found = [_found(ref, reader.catalog, source) for ref in dict.fromkeys(refs)]
    if metrics:
        found = _only(metrics, found)
    told = _told(found, source, max_points)
    if json:
        click.echo(text.json_of(told))
    else:
        _print(told)
    for one in found:
        for sentence in [remark for value in one.values for remark in remarks(value)] or _why_none(one):
            click.echo(f"tb-versions: {visible(one.id)}: {visible(sentence)}", err=True)
    options.note_newer(reader.catalog, refs)
    text.report_problems(reader.catalog)


def _found(ref: str, catalog: Catalog, source: CurveReader) -> _Found:
    if not ref.startswith(RUN):
        version = found_version(ref, catalog)
        return _Found(version.id, [v for v in metric_values(version, catalog.curves) if v.curve], version.step)
    name = ref.removeprefix(RUN)
    runs = runs_of(name, catalog.run_names)
    if not runs:
        raise VersionNotFoundError(f"There is no run {shown(name)}. {near_runs(name, catalog)}".strip())
    return _Found(ref, run_metrics(runs, source.read_metrics(runs), source.sample))


def _only(metrics: Sequence[str], found: Sequence[_Found]) -> list[_Found]:
    names = list(dict.fromkeys(value.kind.key for one in found for value in one.values))
    for metric in metrics:
        if metric not in names:
            near = nearest(metric, names)
            hint = (
                f"Did you mean {near}?" if near else f"Metrics with curves are {', '.join(names[:_NAMED]) or 'none'}."
            )
            raise click.UsageError(visible(f"No curve is called {shown(metric)}. {hint}"))
    return [one._replace(values=[value for value in one.values if value.kind.key in metrics]) for one in found]


def _told(found: Sequence[_Found], source: CurveReader, most: int) -> list[dict[str, Any]]:
    tags: dict[str, dict[str, None]] = {}
    for curve in (value.curve for one in found for value in one.values):
        if curve is not None:
            tags.setdefault(curve.run, {})[curve.tag] = None
    read = source.read({run: list(of) for run, of in tags.items()})
    points = {run: of for some in read for run, of in some.items()}
    return [
        {"id": visible(one.id), "curves": [_curve(value, points, step=one.step, most=most) for value in one.values]}
        for one in found
    ]


def _curve(value: MetricValue, points: RunPoints, *, step: int | None, most: int) -> dict[str, Any]:
    whole = points.get(value.curve.run, {}).get(value.curve.tag) if value.curve else None
    if whole is None:  # its event file is gone since
        return {**metric_detail(value), "points": None, "steps": [], "values": []}
    some = thinned(whole, most, [] if step is None else [step])
    return {
        **metric_detail(value),
        "points": len(whole.steps),
        "steps": [wire_integer(step) for step in some.steps.tolist()],
        "values": [wire_number(value) for value in some.values.tolist()],
    }


def _why_none(one: _Found) -> list[str]:
    return [] if one.values else ["It has no curves: its run is not in this log directory, or logged no scalars."]


def _print(told: Sequence[dict[str, Any]]) -> None:
    rows = [
        (one["id"], visible(curve["key"]), *(_cell(curve, name) for name in ("at_export", "best", "last")))
        for one in told
        for curve in one["curves"]
    ]
    if rows:
        text.print_rows(("version", "metric", "at export", "best", "last"), rows)
    for one in told:
        for curve in one["curves"]:
            click.echo()
            of = "an unknown number" if curve["points"] is None else f"{curve['points']:,}"
            click.echo(visible(f"{one['id']} {curve['key']}: {len(curve['steps']):,} of {of} points"))
            points = zip(curve["steps"], curve["values"], strict=True)
            text.print_rows(("step", "value"), [(str(step), _number(value)) for step, value in points])


def _cell(curve: dict[str, Any], name: str) -> str:
    step = curve["step" if name == "at_export" else f"{name}_step"]
    return _number(curve[name]) + ("" if curve[name] is None or step is None else f" (step {step})")


def _number(value: float | str | None) -> str:
    return value if isinstance(value, str) else text.number(value)
