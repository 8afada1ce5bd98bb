"""Options that several commands share, and the reader that they describe."""

from __future__ import annotations

import dataclasses
import functools
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from tb_versions.cli import settings
from tb_versions.core import storage
from tb_versions.core.elsewhere import SOURCES, binding, parse_sources, split_sources
from tb_versions.core.manifest import visible
from tb_versions.core.references import is_path, parse_range
from tb_versions.errors import InvalidFilterError, InvalidQueryError, VersionNotFoundError
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.folders.part import Part
from tb_versions.read.folders.stores import existing_models
from tb_versions.read.reader import CatalogReader, open_reader
from tb_versions.read.reuse.finding import at_path

MODELS_DIR = ("--models-dir", "--models_dir", "--versions_models_dir")
"""The option for folders of models, and how Python and TensorBoard spell it."""

_BETWEEN = re.compile(rf"{re.escape(os.pathsep)}(?!//)")
_NO_LOGDIR = "Runs and curves are read from --logdir, which was not given."
_Function = TypeVar("_Function", bound=Callable[..., Any])


class _Folder(click.Path):
    """A folder or its URL; a variable may hold several, as PATH does, in which a colon before // is a URL's own."""

    def split_envvar_value(self, rv: str) -> list[str]:
        return [folder for folder in _BETWEEN.split(rv) if folder]


def models(function: _Function) -> _Function:
    """Adds --models-dir; without it its variable counts, then `tb-versions.toml`."""
    return click.option(
        *MODELS_DIR,
        "models_dirs",
        metavar="DIR",
        multiple=True,
        type=_Folder(),
        envvar="TB_VERSIONS_MODELS_DIR",
        default=settings.models_dirs,
        help="Folder of models; repeatable.",
    )(function)


class _Binding(click.types.StringParamType):
    """A source and its folder; a variable has several with commas between."""

    def split_envvar_value(self, rv: str) -> list[str]:
        return split_sources(rv)


def _bind(context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> None:
    # Of the program and not of the command, whose context click does not close where a later option is wrong.
    context.find_root().with_resource(binding(parse_sources(value)))


def sources(function: _Function) -> _Function:
    """Adds --source, which binds sources for all that the command opens; then its variable counts, then the file."""
    return click.option(
        "--source",
        metavar="LABEL=DIR",
        multiple=True,
        type=_Binding(),
        envvar=SOURCES,
        default=settings.sources,
        callback=_bind,
        expose_value=False,
        help="Folder of a source, for versions whose files lie elsewhere; repeatable.",
    )(function)


def logdir(function: _Function) -> _Function:
    """Adds --logdir; without it its variable counts, then `tb-versions.toml`."""
    return click.option(
        "--logdir",
        metavar="DIR",
        envvar="TB_VERSIONS_LOGDIR",
        default=settings.logdir,
        help="What `tensorboard --logdir` gets.",
    )(function)


def places(function: _Function) -> _Function:
    """Adds --logdir, --models-dir and --source; without them their variables count, then `tb-versions.toml`."""
    return logdir(models(sources(function)))


def gathered(
    kind: type, name: str, *options: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Returns a decorator that adds options and hands their values to the command as one argument.

    Args:
        kind: A dataclass with a field for each of the options.
        name: Of the argument.
        *options: What adds them; the help has the last one first.
    """
    fields = [each.name for each in dataclasses.fields(kind)]

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def with_one(**given: Any) -> Any:
            return function(**{name: kind(**{field: given.pop(field) for field in fields})}, **given)

        command: Callable[..., Any] = with_one
        for option in options:
            command = option(command)
        return command

    return add


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
        from tb_versions.comparison.loading import RUN

        if logdir or not any(ref.startswith(RUN) for ref in refs):
            raise
        raise VersionNotFoundError(f"{error} {_NO_LOGDIR}") from error
    except InvalidFilterError as error:
        if logdir or not wanted[error.at : error.end].lower().startswith(("best.", "last.")):
            raise
        raise InvalidQueryError(f"{error} {_NO_LOGDIR}") from error


def read(
    logdir: str,
    models_dirs: tuple[str, ...],
    *,
    refs: Iterable[str] = (),
    part: Part | None = None,
    check: bool = True,
    curves: bool = True,
    cached: bool = True,
) -> CatalogReader:
    """Returns a reader over the folders that the options name, and over those that references are paths of.

    Args:
        logdir: What --logdir says.
        models_dirs: What --models-dir says.
        refs: References of the command; no option is needed where all of them are paths.
        part: As of `open_reader`.
        check: As of `open_reader`.
        curves: As of `open_reader`.
        cached: As of `open_reader`.

    Raises:
        click.UsageError: Neither option was given.
        UnreadableFolderError: A folder does not exist.
        VersionNotFoundError: A path leads to no version.
    """
    are_paths = [is_path(ref) for ref in refs]
    if not logdir and not models_dirs and not (are_paths and all(are_paths)):
        raise click.UsageError("Say where to look: --logdir DIR, --models-dir DIR, or both.")
    if logdir:
        storage.existing_folder(logdir, "The log directory")
    for folder in models_dirs:
        existing_models(folder)
    places = [at_path(ref).places[0] for ref in refs if is_path(ref)]
    named = [place.root.given if place.root.is_remote else place.folder for place in places]
    folders = (*models_dirs, *dict.fromkeys(named))
    return open_reader(logdir, folders, part=part, check=check, curves=curves, cached=cached)


def expanded(refs: Iterable[str], numbers_of: Callable[[str], Iterable[int]]) -> list[str]:
    """Returns references with each range, `digits:3..7`, replaced by those of its versions that are there.

    Args:
        refs: References and ranges.
        numbers_of: Returns the numbers of a model's versions.

    Raises:
        InvalidReferenceError: A range is the wrong way round.
        VersionNotFoundError: None of its versions is there.
    """
    found: list[str] = []
    for ref in refs:
        parsed = parse_range(ref)
        if parsed is None:
            found.append(ref)
            continue
        model, wanted = parsed
        numbers = sorted({number for number in numbers_of(model) if number in wanted})
        if not numbers:
            raise VersionNotFoundError(f"{model} has no version from {wanted[0]} to {wanted[-1]}.")
        found += [f"{model}:{number}" for number in numbers]
    return list(dict.fromkeys(found))


def in_catalog(catalog: Catalog) -> Callable[[str], Iterable[int]]:
    """Returns what gives the numbers of a model's versions that are known and were not removed."""
    return lambda model: (version.number for version in catalog.by_model.get(model, ()) if version.kept_at is None)


def find(catalog: Catalog, ref: str) -> Version:
    """Returns the version that a reference or path names; raises as `Catalog.find` and `read`."""
    if not is_path(ref):
        return catalog.find(ref)
    version = at_path(ref)
    folder = os.path.realpath(version.places[0].folder)
    for known in catalog.versions:
        if any(os.path.realpath(place.folder) == folder for place in known.places):
            return known
    return version


def note_newer(catalog: Catalog, refs: Iterable[str]) -> None:
    """Says on stderr where the version that a model's name means is not the newest that is known, and why."""
    for model in dict.fromkeys(ref for ref in refs if ref in catalog.by_model):
        found, newest = catalog.find(model), catalog.by_model[model][-1]
        if newest.number > found.number:
            elsewhere = f"in {newest.places[0].shown}, where loading by name does not look" if newest.places else ""
            why = newest.state if newest.listing is None or not elsewhere else elsewhere
            note = f"{model} is {found.id}; {newest.id} is newer and {why}."
            click.echo(f"tb-versions: {visible(note)}", err=True)
