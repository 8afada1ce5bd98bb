"""Finds and checks an export that was named on the command line, for `verify`, `import` and `serve`."""

from __future__ import annotations

import os

from tb_versions.core.storage import local_path
from tb_versions.errors import AlteredExportError, UnreadableFolderError
from tb_versions.exports.checking.examining import Examination, examine
from tb_versions.exports.oci.reading import is_layout
from tb_versions.exports.page.site import INDEX
from tb_versions.exports.tensorboard_dev.reading import is_experiment


def is_export(spelled: str) -> bool:
    """Whether an argument names an export (it has a slash or ends in .html or .tar) and not a version."""
    return "/" in spelled or os.sep in spelled or spelled.endswith((".html", ".tar"))


def may_be_export(spelled: str) -> bool:
    """Whether a file or folder of this name can be an export, judged without reading it."""
    if os.path.isdir(spelled):
        return is_experiment(spelled) or is_layout(spelled) or os.path.isfile(os.path.join(spelled, INDEX))
    return os.path.isfile(spelled)


def existing(spelled: str) -> str:
    """Returns the path of an export.

    Raises:
        UnreadableFolderError: There is nothing of that name.
        UnsupportedStorageError: It is a URL.
    """
    path = os.fspath(local_path(spelled))
    if not os.path.lexists(path):
        raise UnreadableFolderError(f"There is no file or folder {spelled}.")
    return path


def unaltered(spelled: str, *, so: str) -> Examination:
    """Reads a whole export and returns it if it was not altered.

    Args:
        spelled: Its path, as it was typed.
        so: What follows from that, for the error: "so nothing is restored".

    Raises:
        AlteredExportError: It was altered.
        TbVersionsError: As `existing` and `examine`.
    """
    found = examine(existing(spelled))
    if not found.is_sound:
        raise AlteredExportError(f"{spelled} was altered since the export, {so}: {' '.join(found.altered)}")
    return found
