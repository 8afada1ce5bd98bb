"""What an alias names, by the tables: only where no files are, for one log and one manifest are read in no time."""

from __future__ import annotations

from collections.abc import Sequence

from tb_versions.actions.asking import Which, which_in
from tb_versions.cli.tables.asked import has_files, told
from tb_versions.cli.tables.naming import model_of, models_in
from tb_versions.cli.tables.use import Use, note


def which(use: Use, models_dirs: Sequence[str], ref: str, *, at: str | None) -> Which | None:
    """Returns what an alias names; None where there are files, which say it.

    Args:
        use: Where the tables are.
        models_dirs: Models folders.
        ref: A model and an alias.
        at: A date, or None for now.

    Raises:
        TbVersionsError: As `told` and `which_in`.
    """
    if has_files(use, models_dirs):
        note("From the files: what an alias names is in one log, for which no table is needed.")
        return None
    from tb_versions.fleet.copied import copied

    tables = told(use, models_dirs)
    standing = tables.standing
    there = models_in(standing) | standing.registries.keys()
    found = which_in(copied(standing, model_of(ref, there)), ref, at=at)
    note(f"From the table, {tables.age}; there are no files here to look at.")
    return found
