"""Lists the files of a version without opening any."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

from tb_versions.core.manifest import FILE_LIST_NAME, MANIFEST_NAME, hidden_character
from tb_versions.core.storage import existing_folder, open_folder
from tb_versions.errors import UnreadableFolderError, UnsafeFileError

MAX_FILES = 100_000
"""Most files of one version, and most folders."""

_OWN_FILES = (MANIFEST_NAME, FILE_LIST_NAME)

REGISTRY_FOLDER = ".versions"
"""Folder at the top that holds the registry's own files and is outside the digest."""

UNREADABLE = "unreadable: "
"""How `UnsafeFile.reason` begins if the system refused to open something."""


@dataclass(frozen=True, order=True)
class FileEntry:
    """A plain file: POSIX path relative to the version's folder, size in bytes."""

    path: str
    size: int


@dataclass(frozen=True, order=True)
class UnsafeFile:
    """Something in a version's folder that was not opened, or could not be.

    Attributes:
        path: POSIX, relative to the folder; characters that don't print are written as escapes.
        reason: "a symlink", "a fifo", "unreadable: Permission denied" …
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path} ({self.reason})"


def list_files(folder: str | os.PathLike[str], *, only: str = "") -> tuple[FileEntry, ...]:
    """Lists the files of a version without opening any.

    The manifest, a list of files beside it and the folder `.versions`, all at the top, are left out.

    Args:
        folder: A local folder; it may itself be reached through a symlink.
        only: Name of a file in it, which is the only one of the version; by default all are.

    Returns:
        Entries sorted by path, character by character.

    Raises:
        UnreadableFolderError: The folder, or one in it, is missing or can't be read.
        UnsafeFileError: It holds a symlink, fifo, socket, device, a name with control characters, a
            backslash or invalid UTF-8, or more than 100,000 files or folders.
    """
    files = []
    for entry in walk(folder, only=only):
        if entry.path == FILE_LIST_NAME:
            continue
        if isinstance(entry, UnsafeFile) and entry.reason.startswith(UNREADABLE):
            raise UnreadableFolderError(f"{entry.path} in {os.fspath(folder)} can't be listed: it is {entry.reason}.")
        if isinstance(entry, UnsafeFile):
            raise UnsafeFileError(
                f"{entry.path} in {os.fspath(folder)} is {entry.reason}; a version holds plain files only. Remove it."
            )
        files.append(entry)
    return tuple(sorted(files))


def walk(
    folder: str | os.PathLike[str], *, within: str | os.PathLike[str] | None = None, only: str = ""
) -> Iterator[FileEntry | UnsafeFile]:
    """Yields everything below a folder but folders themselves, in no particular order.

    Args:
        folder: The folder. Symlinks below it are never followed, even if they appear just now.
        within: A folder above it, below which symlinks are not followed either; see `storage.open_folder`.
        only: Name of a file in it, beside which nothing is looked at.

    Raises:
        UnreadableFolderError: The folder is missing or no folder.
        UnsafeFileError: It holds more than 100,000 files or folders, or a symlink took a folder's place.
    """
    root = os.fspath(existing_folder(folder, "The version's folder"))
    pending, files, folders = [""], 0, 0
    while pending:
        parent = pending.pop()
        try:
            descriptor = open_folder(os.path.join(root, parent) if parent else root, within=within or root)
        except OSError as error:
            yield UnsafeFile(_printable(parent) or ".", f"{UNREADABLE}{error.strerror}")
            continue
        with _closing(descriptor), os.scandir(descriptor) as entries:
            for entry in entries:
                path = f"{parent}/{entry.name}" if parent else entry.name
                if only not in ("", path):
                    continue
                found = _look(path, entry)
                if path not in _OWN_FILES:
                    files, folders = files + (found is not None), folders + (found is None)
                if max(files, folders) > MAX_FILES:
                    raise UnsafeFileError(
                        f"{root} holds more than {MAX_FILES:,} files or folders, the most that a version can have. "
                        "Pack some of them into archives."
                    )
                if found is not None:
                    yield found
                elif path != REGISTRY_FOLDER and not only and entry.is_dir(follow_symlinks=False):
                    pending.append(path)


@contextlib.contextmanager
def _closing(descriptor: int) -> Iterator[None]:
    try:
        yield
    finally:
        os.close(descriptor)


def _look(path: str, entry: os.DirEntry[str]) -> FileEntry | UnsafeFile | None:
    """Classifies a directory entry; None for a folder and for the manifest, which is outside the digest."""
    fault = _name_fault(entry.name)
    if fault:
        return UnsafeFile(_printable(path), fault)
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        return UnsafeFile(path, f"{UNREADABLE}{error.strerror}")
    if stat.S_ISDIR(status.st_mode):
        return None
    if not stat.S_ISREG(status.st_mode):
        return UnsafeFile(path, kind_of(status.st_mode))
    return None if path == MANIFEST_NAME else FileEntry(path, status.st_size)


def _name_fault(name: str) -> str | None:
    """Why a name can't be in a manifest, or None."""
    if name.isascii() and name.isprintable() and "\\" not in name:
        return None
    if "\\" in name:
        return "named with a backslash"
    if any("\ud800" <= character <= "\udfff" for character in name):
        return "named in invalid UTF-8"
    return "named with control characters" if hidden_character(name) is not None else None


def _printable(path: str) -> str:
    """The path with control characters and undecodable bytes as escapes."""
    return "".join(c if hidden_character(c) is None else f"\\u{ord(c):04x}" for c in path)


def kind_of(mode: int) -> str:
    """Returns what kind of file a mode means: "a fifo"."""
    kinds = (
        (stat.S_ISLNK, "a symlink"),
        (stat.S_ISFIFO, "a fifo"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISBLK, "a device"),
        (stat.S_ISCHR, "a device"),
    )
    return next((name for test, name in kinds if test(mode)), "not a plain file")
