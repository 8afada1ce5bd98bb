"""Paths that TensorFlow can't load a SavedModel from.

It looks for variables by a pattern, and takes brackets and backslashes in the folder's path for parts of it: below
`models/[old]` it finds nothing. The wildcards `*` and `?` match themselves.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile

_PATTERN = re.compile(r"\[.*]|\\", re.DOTALL)


def is_pattern(path: str | os.PathLike[str]) -> bool:
    """Whether TensorFlow takes a path for a pattern."""
    return _PATTERN.search(os.fspath(path)) is not None


def loadable(folder: str) -> str:
    """Returns a path by which TensorFlow can load a folder: its own, or a symlink that stays until the process ends.

    A loaded model still names its assets by that path when it is saved again.
    """
    if not is_pattern(folder):
        return folder
    temporary = tempfile.mkdtemp(prefix="tb-versions-")
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    link = os.path.join(temporary, "version")
    os.symlink(os.path.abspath(folder), link)
    return link
