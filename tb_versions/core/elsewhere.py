"""Files that do not lie beside their manifest: that names a source and a path, and who reads binds the source.

A manifest is hostile input. What it names is opened only below the folder that the reader's own settings bind to the
source, once all links are resolved: a path that leads out of it, and a source without a folder, open nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from tb_versions.core.manifest import FilesElsewhere, check_path_elsewhere, check_source, shown, visible
from tb_versions.core.storage import existing_folder, is_inside
from tb_versions.errors import (
    FilesElsewhereError,
    InvalidManifestError,
    InvalidNameError,
    InvalidQueryError,
    UnreadableFolderError,
    UnsafeFileError,
)

Sources = Mapping[str, str]
"""Folders by the names of sources, as an operator bound them."""

SOURCES = "TB_VERSIONS_SOURCES"
"""Variable: what no option binds, `LABEL=DIR,…`."""

_BOUND: ContextVar[Sources | None] = ContextVar("sources", default=None)


@dataclass(frozen=True)
class Located:
    """Files of a version that lie elsewhere.

    Attributes:
        root: Real path of the source's folder, below which everything lies.
        folder: Real path of the folder with the files.
        file: Name of the version's one file in it; "" where all files in the folder are the version's.
    """

    root: str
    folder: str
    file: str = ""

    @property
    def path(self) -> str:
        """Path of the folder or of the one file."""
        return os.path.join(self.folder, self.file) if self.file else self.folder


@contextmanager
def binding(sources: Sources | None) -> Iterator[None]:
    """Binds sources for whatever is opened in a `with`; None leaves what is bound.

    Folders that are opened keep what was bound then, in other threads too.
    """
    token = None if sources is None else _BOUND.set(sources)
    try:
        yield
    finally:
        if token is not None:
            _BOUND.reset(token)


def bound() -> Sources:
    """Returns the folders that are bound to sources now: by `binding`, else by the variable `TB_VERSIONS_SOURCES`.

    Raises:
        InvalidQueryError: The variable is malformed.
    """
    sources = _BOUND.get()
    return parse_sources(split_sources(os.environ.get(SOURCES, ""))) if sources is None else sources


def split_sources(text: str) -> list[str]:
    """Returns the parts of `LABEL=DIR,LABEL=DIR`."""
    return [part.strip() for part in text.split(",") if part.strip()]


def parse_sources(texts: Iterable[str]) -> dict[str, str]:
    """Returns the folders that options bind to sources.

    Args:
        texts: Each `LABEL=DIR`. The folder need not exist: a disk may not be mounted today.

    Raises:
        InvalidQueryError: One is of another form, or a source is given two folders.
    """
    sources: dict[str, str] = {}
    for text in texts:
        label, equals, folder = text.partition("=")
        if not equals:
            raise InvalidQueryError(f"{shown(text)} binds no source to a folder: write LABEL=DIR, like nas=/mnt/nas.")
        path = _bound_folder(label, folder)
        if sources.setdefault(label, path) != path:
            raise InvalidQueryError(f"The source {label} is bound to two folders: {sources[label]} and {path}.")
    return sources


def checked_sources(sources: Mapping[str, str | os.PathLike[str]] | None) -> dict[str, str] | None:
    """Returns sources that Python binds, their folders absolute; None for None. Raises as `parse_sources`."""
    if sources is None:
        return None
    return {label: _bound_folder(label, os.fspath(folder)) for label, folder in sources.items()}


def _bound_folder(label: str, folder: str) -> str:
    try:
        check_source(label)
    except InvalidNameError as error:
        raise InvalidQueryError(str(error)) from error
    if not folder or "\0" in folder:
        raise InvalidQueryError(f"The source {label} is bound to no folder: write LABEL=DIR, like nas=/mnt/nas.")
    return os.path.abspath(os.path.expanduser(folder))


def locate(elsewhere: FilesElsewhere, sources: Sources) -> Located:
    """Returns where files are that lie elsewhere; looks at the path's parts and opens nothing.

    Args:
        elsewhere: As a manifest has it, unchecked.
        sources: The bound folders.

    Raises:
        FilesElsewhereError: The source is bound to no folder.
        FileNotFoundError: The source's folder is there, and nothing is at the path.
        UnreadableFolderError: The source's folder does not exist.
        UnsafeFileError: The path leads out of the source's folder, or to what is neither a folder nor a plain file.
    """
    if elsewhere.source not in sources:
        raise FilesElsewhereError(unbound(elsewhere))
    root = os.path.realpath(existing_folder(sources[elsewhere.source], f"The source {elsewhere.source}"))
    try:
        path = os.path.realpath(os.path.join(root, check_path_elsewhere(elsewhere.path)))
        if not is_inside(path, root):
            raise UnsafeFileError(f"{in_words(elsewhere)} leads out of the folder of the source; nothing is opened.")
        mode = os.stat(path, follow_symlinks=False).st_mode
    except InvalidManifestError as error:
        raise UnsafeFileError(f"{error} Nothing is opened.") from error
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(f"There is nothing at {in_words(elsewhere)}.") from error
    except OSError as error:
        raise UnreadableFolderError(f"{in_words(elsewhere)} can't be read: {error.strerror}.") from error
    if stat.S_ISDIR(mode):
        return Located(root, path)
    if os.path.islink(os.path.join(root, elsewhere.path)):
        raise UnsafeFileError(f"{in_words(elsewhere)} is a symlink to a file; only plain files are opened.")
    if not stat.S_ISREG(mode):
        raise UnsafeFileError(f"{in_words(elsewhere)} is neither a folder nor a plain file; it is not opened.")
    return Located(root, os.path.dirname(path), os.path.basename(path))


def in_words(elsewhere: FilesElsewhere) -> str:
    """Returns "path digits/3 of source nas"."""
    return f"path {visible(elsewhere.path)[:300]} of source {visible(elsewhere.source)[:300]}"


def unbound(elsewhere: FilesElsewhere) -> str:
    """Returns why files are not opened whose source is bound to no folder, and what to do."""
    label = visible(elsewhere.source)[:300]
    return (
        f"Its files are elsewhere, at {in_words(elsewhere)}, and source {label} is not bound to a folder: say "
        f"--source {label}=DIR, for TensorBoard --versions_sources {label}=DIR."
    )
