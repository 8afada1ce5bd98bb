"""`tb-versions which`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from tb_versions.actions import asking
from tb_versions.actions.asking import Which
from tb_versions.actions.moments import moment_text
from tb_versions.actions.wire import which_payload
from tb_versions.cli import options, text, verbs
from tb_versions.cli.tables import use as table_use
from tb_versions.core.manifest import visible
from tb_versions.core.references import is_path, parse_reference
from tb_versions.errors import InvalidReferenceError

_HOW = {
    "digests": "every file was read when it was put there",
    "sizes": "names and sizes were compared when it was put there, no contents",
}


@click.command("which")
@click.argument("ref", metavar="MODEL@ALIAS")
@options.models
@options.sources
@click.option("--at", metavar="DATE", default=None, help="What it named then; UTC without a zone.")
@table_use.options
@options.as_json
def which(ref: str, *, models_dirs: tuple[str, ...], at: str | None, use: table_use.Use, json: bool) -> None:
    """Show what an alias names: the version, who put it there, when, why, and what it replaced.

    MODEL@ALIAS~1 shows what the next rollback would return to. However many versions there are, one log and one
    manifest are opened; a table is asked only where it is told to be, and no files are there.
    """
    if is_path(ref):
        raise InvalidReferenceError("A path names no alias; write model@alias, like digits@production.")
    found = _by_table(ref, models_dirs, at, use) if use.is_told else None
    found = found or asking.which(ref, verbs.folder_of(parse_reference(ref).model, models_dirs), at=at)
    if json:
        click.echo(text.json_of(which_payload(found)))
    else:
        _print(found)
    for problem in found.problems:
        click.echo(f"tb-versions: {visible(problem)}", err=True)


def _by_table(ref: str, models_dirs: tuple[str, ...], at: str | None, use: table_use.Use) -> Which | None:
    from tb_versions.cli.tables import holding

    return holding.which(use, models_dirs, ref, at=at)


def _print(found: Which) -> None:
    facts = text.table("", "")
    facts.show_header = False
    for name, value in _facts(found):
        if value:
            facts.add_row(name, text.plain(value))
    console = text.console()
    when = f" at {moment_text(found.at)}" if found.at is not None else ""
    console.print(text.plain(f"{found.model}@{found.alias}{when} is {found.id}"), style="bold")
    console.print(facts)


def _facts(found: Which) -> Iterator[tuple[str, str | None]]:
    yield "semantic version", found.semantic_version
    yield "since", f"{moment_text(found.since)} (event {found.event})"
    yield "put there by", f"{found.actor}{' (rolled back)' if found.rolled_back else ''}"
    yield "reason", found.reason
    yield "replaced", "nothing" if found.replaced is None else f"{found.model}:{found.replaced}"
    yield "approved by", ", ".join(f"{name} ({moment_text(ms)})" for name, ms in found.approvals.items()) or "nobody"
    yield "deprecated", "yes" if found.deprecated else ""
    yield "digest", found.digest or "not known"
    for data in found.datasets:
        yield "data", f"{data.name}{f' ({data.split})' if data.split else ''} {data.digest or 'digest not known'}"
    for name, value in found.metrics.items():
        yield f"metric {name}", text.number(value)
    yield "files", _HOW.get(found.verified, "were not compared when it was put there")
    if found.verified_later:
        ok, how, actor, ms = found.verified_later
        state = "as published" if ok else "not as published"
        yield "verified", f"{state}, by {how} ({actor}, {moment_text(ms)})"
    yield "replay", visible(found.replayed)
    yield "gate", found.gate
    yield "attestation", found.attestation
    yield "folder", found.path or "not here"
