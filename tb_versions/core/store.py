"""Small files that are created once and never changed, under keys like `log/00000000000000000001.json`.

The registry keeps its files in a `Store`, so that a folder and an object store look the same to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Protocol

from tb_versions.core import storage
from tb_versions.errors import StorageError


class Store(Protocol):
    """A folder, or what stands for one, of files that are created and never changed."""

    @property
    def shown(self) -> str:
        """How messages call it."""

    def read(self, key: str, limit: int) -> bytes:
        """Returns a file's content.

        Args:
            key: Of the file.
            limit: Most bytes.

        Raises:
            FileNotFoundError: There is none.
            InvalidManifestError: It is larger.
            UnsafeFileError: It is no plain file, or a symlink leads there.
            StorageError: It can't be read.
        """

    def read_each(self, keys: Iterable[str], limit: int) -> Iterator[bytes]:
        """Yields the content of files in one folder, up to the first that is not there; raises as `read` for others."""

    def exists(self, key: str) -> bool:
        """Returns whether there is a file of that key. Raises StorageError."""

    def names(self, folder: str) -> list[str]:
        """Returns the names of the files in a folder, sorted; none where there is no folder. Raises StorageError."""

    def create(self, key: str, data: bytes) -> bool:
        """Creates a file with its whole content unless there is one; of racing callers one wins.

        Returns:
            True if this call created it, False if there was one.

        Raises:
            StorageError: It is not known to be there, or not durable.
        """

    def delete(self, key: str) -> None:
        """Deletes a file that can be derived again; does nothing where there is none. Raises StorageError."""


class LocalStore:
    """A folder of a local disk, below a folder out of which no symlink leads."""

    def __init__(self, folder: str, *, within: str) -> None:
        """Touches nothing yet.

        Args:
            folder: Absolute path; made when something is created.
            within: A folder above, without symlinks below it; see `storage.open_folder`.
        """
        self._folder = folder
        self._within = within

    @property
    def shown(self) -> str:
        """The folder's path."""
        return self._folder

    def read(self, key: str, limit: int) -> bytes:
        """Returns a file's content, as `Store.read`."""
        return storage.read_capped(os.path.join(self._folder, key), limit, within=self._within)

    def read_each(self, keys: Iterable[str], limit: int) -> Iterator[bytes]:
        """Yields the content of files, as `Store.read_each`; their folder is opened once."""
        descriptor = -1
        try:
            for key in keys:
                path = os.path.join(self._folder, key)
                if descriptor < 0:
                    descriptor = storage.open_folder(os.path.dirname(path), within=self._within)
                yield storage.read_in(descriptor, os.path.basename(path), limit, path)[0]
        except FileNotFoundError:
            return
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def exists(self, key: str) -> bool:
        """Returns whether there is a file, as `Store.exists`."""
        return os.path.lexists(os.path.join(self._folder, key))

    def names(self, folder: str) -> list[str]:
        """Returns the names in a folder, as `Store.names`."""
        path = os.path.join(self._folder, folder)
        try:
            descriptor = storage.open_folder(path, within=self._within)
            try:
                return sorted(name for name in os.listdir(descriptor) if not name.startswith("."))
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StorageError(f"{path} can't be listed: {error.strerror}.") from error

    def create(self, key: str, data: bytes) -> bool:
        """Creates a file, as `Store.create`; the disk has it when this returns."""
        path = os.path.join(self._folder, key)
        self._make_folder(os.path.dirname(path))
        return storage.create_if_absent(path, data)

    def delete(self, key: str) -> None:
        """Deletes a file, as `Store.delete`."""
        path = os.path.join(self._folder, key)
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise StorageError(f"{path} can't be deleted: {error.strerror}.") from error

    def _make_folder(self, folder: str) -> None:
        try:
            if not os.path.isdir(folder):
                os.makedirs(folder, exist_ok=True)
                above = os.path.dirname(folder)
                while above.startswith(self._within):
                    storage.fsync_folder(above)
                    above = os.path.dirname(above)
            os.close(storage.open_folder(folder, within=self._within))  # no symlink leads there
        except OSError as error:
            raise StorageError(f"{folder} can't be created: {error.strerror}.") from error
