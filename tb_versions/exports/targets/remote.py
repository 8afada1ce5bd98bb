"""Writes an export to a bucket or another remote place, through fsspec."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from tb_versions.errors import (
    ExportExistsError,
    ExportTooLargeError,
    InvalidExportError,
    MissingDependencyError,
    StorageError,
    TbVersionsError,
)
from tb_versions.exports.contents.material import Files
from tb_versions.exports.formats import Format
from tb_versions.exports.page.site import MAX_INDEX
from tb_versions.exports.targets.local import too_large
from tb_versions.exports.targets.replacing import BEGINNING, why_not_file, why_not_folder
from tb_versions.privacy.scrub import scrub_uri

_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}


class RemoteTarget:
    """A file or folder behind a URL. A store shows complete objects only; a folder's page is written last."""

    def __init__(self, url: str) -> None:
        """Finds the backend.

        Raises:
            MissingDependencyError: The package for it is not installed.
            StorageError: There is no such kind of URL.
        """
        import fsspec

        self._shown = scrub_uri(url)
        if "::" in url:
            raise StorageError(f"{self._shown} is a chain of URLs; give one URL.")
        scheme = url.partition("://")[0].lower()
        if scheme in ("http", "https"):
            raise StorageError(f"{self._shown} can't be written: http only reads. Name a file or a bucket.")
        try:
            self._fs, path = fsspec.core.url_to_fs(url)
        except ImportError as error:
            extra = _EXTRAS.get(scheme)
            how = f"pip install tensorboard-plugin-versions[{extra}]" if extra else str(error)
            raise MissingDependencyError(f"{scheme}:// needs a package that is not installed: {how}.") from error
        except ValueError as error:
            raise StorageError(f"{self._shown} can't be written: {error}") from error
        self._path = str(path).rstrip("/")

    def check(self, form: Format, *, force: bool) -> None:
        """Refuses to write over what must not be replaced.

        Raises:
            ExportExistsError: Something is there, and `force` does not allow to replace it.
        """
        with self._explaining():
            self._fs.invalidate_cache()
            there = self._names() if form.is_folder else [self._path] * bool(self._fs.exists(self._path))
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
        with self._explaining():
            beginning: bytes = self._fs.cat_file(self._path, start=0, end=BEGINNING)
        why_not = why_not_file(form, self._path, beginning)
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
                with self._explaining():
                    size = self._put(name, chunks, most, size)
                written.append(name)
        except BaseException:
            self._remove([name for name in written if name not in before])
            raise
        self._remove([name for name in old if name not in written])
        return size

    def _put(self, name: str, chunks: Iterable[bytes], most: int | None, before: int) -> int:
        data = b"".join(_counted(chunks, most, before))
        self._fs.pipe_file(f"{self._path}/{name}" if name else self._path, data)
        return before + len(data)

    def _names(self) -> list[str]:
        try:
            found = self._fs.find(self._path)
        except FileNotFoundError:
            return []
        prefix = self._fs._strip_protocol(self._path).rstrip("/") + "/"
        return [str(path)[len(prefix) :] for path in found if str(path).startswith(prefix)]

    def _is_ours(self) -> bool:
        with self._explaining():
            return b'<meta name="tbv-head" content="sha256:' in self._read("index.html", MAX_INDEX)

    def _own(self, form: Format) -> list[str]:
        """The files of the export that is there; none where there is none that can be read."""
        if form.own_files is None:
            return []
        try:
            with self._explaining():
                return form.own_files(self._read, self._shown)
        except TbVersionsError:
            return []

    def _read(self, name: str, limit: int) -> bytes:
        data: bytes = self._fs.cat_file(f"{self._path}/{name}", start=0, end=limit + 1)
        if len(data) > limit:
            raise InvalidExportError(f"{self._shown}/{name} has more than {limit:,} bytes.")
        return data

    def _remove(self, names: Iterable[str]) -> None:
        for name in names:
            with contextlib.suppress(Exception):  # it is unreferenced; the export itself is whole
                self._fs.rm_file(f"{self._path}/{name}" if name else self._path)

    @contextlib.contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except TbVersionsError:
            raise
        except Exception as error:  # whatever a backend raises
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
            raise StorageError(f"{self._shown} can't be written: {reason}") from error


def _counted(chunks: Iterable[bytes], most: int | None, size: int) -> Iterator[bytes]:
    for chunk in chunks:
        size += len(chunk)
        if most is not None and size > most:
            raise ExportTooLargeError(too_large(most))
        yield chunk
