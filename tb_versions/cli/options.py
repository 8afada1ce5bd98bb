"""Options that several verbs share, and how they become a reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from tb_versions import storage
from tb_versions.reader import CatalogReader, open_reader

_Function = TypeVar("_Function", bound=Callable[..., Any])


def places(function: _Function) -> _Function:
    """Adds --logdir and --models-dir."""
    for option in (
        click.option("--models-dir", "models_dirs", metavar="DIR", multiple=True, help="Folder of models; repeatable."),
        click.option("--logdir", metavar="DIR", default="", help="What `tensorboard --logdir` gets."),
    ):
        function = option(function)
    return function


def as_json(function: _Function) -> _Function:
    """Adds --json."""
    return click.option("--json", "json", is_flag=True, help="Print JSON, numbers in full precision.")(function)


def read(logdir: str, models_dirs: tuple[str, ...]) -> CatalogReader:
    """Returns a reader over the folders that the options name.

    Raises:
        click.UsageError: Neither option was given.
        UnreadableFolderError: A folder does not exist.
    """
    if not logdir and not models_dirs:
        raise click.UsageError("Say where to look: --logdir DIR, --models-dir DIR, or both.")
    if logdir:
        storage.existing_folder(logdir, "The log directory")
    for folder in models_dirs:
        storage.existing_folder(folder, "The models folder")
    return open_reader(logdir, models_dirs)
