"""The files of a version in an object store: which of its objects can be files, and all of them on this disk."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from tb_versions.core.digest import MAX_FILES, Progress, UnsafeFile
from tb_versions.core.digest.hashing import Meter
from tb_versions.core.manifest import hidden_character, visible
from tb_versions.core.object_store import Entry, ObjectStore
from tb_versions.errors import UnsafeFileError

_AT_A_TIME = 4


def fetch(store: ObjectStore, folder: str, *, progress: Progress | None = None) -> None:
    """Writes every object of a version's folder into a folder of this disk.

    Args:
        store: The version's folder.
        folder: Its path here; it is made.
        progress: Called with the bytes fetched so far and the bytes in all.

    Raises:
        UnsafeFileError: A name in the store can't be a file's, or there are more than 100,000.
        StorageError: The store can't be read.
        OSError: The disk can't be written.
    """
    found, unsafe = plain_files(store.entries())
    if unsafe:
        raise UnsafeFileError(f"{store.shown} is not fetched: {unsafe[0]}.")
    meter = Meter(progress, sum(entry.size for entry in found.values()))
    os.makedirs(folder, mode=0o700, exist_ok=True)
    for path in found:
        os.makedirs(os.path.join(folder, os.path.dirname(path)), mode=0o700, exist_ok=True)
    with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="tb_versions_fetch") as pool:
        for _ in pool.map(lambda entry: _write(store, entry, folder, meter), found.values()):
            pass


def plain_files(entries: Iterable[Entry]) -> tuple[dict[str, Entry], list[UnsafeFile]]:
    """Returns the objects that can be files, by their paths, and the others; marks of empty folders are neither.

    Raises:
        UnsafeFileError: There are more than 100,000.
    """
    found: dict[str, Entry] = {}
    unsafe: list[UnsafeFile] = []
    folders: set[str] = set()
    for entry in entries:
        if len(found) + len(unsafe) >= MAX_FILES:
            raise UnsafeFileError(f"There are more than {MAX_FILES:,} files; a version has at most so many.")
        parts = entry.key.split("/")
        if any(part in ("", ".", "..") or "\\" in part for part in parts) or hidden_character(entry.key):
            unsafe.append(UnsafeFile(visible(entry.key), "a name that no file of a version may have"))
            continue
        found[entry.key] = entry
        folders.update("/".join(parts[:depth]) for depth in range(1, len(parts)))
    for path in folders & found.keys():
        if found[path].size == 0:
            del found[path]
        else:
            unsafe.append(UnsafeFile(path, "a file where a folder is"))
    return found, unsafe


def _write(store: ObjectStore, entry: Entry, folder: str, meter: Meter) -> None:
    path = os.path.join(folder, entry.key)
    with open(path, "xb") as file:
        for data in store.stream(entry):
            file.write(data)
            meter.add(len(data))
    os.utime(path, (entry.modified.timestamp(),) * 2)  # so that nobody takes it for made just now
