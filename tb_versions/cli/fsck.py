"""`tb-versions fsck`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, Literal, cast

import click

from tb_versions.actions.target import Target, open_target, who
from tb_versions.actions.telling import targets
from tb_versions.cli import options, text, verbs
from tb_versions.core import storage
from tb_versions.core.manifest import visible
from tb_versions.errors import UnreadableFolderError
from tb_versions.read.reuse.registered import open_registry
from tb_versions.registry import fsck as checks
from tb_versions.registry.fsck import Finding
from tb_versions.registry.merging import merge
from tb_versions.registry.state import Head

_DAMAGE = frozenset({"gap", "damaged", "newer", "fork", "twice", "cut", "rewritten"})
"""Kinds of findings with which the state is not known."""


@click.command()
@click.argument("names", metavar="[MODEL]...", nargs=-1)
@options.models
@click.option("--repair", is_flag=True, help="Mend what is certain; say what is not.")
@click.option(
    "--merge", "other", metavar="FOLDER", default=None, help="Append the events that only this other models folder has."
)
@click.option(
    "--prefer",
    type=click.Choice(["ours", "theirs"]),
    default=None,
    help="With --merge: whose aliases count where both moved the same one.",
)
@click.option(
    "--acknowledge",
    metavar="MODEL",
    default=None,
    help="Accept the log of this model as it is, though it was cut or rewritten.",
)
@click.option("--actor", metavar="NAME", default=None, help="Who merges; TB_VERSIONS_ACTOR, else the login.")
@options.as_json
def fsck(
    names: Sequence[str],
    *,
    models_dirs: tuple[str, ...],
    repair: bool,
    other: str | None,
    prefer: str | None,
    acknowledge: str | None,
    actor: str | None,
    json: bool,
) -> None:
    """Look the registries of each MODEL over, or of all: logs with gaps or forks, damaged events, orphans, litter.

    Changes nothing without --repair, --merge or --acknowledge. Exits with 4 if a log is damaged, cut or rewritten, and
    with 1 for anything else that is left to be mended.
    """
    if sum((repair, other is not None, acknowledge is not None)) > 1:
        raise click.UsageError("Use one of --repair, --merge and --acknowledge at a time.")
    if prefer is not None and other is None:
        raise click.UsageError("--prefer is for --merge.")
    if acknowledge is not None:
        _acknowledge(acknowledge, names, models_dirs, json=json)
    elif other is not None:
        _merge(names, other, models_dirs, prefer=prefer, actor=who(actor), json=json)
    else:
        sys.exit(_check(names, models_dirs, repair=repair, json=json))


def _check(names: Sequence[str], models_dirs: tuple[str, ...], *, repair: bool, json: bool) -> int:
    told: list[dict[str, Any]] = []
    left: list[Finding] = []
    for target in _targets(names, models_dirs):
        findings = _findings(target)
        done = {id(finding): what for finding, what in checks.repair(target.store, findings)} if repair else {}
        left += [finding for finding in findings if id(finding) not in done]
        told += [_wire(target.model, finding, done.get(id(finding))) for finding in findings]
    if json:
        click.echo(text.json_of(told))
    else:
        _print(told)
    return 4 if any(finding.kind in _DAMAGE for finding in left) else 1 if left else 0


def _findings(target: Target) -> list[Finding]:
    opened = target.opened
    folders = checks.folders_of(opened.folder, within=os.path.dirname(opened.folder))
    return checks.check(target.store, folders=folders, seen=opened.seen.heads().get(target.model, Head()))


def _acknowledge(model: str, names: Sequence[str], models_dirs: tuple[str, ...], *, json: bool) -> None:
    if names:
        raise click.UsageError("--acknowledge names the model itself.")
    target = open_target(model, verbs.folder_of(model, models_dirs))
    head = checks.acknowledge(target.store, target.opened.seen, model)
    if json:
        click.echo(text.json_of({"model": model, "number": head.number, "digest": head.digest or None}))
    else:
        click.echo(visible(f"{model}: accepted as it is, up to event {head.number}."))


def _merge(
    names: Sequence[str], other: str, models_dirs: tuple[str, ...], *, prefer: str | None, actor: str, json: bool
) -> None:
    if len(names) != 1:
        raise click.UsageError("--merge needs one MODEL.")
    (model,) = names
    target = open_target(model, verbs.folder_of(model, models_dirs))
    theirs = os.path.join(os.path.abspath(storage.existing_folder(other, "The other models folder")), model)
    if not os.path.isdir(theirs):
        raise UnreadableFolderError(f"The other models folder {visible(other)} has no model {visible(model)}.")
    chosen = cast("Literal['', 'ours', 'theirs']", prefer or "")
    done = merge(target.store, open_registry(model, theirs).store, prefer=chosen, actor=actor)
    if json:
        wire = {"common": done.common, "added": list(done.added), "already": done.already, "kept": list(done.kept)}
        click.echo(text.json_of({"model": model, **wire}))
        return
    kept = f" Put back to what they name here: {', '.join(done.kept)}." if done.kept else ""
    click.echo(
        visible(
            f"{model}: both copies begin with {done.common:,} events; {len(done.added):,} were appended, "
            f"{done.already:,} were here already.{kept}"
        )
    )


def _targets(names: Sequence[str], models_dirs: tuple[str, ...]) -> list[Target]:
    if names:
        return [open_target(name, verbs.folder_of(name, models_dirs)) for name in names]
    return list(targets(verbs.only_folder(models_dirs)))


def _wire(model: str, finding: Finding, mended: str | None) -> dict[str, Any]:
    return {
        "model": model,
        "kind": finding.kind,
        "file": visible(finding.key) or None,
        "event": finding.event,
        "version": finding.version,
        "what": visible(finding.what),
        "repairable": finding.is_certain,
        "mended": mended and visible(mended),
    }


def _print(told: Sequence[dict[str, Any]]) -> None:
    for finding in told:
        mended = f" {finding['mended']}" if finding["mended"] else ""
        can = " (--repair mends it)" if finding["repairable"] and not mended else ""
        click.echo(f"{visible(finding['model'])}: {finding['what']}{mended}{can}")
    if not told:
        click.echo("Nothing is wrong.")
