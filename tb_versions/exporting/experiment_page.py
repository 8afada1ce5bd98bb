"""The page of an export in TensorBoard.dev's layout, which holds none: it is made anew from what the export holds."""

from __future__ import annotations

from dataclasses import replace

from tb_versions.exporting.events import Events
from tb_versions.exporting.experiment import ExperimentFolder
from tb_versions.exporting.experiment_provider import ExperimentProvider
from tb_versions.exporting.loading import read_summaries
from tb_versions.exporting.material import Material, Wishes, untold
from tb_versions.exporting.pages import html
from tb_versions.exporting.redaction import INCLUDABLE, Redactor
from tb_versions.exporting.selection import Selection
from tb_versions.reader import CatalogReader
from tb_versions.roots import roots_of


def page_of_experiment(folder: ExperimentFolder) -> bytes:
    """Returns the page as one file; versions are `missing`, for the export holds none of their files.

    Raises:
        InvalidExportError: The experiment is not one that an export holds.
        UnsafeFileError, StorageError: It can't be read.
    """
    provider = ExperimentProvider(folder)
    events = Events(provider)
    reader = CatalogReader(roots_of(), provider)
    found = reader.refresh()
    catalog = replace(found, curves=read_summaries(found, events, untold))
    name, description = folder.words()
    material = Material(
        catalog=catalog,
        selection=Selection(catalog),
        manifest_bytes=reader.manifest_bytes,
        events=events,
        redactor=Redactor(include=INCLUDABLE),  # what must not leave has not left
        wishes=Wishes(title=name, introduction=description),
    )
    return b"".join(chunk for _, chunks in html(material).files for chunk in chunks)
