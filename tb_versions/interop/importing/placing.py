"""Gives a foreign version its place here, completely or not at all."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tb_versions.core.manifest import Files
from tb_versions.errors import TbVersionsError
from tb_versions.interop.importing.drafts import Around, draft_of
from tb_versions.interop.importing.foreign import Foreign
from tb_versions.write.complete import complete
from tb_versions.write.placement import Placed, place_elsewhere, place_version
from tb_versions.write.savers import Saver, copy_folder


def files_of(foreign: Foreign, *, copies: bool) -> Files:
    """Returns what becomes of a version's files."""
    if not foreign.folder:
        return "absent"
    return "copied" if copies else "linked" if foreign.elsewhere else "absent"


def place(foreign: Foreign, where: tuple[str, int], models_dir: str, *, files: Files, around: Around) -> Placed:
    """Places a version.

    Args:
        foreign: The version.
        where: Model and number here.
        models_dir: Real path of the models folder.
        files: As of `files_of`.
        around: Other versions.

    Raises:
        VersionExistsError: The number is taken.
        TbVersionsError: A value breaks a rule, or the files can't be read; nothing is left behind.
        OSError: Reading or writing failed.
    """
    model_folder, number = Path(models_dir) / where[0], where[1]
    try:
        draft = draft_of(foreign, where, files=files, around=around)
        if files == "copied":
            saver = Saver(partial(copy_folder, Path(foreign.folder), only=foreign.only), Path(foreign.folder))
            return place_version(saver, model_folder, draft, facts={}, number=number, adopts=True)
        if files == "linked":
            draft = complete(draft, foreign.folder, {}, adopts=True, only=foreign.only)
        return place_elsewhere(model_folder, draft, number=number)
    except TbVersionsError as error:
        if foreign.folder:
            error.args = (str(error).replace(foreign.folder, "the folder of its files"),)
        raise
