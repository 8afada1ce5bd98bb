"""Looks at a models folder by names: which versions are there that a table does not have, and which are gone.

A numbered folder that the table has counts as the version that it was: its manifest is not looked for. Any other is
looked at as `read.folders.scan` does, by the same rules. A folder whose time has not changed is not listed again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tb_versions.core.layout import PRIVATE_FOLDER, UNFINISHED
from tb_versions.core.manifest import MANIFEST_NAME, visible
from tb_versions.errors import UnreadableFolderError
from tb_versions.fleet.found import MOST_FOLDERS
from tb_versions.read.folders.file_systems import keeps_times, tick_ns
from tb_versions.read.folders.relisting import Relisting
from tb_versions.read.folders.scan import MAX_DEPTH

_BESIDE_A_MODEL = frozenset({"variables", "assets", "assets.extra"})
_NONE: NDArray[np.int64] = np.zeros(0, np.int64)


class OfTable(Protocol):
    """The paths that a table has, by the folder above each; see `paths.Paths`."""

    @property
    def folders(self) -> list[str]:
        """The folders above them, as the table has them."""

    def names(self, folder: str) -> list[str]:
        """Returns the names that the table has in a folder."""

    def rows(self, folder: str) -> NDArray[np.int64]:
        """Returns what tells the row of each of `names` from the others."""


@dataclass
class Seen:
    """What a look saw.

    Attributes:
        new: Paths of version folders that the table does not have; in a store, of folders that may be.
        gone: Rows of the table whose folders are not there.
        lost: Their paths, as the table has them.
        models: Folders of models that have a registry; None where that was not looked at.
        unknown: Paths below which it is not known what is there; "" for all.
        has_odd: Whether there are folders that are no versions, of which a whole look says why.
    """

    new: list[str] = field(default_factory=list)
    gone: NDArray[np.int64] = field(default_factory=lambda: _NONE)
    lost: list[str] = field(default_factory=list)
    models: set[str] | None = None
    unknown: list[str] = field(default_factory=list)
    has_odd: bool = False

    def is_known(self, path: str) -> bool:
        """Whether it is known what is at a path."""
        return not any(not each or path == each or path.startswith(f"{each}/") for each in self.unknown)


class TooLongError(Exception):
    """A look took longer than it may."""


class Listed(Struct, gc=False):
    """A folder as it was listed.

    Attributes:
        changed: Its change time (ctime), nanoseconds.
        listed: When it was listed, nanoseconds.
        names: Hash of all names in it.
        inside: Folders in it that have to be looked at, with "/" between them.
        missing: Rows of the table that have the folder above them, and no folder of their name in it.
        there: Whether folders are in it that the table has as versions.
        manifest: Whether a manifest is in it.
        saved_model: Whether a SavedModel is.
        is_model: Whether this package's own folder is in it.
    """

    changed: int
    listed: int
    names: int
    inside: str = ""
    missing: tuple[int, ...] = ()
    there: bool = False
    manifest: bool = False
    saved_model: bool = False
    is_model: bool = False


class Names:
    """Looks at a folder on this disk again and again; lists what changed.

    Attributes:
        known: Folders as they were listed.
        changed: Folders that the last look listed, and when they were listed before; 0 for those that were not.
    """

    def __init__(self, folder: str, kept: dict[str, Listed] | None = None) -> None:
        """Looks at nothing yet.

        Args:
            folder: Absolute path of the models folder.
            kept: Folders as another process listed them beside the paths of the first look; where file systems are not
                known to keep the times of folders, these are listed again.
        """
        self._folder = folder
        self._is_kept = kept is not None
        self.known: dict[str, Listed] = kept or {}
        self.changed: dict[str, int] = {}
        self._relisting = Relisting()
        self._paths: OfTable | None = None

    def look(self, paths: OfTable, *, until: float = float("inf")) -> Seen:
        """Returns what is there that the table does not have, and what is gone.

        Args:
            paths: Of the table; other ones than at the last look make this look list every folder.
            until: Give up at this `time.monotonic()`.

        Raises:
            UnreadableFolderError: There is no such folder.
            TooLongError: It took too long; what was listed is remembered.
        """
        if not os.path.isdir(self._folder):
            raise UnreadableFolderError(f"The models folder {visible(self._folder)} does not exist.")
        if self._paths is not None and paths is not self._paths:
            self.known = {}
        self._paths = paths
        self.changed = {}
        self._relisting.begin()
        walk = _Walk(self, paths)
        for _ in walk.steps():
            if time.monotonic() > until:
                self.known = {**self.known, **walk.seen}
                raise TooLongError
        self.known = walk.seen
        return walk.done()

    def listed(self, path: str, folder: str, paths: OfTable) -> Listed | None:
        """Returns what is in a folder; None where it is gone. Raises OSError."""
        known = self.known.get(path)
        try:
            status = os.stat(folder, follow_symlinks=not path)  # the models folder itself may be a link
            if (
                known is not None
                and known.changed == status.st_ctime_ns
                and known.changed < known.listed - tick_ns(status.st_dev)
            ):
                if self._is_believed(known, status.st_dev):
                    return known
                now = time.time_ns()
                with self._relisting.spending():
                    is_same = not self._is_kept and hash(frozenset(os.listdir(folder))) == known.names
                if is_same:
                    known.listed = now
                    return known
                status = os.stat(folder, follow_symlinks=not path)
                self._relisting.differs(status.st_dev, in_spite_of_time=known.changed == status.st_ctime_ns)
            self.changed[path] = 0 if known is None else known.listed
            return _list(folder, path, status.st_ctime_ns, paths)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _is_believed(self, known: Listed, device: int) -> bool:
        """Whether a folder with the time that it had still has the same names."""
        return keeps_times(device) if self._is_kept else not self._relisting.is_due(known.listed, device)

    def folder_of(self, path: str) -> str:
        """Returns where a path is on this disk."""
        return os.path.join(self._folder, path) if path else self._folder


class _Walk:
    """One look."""

    def __init__(self, names: Names, paths: OfTable) -> None:
        self._names = names
        self._paths = paths
        self.seen: dict[str, Listed] = {}
        self._found: set[str] = set()  # versions that were looked at
        self._hiding: set[str | None] = set()  # folders with a manifest below which others were found
        self._unknown: list[str] = []
        self._has_unfinished = False
        self._pending: list[tuple[str, int, str | None]] = []

    def steps(self) -> Iterator[None]:
        """Looks at a folder a step."""
        self._pending = [("", 0, None)]  # with the lowest folder with a manifest above each
        while self._pending:
            yield
            path, depth, above = self._pending.pop()
            folder = self._names.folder_of(path)
            if _is_number(path.rpartition("/")[2]) and _has_manifest(folder):
                self._found.add(path)
                self._hiding.add(above)
                continue
            try:
                listed = self._names.listed(path, folder, self._paths)
            except OSError:
                self._unknown.append(path)
                continue
            if listed is not None and not listed.manifest and self._is_unfinished(path):
                self._has_unfinished = True
            elif listed is not None:
                self._enter(path, listed, depth, above)

    def _enter(self, path: str, listed: Listed, depth: int, above: str | None) -> None:
        """Notes what a folder is, and what in it has to be looked at."""
        self.seen[path] = listed
        if listed.manifest:
            self._found.add(path)
        if listed.there or listed.manifest or (listed.saved_model and _is_number(path.rpartition("/")[2])):
            self._hiding.add(above)
        if listed.there and listed.manifest:
            self._hiding.add(path)
        if listed.inside and depth < MAX_DEPTH and len(self.seen) <= MOST_FOLDERS:
            lowest = path if listed.manifest else above
            self._pending += [(_joined(path, name), depth + 1, lowest) for name in listed.inside.split("/")]
        elif listed.inside:
            self._unknown.append(path)

    def _is_unfinished(self, path: str) -> bool:
        """Whether a version's files are still coming, or were when its writer died."""
        above, _, name = path.rpartition("/")
        model = self.seen.get(above)
        return (
            name.isdigit()
            and model is not None
            and model.is_model
            and os.path.lexists(os.path.join(self._names.folder_of(above), UNFINISHED, name))
        )

    def done(self) -> Seen:
        """What the look saw."""
        found = self._found - self._hiding
        has = {visible(path) for path in found}
        known: set[str] = set()
        gone: list[NDArray[np.int64]] = []
        seen = Seen(unknown=[visible(path) for path in self._unknown])
        seen.has_odd = self._has_unfinished or len(found) < len(self._found)
        listed = {visible(path): each for path, each in self.seen.items()}
        for above in self._paths.folders:
            if not seen.is_known(above):
                known.update(_joined(above, name) for name in self._paths.names(above))
                continue
            here = listed.get(above)
            if here is not None and not here.missing:
                continue
            rows = self._paths.rows(above).tolist()
            lost = set(rows if here is None else here.missing)
            names = {
                row: _joined(above, name)
                for row, name in zip(rows, self._paths.names(above), strict=True)
                if row in lost
            }
            known.update(names.values())
            away = {row: path for row, path in names.items() if path not in has and seen.is_known(path)}
            gone.append(np.fromiter(away, np.int64))
            seen.lost += away.values()
        seen.new = sorted(path for path in found if visible(path) not in known)
        seen.gone = np.concatenate([_NONE, *gone])
        seen.models = {
            path for path, each in self.seen.items() if each.is_model and not (each.manifest or each.saved_model)
        }
        return seen


def _list(folder: str, path: str, changed: int, paths: OfTable) -> Listed:
    above = visible(path)
    of_table = paths.names(above)
    known = {name for name in of_table if _is_number(name)}
    found = Listed(changed, time.time_ns(), 0)
    names: list[str] = []
    there: set[str] = set()
    inside: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            names.append(name)
            if name == MANIFEST_NAME:
                found.manifest = True
            elif name == "saved_model.pb" and not entry.is_dir(follow_symlinks=False):
                found.saved_model = True
            elif name.startswith("."):
                found.is_model = found.is_model or name == PRIVATE_FOLDER
            elif entry.is_dir(follow_symlinks=False):
                (there.add if name in known else inside.append)(name)
    if found.manifest or found.saved_model:
        if _is_number(path.rpartition("/")[2]):
            inside, there = [], set()
        inside = [name for name in inside if name not in _BESIDE_A_MODEL]
    found.inside = "/".join(inside)
    found.there = bool(there)
    found.names = hash(frozenset(names))
    rows = paths.rows(above).tolist()
    found.missing = tuple(row for row, name in zip(rows, of_table, strict=True) if name not in there)
    return found


def _has_manifest(folder: str) -> bool:
    try:
        os.stat(f"{folder}/{MANIFEST_NAME}", follow_symlinks=False)
    except OSError:
        return False
    return True


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()


def _joined(above: str, name: str) -> str:
    return f"{above}/{name}" if above else name
