"""What `tb-versions compare` compares, found by the tables: only the models that are named are read."""

from __future__ import annotations

from collections.abc import Sequence

import click

from tb_versions.cli.tables.asked import Tables, told, unasked
from tb_versions.cli.tables.files import part_of, versions_in
from tb_versions.cli.tables.naming import model_of, models_in
from tb_versions.cli.tables.use import Use, not_asked, note
from tb_versions.comparison.loading import RUN, Source, open_source
from tb_versions.core.references import is_path
from tb_versions.errors import TbVersionsError
from tb_versions.read.catalog import Version


def source_of(use: Use, models_dirs: tuple[str, ...], refs: Sequence[str], *, logdir: str) -> Source | None:
    """Returns where the members of a comparison are read from, by the tables; None where all files are to be read.

    Args:
        use: What the user says of tables.
        models_dirs: Models folders.
        refs: Of the members and the baseline.
        logdir: A log directory, or "".

    Raises:
        click.UsageError: A path is among the references, and the user says that the tables are asked.
        TbVersionsError: As `told`.
    """
    named = [ref for ref in refs if not ref.startswith(RUN)]
    has_path = any(map(is_path, named))
    if use.is_told:
        if has_path:
            raise click.UsageError("A path names files, at which the table does not look: leave out --from-table.")
        tables = told(use, models_dirs)
        return _source(tables, named, logdir) if tables.has_files else _without_files(tables, named, logdir)
    found = None if has_path or not named else unasked(use, models_dirs)
    if found is None:
        return None
    try:
        return _source(found, named, logdir)
    except TbVersionsError as error:  # whatever it is, the files decide
        not_asked(str(error))
        return None


def _source(tables: Tables, refs: Sequence[str], logdir: str) -> Source | None:
    """The files of the models that are named; None where that is nearly everything."""
    from tb_versions.fleet.answering import rows_of_models

    there = models_in(tables.standing)
    models = {model_of(ref, there) for ref in refs}
    part = part_of(tables.standing, models)
    if part is None:
        not_asked("the models that are compared have so many versions that the files of all are read at once.")
        return None
    source = open_source((tables.folder,), logdir, part=part)
    versions_in(source.catalog, tables.standing, rows_of_models(tables.standing, models))  # all of them are there
    how = "" if tables.is_told else "; --no-table reads all files"
    note(f"Found by the table, {tables.age}; only the models that are compared were read from their files{how}.")
    return source


def _without_files(tables: Tables, refs: Sequence[str], logdir: str) -> Source:
    """What the tables have of the models that are named: there are no files of theirs."""
    from tb_versions.fleet.answering import catalog_of, rows_of_models
    from tb_versions.fleet.proving import manifests_of

    if logdir:
        raise click.UsageError("Curves belong to files, and there are only tables: leave out --logdir or --tables.")
    standing = tables.standing
    there = models_in(standing)
    rows = rows_of_models(standing, {model_of(ref, there) for ref in refs})
    catalog, versions = catalog_of(standing, rows)
    row_of = {version.id: row for row, version in zip(rows, versions, strict=True)}

    def manifest(version: Version) -> bytes:
        row = row_of[version.id]
        return manifests_of(standing, [row])[row]

    note(f"From the table, {tables.age}; there are no files here to look at.")
    return Source(catalog, manifest)
