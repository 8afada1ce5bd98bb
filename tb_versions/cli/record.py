"""`tb-versions record`."""

from __future__ import annotations

import math
from collections.abc import Sequence

import click

from tb_versions.actions import recording
from tb_versions.actions.wire import recorded_payload
from tb_versions.cli import text, verbs
from tb_versions.cli.numbers import WholeNumberIn
from tb_versions.core import arguments
from tb_versions.core.manifest import Metric, metric_key, shown, visible


@click.command()
@click.argument("ref")
@click.argument("metrics", metavar="METRIC=VALUE...", nargs=-1, required=True)
@click.option("--dataset", metavar="NAME", default="", help="Data that they were measured on.")
@click.option("--slice", "part", metavar="NAME", default="", help="Part of that data.")
@click.option("--examples", metavar="N", type=WholeNumberIn(min=0), default=None, help="On how many examples.")
@click.option("--source", metavar="NAME", default="", help="Where they come from, like monitoring.")
@click.option(
    "--time", metavar="DATE", default=None, help="When they were measured; UTC without a zone, now by default."
)
@click.option("--goal", "goals", metavar="METRIC=max", multiple=True, help="Goal of a metric, max or min; repeatable.")
@verbs.changing
def record(
    ref: str,
    metrics: Sequence[str],
    how: verbs.How,
    *,
    dataset: str,
    part: str,
    examples: int | None,
    source: str,
    time: str | None,
    goals: Sequence[str],
) -> None:
    """Record metrics of the version REF that were measured after it was published.

    They stand beside those of its training. Each call writes a file of its own; nobody waits for anybody.
    """
    values = {
        name: Metric(value=_number(name, value), examples=examples) for name, value in _pairs(metrics, "accuracy=0.93")
    }
    found = recording.record(
        ref,
        how.folder_for(ref),
        values,
        goals=dict(_pairs(goals, "accuracy=max")),
        dataset=dataset,
        slice=part,
        source=source,
        time=time,
        **how.acting,
    )
    if how.json:
        click.echo(text.json_of({"ref": ref, **recorded_payload(found), "dry_run": how.dry_run}))
        return
    told = ", ".join(f"{metric_key(v.name, found.dataset, found.slice)} {text.number(v.number)}" for v in found.values)
    said = f"{ref}: {told}."
    click.echo(visible(f"Dry run: {said} Nothing was written." if how.dry_run else said))


def _pairs(words: Sequence[str], example: str) -> list[tuple[str, str]]:
    pairs = []
    for word in words:
        name, is_pair, value = word.rpartition("=")
        if not is_pair or not name:
            raise click.UsageError(f"Write metrics like {example}, not {shown(word)}.")
        pairs.append((name, value))
    twice = sorted({name for name, _ in pairs if [other for other, _ in pairs].count(name) > 1})
    if twice:
        raise click.UsageError(f"{shown(twice[0])} is given twice.")
    return pairs


def _number(name: str, value: str) -> float:
    number = arguments.number(value)
    if number is None:
        raise click.UsageError(f"The metric {shown(name)} must be a number, not {shown(value)}.")
    if math.isinf(number) and any(map(str.isdigit, value)):
        raise click.UsageError(f"The metric {shown(name)} is too large for a double: {shown(value[:40])}.")
    return number
