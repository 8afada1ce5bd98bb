"""Small files that are created once and never changed, under keys like `log/00000000000000000001.json`.

The registry keeps its files in a `Store`, so that a folder and an object store look the same to it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from tb_versions.core import storage
from tb_versions.errors import StorageError, UnsafeFileError


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

    def first_there(self, keys: Sequence[str]) -> str | None:
        """Returns the first of some keys of one folder, sorted, of which there is a file; else None.

        Raises:
            StorageError: That can't be found out.
        """

    def names(self, folder: str) -> list[str]:
        """Returns the names in a folder, sorted, without those that begin with a dot; none where there is no folder.

        Raises:
            StorageError: It can't be listed, or a symlink leads there.
        """

    def ages(self, folder: str) -> Mapping[str, float]:
        """Returns the seconds since each plain file in a folder was changed, by name; temporary files included.

        Raises:
            StorageError: As `names`.
        """

    def create(self, key: str, data: bytes) -> bool:
        """Creates a file with its whole content unless there is one; of racing callers one wins.

        Returns:
            True if this call created it, False if there was one.

        Raises:
            StorageError: It is not known to be there, or not durable.
            UnsafeFileError: A symlink leads there.
        """

    def delete(self, key: str) -> None:
        """Deletes a file that nobody needs; does nothing where there is none.

        Raises:
            StorageError: It can't be deleted, or a symlink leads there.
        """

    def move(self, key: str, target: str) -> None:
        """Gives a file another key; the caller knows that no file has that one.

        Raises:
            StorageError: It is not there, or can't be moved.
        """


class LocalStore:
    """A folder of a local disk, below a folder out of which no symlink leads."""

    def __init__(self, folder: str, *, within: str) -> None:
        """Touches nothing yet.

        Args:
            folder: Absolute path; made when something is created.
            within: A folder above, without symlinks below it; see `storage.open_folder`. It is never made.
        """
        self._folder = folder
        self._within = within.rstrip(os.sep) or os.sep

    @property
    def shown(self) -> str:
        """The folder's path."""
        return self._folder

    def read(self, key: str, limit: int) -> bytes:
        """Returns a file's content, as `Store.read`."""
        try:
            return storage.read_capped(self._path(key), limit, within=self._within)
        except FileNotFoundError:
            self._check_mounted()
            raise

    def read_each(self, keys: Iterable[str], limit: int) -> Iterator[bytes]:
        """Yields the content of files, as `Store.read_each`; their folder is opened once."""
        descriptor = -1
        try:
            for key in keys:
                path = self._path(key)
                if descriptor < 0:
                    descriptor = self._open(os.path.dirname(path))
                yield storage.read_in(descriptor, os.path.basename(path), limit, path)[0]
        except FileNotFoundError:
            return
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def exists(self, key: str) -> bool:
        """Returns whether there is a file, as `Store.exists`."""
        path = self._path(key)
        try:
            os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError as error:
            raise StorageError(f"{path} can't be looked at: {error.strerror}.") from error
        return True

    def first_there(self, keys: Sequence[str]) -> str | None:
        """Returns the first key of which there is a file, as `Store.first_there`."""
        return next(filter(self.exists, keys), None)

    def names(self, folder: str) -> list[str]:
        """Returns the names in a folder, as `Store.names`."""
        with self._listed(folder) as descriptor:
            names = os.listdir(descriptor) if descriptor >= 0 else []
        return sorted(name for name in names if not name.startswith("."))

    def ages(self, folder: str) -> Mapping[str, float]:
        """Returns how old the files in a folder are, as `Store.ages`."""
        ages = {}
        with self._listed(folder) as descriptor:
            for name in sorted(os.listdir(descriptor)) if descriptor >= 0 else []:
                with contextlib.suppress(FileNotFoundError):
                    status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                    if stat.S_ISREG(status.st_mode):
                        ages[name] = time.time() - status.st_mtime
        return ages

    def create(self, key: str, data: bytes) -> bool:
        """Creates a file, as `Store.create`; the disk has it when this returns."""
        path = self._path(key)
        folder = os.path.dirname(path)
        try:
            os.close(_make_folder(folder, within=self._within))
        except OSError as error:
            raise StorageError(f"{folder} can't be created: {error.strerror}.") from error
        return storage.create_if_absent(path, data)

    def delete(self, key: str) -> None:
        """Deletes a file, as `Store.delete`."""
        with self._listed(os.path.dirname(key)) as descriptor, contextlib.suppress(FileNotFoundError):
            if descriptor >= 0:
                os.unlink(os.path.basename(key), dir_fd=descriptor)

    def move(self, key: str, target: str) -> None:
        """Moves a file, as `Store.move`; the disk has it when this returns."""
        path, new = self._path(key), self._path(target)
        try:
            with contextlib.ExitStack() as closing:
                source = storage.open_folder(os.path.dirname(path), within=self._within)
                closing.callback(os.close, source)
                made = _make_folder(os.path.dirname(new), within=self._within)
                closing.callback(os.close, made)
                names = os.path.basename(path), os.path.basename(new)
                os.rename(*names, src_dir_fd=source, dst_dir_fd=made)
                storage.fsync_open_folder(made)
                storage.fsync_open_folder(source)
        except OSError as error:
            raise StorageError(f"{path} can't be moved to {new}: {error.strerror}.") from error

    def _path(self, key: str) -> str:
        return os.path.join(self._folder, key)

    def _open(self, folder: str) -> int:
        """Opens a folder below. Raises FileNotFoundError, UnsafeFileError, StorageError."""
        try:
            return storage.open_folder(folder, within=self._within)
        except FileNotFoundError:
            self._check_mounted()
            raise
        except OSError as error:
            raise StorageError(f"{folder} can't be read: {error.strerror}.") from error

    @contextlib.contextmanager
    def _listed(self, folder: str) -> Iterator[int]:
        """Opens a folder that is to be listed or changed; -1 where there is none. Raises StorageError."""
        path = self._path(folder)
        descriptor = -1
        try:
            with contextlib.suppress(FileNotFoundError):
                descriptor = self._open(path)
            yield descriptor
        except OSError as error:
            raise StorageError(f"{path} can't be listed or changed: {error.strerror}.") from error
        except UnsafeFileError as error:
            raise StorageError(f"{path} is not used: {error}") from error
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    def _check_mounted(self) -> None:
        """Raises StorageError where the folder above all is gone: what is in it is not known, and not nothing."""
        if not os.path.isdir(self._within):
            raise StorageError(f"{self._within} is not there; a mount that is gone, perhaps?")


def _make_folder(folder: str, *, within: str) -> int:
    """Opens a folder, and makes those that are missing below `within`, durably. Raises as `storage.open_folder`."""
    try:
        return storage.open_folder(folder, within=within)
    except FileNotFoundError:
        if folder.rstrip(os.sep) == within:
            raise
    above = _make_folder(os.path.dirname(folder.rstrip(os.sep)), within=within)
    name = os.path.basename(folder.rstrip(os.sep))
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, dir_fd=above)
        storage.fsync_open_folder(above)
        return storage.open_inner(name, above, folder)
    finally:
        os.close(above)
