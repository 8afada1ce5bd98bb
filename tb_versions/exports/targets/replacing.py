"""Decides which files and folders an export may replace. Pure."""

from __future__ import annotations

import os
from collections.abc import Iterable

from tb_versions.exports.formats import Format
from tb_versions.exports.tensorboard_dev.reading import INDEX

BEGINNING = 64 << 10
"""Bytes of a file that tell whether it is an export."""


def why_not_file(form: Format, name: str, beginning: bytes) -> str:
    """Returns why a file that is there must not be replaced by an export; "" where it may be, or is empty.

    Args:
        form: The format of the new export.
        name: The file's path.
        beginning: Its first bytes, `BEGINNING` at most.
    """
    if not beginning:
        return ""
    if form.begins is not None:
        return "" if form.begins(beginning) else "no export wrote it"
    ending = os.path.splitext(name)[1].lower()
    return "" if ending in form.suffixes else f"it does not end in {' or '.join(form.suffixes)}"


def why_not_folder(form: Format, names: Iterable[str]) -> str:
    """Returns why an export must not be written into a folder that is not empty; "" where it may be.

    Args:
        form: The format of the new export.
        names: What is in the folder, and in the folders in it, with "/".
    """
    if form.own_files is None:
        return "is not empty, and an export in this format is never replaced; name a folder that does not exist"
    if any(name.count("/") < 2 and name.rpartition("/")[2] == INDEX for name in names):
        return "holds an export in TensorBoard.dev's layout; name another folder"
    return ""
