"""The files of the versions that the tables found: only the folders of their models are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import visible
from tb_versions.core.references import parse_reference
from tb_versions.errors import StorageError, TbVersionsError
from tb_versions.fleet.copied import copied_registries
from tb_versions.fleet.counting import ABOVE
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.folders.part import Part
from tb_versions.read.folders.scan import Place, natural
from tb_versions.read.freshness import baseline_reference
from tb_versions.read.registries import Known, Registries

if TYPE_CHECKING:
    from tb_versions.fleet.standing import Standing


class OutdatedTableError(StorageError):
    """A file is not what the table says of it."""


def part_of(standing: Standing, models: Iterable[str]) -> Part | None:
    """Returns where some models are, by the tables; None where they have so many versions that all may be read."""
    from tb_versions.fleet.answering import rows_of_models

    names = frozenset(models)
    rows = rows_of_models(standing, names)
    if len(rows) > ABOVE:
        return None
    paths = [path or "" for path in standing.few(("path",), rows).column(0).to_pylist()]
    of_contested = [standing.contested[row].places for row in rows if row in standing.contested]
    paths += [place.relative for places in of_contested for place in places]
    logs = [registry.place.relative for model in names for registry in standing.registries.get(model, ())]
    folders = {path.partition("/")[0] for path in (*paths, *logs)}
    if "" in folders or any("/" not in path for path in paths):  # the models folder is a model's own
        return Part(names, frozenset())
    # A table may say anything: what has a dot before it is never searched, and ".." least of all.
    return Part(names, frozenset(each for each in folders if not each.startswith(".")), standing.root.path)


def versions_in(catalog: Catalog, standing: Standing, rows: Sequence[int]) -> tuple[Version, ...]:
    """Returns versions that the tables found, as their files have them.

    Args:
        catalog: Of the files of their models.
        standing: The tables.
        rows: Their positions.

    Raises:
        OutdatedTableError: One is not there, or has another manifest than the table says.
    """
    digests = standing.few(("manifest_digest",), rows).column(0).to_pylist()
    found = []
    for named, digest in zip(standing.ids_of(rows), digests, strict=True):
        version = catalog.by_id.get(named)
        if version is None or version.manifest_digest != digest:
            raise OutdatedTableError(
                f"{visible(named)} is not what the table in {visible(standing.tables)} says of it: "
                "tb-versions index --check says more, tb-versions index --rebuild makes the table anew."
            )
        found.append(version)
    return tuple(found)


def proved(
    catalog: Catalog, standing: Standing, rows: Sequence[int], manifest_of: Callable[[Version], bytes]
) -> tuple[Version, ...]:
    """Returns versions as `versions_in`, whose rows say what their files say, as far as they were read.

    Args:
        catalog: As of `versions_in`.
        standing: As of `versions_in`.
        rows: As of `versions_in`.
        manifest_of: Reads the manifest of a version.

    Raises:
        OutdatedTableError: As `versions_in`; or a row has a value that its manifest has not.
        TbVersionsError: A manifest can't be read.
    """
    from tb_versions.fleet.proving import prove

    versions = versions_in(catalog, standing, rows)
    try:
        prove(standing, rows, {row: manifest_of(version) for row, version in zip(rows, versions, strict=True)})
    except StorageError as error:
        raise OutdatedTableError(str(error)) from error
    return versions


def logs_of_all(standing: Standing) -> Known:
    """Returns the registries of all models, in the order in which a search finds them.

    They are read from the folders that have versions or logs by the tables; of an object store, of which only some
    models may have been copied, they are what the tables have.

    Raises:
        StorageError: A table can't be read.
    """
    if standing.root.is_remote:
        return copied_registries(standing)
    paths = {(path or "").rpartition("/")[0] for path in standing.column("path").to_pylist()}
    paths |= {registry.place.relative for group in standing.registries.values() for registry in group}
    root = os.path.realpath(standing.root.path)
    places = [
        Place(standing.root, os.path.join(standing.root.path, path).rstrip(os.sep))
        for path in sorted(paths, key=lambda path: [natural(name) for name in path.split("/")])
        if _is_searched(path) and os.path.realpath(os.path.join(root, path)) == os.path.join(root, path).rstrip(os.sep)
    ]
    there = [place for place in places if os.path.isdir(os.path.join(place.folder, PRIVATE_FOLDER))]
    return Registries([standing.root]).refresh(there, complete=False)


def _is_searched(path: str) -> bool:
    """Whether a search comes to a folder: none that is hidden, and never out of the models folder."""
    return not path.startswith("/") and not any(name.startswith(".") for name in path.split("/"))


def named_by_gates(catalog: Catalog, versions: Iterable[Version]) -> frozenset[str]:
    """Returns the other models with which gates compared versions: what their results are worth depends on them."""
    models: set[str] = set()
    for version in versions:
        said = catalog.said.get(version.id)
        for result in said.state.gates.values() if said else ():
            for seen in result.bound.baselines:
                for ref in (baseline_reference(version.model, seen.name, seen.version), seen.version):
                    models.add(_model_of(ref))
    return frozenset(models - {""} - catalog.by_model.keys())


def _model_of(ref: str) -> str:
    try:
        return parse_reference(ref).model
    except TbVersionsError:
        return ""
