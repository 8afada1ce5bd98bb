"""Makes the sections of a page from an export in TensorBoard.dev's layout, which holds no page."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from tb_versions.core.metadata import training_of
from tb_versions.errors import InvalidExportError
from tb_versions.exports.container import Export
from tb_versions.exports.contents.loading import with_curves
from tb_versions.exports.contents.material import Material, Options, no_progress
from tb_versions.exports.contents.selection import Selection
from tb_versions.exports.contents.snapshot import Limits, Snapshot
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.exports.tensorboard_dev.provider import ExperimentProvider
from tb_versions.exports.tensorboard_dev.reading import ExperimentFolder
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.reader import CatalogReader
from tb_versions.read.runs.all_runs import runs_by_start


def export_of_experiment(folder: ExperimentFolder) -> Export:
    """Returns an experiment as an export with a page; versions are `unchecked`, for it holds none of their files.

    Raises:
        InvalidExportError: The experiment is not one that an export holds, or it holds neither versions nor curves.
        AlteredExportError: A file is not the one that the index names.
        UnsafeFileError, StorageError: It can't be read.
    """
    curves = CurveReader(ExperimentProvider(folder))
    runs_by_start(
        curves.provider
    )  # reads everything and raises; the catalog's reader would note what is wrong, and go on
    reader = CatalogReader(roots_of(), curves.provider)
    found = reader.refresh()
    catalog = with_curves(replace(found, versions=tuple(map(_without_files, found.versions))), curves, no_progress)
    selection = Selection(catalog, _other_runs(catalog, curves))
    if not selection.versions and not selection.runs:
        raise InvalidExportError(f"{folder.path} holds neither versions nor curves: there is nothing to show.")
    name, description = folder.words()
    material = Material(
        catalog=catalog,
        selection=selection,
        manifest_bytes=reader.manifest_bytes,
        curves=curves,
        redactor=Redactor(masks=False),
        options=Options(title=name, introduction=description),
    )
    notes = [sentence for field in ("left_out", "redacted") for sentence in _sentences(folder.index.get(field))]
    return Snapshot(material).export(Limits(), notes)


def _without_files(version: Version) -> Version:
    if version.listing is None:
        return version
    return msgspec.structs.replace(version, state="unchecked", notice="The export holds the manifest, not the files.")


def _other_runs(catalog: Catalog, curves: CurveReader) -> tuple[str, ...]:
    """Runs with curves whose training made no version."""
    with_version = {training_of(run.name) for version in catalog.versions for run in version.runs}
    return tuple(sorted(run for run in curves.list(catalog.known_runs) if training_of(run) not in with_version))


def _sentences(found: Any) -> list[str]:
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []
