"""Which versions TensorFlow Serving takes from a folder, by the rules of its storage source.

The rules: `sources/storage_path/file_system_storage_path_source.cc` of TensorFlow Serving.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

from tb_versions.core.manifest import MAX_NUMBER, visible
from tb_versions.errors import StorageError
from tb_versions.serving.config import ServedModel

_MOST_DIGITS = 40


def number_of(name: str) -> int | None:
    """Returns the version that a folder is to TensorFlow Serving; None where it skips the folder.

    It reads a name as a number of 64 bits: 007 is 7, and what has a letter is none. We take no spaces or signs.
    """
    if not (name.isascii() and name.isdigit() and len(name) < _MOST_DIGITS):
        return None
    return int(name) if int(name) <= MAX_NUMBER else None


def resolved(model: ServedModel, names: Iterable[str]) -> ServedModel:
    """Returns a model with the numbers that its policy means.

    Args:
        model: The model.
        names: Of the folders beside each other in its base path.
    """
    numbers = sorted({number for name in names if (number := number_of(name)) is not None})
    if model.policy == "latest":
        numbers = numbers[-max(model.latest, 1) :]
    elif model.policy == "specific":
        numbers = list(model.versions)
    return replace(model, versions=tuple(numbers), policy="specific", latest=0)


def folders_of(model: str, path: str) -> list[str]:
    """Returns the names of folders in a model's folder.

    Raises:
        StorageError: It can't be listed.
    """
    try:
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except OSError as error:
        raise StorageError(f"The folder of {visible(model)} can't be listed: {error.strerror}.") from error
