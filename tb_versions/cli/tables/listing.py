"""Versions for `tb-versions list` by the tables of `tb-versions index`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from tb_versions.cli import options
from tb_versions.cli.columns import places_by, text_of
from tb_versions.cli.tables.asked import Tables, told, unasked
from tb_versions.cli.tables.files import named_by_gates, part_of, proved, versions_in
from tb_versions.cli.tables.naming import rows_of
from tb_versions.cli.tables.use import Use, not_asked, note
from tb_versions.core.references import is_path
from tb_versions.errors import TbVersionsError
from tb_versions.read.catalog import Catalog, Version

if TYPE_CHECKING:
    from tb_versions.fleet.asking import Answer
    from tb_versions.query.columns import Column

NOT_KNOWN = ("gates", "measured")
"""What the JSON of a version has as null, for the tables do not know it."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What `list` is asked for.

    Attributes:
        refs: Models and references; none for all versions.
        filter: A filter of the tab, or "".
        sort: Name of a column; with "-" before it descending; or "".
        limit: Most versions, or None.
        everything: Whether deprecated and removed versions are among them.
        columns: Names of the columns to show; none for those of every list.
    """

    refs: Sequence[str] = ()
    filter: str = ""
    sort: str = ""
    limit: int | None = None
    everything: bool = False
    columns: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What is to be listed.

    Attributes:
        catalog: Has the versions.
        versions: In the order that was asked for.
        found: How many there are without the limit.
        hidden: What was left out, or "".
        has_states: Whether the files of the versions were looked at.
        tables: That were asked.
        columns: What the columns that were asked for have of each version.
    """

    catalog: Catalog
    versions: tuple[Version, ...]
    found: int
    hidden: str
    has_states: bool
    tables: Tables
    columns: Sequence[Column]


def listed(use: Use, models_dirs: Sequence[str], wanted: Wanted, *, logdir: str = "") -> Listed | None:
    """Returns the versions that `list` is to show, by the tables; None where the files are to be read.

    Args:
        use: What the user says of tables.
        models_dirs: Models folders.
        wanted: What is asked for.
        logdir: A log directory, of which the tables know nothing; or "".

    Raises:
        TbVersionsError: As `ask` and `Catalog.find`, where the user says that the tables are asked.
    """
    if use.is_told:
        return _told(told(use, models_dirs), wanted)
    if logdir or any(map(is_path, wanted.refs)):
        return None
    tables = unasked(use, models_dirs)
    if tables is None:
        return None
    try:
        return _unasked(tables, wanted)
    except (
        TbVersionsError
    ) as error:  # whatever it is, the files decide: they say it too, or know what the table does not
        not_asked(str(error))
        return None


def column_rows(found: Listed, names: Sequence[str]) -> tuple[Sequence[str], Iterator[Sequence[str]]]:
    """Returns titles and rows of the columns that were asked for."""
    rows = ((v.id, *(text_of(column, row) for column in found.columns)) for row, v in enumerate(found.versions))
    return ("version", *names), rows


def json_rows(found: Listed, rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Returns rows of `list --json` without what is not known."""
    return rows if found.has_states else [{**row, **dict.fromkeys(NOT_KNOWN)} for row in rows]


def say(found: Listed) -> None:
    """Says on stderr where the versions are from, how old that is, and what was not looked at."""
    tables = found.tables
    if found.has_states:
        note(f"From the table, {tables.age}; --no-table reads all files.")
    else:
        rest = "files and runs were not looked at" if tables.has_files else "there are no files here to look at"
        note(f"From the table, {tables.age}; {rest}.")
    if tables.standing.overlay.problem:
        note(tables.standing.overlay.problem)
    unread = tables.standing.unread
    if unread:
        manifests = "1 manifest" if unread == 1 else f"{unread:,} manifests"
        note(f"{manifests} could not be read when it was made, and the table has none of those.")


def _told(tables: Tables, wanted: Wanted) -> Listed:
    """By the tables alone: no file of a model is read."""
    from tb_versions.fleet.answering import catalog_of

    answer, columns = _answer(tables, wanted)
    catalog, versions = catalog_of(tables.standing, answer.rows)
    return Listed(
        catalog=catalog, versions=versions, found=answer.found, hidden=answer.hidden, has_states=False, tables=tables,
        columns=columns,
    )  # fmt: skip


def _unasked(tables: Tables, wanted: Wanted) -> Listed | None:
    """The tables find the versions, and the files of their models say all that is shown."""
    answer, columns = _answer(tables, wanted)
    standing, rows = tables.standing, answer.rows
    models = {each.partition(":")[0] for each in standing.ids_of(rows)}
    part = part_of(standing, models)
    if part is None:
        not_asked("so many versions are shown that the files of all are read at once; --from-table reads none.")
        return None
    reader = options.read("", (tables.folder,), part=part, check=False)
    others = named_by_gates(reader.catalog, proved(reader.catalog, standing, rows, reader.manifest_bytes))
    if others:
        reader = options.read("", (tables.folder,), part=part_of(standing, models | others), check=False)
    folders = [place.folder for version in versions_in(reader.catalog, standing, rows) for place in version.places]
    catalog = reader.check(folders=folders)
    return Listed(
        catalog=catalog, versions=versions_in(catalog, standing, rows), found=answer.found, hidden=answer.hidden,
        has_states=True, tables=tables, columns=columns,
    )  # fmt: skip


def _answer(tables: Tables, wanted: Wanted) -> tuple[Answer, Sequence[Column]]:
    """The versions that are found, and what the columns that were asked for have of them."""
    from tb_versions.fleet.asking import Question, ask, shown_column
    from tb_versions.fleet.prepared import Columns

    among, are_models = _named(tables, wanted.refs)
    columns = Columns(tables.standing)
    everything = wanted.everything or not are_models
    if among is None:
        question = Question(wanted.filter, wanted.sort, wanted.limit, everything=everything)
        answer = ask(tables.standing, question, columns=columns)
    else:  # the order of the references counts before that of all versions
        found = ask(tables.standing, Question(wanted.filter, everything=everything, among=among), columns=columns)
        passing = frozenset(found.rows)
        rows = [row for row in dict.fromkeys(among) if row in passing]
        if wanted.sort:
            column = shown_column(columns, wanted.sort.removeprefix("-"), rows)
            rows = [rows[at] for at in places_by(column, range(len(rows)), descending=wanted.sort.startswith("-"))]
        answer = replace(found, rows=tuple(rows[: wanted.limit]))
    return answer, [shown_column(columns, name, answer.rows) for name in wanted.columns]


def _named(tables: Tables, refs: Sequence[str]) -> tuple[list[int] | None, bool]:
    """The versions that references name, None for all; and whether all of them are models."""
    if not refs:
        return None, True
    if any(map(is_path, refs)):
        raise click.UsageError("A path names files, at which the table does not look: leave out --from-table.")
    return rows_of(tables.standing, refs)
