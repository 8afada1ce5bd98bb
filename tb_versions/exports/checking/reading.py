"""Reads an export back, whichever form it has."""

from __future__ import annotations

import os

from tb_versions.exports.container import Export
from tb_versions.exports.page.html import read_html
from tb_versions.exports.page.site import read_site


def read_export(path: str | os.PathLike[str]) -> Export:
    """Returns the export in a file or folder.

    The head was checked; a section is checked when it is read, all of them by `Export.check`.

    Args:
        path: What `tb-versions export` wrote with `--format html` or `--format site`; a symlink to it is followed.

    Raises:
        InvalidExportError: It is no export, or not one that this version can read.
        AlteredExportError: It was altered since it was written.
        UnsafeFileError, StorageError: It can't be read.
    """
    real = os.path.realpath(os.path.expanduser(os.fspath(path)))
    return read_site(real) if os.path.isdir(real) else read_html(real)
