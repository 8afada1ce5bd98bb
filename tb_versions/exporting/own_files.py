"""Files of an export that is a folder: never one outside it."""

from __future__ import annotations

import os

from tb_versions import storage
from tb_versions.errors import InvalidExportError, InvalidManifestError


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
        raise InvalidExportError(f"{path} is missing: {folder} holds no whole export of tb_versions.") from error
    except InvalidManifestError as error:  # too large
        raise InvalidExportError(str(error)) from error
