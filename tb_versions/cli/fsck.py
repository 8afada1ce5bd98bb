"""`tb-versions fsck`."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, Literal, cast

import click

from tb_versions.actions import removal
from tb_versions.actions.target import Target, open_target, who
from tb_versions.actions.telling import targets
from tb_versions.cli import options, text, verbs
from tb_versions.core import storage
from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import visible
from tb_versions.core.store import LocalStore, Store
from tb_versions.errors import RewrittenLogError, TbVersionsError, UnreadableFolderError, UnsupportedStorageError
from tb_versions.read.folders.stores import folders_in_store
from tb_versions.read.reuse.registered import open_registry
from tb_versions.registry import forks
from tb_versions.registry import fsck as checks
from tb_versions.registry.fsck import Finding
from tb_versions.registry.log import Log
from tb_versions.registry.merging import merge
from tb_versions.registry.seen import Seen
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
@click.option(
    "--dry-run", is_flag=True, help="Do it with a copy of the registry, say what was done, and write nothing."
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
    dry_run: bool,
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
        _acknowledge(acknowledge, names, models_dirs, dry_run=dry_run, json=json)
    elif other is not None:
        _merge(names, (other, models_dirs), prefer=prefer, actor=who(actor), dry_run=dry_run, json=json)
    else:
        sys.exit(_check(names, models_dirs, repair=repair, dry_run=dry_run, json=json))


def _check(names: Sequence[str], models_dirs: tuple[str, ...], *, repair: bool, dry_run: bool, json: bool) -> int:
    told: list[dict[str, Any]] = []
    left: list[Finding] = []
    is_unknown = False
    for target in _targets(names, models_dirs):
        try:
            findings = _findings(target)
        except TbVersionsError as error:  # the others are looked over all the same
            click.echo(f"tb-versions: {visible(f'{target.model}: {error}')}", err=True)
            is_unknown = True
            continue
        with _trial(target, dry_run=dry_run) as (store, _):
            done = {id(finding): what for finding, what in checks.repair(store, findings)} if repair else {}
        if repair and not dry_run:
            done |= _finished(target, [finding for finding in findings if id(finding) not in done])
        left += [finding for finding in findings if id(finding) not in done]
        told += [_wire(target.model, finding, done.get(id(finding))) for finding in findings]
    if json:
        click.echo(text.json_of(told))
    else:
        _print(told, is_unknown=is_unknown)
        _note_trial(dry_run=dry_run)
    if any(finding.kind in _DAMAGE for finding in left):
        return 4
    return 5 if is_unknown else 1 if left else 0


def _finished(target: Target, findings: Sequence[Finding]) -> dict[int, str]:
    """Moves the files of versions whose removal was interrupted; what was done about which finding."""
    interrupted = {f.version: f for f in findings if f.kind == "unfinished_removal"}
    if any(f.kind in _DAMAGE for f in findings) or not interrupted:
        return {}
    try:
        finished = removal.finish(os.path.dirname(target.opened.folder), target.model)
    except TbVersionsError as error:
        finished = removal.Finished((), (str(error),))
    for failure in finished.failures:
        click.echo(f"tb-versions: {visible(failure)}", err=True)
    numbers = filter(interrupted.__contains__, finished.numbers)
    return {id(interrupted[number]): "Its files are in the trash now." for number in numbers}


def _findings(target: Target) -> list[Finding]:
    opened = target.opened
    folders: Mapping[int, bool | None]
    if storage.is_remote(opened.folder):
        folders = folders_in_store(opened.folder)
    else:
        folders = checks.folders_of(opened.folder, within=os.path.dirname(opened.folder))
    seen = opened.seen.heads().get(target.model, Head())
    models_dir = os.path.dirname(opened.folder)
    manifests = checks.Manifests(target.model, models_dir, partial(_manifest_digest, target))
    return checks.check(target.store, folders=folders, seen=seen, manifests=manifests)


def _manifest_digest(target: Target, number: int) -> str:
    """The digest of a version's manifest; "" where it is not there or can't be read, which other findings say."""
    try:
        return target.at(number).found.manifest_digest
    except TbVersionsError:
        return ""


def _acknowledge(model: str, names: Sequence[str], models_dirs: tuple[str, ...], *, dry_run: bool, json: bool) -> None:
    if names:
        raise click.UsageError("--acknowledge names the model itself.")
    target = open_target(model, verbs.folder_of(model, models_dirs))
    with _trial(target, dry_run=dry_run) as (store, seen):
        fork = forks.first_of(Log(store))
        aside = None if fork is None else forks.set_aside(store, fork)
        head = checks.acknowledge(store, seen, model)
    if json:
        wire = {"number": head.number, "digest": head.digest or None, "set_aside": _numbers(aside)}
        click.echo(text.json_of({"model": model, **wire}))
    else:
        if aside is not None:
            click.echo(visible(f"{model}: {aside}"))
        click.echo(visible(f"{model}: accepted as it is, up to event {head.number}."))
        _note_trial(dry_run=dry_run)


def _merge(
    names: Sequence[str],
    places: tuple[str, tuple[str, ...]],
    *,
    prefer: str | None,
    actor: str,
    dry_run: bool,
    json: bool,
) -> None:
    if len(names) != 1:
        raise click.UsageError("--merge needs one MODEL.")
    (model,), (other, models_dirs) = names, places
    target = open_target(model, verbs.folder_of(model, models_dirs))
    theirs = os.path.join(os.path.abspath(storage.existing_folder(other, "The other models folder")), model)
    if not os.path.isdir(theirs):
        raise UnreadableFolderError(f"The other models folder {visible(other)} has no model {visible(model)}.")
    chosen = cast("Literal['', 'ours', 'theirs']", prefer or "")
    with _trial(target, dry_run=dry_run) as (store, _):
        done = merge(store, open_registry(model, theirs).store, prefer=chosen, actor=actor)
    if not dry_run:
        with suppress(RewrittenLogError):  # it was cut before the merge: that stays so until it is acknowledged
            target.opened.state()
    if json:
        wire = {"common": done.common, "added": list(done.added), "already": done.already, "kept": list(done.kept)}
        click.echo(text.json_of({"model": model, **wire, "set_aside": _numbers(done.aside)}))
        return
    if done.aside is not None:
        click.echo(visible(f"{model}: {done.aside}"))
    kept = f" Put back to what they name here: {', '.join(done.kept)}." if done.kept else ""
    click.echo(
        visible(
            f"{model}: both copies begin with the same events: {done.common:,}. Appended: {len(done.added):,}; "
            f"here already: {done.already:,}.{kept}"
        )
    )
    _note_trial(dry_run=dry_run)


def _numbers(aside: forks.Aside | None) -> list[int]:
    return [] if aside is None else list(aside.numbers)


@contextmanager
def _trial(target: Target, *, dry_run: bool) -> Iterator[tuple[Store, Seen]]:
    """Yields a model's store and what was seen of it; for a dry run copies of both."""
    opened = target.opened
    if dry_run and storage.is_remote(opened.folder):
        raise UnsupportedStorageError("A dry run works with a copy of the registry, and there is none of a store's.")
    if not dry_run:
        yield opened.store, opened.seen
        return
    with tempfile.TemporaryDirectory(prefix="tb-versions-") as folder:
        copy = os.path.join(folder, PRIVATE_FOLDER)
        if os.path.isdir(opened.store.shown) and not os.path.islink(opened.store.shown):
            shutil.copytree(opened.store.shown, copy, symlinks=True)
        yield LocalStore(copy, within=folder), Seen(folder, folder=os.path.join(folder, "seen"))


def _note_trial(*, dry_run: bool) -> None:
    if dry_run:
        click.echo("Nothing was written.")


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


def _print(told: Sequence[dict[str, Any]], *, is_unknown: bool) -> None:
    for finding in told:
        mended = f" {finding['mended']}" if finding["mended"] else ""
        can = " (--repair mends it)" if finding["repairable"] and not mended else ""
        click.echo(f"{visible(finding['model'])}: {finding['what']}{mended}{can}")
    if not told and not is_unknown:
        click.echo("Nothing is wrong with the registries. Manifests and files: tb-versions verify --all.")
