"""The files that a manifest lists, as names and sizes: what is kept to compare a folder with, packed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import orjson

from tb_versions.core.manifest import File

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


@lru_cache(maxsize=1_024)
def sizes_by_path(files: ListedFiles) -> Mapping[str, int]:
    """Returns the size of each file."""
    return dict(zip(files.paths, files.sizes, strict=True))


@lru_cache(maxsize=1_024)
def _shared(paths: tuple[str, ...], sizes: tuple[int, ...]) -> ListedFiles:
    return ListedFiles(_one(paths), sizes)


@lru_cache(maxsize=1_024)
def _one(paths: tuple[str, ...]) -> tuple[str, ...]:
    return paths
