"""What the commands that import from another tracker share: their options, and how they say what became of versions."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from tb_versions.cli import options, text
from tb_versions.core.manifest import visible
from tb_versions.interop.importing.assembling import Assembly
from tb_versions.interop.importing.known import look
from tb_versions.interop.imports import Foreign, Outcome, Plan, Planned, import_versions, plan_import

_MOST_SHOWN = 50


@dataclass(frozen=True)
class Import:
    """What the options of every import say: where to, which files, who, whether only to try, and how it is printed.

    Attributes:
        models_dir: Folder of models.
        copy_files: As of `plan_import`.
        actor: As of `import_versions`.
        dry_run: Likewise.
        json: Whether to print JSON.
    """

    models_dir: str
    copy_files: bool
    actor: str | None
    dry_run: bool
    json: bool

    def run(
        self, versions: Iterable[Foreign], *, notes: Iterable[str] = (), problems: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Imports versions, prints what became of them, and exits with 1 if anything was refused.

        Args:
            versions: Those of the tracker.
            notes: What to say first.
            problems: (where, why) of what could not be read of the tracker.
        """
        plan = plan_import(versions, self.models_dir, copy_files=self.copy_files)
        for line in (*notes, *plan.warnings):
            click.echo(f"tb-versions: {visible(line)}", err=True)
        outcomes = list(_shown(import_versions(plan, actor=self.actor, dry_run=self.dry_run), len(plan.versions)))
        if self.json:
            click.echo(text.json_of(_wire(plan, outcomes, problems, dry_run=self.dry_run)))
        else:
            _print(outcomes, problems, dry_run=self.dry_run)
        if any(outcome.became == "refused" for outcome in outcomes) or problems:
            sys.exit(1)

    @contextlib.contextmanager
    def assembly(self) -> Iterator[Assembly]:
        """Yields where folders of versions with copied files are made on their way; it is gone afterwards."""
        known = look(os.path.realpath(self.models_dir)).versions.keys()
        if not self.copy_files:
            yield Assembly("", known)
            return
        with tempfile.TemporaryDirectory(prefix="tb-versions-") as folder:
            yield Assembly(folder, known)


imports = options.gathered(
    Import,
    "into",
    options.as_json,
    click.option("--dry-run", is_flag=True, help="Print the plan, and write nothing."),
    click.option("--actor", metavar="NAME", default=None, help="Who imports; TB_VERSIONS_ACTOR, else the login."),
    click.option("--copy-files", is_flag=True, help="Copy files into the models folder; else they stay in place."),
    click.option(
        *options.MODELS_DIR,
        "models_dir",
        metavar="DIR",
        required=True,
        help="Folder of models to import into; made if missing.",
    ),
)
"""Adds the options of every import, as `into`."""


def _shown(outcomes: Iterable[Outcome], count: int) -> Iterator[Outcome]:
    """The same, with a bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("importing", total=count)
        for outcome in outcomes:
            progress.advance(task, int(outcome.planned is not None))
            yield outcome


def _wire(
    plan: Plan, outcomes: Sequence[Outcome], problems: Sequence[tuple[str, str]], *, dry_run: bool
) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "models_dir": visible(plan.models_dir),
        "versions": [_version(outcome, outcome.planned) for outcome in outcomes if outcome.planned],
        "changes": [
            {"model": outcome.reference, "became": outcome.became, "what": visible(outcome.text)}
            for outcome in outcomes
            if not outcome.planned
        ],
        "sources": dict(_sources(outcomes)),
        "problems": [{"where": visible(where), "why": visible(why)} for where, why in problems],
    }


def _version(outcome: Outcome, planned: Planned) -> dict[str, Any]:
    foreign = planned.foreign
    return {
        "id": outcome.reference,
        "became": outcome.became,
        "reason": visible(outcome.text) or None,
        "tracker": foreign.tracker,
        "store": foreign.store,
        "key": visible(foreign.key),
        "model_there": visible(foreign.model),
        "files": planned.files,
        "notes": list(map(visible, outcome.notes)),
    }


def _print(outcomes: Sequence[Outcome], problems: Sequence[tuple[str, str]], *, dry_run: bool) -> None:
    """A table of what is new, sentences on the rest, and a summary."""
    new = [(outcome, outcome.planned) for outcome in outcomes if outcome.planned and outcome.became == "new"]
    if new and len(new) <= _MOST_SHOWN:
        columns = ["version", "there", "files", "metrics", "hyperparameters"]
        text.print_rows(columns, (_row(outcome, planned) for outcome, planned in new))
    for note, references in _by_note(outcome for outcome, _ in new).items():
        more = f" and {len(references) - 3:,} more" if len(references) > 3 else ""
        click.echo(visible(f"{', '.join(references[:3])}{more}: {note}"))
    for outcome in outcomes:
        if outcome.became == "refused":
            click.echo(
                visible(f"Not taken over: {outcome.reference}: {outcome.text}" if outcome.planned else outcome.text)
            )
        elif outcome.became == "changed":
            click.echo(visible(f"{'Would be: ' if dry_run else ''}{outcome.text}."))
    for where, why in problems[:_MOST_SHOWN]:
        click.echo(visible(f"Not read: {where}: {why}"))
    for label, folder in _sources(outcomes):
        click.echo(visible(f"Files stay in place; to have them at hand: --source {label}={folder}"))
    click.echo(_summary(outcomes, len(problems), dry_run=dry_run))


def _by_note(outcomes: Iterable[Outcome]) -> dict[str, list[str]]:
    """Versions by what could not be taken over of them."""
    found: dict[str, list[str]] = {}
    for outcome in outcomes:
        for note in outcome.notes:
            found.setdefault(note, []).append(outcome.reference)
    return found


def _row(outcome: Outcome, planned: Planned) -> list[str]:
    foreign = planned.foreign
    there = f"{foreign.model} {foreign.version or foreign.number or ''}".strip()
    files = {"absent": "not at hand", "linked": "in place"}.get(planned.files, planned.files)
    return [outcome.reference, visible(there), files, str(len(foreign.metrics)), str(len(foreign.hyperparameters))]


def _sources(outcomes: Sequence[Outcome]) -> list[tuple[str, str]]:
    """The folders that the sources of files left in place mean here."""
    found = {}
    for outcome in outcomes:
        planned = outcome.planned
        if planned and outcome.became == "new" and planned.files == "linked" and planned.foreign.elsewhere:
            path = f"{planned.foreign.folder}/{planned.foreign.only}".rstrip("/")
            ending = f"/{planned.foreign.elsewhere.path}"
            if path.endswith(ending):
                found[planned.foreign.elsewhere.source] = path.removesuffix(ending)
    return sorted(found.items())


def _summary(outcomes: Sequence[Outcome], problems: int, *, dry_run: bool) -> str:
    versions = [outcome.became for outcome in outcomes if outcome.planned]
    changes = [outcome.became for outcome in outcomes if not outcome.planned]
    new = versions.count("new")
    parts = [f"{'Would import' if dry_run else 'Imported'} {new:,} version{'' if new == 1 else 's'}"]
    for count, words in (
        (versions.count("same"), "imported before"),
        (versions.count("refused"), "refused"),
        (changes.count("changed"), "said later"),
        (changes.count("refused"), "said later and not taken over"),
        (problems, "not read"),
    ):
        parts += [f"{count:,} {words}"] if count else []
    return "; ".join(parts) + "."
