"""What is in a models folder now: its manifests by path, and the folders of its models."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field

from tb_versions.core.manifest import MANIFEST_NAME
from tb_versions.errors import UnreadableFolderError, UnsupportedStorageError
from tb_versions.read.folders.roots import roots_of
from tb_versions.read.folders.scan import Place, Root, Scanner
from tb_versions.read.folders.stores import Looks, existing_models

MOST_FOLDERS = 20_000_000
"""Most folders that are searched: a fleet has millions of versions."""


@dataclass(frozen=True)
class Here:
    """A models folder as it is.

    Attributes:
        root: The folder; of a store its copy on this disk.
        versions: Path of each version folder below it to its place.
        models: Folders of models that have a registry.
        problems: (where, why) of what could not be searched.
        unknown: Paths below the folder of which it is not known what is in them; "" for all of it.
    """

    root: Root
    versions: dict[str, Place]
    models: tuple[Place, ...]
    problems: tuple[tuple[str, str], ...] = ()
    unknown: tuple[str, ...] = field(default=())

    def is_known(self, path: str) -> bool:
        """Whether it is known what is at a path."""
        return not any(not each or path == each or path.startswith(f"{each}/") for each in self.unknown)


@dataclass(frozen=True)
class Shard:
    """One of several shares of the versions; who takes which follows from their paths."""

    index: int = 1
    count: int = 1

    def has(self, path: str) -> bool:
        """Whether a version is in this share."""
        return self.count == 1 or int(hashlib.sha256(path.encode()).hexdigest()[:12], 16) % self.count == self.index - 1


def look(models_dir: str) -> Here:
    """Looks a models folder over. No manifest is opened.

    Args:
        models_dir: A folder, or the URL of one in an object store, of which new manifests are fetched first.

    Raises:
        UnreadableFolderError: There is no such folder.
        UnsupportedStorageError: There are no versions under such a URL.
        StorageError: A store can't be read.
    """
    existing_models(models_dir)
    roots = roots_of(models_dirs=(models_dir,))
    if not roots.allowed:
        raise UnsupportedStorageError("; ".join(f"{where} {why}" for where, why in roots.remote))
    (root,) = roots.allowed
    not_copied = Looks(roots.stores).refresh()
    found = Scanner([root], most_folders=MOST_FOLDERS).scan()
    if not found.exists.get(root.path):
        raise UnreadableFolderError(f"The models folder {root.shown} does not exist.")
    problems = (*not_copied, *found.problems)
    return Here(
        root,
        {place.relative: place for place in found.manifests},
        tuple(found.models),
        problems,
        tuple(_below(root, (where for where, _ in problems))),
    )


def here_of(models_dir: str, *, paths: Iterable[str], models: Iterable[str]) -> Here:
    """Returns a folder on this disk of which is known what is there.

    Args:
        models_dir: A folder.
        paths: Of versions in it.
        models: Folders of models in it that have a registry.
    """
    (root,) = roots_of(models_dirs=(models_dir,)).allowed

    def place(path: str) -> Place:
        return Place(root, os.path.join(root.path, path))

    return Here(root, {path: place(path) for path in paths}, tuple(map(place, sorted(models))))


def _below(root: Root, shown: Iterable[str]) -> Iterable[str]:
    """The paths that problems name, below the folder."""
    above = root.shown.rstrip("/")
    for where in shown:
        if where.rstrip("/") == above:
            yield ""
        elif where.startswith(f"{above}/"):
            yield where[len(above) + 1 :]


def manifest_key(place: Place) -> tuple[int, int]:
    """Returns size and time of change (nanoseconds) of a manifest; of a store's copy no time, for it is the copy's.

    Raises:
        OSError: It is gone.
    """
    size, changed = key_of_status(os.lstat(os.path.join(place.folder, MANIFEST_NAME)))
    return size, 0 if place.root.is_remote else changed


def key_of_status(status: os.stat_result) -> tuple[int, int]:
    """Returns size and time of change (nanoseconds) of a manifest on this disk."""
    return status.st_size if stat.S_ISREG(status.st_mode) else -1, status.st_mtime_ns
