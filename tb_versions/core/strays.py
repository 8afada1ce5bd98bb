"""Files that other programs leave in a version's folder, and files that a model is loaded from. Pure.

A folder is seen by more than the program that wrote it: file managers, network file systems, TensorFlow Serving's
operator. What they add changes no model, as long as nothing reads it when the model is loaded.
"""

from __future__ import annotations

import re

IGNORED_NAMES = (".DS_Store", ".localized", "Thumbs.db", "ehthumbs.db", "desktop.ini", ".directory")
"""Files of the file managers of macOS, Windows and KDE, in any folder."""

IGNORED_BEGINNINGS = ("._", ".nfs", ".fuse_hidden", ".__afs")
"""macOS' second half of a file on another system's disk; what NFS, FUSE and AFS keep of a file that is still open."""

IGNORED_FOLDERS = (".AppleDouble", "@eaDir")
"""Folders that file servers add, in any folder."""

WARMUP = "assets.extra/tf_serving_warmup_requests"
"""Requests that TensorFlow Serving sends to a model itself before anybody else may. No part of the model."""

_IGNORED = frozenset(name.casefold() for name in IGNORED_NAMES)
_BEGINNING = re.compile("|".join(re.escape(beginning) + "." for beginning in IGNORED_BEGINNINGS))
_MODEL = re.compile(
    r"saved_model\.|fingerprint\.|keras_metadata\.|checkpoint$|variables/|assets/|debug/"
    r"|assets\.extra/(model\.keras|saved_model_config)"
)


def is_ignored(path: str) -> bool:
    """Whether a file that no manifest lists is one that another program leaves; POSIX path in the version's folder."""
    *folders, name = path.split("/")
    return (
        name.casefold() in _IGNORED
        or _BEGINNING.match(name) is not None
        or any(folder in IGNORED_FOLDERS for folder in folders)
        or path == WARMUP
    )


def is_of_a_model(path: str) -> bool:
    """Whether TensorFlow, Keras or TensorFlow Serving may read a file of this path when they load the folder.

    As on a file system that takes `Fingerprint.pb` for `fingerprint.pb`.
    """
    return not is_ignored(path) and _MODEL.match(path.casefold()) is not None
