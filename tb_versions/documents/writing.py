"""Writes documents to their place: each file wholly or not at all, and over nothing that is not asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from tb_versions.exports.contents.material import one_file
from tb_versions.exports.formats import FORMATS, Format
from tb_versions.exports.targets.writing import Target
from tb_versions.read.catalog import Catalog

_MEDIA_TYPES = {
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
}


def write_documents(files: Mapping[str, bytes], catalog: Catalog, *, force: bool) -> int:
    """Writes files in their order, after every place was checked; returns the bytes in all.

    Args:
        files: Path or URL of each to its content; the one that names the others comes last.
        catalog: Its versions are where nothing is written.
        force: Whether a file with the same ending that is there is replaced.

    Raises:
        ExportExistsError: Something is there, or a place lies among the versions.
        StorageError: Writing failed; nothing is left of that file.
    """
    targets = {path: Target(path, _form(path), force=force) for path in files}
    for target in targets.values():
        target.check(catalog)
    return sum(target.write(one_file([files[path]])) for path, target in targets.items())


def _form(path: str) -> Format:
    """A file of text, which `force` replaces if it has the same ending."""
    ending = os.path.splitext(path)[1].lower()
    return replace(FORMATS["markdown"], suffixes=(ending,), media_type=_MEDIA_TYPES.get(ending, "text/plain"))
