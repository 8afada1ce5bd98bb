"""What a user says of tables: the options that several commands share, their variables and their settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, NamedTuple, TypeVar

import click
from click.core import ParameterSource

from tb_versions.cli import settings
from tb_versions.core.layout import TABLES
from tb_versions.core.manifest import visible
from tb_versions.core.storage import is_remote
from tb_versions.errors import MissingDependencyError, TbVersionsError

WHERE = "TB_VERSIONS_TABLES"
"""Variable that says where the tables are."""

_Function = TypeVar("_Function", bound=Callable[..., Any])


class Use(NamedTuple):
    """Whether tables are asked.

    Attributes:
        is_told: True where the user says so, False where they must not be; None where that is left to the command.
        where: Folder or URL of the tables; None for `.index` in the models folder.
    """

    is_told: bool | None = None
    where: str | None = None


def options(function: _Function) -> _Function:
    """Adds --from-table, --no-table and --tables; the command gets them as `use`."""

    @click.option(
        "--from-table/--no-table",
        "from_table",
        default=settings.from_table,
        envvar="TB_VERSIONS_FROM_TABLE",
        help="Ask the table of `tb-versions index`, or read all files; else one of many versions is asked by itself.",
    )
    @click.option(
        "--tables",
        metavar="DIR",
        default=settings.tables,
        envvar=WHERE,
        help="Where that table is, if not in the models folder.",
    )
    @click.pass_context
    @wraps(function)
    def with_use(
        context: click.Context, /, *args: Any, from_table: bool | None, tables: str | None, **given: Any
    ) -> Any:
        is_named = context.get_parameter_source("tables") is ParameterSource.COMMANDLINE
        is_told = True if from_table is None and is_named else from_table
        return function(*args, use=Use(is_told, tables), **given)

    return with_use  # type: ignore[return-value]


def may_be_asked(use: Use, models_dirs: Sequence[str]) -> bool:
    """Returns whether tables may be asked: where the user says so, or there are many versions and nobody forbids it.

    Where there are tables that can't be read, it is said on stderr.

    Args:
        use: What the user says.
        models_dirs: Models folders; of several none has its tables asked by itself.
    """
    if use.is_told is not None or len(models_dirs) != 1:
        return bool(use.is_told)
    (folder,) = models_dirs
    if not (use.where or is_remote(folder) or os.path.isdir(os.path.join(os.path.expanduser(folder), TABLES))):
        return False
    from tb_versions.fleet.counting import ABOVE, count_of

    try:
        return count_of(folder, use.where) > ABOVE
    except MissingDependencyError:
        return False
    except TbVersionsError as error:
        if use.where or not is_remote(folder):  # else reading the files of that store fails by itself, or says nothing
            not_asked(str(error))
        return False


def note(sentence: str) -> None:
    """Says on stderr what was done with tables."""
    click.echo(visible(sentence), err=True)


def not_asked(why: str) -> None:
    """Says on stderr why the files are read though there is a table."""
    note(f"The table was not asked: {why} All files are read.")
