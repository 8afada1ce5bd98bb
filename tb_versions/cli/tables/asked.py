"""Whether the tables are asked, and the tables that are: told to, or by themselves where they are large and fresh."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from tb_versions.cli import verbs
from tb_versions.cli.tables.use import Use, not_asked
from tb_versions.core.storage import is_remote
from tb_versions.errors import MissingDependencyError, TbVersionsError

if TYPE_CHECKING:
    from tb_versions.fleet.standing import Standing


class Tables(NamedTuple):
    """Tables that are asked.

    Attributes:
        folder: The models folder, as it was given.
        standing: What they say, with what came since.
        has_files: Whether there are files of models to look at; else there are only the tables.
        is_told: Whether the user said that they are asked.
    """

    folder: str
    standing: Standing
    has_files: bool = True
    is_told: bool = True

    @property
    def age(self) -> str:
        """How old the answer is: "indexed 3 min ago, 12 newer read from the files"."""
        from tb_versions.fleet.overlay import said_of

        changed = self.standing.changed
        indexed_ms = None if changed is None else round(changed.timestamp() * 1_000)
        return said_of(self.standing.overlay, indexed_ms, time.time() * 1_000)


def told(use: Use, models_dirs: Sequence[str]) -> Tables:
    """Returns the tables, where the user says that they are asked.

    Args:
        use: Where they are.
        models_dirs: One models folder; none where only the tables are at hand.

    Raises:
        click.UsageError: There is not one models folder.
        StorageError: There is no table, or it can't be read.
        TbVersionsError: As `fresh`.
    """
    from tb_versions.fleet.newer import fresh
    from tb_versions.fleet.standing import Standing

    if has_files(use, models_dirs):
        folder = verbs.only_folder(models_dirs)
        return Tables(folder, fresh(folder, use.where))
    folder = models_dirs[0] if models_dirs else str(use.where)
    return Tables(folder, Standing(folder, use.where), has_files=False)


def has_files(use: Use, models_dirs: Sequence[str]) -> bool:
    """Returns whether there are files of models to look at, and not only tables; of stores that is not asked.

    Raises:
        click.UsageError: There is not one models folder, and it is not said where the tables are.
        UnreadableFolderError: There is no such folder.
    """
    if len(models_dirs) > 1:
        return True
    if use.where and not models_dirs:
        return False
    folder = verbs.only_folder(models_dirs)
    if is_remote(folder):
        return True
    with os.scandir(os.path.expanduser(folder)) as entries:
        return any(not entry.name.startswith(".") for entry in entries)


def unasked(use: Use, models_dirs: Sequence[str]) -> Tables | None:
    """Returns the tables if they are fresh, where they are asked although nobody says so; see `may_be_asked`.

    Where they are not, it is said why on stderr.

    Args:
        use: Where they are.
        models_dirs: One models folder.
    """
    from tb_versions.fleet.newer import fresh

    (folder,) = models_dirs
    try:
        standing = fresh(folder, use.where)
    except MissingDependencyError:
        return None
    except TbVersionsError as error:
        not_asked(str(error))
        return None
    if standing.overlay.problem:
        not_asked(f"{standing.overlay.problem.rstrip('.')}; --from-table asks it all the same.")
        return None
    return Tables(folder, standing, is_told=False)
