"""The files that a manifest lists, as names and sizes: what is kept to compare a folder with, packed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import orjson

from tb_versions.core.manifest import MANIFEST_NAME, File

MOST_KEPT = 256
"""Most files of a version whose names are kept; where there are more, the manifest is read again."""


class ListedFiles(NamedTuple):
    """Paths and sizes, in the manifest's order; versions that have the same share one object."""

    paths: tuple[str, ...]
    sizes: tuple[int, ...]

    def files(self) -> tuple[File, ...]:
        """As the manifest has them, without digests."""
        return tuple(File(path=path, size=size, digest="") for path, size in zip(*self, strict=True))


class _File(msgspec.Struct, gc=False):
    path: str
    size: str = "0"


_FILES = msgspec.json.Decoder(list[_File])


def listed(data: bytes) -> ListedFiles | None:
    """Returns the files in the JSON of a manifest's `files`; None for more than `MOST_KEPT`."""
    try:
        pairs = [(file.path, _size(file.size)) for file in _FILES.decode(data)]
    except msgspec.MsgspecError:  # what is no file is skipped, whatever it is
        pairs = [(file.path, file.size) for file in files_of(orjson.loads(data))]
    if len(pairs) > MOST_KEPT:
        return None
    return _shared(tuple([path for path, _ in pairs]), tuple([size for _, size in pairs]))


def files_of(entries: Any) -> Iterable[File]:
    """Yields the files that a manifest's parsed `files` has; entries that are no files are skipped."""
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("path"), str):
            size = _size(str(entry.get("size", "0")))
            yield File(path=entry["path"], size=size, digest=str(entry.get("digest", "")))


def _size(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1


class Layout(NamedTuple):
    """What a folder holds if it holds exactly the files that a manifest lists.

    Attributes:
        names: Everything in it.
        files: Names and sizes of its files.
        folders: The folders in it, by name.
    """

    names: frozenset[str]
    files: tuple[tuple[str, int], ...]
    folders: tuple[tuple[str, Layout], ...]


@lru_cache(maxsize=1_024)
def layout_of(files: ListedFiles) -> Layout | None:
    """Returns what a version's folder holds if all is as listed; None where a path is odd, or there twice."""
    tree: _Tree = {MANIFEST_NAME: 0}
    for path, size in zip(files.paths, files.sizes, strict=True):
        *above, name = path.split("/")
        if not (path.isascii() and path.isprintable()) or "\\" in path or len(above) > _DEEPEST:
            return None
        folder = tree
        for part in above:
            inner = folder.setdefault(part, {})
            if part in _NO_NAMES or not isinstance(inner, dict):
                return None
            folder = inner
        if name in _NO_NAMES or name in folder:
            return None
        folder[name] = size
    del tree[MANIFEST_NAME]
    return _layout(tree, MANIFEST_NAME)


_Tree = dict[str, "int | _Tree"]
_NO_NAMES = ("", ".", "..")
_DEEPEST = 16  # folders in each other, of which each is open meanwhile


def _layout(tree: _Tree, *others: str) -> Layout:
    return Layout(
        frozenset((*tree, *others)),
        tuple([(name, size) for name, size in tree.items() if isinstance(size, int)]),
        tuple([(name, _layout(inner)) for name, inner in tree.items() if isinstance(inner, dict)]),
    )


@lru_cache(maxsize=1_024)
def _shared(paths: tuple[str, ...], sizes: tuple[int, ...]) -> ListedFiles:
    return ListedFiles(_one(paths), sizes)


@lru_cache(maxsize=1_024)
def _one(paths: tuple[str, ...]) -> tuple[str, ...]:
    return paths
