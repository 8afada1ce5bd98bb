"""What the verbs of the registry share: their options, where a model is, and how a change is printed."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, TypeVar

import click

from tb_versions.actions.target import Change
from tb_versions.cli import options, text
from tb_versions.core.manifest import shown, visible
from tb_versions.core.references import is_path, parse_range, parse_reference
from tb_versions.errors import VersionNotFoundError
from tb_versions.read.folders.stores import existing_models
from tb_versions.read.reuse.finding import numbers_of

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Acting(TypedDict):
    """Who acts, and whether it is only tried."""

    actor: str | None
    dry_run: bool


@dataclass(frozen=True)
class How:
    """What the options of every verb that changes something say.

    Attributes:
        models_dirs: Folders of models.
        actor: Who acts; None for who it is by default.
        dry_run: Whether it is only tried.
        json: Whether JSON is printed.
    """

    models_dirs: tuple[str, ...]
    actor: str | None
    dry_run: bool
    json: bool

    @property
    def acting(self) -> Acting:
        """The arguments of what changes something."""
        return {"actor": self.actor, "dry_run": self.dry_run}

    def folder_of(self, model: str) -> str:
        """The models folder that holds a model; raises as `folder_of`."""
        return folder_of(model, self.models_dirs)

    def folder_for(self, ref: str) -> str | None:
        """The models folder of what a reference names; None for the path of a version. Raises as `folder_of`."""
        return folder_for(ref, self.models_dirs)

    def print(self, *changes: Change, several: bool = False) -> None:
        """Prints what was changed: a sentence each, or JSON, an array for verbs that take several references."""
        if self.json:
            from tb_versions.actions.wire import change_payload  # loads NumPy

            told = [change_payload(change) for change in changes]
            click.echo(text.json_of(told if several else told[0]))
            return
        for change in changes:
            click.echo(visible(str(change)))


changing = options.gathered(
    How,
    "how",
    options.as_json,
    click.option("--dry-run", is_flag=True, help="Check everything, say what would be done, and write nothing."),
    click.option("--actor", metavar="NAME", default=None, help="Who acts; TB_VERSIONS_ACTOR, else the login."),
    options.models,
)
"""Adds the options of every verb that changes something, as `how`."""


def with_reason(function: _Function) -> _Function:
    """Adds --reason."""
    return click.option("--reason", metavar="TEXT", default="", help="Why; kept in the history.")(function)


def with_alias(function: _Function) -> _Function:
    """Adds --alias, which must be given."""
    return click.option("--alias", metavar="NAME", required=True, help="The alias, like production.")(function)


def with_expect(function: _Function) -> _Function:
    """Adds --expect."""
    return click.option(
        "--expect",
        metavar="REF",
        default="anything",
        help="The version that the alias must name now, or none; otherwise exit with 3.",
    )(function)


def folder_of(model: str, models_dirs: Sequence[str]) -> str:
    """Returns the models folder that holds a model.

    Raises:
        click.UsageError: No folder is given, or several hold the model.
        VersionNotFoundError: None of several folders holds it.
        UnreadableFolderError: A folder does not exist.
    """
    if not models_dirs:
        raise click.UsageError("Say where the model is: --models-dir DIR.")
    for folder in models_dirs:
        existing_models(folder)
    if len(models_dirs) == 1:
        return models_dirs[0]
    having = [folder for folder in models_dirs if _holds(folder, model)]
    if len(having) > 1:
        raise click.UsageError(
            f"{visible(model)} is in {' and in '.join(map(visible, having))}: give one --models-dir."
        )
    if not having:
        folders = ", ".join(map(visible, models_dirs))
        raise VersionNotFoundError(f"There is no model {shown(model)} in {folders}.")
    return having[0]


def only_folder(models_dirs: Sequence[str]) -> str:
    """Returns the one models folder that is given; raises click.UsageError if there is none, or more than one."""
    if len(models_dirs) != 1:
        what = "one models folder, and several are given" if models_dirs else "a models folder"
        raise click.UsageError(f"This needs {what}: --models-dir DIR.")
    existing_models(models_dirs[0])
    return models_dirs[0]


def folder_for(ref: str, models_dirs: Sequence[str]) -> str | None:
    """Returns the models folder of what a reference names; None for the path of a version. Raises as `folder_of`."""
    return None if is_path(ref) else folder_of(parse_reference(ref).model, models_dirs)


def expanded(refs: Sequence[str], models_dirs: Sequence[str]) -> list[str]:
    """Returns references, each range replaced by the versions that are there; raises as `options.expanded`."""
    for ref in refs:
        if parse_range(ref) is None and not is_path(ref):
            parse_reference(ref)  # before anything is changed
    return options.expanded(refs, lambda model: numbers_of(model, folder_of(model, models_dirs)))


def _holds(folder: str, model: str) -> bool:
    own = os.path.basename(os.path.realpath(os.path.expanduser(folder)))
    return own == model or os.path.isdir(os.path.join(os.path.expanduser(folder), model))
