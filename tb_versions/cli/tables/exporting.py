"""What `tb-versions export` exports, found by the tables: only the models of the versions that were found are read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from tb_versions.cli.tables.asked import Tables, told, unasked
from tb_versions.cli.tables.files import logs_of_all, named_by_gates, part_of, proved, versions_in
from tb_versions.cli.tables.naming import model_of, models_in
from tb_versions.cli.tables.use import Use, not_asked, note
from tb_versions.core.manifest import shown
from tb_versions.errors import TbVersionsError, VersionNotFoundError
from tb_versions.exports.contents.loading import Loaded, load
from tb_versions.exports.contents.material import Progress
from tb_versions.exports.contents.selection import RUN, Selector
from tb_versions.read.catalog import Version
from tb_versions.read.curves.curve_reader import CurveReader

if TYPE_CHECKING:
    from tb_versions.exports.export import Opened


@dataclass(frozen=True)
class Found:
    """What is to be exported, by the tables.

    Attributes:
        selector: Selects it among the versions of its models.
        opened: Reads these.
        tables: That were asked.
    """

    selector: Selector
    opened: Opened
    tables: Tables


def found(use: Use, models_dirs: Sequence[str], selector: Selector, *, logdir: str) -> Found | None:
    """Returns what is to be exported, by the tables; None where all files are to be read.

    Args:
        use: What the user says of tables.
        models_dirs: Models folders.
        selector: What is asked for.
        logdir: A log directory, or "".

    Raises:
        click.UsageError: A run is asked for, of which the tables know nothing, and the user says that they are asked.
        TbVersionsError: As `ask`, likewise; or nothing is found.
    """
    if use.is_told:
        tables = told(use, models_dirs)
        if logdir and not tables.has_files:
            raise click.UsageError("Curves belong to files, and there are only tables: leave out --logdir or --tables.")
        return _found(tables, selector)
    if logdir or selector == Selector():
        return None
    of_many = unasked(use, models_dirs)
    if of_many is None:
        return None
    try:
        if of_many.standing.removed and selector.filter:
            not_asked("it does not know what the manifests of removed versions say.")
            return None
        return _found(of_many, selector)
    except (TbVersionsError, click.UsageError) as error:  # whatever it is, the files decide
        not_asked(str(error))
        return None


def _found(tables: Tables, selector: Selector) -> Found | None:
    standing = tables.standing
    models = _models(tables, selector)
    if selector.filter:
        models, among = _passing(tables, selector, models)
        selector = replace(selector, among=among, filter="")
    if models is None:
        models = models_in(standing)
    selector = replace(selector, of_part=True)
    if not tables.has_files:
        return Found(selector, _from_tables(tables, models), tables)
    if part_of(standing, models) is None:
        not_asked("so many versions are exported that the files of all are read at once.")
        return None
    return Found(selector, _from_files(tables, models, selector), tables)


def say(tables: Tables) -> None:
    """Says on stderr where the versions are from, how old that is, and what was not looked at."""
    if not tables.has_files:
        note(f"From the table, {tables.age}; there are no files here to look at.")
    else:
        how = "" if tables.is_told else "; --no-table reads all files"
        note(f"Found by the table, {tables.age}; only the models of these versions were read from their files{how}.")
    if not tables.has_files or tables.standing.root.is_remote:
        note("Who only measured something is not known, so such a name is not masked in texts.")
    removed = tables.standing.removed
    if removed and tables.is_told:
        versions = "1 removed version" if removed == 1 else f"{removed:,} removed versions"
        note(f"No filter finds {versions}: the table does not know what their manifests say.")
    unread = tables.standing.unread
    if unread:
        manifests = "1 manifest" if unread == 1 else f"{unread:,} manifests"
        note(f"{manifests} could not be read when the table was made, and it has none of those.")


def _models(tables: Tables, selector: Selector) -> frozenset[str] | None:
    """The models in which the selected versions are, whatever the filter; None for all."""
    runs = [*selector.runs, *(ref.removeprefix(RUN) for ref in selector.refs if ref.startswith(RUN))]
    if runs:
        raise click.UsageError(
            "The table does not know which runs there are: name versions, or leave out --from-table."
        )
    if not (selector.refs or selector.models or selector.aliases):
        return None
    there = models_in(tables.standing)
    models = {model_of(ref, there) for ref in (*selector.refs, *selector.models)}
    registries = tables.standing.registries
    for alias in selector.aliases:
        holding = {model for model, group in registries.items() if any(alias in each.state.aliases for each in group)}
        if not holding:
            raise VersionNotFoundError(f"No version has the alias {shown(alias)}, by the table.")
        models |= holding
    return frozenset(models)


def _passing(
    tables: Tables, selector: Selector, models: frozenset[str] | None
) -> tuple[frozenset[str], frozenset[str]]:
    """The models of versions that pass the filter, with those that are named; and the ids of these versions."""
    from tb_versions.fleet.answering import rows_of_models
    from tb_versions.fleet.asking import Question, ask

    standing = tables.standing
    among = range(len(standing)) if models is None else rows_of_models(standing, models)
    answer = ask(standing, Question(selector.filter, everything=True, among=among))
    if not answer.rows:
        raise VersionNotFoundError(
            f"No version passes the filter {shown(selector.filter)}; there are {len(among):,} that the table was asked "
            "about."
        )
    ids = frozenset(standing.ids_of(answer.rows))
    there = models_in(standing)
    named = {model_of(ref, there) for ref in (*selector.refs, *selector.models)}
    return frozenset({*named, *(each.partition(":")[0] for each in ids)}), ids


def _from_files(tables: Tables, models: frozenset[str], selector: Selector) -> Opened:
    """Reads the files of some models."""

    @contextlib.contextmanager
    def opened(logdir: str, models_dirs: Sequence[str], progress: Progress) -> Iterator[Loaded]:
        from tb_versions.fleet.answering import rows_of_models

        standing = tables.standing
        with contextlib.ExitStack() as stack:
            part = part_of(standing, models)
            loaded = stack.enter_context(load(logdir, models_dirs, progress, part=part))
            rows = rows_of_models(standing, models)
            versions_in(loaded.catalog, standing, rows)  # all of them are there
            ids = standing.ids_of(rows)
            found = [r for r, each in zip(rows, ids, strict=True) if selector.among is None or each in selector.among]
            others = named_by_gates(loaded.catalog, proved(loaded.catalog, standing, found, loaded.manifest_bytes))
            if others:
                stack.close()
                part = part_of(standing, models | others)
                loaded = stack.enter_context(load(logdir, models_dirs, progress, part=part))
            # The names of people are found in all logs: they get their numbers there, and are masked in every text.
            yield replace(loaded, catalog=replace(loaded.catalog, registries=logs_of_all(standing)))

    return opened


def _from_tables(tables: Tables, models: frozenset[str]) -> Opened:
    """What the tables have of some models: there are no files of theirs."""

    @contextlib.contextmanager
    def opened(_logdir: str, _models_dirs: Sequence[str], _progress: Progress) -> Iterator[Loaded]:
        from tb_versions.fleet.answering import catalog_of, rows_of_models
        from tb_versions.fleet.copied import copied_registries
        from tb_versions.fleet.proving import manifests_of

        rows = rows_of_models(tables.standing, models)
        catalog, versions = catalog_of(tables.standing, rows)
        manifests = manifests_of(tables.standing, rows)
        data = {version.id: manifests[row] for row, version in zip(rows, versions, strict=True)}

        def manifest(version: Version) -> bytes:
            return data[version.id]

        yield Loaded(replace(catalog, registries=copied_registries(tables.standing)), manifest, CurveReader(None))

    return opened
