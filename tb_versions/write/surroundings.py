"""Refuses a manifest that would hide other versions, or be hidden itself.

A reader takes a folder with a manifest for one version and looks for no others in it.
"""

from __future__ import annotations

import contextlib
import os
import re

from tb_versions.core.digest.files import FileEntry, walk
from tb_versions.core.manifest import MANIFEST_NAME, shown
from tb_versions.errors import InvalidManifestError, UnreadableFolderError, UnsafeFileError
from tb_versions.write.runs import absolute

_VERSION_BELOW = re.compile(rf"(?:.*/)?{re.escape(MANIFEST_NAME)}|(?:.*/)?[0-9]+/saved_model\.pb(?:txt)?")
"""A manifest, or a SavedModel in a folder that is named by a number, anywhere below."""


def check_below(folder: str | os.PathLike[str]) -> None:
    """Refuses a folder that holds versions.

    Raises:
        InvalidManifestError: A folder in it has a manifest, or is a SavedModel named by a number.
    """
    version = _version_below(folder)
    if version is not None:
        raise InvalidManifestError(
            f"{os.fspath(folder)} holds the version {shown(version)}; a manifest above would hide it. Name the folder "
            f"of one version, like {os.path.join(folder, version)}."
        )


def check_above(folder: str | os.PathLike[str]) -> None:
    """Refuses a place inside of a version.

    Args:
        folder: Where a version is to be; it need not exist.

    Raises:
        InvalidManifestError: A folder above it has a manifest.
    """
    for above in absolute(folder).parents:
        if os.path.lexists(above / MANIFEST_NAME):
            raise InvalidManifestError(
                f"{above} has a manifest, which would hide {os.fspath(folder)}. If it is no version, remove "
                f"{above / MANIFEST_NAME}; else choose another folder."
            )


def _version_below(folder: str | os.PathLike[str]) -> str | None:
    """The path of a version in a folder, or None. What can't be listed is reported when the files are read."""
    with contextlib.suppress(UnsafeFileError, UnreadableFolderError):
        for entry in walk(folder):
            if isinstance(entry, FileEntry) and _VERSION_BELOW.fullmatch(entry.path):
                return os.path.dirname(entry.path)
    return None
