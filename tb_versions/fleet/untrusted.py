"""Looks at the files of a table before `deltalake` does: whoever may write to them may have planted one.

`deltalake` reads the whole log into memory when it opens a table, and follows links.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import IO, Any

from tb_versions.core.manifest import visible
from tb_versions.core.object_store import open_store
from tb_versions.core.storage import is_remote
from tb_versions.errors import StorageError
from tb_versions.fleet.weighing import Weighing

LOG = "_delta_log"

MOST_OF_LOG = 64 << 20
"""Most bytes of one file of a table's log."""

_MOST_UNPACKED = 1 << 30  # of a checkpoint, whose texts `deltalake` has all in memory at once


@dataclass(frozen=True)
class _File:
    """A file of a log.

    Attributes:
        name: As messages call it.
        key: Changes with the content.
        size: In bytes.
        open: Opens it.
    """

    name: str
    key: object
    size: int
    open: Callable[[], AbstractContextManager[IO[bytes] | Any]]


class Files:
    """The files of one table, looked at again at each opening; a checkpoint once."""

    def __init__(self, url: str) -> None:
        """Reads nothing yet.

        Args:
            url: Folder or URL of the table.
        """
        self._url = url
        self._known: set[object] = set()

    def check(self) -> None:
        """Refuses a table of which something leads elsewhere, never ends, or is larger than it can be.

        Raises:
            StorageError: Which file, and why; or the files can't be read.
            OSError, ArrowException: A checkpoint is no Parquet file.
        """
        if not is_remote(self._url):
            _check_kinds(self._url)
        for file in _log_in_store(self._url) if is_remote(self._url) else _log_in_folder(self._url):
            if file.size > MOST_OF_LOG:
                raise StorageError(
                    f"{visible(file.name)} has {file.size:,} bytes; no file of a log has more than {MOST_OF_LOG:,}. "
                    "Delete the table's folder, and make it anew: tb-versions index."
                )
            if file.name.endswith(".parquet") and file.key not in self._known:
                _check_checkpoint(file)
                self._known.add(file.key)


def _check_checkpoint(file: _File) -> None:
    from pyarrow.parquet import ParquetFile

    with file.open() as opened:
        footer = ParquetFile(opened).metadata
    size = Weighing(file.open, footer).unpacked()
    if size > _MOST_UNPACKED:
        raise StorageError(
            f"{visible(file.name)} would take {size:,} bytes of memory; no log takes more than {_MOST_UNPACKED:,}. "
            "Delete the table's folder, and make it anew: tb-versions index."
        )


def _log_in_folder(folder: str) -> Iterator[_File]:
    try:
        entries = list(os.scandir(os.path.join(folder, LOG)))
    except FileNotFoundError:
        return
    for entry in entries:
        found = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(found.st_mode):
            key = (entry.path, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
            yield _File(entry.path, key, found.st_size, _opening(entry.path))


def _opening(path: str) -> Callable[[], IO[bytes]]:
    return lambda: open(path, "rb")


def _log_in_store(url: str) -> Iterator[_File]:
    store = open_store(url)
    for name, entry in store.listed(LOG).files.items():
        path = f"{LOG}/{name}"
        yield _File(f"{url}/{path}", (name, entry.etag, entry.size), entry.size, _fetching(store, path))


def _fetching(store: Any, path: str) -> Callable[[], IO[bytes]]:
    return lambda: io.BytesIO(store.read(path, MOST_OF_LOG))


def _check_kinds(folder: str) -> None:
    """Refuses a table in a folder of which something is a link, or no plain file, such as a pipe."""
    left = [folder]
    while left:
        inside = left.pop()
        try:
            is_folder = stat.S_ISDIR(os.lstat(inside).st_mode)
            entries = list(os.scandir(inside)) if is_folder else []
        except FileNotFoundError:
            continue
        if not is_folder:
            raise StorageError(f"{visible(inside)} is no folder, and so no table. Remove it, or give another --to.")
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                left.append(entry.path)
            elif not entry.is_file(follow_symlinks=False):
                raise StorageError(
                    f"{visible(entry.path)} is a link, or no plain file: it is not followed. Remove it, or give "
                    "another --to."
                )
