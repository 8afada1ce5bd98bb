"""Reads files of an export that is a folder, and never a file outside of it."""

from __future__ import annotations

import os
from collections.abc import Callable

from tb_versions.core import storage
from tb_versions.errors import InvalidExportError, InvalidManifestError

Read = Callable[[str, int], bytes]
"""Returns the bytes of a file by its path below an export's folder, at most so many; raises as `read_own_file`."""

OwnFiles = Callable[[Read, str], list[str]]
"""Returns the paths of an export's files, first the one without which it is no export; takes its name for messages."""


def read_own_file(folder: str, name: str, limit: int) -> bytes:
    """Returns the bytes of a file of an export.

    Args:
        folder: The export.
        name: Its path below the folder, with "/".
        limit: Most bytes.

    Raises:
        InvalidExportError: It is missing, or larger.
        UnsafeFileError, StorageError: It is no regular file inside the folder, or can't be read.
    """
    path = os.path.join(folder, *name.split("/"))
    try:
        return storage.read_capped(path, limit, within=folder)
    except FileNotFoundError as error:
        raise InvalidExportError(f"{path} is missing: {folder} holds no complete export of tb_versions.") from error
    except InvalidManifestError as error:  # too large
        raise InvalidExportError(str(error)) from error
