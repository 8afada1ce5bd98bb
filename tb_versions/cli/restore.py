"""`tb-versions import`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from tb_versions.actions.adopting import adopt, adopt_measured
from tb_versions.cli import exports, options, text
from tb_versions.core.manifest import visible
from tb_versions.errors import StorageError, TbVersionsError
from tb_versions.exports.checking.agreement import chosen
from tb_versions.exports.checking.examining import Examination
from tb_versions.exports.container import Export
from tb_versions.exports.manifests import SharedManifest, restorable
from tb_versions.write.restore import Restorer

_REASONS = {
    "same": "exists: same manifest",
    "other": "exists: another manifest",
    "taken": "its folder exists and holds no manifest",
    "reserved": "its number was used before, and numbers are never reused",
}


@dataclass(frozen=True)
class _Result:
    """What became of one version: "restored", "skipped" or "refused"; and why, or what is missing in it."""

    id: str
    became: str
    reason: str = ""


@click.command("import")
@click.argument("export", metavar="EXPORT")
@click.argument("refs", metavar="[REF]...", nargs=-1)
@click.option(
    *options.MODELS_DIR,
    "models_dir",
    metavar="DIR",
    required=True,
    help="Folder of models to restore into; made if missing.",
)
@click.option("--history", is_flag=True, help="Also what the export's logs say of them, and what was measured later.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@options.as_json
def restore(export: str, refs: tuple[str, ...], *, models_dir: str, history: bool, dry_run: bool, json: bool) -> None:
    """Restore the manifests in EXPORT, or those of the versions REF: manifests, not models.

    Only from an export that was not altered; what exists is never touched. Exits with 1 if anything was refused.
    """
    if not models_dir:
        raise click.UsageError("--models-dir is empty; an unset variable, perhaps?")
    examined = exports.unaltered(export, so="so nothing is restored")
    shared = examined.manifests
    wanted = chosen(shared, refs) if refs else shared
    with Restorer(models_dir, dry_run=dry_run) as restorer, _progress() as progress:
        results = [_restore(one, restorer) for one in progress.track(wanted, description="manifests")]
    if history and not dry_run:
        told = _Told(examined, models_dir)
        results = [told.added_to(done, one) for done, one in zip(results, wanted, strict=True)]
    if json:
        wire = [{"id": done.id, "became": done.became, "reason": done.reason or None} for done in results]
        click.echo(text.json_of(wire))
    else:
        _print(results, dry_run)
    if any(done.became == "refused" for done in results):
        sys.exit(1)


def _restore(shared: SharedManifest, restorer: Restorer) -> _Result:
    try:
        outcome = restorer.restore(restorable(shared))
    except StorageError:
        raise  # the disk is full, or not ours: no manifest fares better
    except TbVersionsError as error:
        return _Result(shared.id, "refused", str(error))
    if outcome == "restored":
        return _Result(shared.id, "restored", _without(shared))
    return _Result(shared.id, "skipped" if outcome == "same" else "refused", _REASONS[outcome])


class _Told:
    """What an export says of versions beside their manifests; untrusted."""

    def __init__(self, examined: Examination, models_dir: str) -> None:
        found = examined.export
        self._events = _section(found, "history")
        self._measured = _section(found, "measured")
        self._models_dir = models_dir
        self._source = f"an export ({visible(examined.digest)[:19]})"

    def added_to(self, done: _Result, shared: SharedManifest) -> _Result:
        """Keeps the history of a version that was restored just now; says so in its result."""
        if done.became != "restored":
            return done
        reference = f"{shared.model}:{shared.number}"
        try:
            events = [each for each in self._of(self._events, shared.model) if _is_about(each, shared.number)]
            if events:
                adopt(reference, self._models_dir, events, source=self._source)
            measured = self._of(self._measured, shared.id)
            for each in reversed(measured):
                adopt_measured(reference, self._models_dir, each)
        except TbVersionsError as error:
            return _Result(done.id, "refused", f"its manifest was restored, its history not: {error}")
        said = [f"{len(events):,} events", f"{len(measured):,} measurements"]
        return _Result(done.id, done.became, "; ".join(filter(None, [done.reason, f"with {' and '.join(said)}"])))

    @staticmethod
    def _of(section: dict[str, Any], name: str) -> list[Any]:
        found = section.get(name)
        return found if isinstance(found, list) else []


def _section(export: Export | None, name: str) -> dict[str, Any]:
    found = export.section(name) if export is not None and name in export.names else {}
    return found if isinstance(found, dict) else {}


def _is_about(event: object, number: int) -> bool:
    return isinstance(event, dict) and str(event.get("version")) == str(number)


def _without(shared: SharedManifest) -> str:
    if not shared.redacted:
        return ""
    return f"without {', '.join(shared.redacted)}, which the export does not hold; so its digest is another one"


def _progress() -> Progress:
    """A bar on a terminal, on stderr; nothing else."""
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _print(results: list[_Result], dry_run: bool) -> None:
    for done in results:
        became = f"would be {done.became}" if dry_run else done.became
        line = f"{done.id}: {became}" + (f" ({done.reason})" if done.reason else "")
        click.echo(visible(line))
    counts = {word: sum(done.became == word for done in results) for word in ("restored", "skipped", "refused")}
    summary = ", ".join(f"{count:,} {word}" for word, count in counts.items())
    of = f"Of {len(results):,} manifest{'' if len(results) == 1 else 's'}"
    click.echo(f"{of}: {summary}. {'Nothing was done.' if dry_run else 'No model was restored.'}")
