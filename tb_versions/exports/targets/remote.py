"""Writes an export to a bucket or another object store."""

from __future__ import annotations

import contextlib
import mimetypes
from collections.abc import Iterable, Iterator

from tb_versions.core.object_store import open_store
from tb_versions.errors import (
    ExportExistsError,
    ExportTooLargeError,
    InvalidExportError,
    InvalidManifestError,
    StorageError,
    TbVersionsError,
)
from tb_versions.exports.contents.material import Files
from tb_versions.exports.formats import Format
from tb_versions.exports.page.site import MAX_INDEX
from tb_versions.exports.targets.local import too_large
from tb_versions.exports.targets.replacing import BEGINNING, why_not_file, why_not_folder


class RemoteTarget:
    """A file or folder behind a URL. A store shows complete objects only; a folder's page is written last."""

    def __init__(self, url: str) -> None:
        """Makes no request.

        Raises:
            MissingDependencyError: The package for it is not installed.
            UnsupportedStorageError: There is no such kind of URL.
        """
        self._store = open_store(url)
        self._shown = self._store.shown
        self._own_name = self._shown.rpartition("/")[2]

    def check(self, form: Format, *, force: bool) -> None:
        """Refuses to write over what must not be replaced.

        Raises:
            ExportExistsError: Something is there, and `force` does not allow to replace it.
        """
        there = self._names() if form.is_folder else [self._own_name] * self._store.exists("")
        if not there:
            return
        why_not = why_not_folder(form, there) if form.is_folder else ""
        if why_not:
            raise ExportExistsError(f"{self._shown} {why_not}.")
        if not force:
            what = "is not empty" if form.is_folder else "exists"
            raise ExportExistsError(f"{self._shown} {what}; force (--force) replaces an export there.")
        if form.is_folder and "index.html" in there and not self._is_ours():
            raise ExportExistsError(f"{self._shown} has an index.html that no export put there; choose another place.")
        if not form.is_folder:
            self._check_file(form)

    def _check_file(self, form: Format) -> None:
        why_not = why_not_file(form, self._own_name, self._store.beginning("", BEGINNING))
        if why_not:
            raise ExportExistsError(f"{self._shown} is not replaced: {why_not}. Remove it, or choose another name.")

    def write(self, files: Files, *, form: Format, most: int | None, force: bool) -> int:
        """Writes the files, last the one that names all others; returns the size of all files in bytes.

        Raises:
            ExportExistsError: Something came there in between.
            ExportTooLargeError, StorageError: They can't all be written; those that were written are removed.
        """
        self.check(form, force=force)
        before = set(self._names()) if form.is_folder else set()
        old = self._own(form) if force and form.is_folder else []
        size, written = 0, list[str]()
        try:
            for name, chunks in files:
                if name.endswith("/"):
                    continue
                if name in before and name not in old:
                    raise ExportExistsError(f"{self._shown}/{name} is in the way, and no export put it there.")
                size = self._put(name, chunks, most, size)
                written.append(name)
        except BaseException:
            self._remove([name for name in written if name not in before])
            raise
        self._remove([name for name in old if name not in written])
        return size

    def _put(self, name: str, chunks: Iterable[bytes], most: int | None, before: int) -> int:
        data = b"".join(_counted(chunks, most, before))
        self._store.write(name, data, content_type=mimetypes.guess_type(name or self._own_name)[0] or "")
        return before + len(data)

    def _names(self) -> list[str]:
        return [entry.key for entry in self._store.entries()]

    def _is_ours(self) -> bool:
        return b'<meta name="tbv-head" content="sha256:' in self._read("index.html", MAX_INDEX)

    def _own(self, form: Format) -> list[str]:
        """The files of the export that is there; none where there is none that can be read."""
        if form.own_files is None:
            return []
        try:
            return form.own_files(self._read, self._shown)
        except TbVersionsError:
            return []

    def _read(self, name: str, limit: int) -> bytes:
        try:
            return self._store.read(name, limit)
        except FileNotFoundError as error:
            raise StorageError(f"{self._shown}/{name} is not there any more.") from error
        except InvalidManifestError as error:
            raise InvalidExportError(f"{self._shown}/{name} has more than {limit:,} bytes.") from error

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            with contextlib.suppress(TbVersionsError):  # it is unreferenced; the export itself is whole
                self._store.delete(name)


def _counted(chunks: Iterable[bytes], most: int | None, size: int) -> Iterator[bytes]:
    for chunk in chunks:
        size += len(chunk)
        if most is not None and size > most:
            raise ExportTooLargeError(too_large(most))
        yield chunk
