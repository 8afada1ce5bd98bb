"""Refuses a model's folder that readers would not find, before anything is exported."""

from __future__ import annotations

import os
from pathlib import Path

from tb_versions.core.layout import COPYING, NUMBERS, PRIVATE_FOLDER, REMOVED, SCRATCH, TRASH, UNFINISHED
from tb_versions.core.manifest import visible
from tb_versions.core.patterns import is_pattern
from tb_versions.errors import InvalidNameError, UnsafeFileError
from tb_versions.write.failures import warn_once

_OWN_FOLDERS = (PRIVATE_FOLDER, NUMBERS, SCRATCH, UNFINISHED, REMOVED, TRASH, COPYING)


def check_model_folder(folder: Path) -> None:
    """Checks where a model's versions are to be; the folder need not exist.

    Args:
        folder: `<models>/<model>`. The models folder itself may be reached through a symlink.

    Raises:
        UnsafeFileError: It, or this package's own folder in it, is a symlink: no reader follows it.
        InvalidNameError: It is the folder of a model spelled otherwise, as where "A" and "a" are one name.
    """
    if os.path.islink(folder):
        target = _target(folder)
        raise UnsafeFileError(
            f"{folder} is a symlink to {visible(target)}, and readers of {folder.parent} follow none. {_remedy(folder)}"
        )
    for name in _OWN_FOLDERS:
        if os.path.islink(folder / name):
            raise UnsafeFileError(
                f"{folder / name} is a symlink to {visible(_target(folder / name))}; nothing is written through it. "
                "Put a folder in its place."
            )
    spelled = _spelled(folder)
    if spelled != folder.name:
        raise InvalidNameError(
            f"{folder} is the folder of the model {spelled}, for this file system does not distinguish upper and lower "
            f"case. Call the model {spelled}, or choose another name."
        )


def warn_of_pattern(folder: Path) -> None:
    """Warns once of a model's folder whose path TensorFlow takes for a pattern."""
    path = os.path.abspath(folder)
    if is_pattern(path):
        warn_once(
            f"pattern {path}",
            f"TensorFlow and TensorFlow Serving can't load a SavedModel from {visible(path)}: they take brackets and "
            "backslashes in a path for a pattern. tb_versions.load can. Better choose a folder without them.",
        )


def check_version_folder(folder: Path) -> None:
    """Checks a folder `<models>/<model>/<number>` that is to become a version; raises as `check_model_folder`."""
    if os.path.islink(folder):
        raise UnsafeFileError(
            f"{folder} is a symlink to {visible(_target(folder))}, and readers of {folder.parent.parent} follow none. "
            "Name the folder that it leads to."
        )
    check_model_folder(folder.parent)


def _target(link: Path) -> str:
    return os.path.normpath(os.path.join(link.parent, os.readlink(link)))


def _remedy(link: Path) -> str:
    above, name = os.path.split(_target(link))
    move = f"Move the model into {link.parent}, or mount it there (mount --bind)."
    return f"Publish to models_dir={visible(above)!r} instead. Or: {move}" if name == link.name else move


def _spelled(folder: Path) -> str:
    """The name that a folder has in its listing."""
    other = folder.name.swapcase()
    # Of two spellings both exist where case is not distinguished, and hardly ever elsewhere: only then is it listed.
    if other == folder.name or not (os.path.lexists(folder) and os.path.lexists(folder.parent / other)):
        return folder.name
    names = os.listdir(folder.parent)
    same = [name for name in names if name.lower() == folder.name.lower()]
    return folder.name if folder.name in names or not same else same[0]
