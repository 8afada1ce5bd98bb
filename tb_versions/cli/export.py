"""`tb-versions export`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import BinaryIO

import click
from rich import progress as bars
from rich.console import Console

from tb_versions.cli import options, text
from tb_versions.cli.numbers import WholeNumberIn
from tb_versions.cli.tables import use as table_use
from tb_versions.comparison.loading import RUN
from tb_versions.core import arguments, storage
from tb_versions.core.manifest import shown, visible
from tb_versions.core.showing import counted
from tb_versions.errors import InvalidQueryError, TbVersionsError
from tb_versions.exports.contents.loading import load
from tb_versions.exports.contents.material import Options, Progress
from tb_versions.exports.contents.selection import Selector
from tb_versions.exports.export import (
    MAX_INTRODUCTION,
    Exported,
    Job,
    Opened,
    checked_include,
    checked_url,
    run_job,
    view_of,
)
from tb_versions.exports.formats import FORMATS
from tb_versions.exports.redaction.fields import INCLUDABLE

STDOUT = "-"
"""What stands for standard output as a place."""

_BINARY = ("parquet", "oci-archive")


@click.command("export")
@click.argument("refs", metavar="[REF]...", nargs=-1)
@options.places
@click.option("--out", metavar="PATH", required=True, help="File, folder or URL to write; - is stdout.")
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), help="By the ending of --out by default.")
@click.option("--model", "models", metavar="NAME", multiple=True, help="Only versions of this model; repeatable.")
@click.option("--run", "runs", metavar="NAME", multiple=True, help="Only this run and its versions; repeatable.")
@click.option("--alias", "aliases", metavar="NAME", multiple=True, help="Only versions with this alias.")
@click.option("--filter", "filter_text", metavar="EXPR", default="", help="Only versions that pass this filter.")
@click.option("--title", metavar="TEXT", default="", help="Title of the page.")
@click.option("--introduction", metavar="FILE.md", default="", help="Markdown that is shown above the table.")
@click.option("--view", metavar="URL", default="", help="Address copied out of the tab: what the page opens with.")
@click.option("--tensorboard-url", metavar="URL", default="", help="Where links to runs lead.")
@click.option(
    "--include", metavar=",".join(INCLUDABLE), default="", help="Include these; they are left out by default."
)
@click.option("--redact", metavar="REGEX", multiple=True, help="Replace matches in every text; repeatable.")
@click.option(
    "--max-points",
    metavar="N",
    type=WholeNumberIn(0, 1_000_000),
    default=200,
    show_default=True,
    help="Most points of one curve; 0 keeps all.",
)
@click.option("--max-size", metavar="SIZE", default=None, help="Most bytes, like 15MB; leaves out what must be.")
@click.option(
    "--attach",
    metavar="FILE",
    multiple=True,
    help="For oci: an attestation of the version (in-toto, DSSE, Sigstore bundle); repeatable.",
)
@click.option(
    "--with-golden",
    is_flag=True,
    help="For oci: pack golden outputs, too: inputs that the author gave, and answers.",
)
@click.option("--manifest/--no-manifest", default=True, help="For oci: whether the manifest goes along, unchanged.")
@click.option(
    "--force",
    is_flag=True,
    help="Replace what is at PATH: an exported page, a table with the ending of its format, a site's own files in a "
    "folder. Anything else stays, and so does a tensorboard-dev folder.",
)
@table_use.options
def export_versions(
    refs: tuple[str, ...],
    *,
    logdir: str,
    models_dirs: tuple[str, ...],
    out: str,
    format_name: str | None,
    models: tuple[str, ...],
    runs: tuple[str, ...],
    aliases: tuple[str, ...],
    filter_text: str,
    title: str,
    introduction: str,
    view: str,
    tensorboard_url: str,
    include: str,
    redact: tuple[str, ...],
    max_points: int,
    max_size: str | None,
    attach: tuple[str, ...],
    with_golden: bool,
    manifest: bool,
    force: bool,
    use: table_use.Use,
) -> None:
    """Write what the tab shows as one file that opens anywhere, or in another format.

    All versions, or only those that REF, --model, --run and --filter name. Secrets, and what
    names machines and people, are left out; so are arguments and uncommitted changes. See --include.
    """
    if not logdir and not models_dirs and not (use.is_told and use.where):
        raise click.UsageError("Say where to look: --logdir DIR, --models-dir DIR, or both.")
    job = Job(
        out=out,
        logdir=logdir,
        models_dirs=models_dirs,
        format=format_name or "",
        selector=Selector(refs=refs, models=models, runs=runs, aliases=aliases, filter=filter_text),
        options=Options(
            title=title,
            introduction=_introduction(introduction),
            view=view_of(view),
            tensorboard_url=checked_url(tensorboard_url),
            max_points=max_points,
            max_size=None if max_size is None else arguments.size("--max-size", max_size),
            with_manifest=manifest,
            attach=attach,
            with_golden=with_golden,
        ),
        include=checked_include(name for name in include.split(",") if name),
        redact=redact,
        force=force,
    )
    stream = _stdout(format_name) if out == STDOUT else None
    with options.blaming_no_logdir(logdir, refs=_runs(refs, runs), wanted=filter_text):
        done = _by_table(job, use, stream) if table_use.may_be_asked(use, models_dirs) else None
        done = done or _done(job, stream)
    _print(done, with_curves=bool(logdir) or not FORMATS[done.format].holds_runs, stderr=stream is not None)


def _done(job: Job, stream: BinaryIO | None, *, opened: Opened = load) -> Exported:
    with _progress() as progress:
        announce = None if stream else _announce
        return run_job(job, progress=progress, announce=announce, stream=stream, opened=opened)


def _by_table(job: Job, use: table_use.Use, stream: BinaryIO | None) -> Exported | None:
    """Exports what the tables find; None where all files are to be read."""
    from tb_versions.cli.tables import exporting, files

    found = exporting.found(use, job.models_dirs, job.selector, logdir=job.logdir)
    if found is None:
        return None
    part = replace(job, selector=found.selector, models_dirs=(found.tables.folder,))
    try:
        done = _done(part, stream, opened=found.opened)
    except files.OutdatedTableError as error:
        if use.is_told:
            raise
        table_use.not_asked(str(error))
        return None
    exporting.say(found.tables)
    return done


def _stdout(format_name: str | None) -> BinaryIO:
    """Where a table goes that other programs read at once; a terminal gets no bytes that are not text."""
    if format_name is None:
        raise click.UsageError("Say which format goes to standard output: --format csv.")
    stream = sys.stdout.buffer
    if format_name in _BINARY and stream.isatty():
        raise click.UsageError(f"The format {format_name} is no text; give it a file: --out PATH.")
    return stream


def _runs(refs: Iterable[str], runs: Iterable[str]) -> tuple[str, ...]:
    return (*refs, *(RUN + run for run in runs))


def _introduction(path: str) -> str:
    if not path:
        return ""
    try:
        return storage.read_capped(path, MAX_INTRODUCTION).decode("utf-8")
    except FileNotFoundError as error:
        raise InvalidQueryError(f"The introduction {shown(path)} does not exist.") from error
    except UnicodeDecodeError as error:
        raise InvalidQueryError(f"The introduction {shown(path)} is no UTF-8 text.") from error
    except TbVersionsError as error:
        raise InvalidQueryError(str(error)) from error


@contextmanager
def _progress() -> Iterator[Progress]:
    """Shows a bar for each step on stderr, if that is a terminal."""
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    columns = (bars.TextColumn("{task.description}", markup=False), bars.BarColumn(), bars.MofNCompleteColumn())
    with bars.Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown_bars:
        tasks = {}

        def update(what: str, done: int, count: int) -> None:
            if what not in tasks:
                tasks[what] = shown_bars.add_task(what, total=count)
            shown_bars.update(tasks[what], completed=done)

        yield update


def _announce(size: int) -> None:
    with suppress(BrokenPipeError):  # what nobody reads stops no writing
        click.echo(f"{in_bytes(size)} will be written.", err=True)


def _print(done: Exported, *, with_curves: bool, stderr: bool) -> None:
    console = text.console(stderr=stderr)
    runs = f" and {counted(done.runs, 'run')} that made none" if done.runs else ""
    path = "standard output" if stderr else done.path
    console.print(text.plain(f"{path}: {counted(done.versions, 'version')}{runs}, {in_bytes(done.size)}"))
    left_out = done.left_out if with_curves else ("All runs and their curves: no --logdir was given.", *done.left_out)
    for title, sentences in (("Left out", left_out), ("Taken out", done.redacted)):
        for sentence in sentences:
            console.print(text.plain(f"{title}: {sentence}"))
    if done.digest:
        console.print(text.plain(done.digest))
    for problem in done.problems:
        click.echo(f"tb-versions: {visible(problem)}", err=True)


def in_bytes(size: int) -> str:
    """A size for people: "14.2 MB", or bytes where there are few."""
    if size < 10_000:
        return f"{size:,} bytes"
    return f"{size / 1_000:,.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:,.1f} MB"
