"""How a folder differs from a manifest's files."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

from tb_versions.core.digest.files import FileEntry, UnsafeFile, walk
from tb_versions.core.digest.hashing import FileError, Meter, Progress, hash_all
from tb_versions.core.digest.lists import MOST_IN_MANIFEST
from tb_versions.core.manifest import FILE_LIST_NAME, File, one_form


@dataclass(frozen=True, kw_only=True)
class Changes:
    """How a folder differs from a manifest's files; every tuple is sorted by path.

    Attributes:
        missing: Paths of the manifest without a file.
        extra: Files that the manifest does not list.
        resized: Files of another size.
        changed: Files of the same size and another digest; empty if contents were not hashed.
        unsafe: Everything that is not a readable plain file with a plain name.
    """

    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    resized: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unsafe: tuple[UnsafeFile, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return any((self.missing, self.extra, self.resized, self.changed, self.unsafe))


def compare(
    folder: str | os.PathLike[str],
    files: Iterable[File],
    *,
    hash_contents: bool,
    progress: Progress | None = None,
    threads: int = 2,
    within: str | os.PathLike[str] | None = None,
    only: str = "",
) -> Changes:
    """Compares a folder with a manifest's files. Only files found in the folder are opened, never the manifest's paths.

    Args:
        folder: The version's folder.
        files: The manifest's.
        hash_contents: Whether to hash contents; otherwise only names and sizes are compared.
        progress: Called every 256 KiB; see `Progress`.
        threads: Files hashed at a time.
        within: A folder above, below which no symlink is followed; see `storage.open_folder`.
        only: Name of a file in the folder, beside which nothing is looked at.

    Returns:
        The differences; false if there are none.

    Raises:
        UnreadableFolderError: The folder is missing or no folder.
        UnsafeFileError: It holds more than 100,000 files or folders, or a symlink took a folder's place.
    """
    expected = {file.path: file for file in files}
    found: dict[str, FileEntry] = {}
    unsafe: list[UnsafeFile] = []
    for entry in walk(folder, within=within, only=only):
        if isinstance(entry, FileEntry):
            found[entry.path] = entry
        else:
            unsafe.append(entry)
    if len(expected) > MOST_IN_MANIFEST:
        found.pop(FILE_LIST_NAME, None)  # the list itself, which was read
    _take_other_forms(expected, found)
    present = found.keys() | {entry.path for entry in unsafe}
    same_size = [entry for path, entry in found.items() if path in expected and entry.size == expected[path].size]
    changed: list[str] = []
    unread: list[UnsafeFile] = []
    if hash_contents:
        changed, unread = _changed(folder, same_size, expected, progress=progress, threads=threads, within=within)
    return Changes(
        missing=tuple(sorted(expected.keys() - present)),
        extra=tuple(sorted(found.keys() - expected.keys())),
        resized=tuple(sorted(p for p, e in found.items() if p in expected and e.size != expected[p].size)),
        changed=tuple(sorted(changed)),
        unsafe=tuple(sorted(unsafe + unread)),
    )


def _take_other_forms(expected: dict[str, File], found: dict[str, FileEntry]) -> None:
    """Gives a listed file the name that the folder has for it where only the form of Unicode differs, as on macOS."""
    missing = {one_form(path): path for path in expected.keys() - found.keys() if not path.isascii()}
    for path in found.keys() - expected.keys() if missing else ():
        listed = missing.pop(one_form(path), None)
        if listed is not None:
            expected[path] = expected.pop(listed)


def _changed(
    folder: str | os.PathLike[str],
    entries: list[FileEntry],
    expected: dict[str, File],
    *,
    progress: Progress | None,
    threads: int,
    within: str | os.PathLike[str] | None,
) -> tuple[list[str], list[UnsafeFile]]:
    """Hashes files of the right size; returns the paths that differ and those that can't be read."""
    meter = Meter(progress, sum(entry.size for entry in entries))
    changed, unread = [], []
    results = hash_all(folder, entries, meter, threads, stop_at_error=False, within=within)
    for entry, result in zip(entries, results, strict=True):
        if isinstance(result, FileError):
            unread.append(UnsafeFile(entry.path, result.reason))
        elif isinstance(result, File) and result.digest != expected[entry.path].digest:
            changed.append(entry.path)
    return changed, unread
