"""`tb-versions.toml`: where to look when no option and no variable says so. Found in the current folder or above it."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

from tb_versions.core import storage
from tb_versions.core.manifest import shown
from tb_versions.errors import InvalidQueryError, TbVersionsError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

NAME = "tb-versions.toml"
_KEYS = ("logdir", "models_dir", "sources", "tables", "from_table")
_LIMIT = 65_536


def logdir() -> str:
    """Returns the file's `logdir`, or ""."""
    folders = _folders("logdir")
    return folders[0] if folders else ""


def models_dirs() -> tuple[str, ...]:
    """Returns the file's `models_dir`, one folder or a list of them; empty without one."""
    return _folders("models_dir")


def sources() -> tuple[str, ...]:
    """Returns the file's `sources`, a table of folders by label, each as `LABEL=DIR`; empty without one.

    Raises:
        InvalidQueryError: The file is not as it should be.
    """
    path = _path()
    table = _read(path).get("sources", {}) if path else {}
    if not isinstance(table, dict) or not all(map(_is_folder, table.values())):
        raise InvalidQueryError(f'{path}: sources must be a table of folders, like sources = {{nas = "/mnt/nas"}}.')
    return tuple(f"{label}={Path(str(path)).parent / Path(folder).expanduser()}" for label, folder in table.items())


def tables() -> str | None:
    """Returns the file's `tables`, the folder or URL of the tables of `tb-versions index`; None without one."""
    folders = _folders("tables")
    return folders[0] if folders else None


def from_table() -> bool | None:
    """Returns the file's `from_table`, whether tables are asked; None where it does not say.

    Raises:
        InvalidQueryError: The file is not as it should be.
    """
    path = _path()
    value = _read(path).get("from_table") if path else None
    if value is not None and not isinstance(value, bool):
        raise InvalidQueryError(f"{path}: from_table must be true or false.")
    return value


def _folders(key: str) -> tuple[str, ...]:
    """Folders of the file, which are relative to it.

    Raises:
        InvalidQueryError: The file is not as it should be.
    """
    path = _path()
    value = _read(path).get(key, []) if path else []
    folders = [value] if isinstance(value, str) else value
    if not isinstance(folders, list) or not all(map(_is_folder, folders)):
        raise InvalidQueryError(f"{path}: {key} must be a folder, in quotes, or a list of folders.")
    if key != "models_dir" and len(folders) > 1:
        raise InvalidQueryError(f"{path}: {key} must be one folder.")
    return tuple(folder if storage.is_remote(folder) else str(Path(str(path)).parent / folder) for folder in folders)


def _is_folder(value: object) -> bool:
    return isinstance(value, str) and bool(value) and "\0" not in value


def _path() -> Path | None:
    try:
        here = Path.cwd()
    except FileNotFoundError:  # the current folder was deleted
        return None
    found = next((path for folder in (here, *here.parents) if (path := folder / NAME).is_file()), None)
    if found is not None and _may_be_of_anybody(found):
        raise InvalidQueryError(
            f"{found} is another user's, in a folder where everybody may put one, and is not used. Say where to look: "
            "--models-dir DIR or --logdir DIR; or work in a folder that has a file of its own."
        )
    return found


def _may_be_of_anybody(path: Path) -> bool:
    """Whether somebody else may have put a file there, as in /tmp, for whoever works below."""
    try:
        return bool(path.parent.stat().st_mode & stat.S_IWOTH) and path.lstat().st_uid not in (0, os.getuid())
    except OSError:
        return False


def _read(path: Path) -> dict[str, Any]:
    try:
        settings = tomllib.loads(storage.read_capped(str(path), _LIMIT).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, TbVersionsError, OSError) as error:
        raise InvalidQueryError(f"{path} can't be read: {error}") from error
    unknown = sorted(settings.keys() - set(_KEYS))
    if unknown:
        known = f"{', '.join(_KEYS[:-1])} and {_KEYS[-1]}"
        raise InvalidQueryError(f"{path}: {shown(unknown[0])} is not known; known are {known}.")
    return settings
