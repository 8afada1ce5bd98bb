"""Makes a version's folder of files that a tracker keeps by their digests, or by names of its own.

Each is looked for below the folders that hold them, checked against the digest that the tracker recorded, and given its
name; a folder that lacks one file is not made.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Literal

from tb_versions.core.manifest import check_path_elsewhere, shown
from tb_versions.core.storage import is_inside
from tb_versions.errors import NotAModelError, TbVersionsError
from tb_versions.interop.importing.foreign import Foreign
from tb_versions.interop.importing.looked import because


@dataclass(frozen=True)
class Part:
    """A file of a version.

    Attributes:
        path: Its path in the version's folder.
        stored: Where the tracker keeps it, below one of the folders that hold such files.
        algorithm: Of the digest.
        digest: Hexadecimal.
        size: In bytes; None where the tracker does not say it.
    """

    path: str
    stored: str
    algorithm: Literal["md5", "sha256"]
    digest: str
    size: int | None


def assemble(parts: Iterable[Part], roots: Sequence[str], folder: str) -> None:
    """Makes a folder with all files, each linked or copied from where it is stored.

    Args:
        parts: The files.
        roots: Real paths of the folders below which files may be opened.
        folder: To make; nothing is there.

    Raises:
        NotAModelError: A file is not at hand, or is not what was recorded; nothing is left.
        InvalidManifestError: A file has a path that can't be one; nothing is left.
        OSError: Reading or writing failed; nothing is left.
    """
    os.makedirs(folder)
    try:
        for part in parts:
            _put(part, roots, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


@dataclass(frozen=True)
class Assembly:
    """Where versions' folders are made while an import is under way.

    Attributes:
        scratch: An empty folder; "" leaves files where they are.
        known: Versions that were imported before: their folders are not made again.
    """

    scratch: str = ""
    known: Collection[tuple[str, str, str]] = field(default_factory=frozenset)

    def with_files(
        self, version: Foreign, parts: Callable[[], Iterable[Part]], roots: Sequence[str], *, stay: str
    ) -> Foreign:
        """Returns a version with a folder of its files; where they are not at hand, with a note that says why.

        Args:
            version: The version.
            parts: Returns its files, or raises a TbVersionsError.
            roots: Real paths of the folders below which files may be opened.
            stay: The note where files stay where they are.
        """
        if version.identity in self.known:
            return version
        name = hashlib.sha256("\0".join(version.identity).encode("utf-8", "surrogatepass")).hexdigest()
        folder = os.path.join(self.scratch, name)
        try:
            files = list(parts())
            if not self.scratch:
                return replace(version, notes=(*version.notes, stay))
            assemble(files, roots, folder)
        except (TbVersionsError, OSError) as error:
            why = f"Its files are not taken over: {because(error, without=self.scratch)}"
            return replace(version, notes=(*version.notes, why))
        return replace(version, folder=os.path.realpath(folder))


def _put(part: Part, roots: Sequence[str], folder: str) -> None:
    source, target = _find(part, roots), os.path.join(folder, *check_path_elsewhere(part.path).split("/"))
    if os.path.lexists(target):
        raise NotAModelError(f"{shown(part.path)} is there twice.")
    os.makedirs(os.path.dirname(target), exist_ok=True)
    linked = False
    with suppress(OSError):  # another disk, or one without links
        os.link(source, target, follow_symlinks=False)
        linked = True
    if not linked:
        shutil.copyfile(source, target, follow_symlinks=False)
    _check(part, target)


def _find(part: Part, roots: Sequence[str]) -> str:
    for root in roots:
        path = os.path.realpath(os.path.join(root, part.stored))
        if is_inside(path, root) and path != root and os.path.isfile(path):
            return path
    raise NotAModelError(f"{shown(part.path)} is not at hand.")


def _check(part: Part, path: str) -> None:
    found = os.stat(path, follow_symlinks=False)
    if not stat.S_ISREG(found.st_mode) or (part.size is not None and found.st_size != part.size):
        raise NotAModelError(f"{shown(part.path)} has {found.st_size:,} bytes where {part.size or 0:,} were recorded.")
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, part.algorithm).hexdigest()
    if digest != part.digest:
        raise NotAModelError(f"{shown(part.path)} is not what was recorded: its {part.algorithm} is another.")
