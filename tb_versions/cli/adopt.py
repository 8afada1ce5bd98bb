"""`tb-versions adopt`: models that were made without this package become versions; their files stay as they are."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import click
from rich.filesize import decimal

from tb_versions.cli import fleets, options, settings, text
from tb_versions.core import storage
from tb_versions.core.elsewhere import SOURCES, parse_sources, split_sources
from tb_versions.core.manifest import shown, visible
from tb_versions.interop import tables
from tb_versions.interop.adopting import Adopted, adopt, draft_of, planning
from tb_versions.interop.adopting_many import ADOPTED, FAILED, adopt_planned, numbers_kept, share_of
from tb_versions.interop.homes import Into, into
from tb_versions.interop.inferring import Inferred, Logs
from tb_versions.interop.planning import NumberFrom, Plan, Planned
from tb_versions.payload.wire import wire_integer

_NUMBER_FROM = ("folder", "order", "mtime")
_MOST_SHOWN = 50


@click.command("adopt", cls=fleets.Piped)
@click.argument("folders", metavar="DIR...", nargs=-1, required=True)
@click.option(
    "--logdir",
    metavar="DIR",
    envvar="TB_VERSIONS_LOGDIR",
    default=settings.logdir,
    help="Infer run, step, metrics and hyperparameters from this log directory.",
)
@click.option(
    *options.MODELS_DIR,
    "models_dir",
    metavar="DIR",
    default="",
    help="Put manifests here, and leave the files where they are: for what is read-only, somebody else's, or loose.",
)
@click.option(
    "--source",
    "sources",
    metavar="LABEL[=DIR]",
    multiple=True,
    help="With --models-dir: what manifests call the folder DIR that the files are in; by default after its name.",
)
@click.option("--trust-times", is_flag=True, help="Files were copied with their times, by a clock that is the log's.")
@click.option("--name", metavar="MODEL", default="", help="The model that all are versions of; else folders say it.")
@click.option(
    "--number-from",
    type=click.Choice(_NUMBER_FROM),
    default=None,
    help="Where numbers come from; by default folders' names, and their order where a name has none.",
)
@click.option("--from-csv", "csv", metavar="FILE", default="", help="A table with a row for each model.")
@click.option("--from-json", "json_table", metavar="FILE", default="", help="The same as a list of JSON objects.")
@click.option("--from-yaml", "yaml", metavar="FILE", default="", help="The same in YAML.")
@click.option(
    "--column",
    "columns",
    metavar="FIELD=COLUMN",
    multiple=True,
    help="What a column says: folder, version, step, run, created, description, metric.NAME …; repeatable.",
)
@click.option("--dry-run", is_flag=True, help="Print the plan, and write nothing.")
@fleets.many
@click.option("--json", "json", is_flag=True, help="Print JSON.")
def adopt_models(
    folders: Sequence[str],
    *,
    logdir: str,
    models_dir: str,
    sources: Sequence[str],
    trust_times: bool,
    name: str,
    number_from: NumberFrom | None,
    csv: str,
    json_table: str,
    yaml: str,
    columns: Sequence[str],
    dry_run: bool,
    many: fleets.Many,
    json: bool,
) -> None:
    """Make versions of the models below DIR, which were made without this package.

    Writes a manifest into the folder of each model, and changes nothing else; with --models-dir not even that: all
    manifests go there. What is a version already stays as it is, so that the command can be given again.
    """
    table = _table({"csv": csv, "json": json_table, "yaml": yaml}, columns)
    if logdir:
        storage.existing_folder(logdir, "The log directory")
    goal = _goal(folders, models_dir, sources)
    beside = models_dir or folders[0]
    given = [os.path.abspath(os.path.expanduser(folder)) for folder in folders] if many else folders
    kept = numbers_kept(fleets.failed_before("adopt", beside, many)) if many else {}
    is_share = many.shard is not None
    with planning(given, name=name, number_from=number_from or "", into=goal, kept=kept, is_share=is_share) as whole:
        plan = share_of(whole, many.share) if many else whole
        known = _stated(whole, _known(whole, logdir, trusts_times=trust_times), table)
        if many and not dry_run:
            _adopt_many(plan, known, beside, many=many, json=json)
            return
        report = _Report(plan, known, goal)
        if dry_run:
            report.failures = dict(_trial(plan, known))
        else:
            for adopted in _shown(adopt(plan, known), len(plan.versions)):
                report.note(adopted)
    if json:
        click.echo(text.json_of(report.wire(dry_run=dry_run)))
    else:
        report.print(dry_run=dry_run)
    if report.failures and not dry_run:
        sys.exit(5)


def _stated(
    plan: Plan, known: Mapping[str, Inferred], table: tuple[list[tables.Row], tables.Mapped] | None
) -> Mapping[str, Inferred]:
    """What is known, with what a table states over it."""
    if table is None:
        return known
    found, strangers = tables.stated(*table, plan.versions, known)
    for stranger in strangers[:_MOST_SHOWN]:
        click.echo(f"tb-versions: {stranger}.", err=True)
    return found


def _adopt_many(plan: Plan, known: Mapping[str, Inferred], beside: str, *, many: fleets.Many, json: bool) -> None:
    """Adopts what is planned of a share, here or by a pipeline; exits with 5 if anything failed."""
    things = {each.model.path: (each, known.get(each.model.path, Inferred())) for each in plan.versions}
    existing = set(plan.existing)
    verb = fleets.Verb("adopt", adopt_planned, unknown=FAILED, above="", folder=beside)
    worked, where = fleets.work(
        verb, things, many=many, is_gone=lambda path: path in existing or not os.path.lexists(path)
    )
    fleets.tell(worked, where, words={ADOPTED: "adopted", FAILED: "failed"}, json=json)
    if not json:
        already = "1 was a version" if len(existing) == 1 else f"{len(existing):,} were versions"
        click.echo(f"{already} already; {len(plan.skipped):,} skipped, which --dry-run names.")
    if worked.letters:
        sys.exit(5)


def _goal(folders: Sequence[str], models_dir: str, sources: Sequence[str]) -> Into | None:
    """Where manifests go, if not beside the models."""
    if not models_dir:
        if sources:
            raise click.UsageError("--source needs --models-dir: else manifests lie beside the files.")
        return None
    for folder in folders:
        storage.existing_folder(folder, "The folder to adopt")
    bound = os.environ.get(SOURCES, "")
    known = parse_sources(split_sources(bound) if bound else settings.sources())
    return into(models_dir, folders, sources, known=known)


def _table(files: Mapping[tables.Form, str], columns: Sequence[str]) -> tuple[list[tables.Row], tables.Mapped] | None:
    """The table that is given, and what its columns say; None without one."""
    given = [(form, path) for form, path in files.items() if path]
    if len(given) > 1:
        raise click.UsageError("Give one table: --from-csv, --from-json or --from-yaml.")
    if not given:
        if columns:
            raise click.UsageError("--column needs a table: --from-csv, --from-json or --from-yaml.")
        return None
    rows = tables.read_rows(given[0][1], given[0][0])
    mapped = tables.mapping(rows, columns)
    for column in mapped.unused:
        click.echo(f"tb-versions: The column {shown(column)} is not used; --column says what it is.", err=True)
    return rows, mapped


def _known(plan: Plan, logdir: str, *, trusts_times: bool) -> Mapping[str, Inferred]:
    if not logdir or not plan.versions:
        return {}
    from tb_versions.read.no_tensorflow import without_tensorflow

    without_tensorflow()
    logs = Logs(logdir)
    for where, why in logs.problems:
        click.echo(f"tb-versions: {visible(where)}: {visible(why)}", err=True)
    return logs.infer(plan.versions, trusts_times=trusts_times)


def _trial(plan: Plan, known: Mapping[str, Inferred]) -> Iterator[tuple[str, str]]:
    """The folders whose files are damaged, and why, without hashing any."""
    from tb_versions.errors import TbVersionsError

    for planned in plan.versions:
        try:
            draft_of(planned, known.get(planned.model.path, Inferred()))
        except TbVersionsError as error:  # noqa: PERF203 - each is said
            yield planned.model.path, str(error)


def _shown(adopted: Iterable[Adopted], count: int) -> Iterator[Adopted]:
    """The same, with a bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        yield from progress.track(adopted, total=count, description="adopting")


class _Report:
    """What was done, or would be."""

    def __init__(self, plan: Plan, known: Mapping[str, Inferred], goal: Into | None) -> None:
        self._plan, self._known, self._goal = plan, known, goal
        self._digests: dict[str, str] = {}
        self.failures: dict[str, str] = {}

    def note(self, adopted: Adopted) -> None:
        """Notes what became of a version."""
        folder = adopted.planned.model.path
        if adopted.manifest is None:
            self.failures[folder] = adopted.failure
        else:
            self._digests[folder] = adopted.manifest.digest

    def wire(self, *, dry_run: bool) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "dry_run": dry_run,
            "versions": [self._entry(planned) for planned in self._plan.versions],
            "existing": [visible(folder) for folder in self._plan.existing],
            "skipped": [{"folder": visible(where), "why": visible(why)} for where, why in self._plan.skipped],
        }

    def _entry(self, planned: Planned) -> dict[str, Any]:
        known = self._known.get(planned.model.path, Inferred())
        return {
            "id": planned.reference,
            "model": planned.named.model,
            "number": wire_integer(planned.number),
            "semantic_version": planned.named.semantic_version or None,
            "folder": visible(planned.model.path),
            "elsewhere": _elsewhere(planned),
            "format": planned.model.format,
            "bytes": planned.size,
            "created": int(planned.times.made * 1_000),
            "run": known.runs[0].name if known.runs else None,
            "step": None if known.step is None else wire_integer(known.step),
            "evidence": visible(known.words) or None,
            "metrics": len(known.metrics),
            "hyperparameters": len(known.hyperparameters),
            "digest": self._digests.get(planned.model.path),
            "failure": visible(self.failures.get(planned.model.path, "")) or None,
        }

    def print(self, *, dry_run: bool) -> None:
        """A table of the plan, and what was skipped and why."""
        going = [planned for planned in self._plan.versions if planned.model.path not in self.failures]
        if going and (dry_run or len(going) <= _MOST_SHOWN):
            text.print_rows(["version", "format", "size", "made", "run", "step", "folder"], map(self._row, going))
        for planned in going:
            words = self._known.get(planned.model.path, Inferred()).words
            if words:
                click.echo(visible(f"{planned.reference}: {words}."))
        for where, why in (*self._plan.skipped, *self.failures.items()):
            click.echo(visible(f"Skipped {where}: {why}"))
        same = len(self._plan.existing)
        already = f"; {same:,} {'was a version' if same == 1 else 'were versions'} already" if same else ""
        left = len(self._plan.skipped) + len(self.failures)
        skipped = f"; {left:,} skipped" if left else ""
        verb = "Would adopt" if dry_run else "Adopted"
        models = "1 model" if len(going) == 1 else f"{len(going):,} models"
        click.echo(f"{verb} {models}{already}{skipped}.")
        if self._goal and going and not dry_run:
            click.echo(visible(f"The files stay where they are. Whoever opens them says {self._bindings(going)}."))

    def _bindings(self, going: Sequence[Planned]) -> str:
        used = dict.fromkeys(planned.elsewhere.source for planned in going if planned.elsewhere)
        return " ".join(f"--source {label}={self._goal.sources[label]}" for label in used) if self._goal else ""

    def _row(self, planned: Planned) -> list[str]:
        known = self._known.get(planned.model.path, Inferred())
        return [
            planned.reference + (f" ({planned.named.semantic_version})" if planned.named.semantic_version else ""),
            planned.model.format,
            decimal(planned.size),
            text.time(int(planned.times.made * 1_000)),
            known.runs[0].name if known.runs else "",
            "" if known.step is None else str(known.step),
            planned.model.path,
        ]


def _elsewhere(planned: Planned) -> dict[str, str] | None:
    """Source and path of files that stay elsewhere."""
    elsewhere = planned.elsewhere
    return None if elsewhere is None else {"source": elsewhere.source, "path": elsewhere.path}
