"""What `tb-versions show` reads, found by the tables: the version's model, and those to which it is related."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from tb_versions.cli import options
from tb_versions.cli.tables.asked import Tables, told, unasked
from tb_versions.cli.tables.files import named_by_gates, part_of, versions_in
from tb_versions.cli.tables.naming import model_of, models_in
from tb_versions.cli.tables.use import Use, not_asked, note
from tb_versions.core.references import is_path
from tb_versions.errors import TbVersionsError
from tb_versions.read.catalog import Version
from tb_versions.read.reader import CatalogReader

if TYPE_CHECKING:
    from tb_versions.fleet.standing import Standing


def reader_of(use: Use, models_dirs: tuple[str, ...], ref: str, *, logdir: str, whole: bool) -> CatalogReader | None:
    """Returns a reader of all that is shown of a version, by the tables; None where all files are to be read.

    Args:
        use: What the user says of tables.
        models_dirs: Models folders.
        ref: Names the version.
        logdir: A log directory, or "".
        whole: Whether versions of the same run and with the same content are shown, too.

    Raises:
        click.UsageError: There are only tables.
        TbVersionsError: As `told`, where the user says that the tables are asked; or the version is not there.
    """
    if logdir or is_path(ref):
        if use.is_told:
            not_asked("a path names files." if is_path(ref) else "it does not know runs.")
        return None
    tables = told(use, models_dirs) if use.is_told else unasked(use, models_dirs)
    if tables is None:
        return None
    if not tables.has_files:
        raise click.UsageError("What is shown is in files, and there are only tables: list has what the table knows.")
    try:
        return _reader(tables, ref, whole=whole)
    except TbVersionsError as error:  # whatever it is, the files decide
        if tables.is_told:
            raise
        not_asked(str(error))
        return None


def _reader(tables: Tables, ref: str, *, whole: bool) -> CatalogReader | None:
    standing = tables.standing
    models = {model_of(ref, models_in(standing))}
    reader = _read(tables, models)
    if reader is not None:
        version = reader.catalog.find(ref)
        related = {*_related(standing, version, whole=whole), *named_by_gates(reader.catalog, [version])}
        reader = _read(tables, models | related) if related - models else reader
    if reader is None:
        not_asked("so many versions are related to it that the files of all are read at once.")
        return None
    how = "" if tables.is_told else "; --no-table reads all files"
    note(f"Found by the table, {tables.age}; only the models that are shown were read from their files{how}.")
    return reader


def _read(tables: Tables, models: set[str]) -> CatalogReader | None:
    """Reads some models; None where they have too many versions."""
    from tb_versions.fleet.answering import rows_of_models

    part = part_of(tables.standing, models)
    if part is None:
        return None
    reader = options.read("", (tables.folder,), part=part, check=False)
    versions_in(reader.catalog, tables.standing, rows_of_models(tables.standing, models))  # all of them are there
    return reader


def _related(standing: Standing, version: Version, *, whole: bool) -> frozenset[str]:
    """The models of a version's parents and children; of `whole` of those with its run or its content, too."""
    listing = version.listing
    if listing is None:
        return frozenset()
    there = models_in(standing)
    rows = set(_having(standing, "parents", f"{version.model}:{version.number}"))
    if whole:
        if listing.digest:
            texts = standing.text("digest")
            same = [code for code, text in enumerate(texts.different.to_pylist()) if text == listing.digest]
            rows.update(row for code in same for row in (texts.codes == code).nonzero()[0].tolist())
        for run in version.runs[:1]:
            rows.update(_having(standing, "runs", run.name))
    children = {each.partition(":")[0] for each in standing.ids_of(sorted(rows))}
    return frozenset({*children, *(parent.model for parent in listing.parents)} & there)


def _having(standing: Standing, column: str, text: str) -> Iterator[int]:
    """The positions of versions that have a text in a column of lists."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lists = standing.column(column)
    hits = pc.equal(pc.list_flatten(lists), pa.scalar(text, pa.string()))
    parents: Sequence[int] = pc.list_parent_indices(lists).filter(hits).to_pylist()
    yield from parents
