"""Writes an export to its place: completely or not at all, and over nothing but an earlier export."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from tb_versions.core import storage
from tb_versions.errors import ExportExistsError, ExportTooLargeError, StorageError
from tb_versions.exports.contents.material import Files
from tb_versions.exports.formats import Format
from tb_versions.exports.targets.local import too_large, write_local_file, write_local_folder
from tb_versions.exports.targets.remote import RemoteTarget
from tb_versions.exports.targets.replacing import BEGINNING, why_not_file, why_not_folder
from tb_versions.read.catalog import Catalog

_LOCAL = re.compile(r"^(?:file|local)://(?:localhost(?=/))?", re.IGNORECASE)
_NEARLY_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")  # C:/ is a drive


class Target:
    """The place where an export is written."""

    def __init__(self, out: str, form: Format, *, force: bool = False) -> None:
        """Checks the place and writes nothing.

        Args:
            out: A path or a URL.
            form: The format.
            force: Whether an export that is there is replaced.

        Raises:
            MissingDependencyError: The package for such a URL is not installed.
            ExportExistsError: Something is there.
        """
        self._out = out
        self._form = form
        self._force = force
        local = _LOCAL.sub("", out)
        self._remote = RemoteTarget(out) if storage.is_remote(local) else None
        self._path = "" if self._remote else os.path.abspath(os.path.expanduser(local))
        if not out:
            raise StorageError("The name of the export is empty; is a variable of the shell unset?")
        if self._remote is None and (scheme := _NEARLY_URL.match(local)):
            raise StorageError(f"{out} is no path and no URL: write {scheme[1]}:// with two slashes.")
        self._check_free()

    def check(self, catalog: Catalog) -> None:
        """Refuses a place among the versions themselves.

        Raises:
            ExportExistsError: It is inside a folder of models, or it would replace the log directory.
        """
        if self._remote is not None:
            return
        check_outside(self._path, catalog, called=self._out)
        real = _real(self._path)
        if self._form.is_folder and any(real == os.path.realpath(root.path) for root, _ in catalog.roots):
            raise ExportExistsError(f"{self._out} is a folder that versions are read from; name another one.")

    def write(self, files: Files, *, most: int | None = None) -> int:
        """Writes the files; returns the bytes in all.

        Args:
            files: What is written.
            most: Most bytes, or None.

        Raises:
            ExportExistsError: Something came there in between.
            ExportTooLargeError: There are more bytes; nothing is left.
            StorageError: Writing failed; nothing is left.
        """
        if self._remote is not None:
            return self._remote.write(files, form=self._form, most=most, force=self._force)
        if self._form.is_folder:
            own = self._form.own_files if self._force else None
            return write_local_folder(self._path, files, own_files=own, most=most)
        return write_local_file(self._path, _only(files), force=self._force, most=most)

    def _check_free(self) -> None:
        if self._remote is not None:
            self._remote.check(self._form, force=self._force)
            return
        self._check_parents()
        if self._form.is_folder:
            self._check_folder()
        elif os.path.islink(self._path):
            raise ExportExistsError(f"{self._out} is a symlink; name the file itself.")
        elif os.path.isdir(self._path):
            raise ExportExistsError(f"{self._out} is a folder; name a file in it.")
        elif os.path.lexists(self._path) and not os.path.isfile(self._path):
            raise ExportExistsError(f"{self._out} is no regular file; choose another name.")
        elif os.path.lexists(self._path):
            self._check_file()

    def _check_parents(self) -> None:
        """Refuses a path above which a file is where a folder should be."""
        parent = os.path.dirname(self._path)
        while not os.path.lexists(parent) and parent != os.path.dirname(parent):
            parent = os.path.dirname(parent)
        if not os.path.isdir(parent):
            raise ExportExistsError(f"{self._out} can't be made: {parent} is no folder.")

    def _check_file(self) -> None:
        if not self._force:
            raise ExportExistsError(f"{self._out} exists; force (--force) replaces an export.")
        try:
            with open(self._path, "rb") as file:
                why_not = why_not_file(self._form, self._path, file.read(BEGINNING))
        except OSError as error:
            raise StorageError(f"{self._out} exists and can't be read: {error.strerror}.") from error
        if why_not:
            raise ExportExistsError(f"{self._out} is not replaced: {why_not}. Remove it, or choose another name.")

    def _check_folder(self) -> None:
        if os.path.islink(self._path):
            raise ExportExistsError(f"{self._out} is a symlink; name the folder itself.")
        if not os.path.lexists(self._path) or (os.path.isdir(self._path) and not os.listdir(self._path)):
            return
        if not os.path.isdir(self._path):
            raise ExportExistsError(f"{self._out} is a file; name a folder.")
        why_not = why_not_folder(self._form, _names_in(self._path))
        if why_not:
            raise ExportExistsError(f"{self._out} {why_not}.")
        if not self._force:
            raise ExportExistsError(
                f"{self._out} is not empty; force (--force) replaces an export in it and keeps other files."
            )


class Piped:
    """A stream that an export of one file is written to, such as standard output."""

    def __init__(self, stream: BinaryIO) -> None:
        """Writes nothing yet."""
        self._stream = stream

    def check(self, catalog: Catalog) -> None:
        """A stream is among no versions."""

    def write(self, files: Files, *, most: int | None = None) -> int:
        """Writes the file; returns its bytes.

        Args:
            files: One.
            most: Most bytes, or None.

        Raises:
            ExportTooLargeError: There are more; so many at most were written.
        """
        size = 0
        for chunk in _only(files):
            size += len(chunk)
            if most is not None and size > most:
                raise ExportTooLargeError(too_large(most))
            self._stream.write(chunk)
        return size


def check_outside(path: str, catalog: Catalog, *, called: str = "") -> None:
    """Refuses a place among the versions themselves.

    Args:
        path: Of what is to be made.
        catalog: The versions.
        called: How the message calls it; by default its path.

    Raises:
        ExportExistsError: It is inside a folder of models.
    """
    real = _real(path)
    for folder in sorted(_of_models(catalog)):
        if storage.is_inside(real, folder):
            where = "" if real == os.path.realpath(folder) else "inside "
            raise ExportExistsError(
                f"{called or path} is {where}{folder}, which holds versions; choose a place outside it."
            )


def _real(path: str) -> str:
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _names_in(folder: str) -> Iterator[str]:
    """What is in a folder, and in the folders in it."""
    for name in os.listdir(folder):
        yield name
        with contextlib.suppress(OSError):
            yield from (f"{name}/{inner}" for inner in os.listdir(os.path.join(folder, name)))


def _of_models(catalog: Catalog) -> set[str]:
    """The folders of versions, of models, and of all models; but not a log directory or a project they lie in."""
    folders = {place.folder for version in catalog.versions for place in version.places}
    models = {os.path.dirname(folder) for folder in folders}
    names = {version.model for version in catalog.versions}
    all_models = {os.path.dirname(model) for model in models if os.path.basename(model) in names}
    all_models |= {root.path for root, _ in catalog.roots if root.kind == "models_dir"}
    logdirs = {root.path for root, _ in catalog.roots if root.kind == "logdir"}
    here = os.getcwd()
    return folders | {m for m in (models | all_models) - logdirs if m in models or not storage.is_inside(here, m)}


def _only(files: Files) -> Iterable[bytes]:
    for _, chunks in files:
        yield from chunks
