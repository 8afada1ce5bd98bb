"""What the verbs share that read an export."""

from __future__ import annotations

import os

from tb_versions.core.storage import local_path
from tb_versions.errors import AlteredExportError, UnreadableFolderError
from tb_versions.exports.checking.examining import Examination, examine
from tb_versions.exports.page.site import INDEX
from tb_versions.exports.tensorboard_dev.reading import is_experiment


def is_export(spelled: str) -> bool:
    """Whether an argument is meant as an export: written with a slash, or ending in .html; else it is a reference."""
    return "/" in spelled or os.sep in spelled or spelled.endswith(".html")


def looks_like_one(spelled: str) -> bool:
    """Whether there is a file or folder of this name that can be an export; it is not read."""
    if os.path.isdir(spelled):
        return is_experiment(spelled) or os.path.isfile(os.path.join(spelled, INDEX))
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
    """Returns an export that was read whole and is as it was written.

    Args:
        spelled: Its path, as it was typed.
        so: What is not done with an altered one: "so nothing is restored".

    Raises:
        AlteredExportError: It was altered.
        TbVersionsError: As `existing` and `examine`.
    """
    found = examine(existing(spelled))
    if not found.is_sound:
        raise AlteredExportError(f"{spelled} was altered since the export, {so}: {' '.join(found.altered)}")
    return found
