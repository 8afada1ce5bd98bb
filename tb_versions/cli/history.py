"""`tb-versions history` and `changed`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from tb_versions.actions import telling
from tb_versions.actions.moments import moment_text
from tb_versions.actions.telling import Told
from tb_versions.actions.wire import told_payload
from tb_versions.actions.wording import in_words
from tb_versions.cli import options, text, verbs
from tb_versions.errors import InvalidQueryError


@click.command()
@click.argument("model", required=False)
@options.models
@click.option("--alias", metavar="NAME", default=None, help="Only what moved this alias.")
@click.option("--at", metavar="DATE", default=None, help="Only what happened until then; UTC without a zone.")
@click.option("--head", is_flag=True, help="Print number and digest of the last event only, to be pinned.")
@options.as_json
def history(
    model: str | None, *, models_dirs: tuple[str, ...], alias: str | None, at: str | None, head: bool, json: bool
) -> None:
    """Show what happened to MODEL, or to all models, oldest first: when, who, what and why."""
    folder = _folder(model, models_dirs)
    if head:
        _print_head(model, folder, json=json, alone=alias is None and at is None)
        return
    told = telling.history(model, folder, alias=alias, at=at)
    _print(told, with_model=model is None, json=json)
    if not told and not json:
        click.echo("Nothing happened.")


@click.command()
@click.argument("model", required=False)
@options.models
@click.option(
    "--since", metavar="EVENT|DATE", required=True, help="Number of an event of MODEL, or a date; UTC without a zone."
)
@options.as_json
def changed(model: str | None, *, models_dirs: tuple[str, ...], since: str, json: bool) -> None:
    """Say what happened to MODEL, or to all models, since an event or a date.

    Exits with 0 if nothing did, with 1 if something did.
    """
    told = telling.changed(model, _folder(model, models_dirs), since=since)
    _print(told, with_model=model is None, json=json)
    if told:
        sys.exit(1)
    if not json:
        click.echo("Nothing happened.")


def _folder(model: str | None, models_dirs: tuple[str, ...]) -> str:
    return verbs.only_folder(models_dirs) if model is None else verbs.folder_of(model, models_dirs)


def _print_head(model: str | None, folder: str, *, json: bool, alone: bool) -> None:
    if model is None or not alone:
        raise InvalidQueryError("--head needs a MODEL, and neither --alias nor --at.")
    found = telling.head(model, folder)
    if json:
        click.echo(text.json_of({"model": model, "number": found.number, "digest": found.digest or None}))
    else:
        click.echo(f"{found.number} {found.digest}".strip())


def _print(told: Sequence[Told], *, with_model: bool, json: bool) -> None:
    if json:
        click.echo(text.json_of([told_payload(one) for one in told]))
    elif told:
        columns = ("event", "time", "who", "what", "reason")
        text.print_rows(columns, [_row(one, with_model=with_model) for one in told])


def _row(told: Told, *, with_model: bool) -> Sequence[str]:
    event = told.event
    skewed = f" (clock behind: {moment_text(event.time_ms)})" if told.skewed else ""
    number = f"{told.model} {event.number}" if with_model else str(event.number)
    reason = " ".join(event.reason.split())
    return number, f"{moment_text(told.effective_ms)}{skewed}", event.actor, in_words(told), reason
