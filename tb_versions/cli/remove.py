"""`tb-versions remove` and `tb-versions prune`: make room on the disk; what is in use stays."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click
from rich.filesize import decimal

from tb_versions.actions import removal
from tb_versions.actions.keeping import Keep
from tb_versions.actions.removal import Planned
from tb_versions.cli import text, verbs
from tb_versions.cli.numbers import WholeNumberIn
from tb_versions.core.manifest import Goal, shown, visible
from tb_versions.payload.wire import wire_integer

_AGE = re.compile(r"([0-9]+(?:\.[0-9]+)?)([dhw])", re.ASCII)
_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0}


@click.command()
@click.argument("refs", metavar="REF...", nargs=-1, required=True)
@click.option("--reason", metavar="TEXT", required=True, help="Why; kept in the history.")
@verbs.changing
def remove(refs: Sequence[str], how: verbs.How, *, reason: str) -> None:
    """Remove the versions REF: their files move to the trash, and their numbers are never used again.

    Manifests and history are kept, so lineage and comparison still know them. A version that holds an alias is refused.
    `tb-versions prune --empty-trash` deletes the files for good.
    """
    wanted = verbs.expanded(refs, how.models_dirs)
    changes = [removal.remove(ref, how.folder_for(ref), reason=reason, **how.acting) for ref in wanted]
    how.print(*changes, several=True)


def _age(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    """Days of an age like 30d, 12h or 2w."""
    if value is None:
        return None
    match = _AGE.fullmatch(value)
    if match is None:
        raise click.BadParameter(f"{shown(value)} is no age; write 30d, 12h or 2w.")
    return float(match[1]) * _DAYS[match[2]]


@click.command()
@click.argument("models", metavar="[MODEL]...", nargs=-1)
@click.option("--keep-last", metavar="N", type=WholeNumberIn(0), default=0, help="Keep the newest N of each model.")
@click.option("--keep-best", metavar="K", type=WholeNumberIn(0), default=0, help="Keep the best K of each model.")
@click.option(
    "--by", "metric", metavar="METRIC", default="", help="Metric for --keep-best; by default the lead metric."
)
@click.option("--goal", type=click.Choice(["max", "min"]), default=None, help="Which values are better.")
@click.option("--younger-than", "age", metavar="AGE", callback=_age, help="Keep what is younger: 30d, 12h, 2w.")
@click.option("--yes", is_flag=True, help="Remove them; without it, prune only says what it would remove.")
@click.option("--empty-trash", is_flag=True, help="Delete the files of versions that were removed, for good.")
@verbs.with_reason
@verbs.changing
def prune(
    models: Sequence[str],
    how: verbs.How,
    *,
    keep_last: int,
    keep_best: int,
    metric: str,
    goal: Goal | None,
    age: float | None,
    yes: bool,
    empty_trash: bool,
    reason: str,
) -> None:
    """Remove the versions that no rule keeps, of MODEL or of all models. Says only what it would do, without --yes.

    Always kept: what holds an alias or would after a rollback, what was approved, parents of what is kept, and what
    can't be read. Removed files move to the trash; --empty-trash deletes them.
    """
    folder = verbs.only_folder(how.models_dirs)
    is_wanted = bool(keep_last or keep_best or age is not None)
    if not is_wanted and not empty_trash:
        raise click.UsageError("Say what to keep: --keep-last N, --keep-best K, --younger-than AGE; or --empty-trash.")
    does = yes and not how.dry_run
    planned: list[Planned] = []
    if is_wanted:
        keep = Keep(last=keep_last, best=keep_best, metric=metric, goal=goal or "", younger_than_days=age)
        planned = removal.prune(models, folder, keep=keep, reason=reason, actor=how.actor, dry_run=not does)
    trash = _trash(models, folder, does=does) if empty_trash else []
    if how.json:
        click.echo(text.json_of({"dry_run": not does, "versions": list(map(_wire, planned)), "trash": trash}))
    else:
        _print(planned, trash, does=does)
    if any(each.failure for each in planned) or any(each["failures"] for each in trash):
        sys.exit(5)


def _trash(models: Sequence[str], folder: str, *, does: bool) -> list[dict[str, Any]]:
    """What is deleted from the trash, or would be."""
    if does:
        return [
            {
                "model": model,
                "numbers": list(map(wire_integer, emptied.numbers)),
                "bytes": emptied.size,
                "failures": list(emptied.failures),
            }
            for model, emptied in removal.empty(models, folder).items()
        ]
    return [
        {
            "model": model,
            "numbers": [wire_integer(number) for number, _ in versions],
            "bytes": sum(size for _, size in versions),
            "failures": [],
        }
        for model, versions in removal.trash(models, folder).items()
    ]


def _wire(planned: Planned) -> dict[str, Any]:
    return {
        "id": planned.id,
        "number": wire_integer(planned.number),
        "bytes": planned.size,
        "kept": planned.why_kept or None,
        "removed": planned.change is not None,
        "failure": planned.failure or None,
    }


def _print(planned: Sequence[Planned], trash: Sequence[dict[str, Any]], *, does: bool) -> None:
    if planned:
        text.print_rows(["version", "size", "", "why"], map(_row, planned))
    for line in _summary(planned, trash, does=does):
        click.echo(line)


def _row(planned: Planned) -> list[str]:
    size = "" if planned.size is None else decimal(planned.size)
    return [planned.id, size, "remove" if planned.goes else "keep", planned.failure or planned.why_kept]


def _summary(planned: Sequence[Planned], trash: Sequence[dict[str, Any]], *, does: bool) -> Iterator[str]:
    going = [each for each in planned if each.goes and not each.failure]
    size = decimal(sum(each.size or 0 for each in going))
    if planned:
        verb = "Removed" if does else "Would remove"
        where = "Their files are in the trash: tb-versions prune --empty-trash --yes deletes them." if does else ""
        yield f"{verb} {len(going)} of {len(planned)} versions, {size}. {where if going else ''}".rstrip()
    staying = sum(each.is_elsewhere for each in going)
    if staying:
        yield f"The files of {staying} of them lie elsewhere, and {'stay' if does else 'would stay'} there."
    for each in trash:
        verb = "Deleted" if does else "Would delete"
        many = f"{len(each['numbers'])} removed versions of {visible(each['model'])}"
        yield f"{verb} the files of {many}: {decimal(each['bytes'])}."
        yield from map(visible, each["failures"])
    if not does and (going or trash):
        yield "Nothing was changed; add --yes to do it."
