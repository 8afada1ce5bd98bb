"""Options that several commands share, and the reader that they describe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from tb_versions.cli import settings
from tb_versions.comparison.loading import RUN
from tb_versions.core import storage
from tb_versions.core.manifest import visible
from tb_versions.errors import InvalidFilterError, InvalidQueryError, VersionNotFoundError
from tb_versions.read.catalog import Catalog
from tb_versions.read.reader import CatalogReader, open_reader

MODELS_DIR = ("--models-dir", "--models_dir", "--versions_models_dir")
"""The option for folders of models, and how Python and TensorBoard spell it."""

_NO_LOGDIR = "Runs and curves are read from --logdir, which was not given."
_Function = TypeVar("_Function", bound=Callable[..., Any])


def places(function: _Function) -> _Function:
    """Adds --logdir and --models-dir; without them their variables count, then `tb-versions.toml`."""
    for option in (
        click.option(
            *MODELS_DIR,
            "models_dirs",
            metavar="DIR",
            multiple=True,
            type=click.Path(),  # so that the variable may hold several, as PATH does
            envvar="TB_VERSIONS_MODELS_DIR",
            default=settings.models_dirs,
            help="Folder of models; repeatable.",
        ),
        click.option(
            "--logdir",
            metavar="DIR",
            envvar="TB_VERSIONS_LOGDIR",
            default=settings.logdir,
            help="What `tensorboard --logdir` gets.",
        ),
    ):
        function = option(function)
    return function


def as_json(function: _Function) -> _Function:
    """Adds --json."""
    return click.option("--json", "json", is_flag=True, help="Print JSON, numbers in full precision.")(function)


@contextmanager
def blaming_no_logdir(logdir: str, *, refs: Iterable[str] = (), wanted: str = "") -> Iterator[None]:
    """Adds "no --logdir was given" to an error about something that only event files hold.

    Args:
        logdir: What was given, or "".
        refs: References; `run:NAME` asks for a run.
        wanted: A filter; `best.` and `last.` ask for values of runs.
    """
    try:
        yield
    except VersionNotFoundError as error:
        if logdir or not any(ref.startswith(RUN) for ref in refs):
            raise
        raise VersionNotFoundError(f"{error} {_NO_LOGDIR}") from error
    except InvalidFilterError as error:
        if logdir or not wanted[error.at : error.end].lower().startswith(("best.", "last.")):
            raise
        raise InvalidQueryError(f"{error} {_NO_LOGDIR}") from error


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


def note_newer(catalog: Catalog, refs: Iterable[str]) -> None:
    """Says on stderr where a model's newest version that is there is not the newest that is known."""
    for model in dict.fromkeys(ref for ref in refs if ref in catalog.by_model):
        found, newest = catalog.find(model), catalog.by_model[model][-1]
        if newest.number > found.number:
            note = f"{model} is {found.id}; {newest.id} is newer and {newest.state}."
            click.echo(f"tb-versions: {visible(note)}", err=True)
