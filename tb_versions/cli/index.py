"""`tb-versions index`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from tb_versions.cli import fleets, options, settings, text, verbs
from tb_versions.cli.tables.use import WHERE
from tb_versions.core.manifest import visible
from tb_versions.core.showing import counted

if TYPE_CHECKING:
    from tb_versions.fleet.checking import Checked
    from tb_versions.fleet.found import Shard
    from tb_versions.fleet.indexing import Indexed, Reading

_MOST_TOLD = 20
_NO_LOGDIR = "no --logdir was given."
_MOST_IN_A_COMMIT = 2_000


@click.command(cls=fleets.Piped)
@options.models
@click.option(
    "--to",
    metavar="DIR",
    default=settings.tables,
    envvar=WHERE,
    help="Where the tables are; by default .index in the models folder.",
)
@click.option("--full", is_flag=True, help="Look at every manifest and log, not only where folders changed.")
@click.option("--rebuild", is_flag=True, help="Make all rows anew, with columns for what is common now.")
@click.option("--check", is_flag=True, help="Change nothing; say how the tables differ from the files.")
@fleets.shard
@fleets.runner
@options.logdir
@options.as_json
def index(
    *,
    models_dirs: tuple[str, ...],
    to: str | None,
    full: bool,
    rebuild: bool,
    check: bool,
    shard: Shard | None,
    runner: str | None,
    logdir: str,
    json: bool,
) -> None:
    """Keep a table of all versions, events and aliases, which DuckDB, Polars, Spark and others read.

    With --logdir also one of the values of linked runs' curves: at export, best and last.

    The files stay the truth: the tables can be deleted at any time. Exits with 1 if a version could not be indexed, or
    with --check if the tables differ from the files, or not all could be read.
    """
    if check and (rebuild or shard is not None):
        raise click.UsageError("--check changes nothing: it can't be used with --rebuild or --shard.")
    if rebuild and shard is not None:
        raise click.UsageError("--rebuild makes all rows anew: it can't be used with --shard.")
    if check and runner:
        raise click.UsageError("--check reads everything in this process: it can't be used with --runner.")
    folder = verbs.only_folder(models_dirs)
    if check:
        _check(folder, to, logdir, json=json)
    else:
        from tb_versions.fleet.indexing import index as indexed

        reading = _by_pipeline(folder) if runner else None
        found = indexed(folder, to, full=full, rebuild=rebuild, shard=shard, reading=reading, logdir=logdir)
        if json:
            click.echo(text.json_of(_payload(found)))
        else:
            _print(found)
        _tell(found.unread, found.problems)
        if found.unread or found.problems:
            sys.exit(1)


def _by_pipeline(folder: str) -> Reading:
    from tb_versions.fleet.work.listing import absolute
    from tb_versions.fleet.work.rows import RowsBy

    return RowsBy(absolute(folder), fleets.pipeline(at_a_time=(100, _MOST_IN_A_COMMIT)))


def _check(folder: str, to: str | None, logdir: str, *, json: bool) -> None:
    from tb_versions.fleet.checking import check as checked

    found = checked(folder, to, logdir=logdir)
    if json:
        click.echo(text.json_of(_checked_payload(found)))
    else:
        for sentence in found.named:
            click.echo(sentence)
        more = found.counts.total() - len(found.named)
        if found.ok:
            limits = "" if _is_all_well(found) else ", as far as those could be read"
            click.echo(f"The tables say what the files say{limits}: {counted(found.rows, 'version')}.")
        else:
            ending = f" {more:,} more are not named." if more > 0 else ""
            differences = counted(found.counts.total(), "difference")
            click.echo(f"{differences}.{ending} tb-versions index --rebuild makes the tables anew.")
        if found.left_values:
            click.echo(f"The values of curves were not compared: {_NO_LOGDIR}")
    _tell(found.unread, found.problems)
    if not _is_all_well(found):
        sys.exit(1)


def _is_all_well(found: Checked) -> bool:
    """Whether all could be read, and the tables say what it says."""
    return found.ok and not (found.problems or found.unread)


def _print(found: Indexed) -> None:
    done = f"{found.added:,} added, {found.removed:,} removed, {counted(found.events, 'new event')}"
    click.echo(visible(f"{found.tables}: {counted(found.versions, 'version')}; {done}."))
    if found.by_names:
        click.echo("Only folders that changed since the last run were looked at; --full looks at everything.")
    if found.values is not None:
        of = found.values
        click.echo(f"Values of curves: {of.rows:,} rows; versions: {of.changed:,} changed, {of.removed:,} removed.")
    elif found.left_values:
        click.echo(f"Values of curves stay as they were: {_NO_LOGDIR}")
    if found.untyped:
        names = ", ".join(map(visible, found.untyped[:5])) + (" and more" if len(found.untyped) > 5 else "")
        click.echo(f"Common now, without a column of their own: {names}. --rebuild makes one.")


def _tell(unread: list[tuple[str, str]], problems: list[tuple[str, str]]) -> None:
    for where, why in [*unread, *problems][:_MOST_TOLD]:
        click.echo(f"tb-versions: {visible(f'{where}: {why}')}", err=True)
    left = len(unread) + len(problems) - _MOST_TOLD
    if left > 0:
        click.echo(f"tb-versions: {left:,} more could not be read; --json names all.", err=True)


def _payload(found: Indexed) -> dict[str, Any]:
    return {
        "tables": visible(found.tables),
        "versions": found.versions,
        "added": found.added,
        "removed": found.removed,
        "events": found.events,
        "full": not found.by_names,
        "untyped": list(map(visible, found.untyped)),
        "values": found.values
        and {
            "rows": found.values.rows,
            "read": found.values.read,
            "changed": found.values.changed,
            "removed": found.values.removed,
        },
        **_not_read(found.unread, found.problems),
    }


def _checked_payload(found: Checked) -> dict[str, Any]:
    return {
        "tables": visible(found.tables),
        "ok": _is_all_well(found),
        "rows": found.rows,
        "counts": dict(found.counts),
        "differences": found.named,
        **_not_read(found.unread, found.problems),
    }


def _not_read(unread: list[tuple[str, str]], problems: list[tuple[str, str]]) -> dict[str, Any]:
    return {
        "unread": [{"path": visible(path), "why": visible(why)} for path, why in unread],
        "problems": [{"where": visible(where), "why": visible(why)} for where, why in problems],
    }
