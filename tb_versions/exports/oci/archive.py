"""Files as one tar archive whose bytes depend on nothing but names and content."""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator

_BLOCK = 512
_RECORD = 20 * _BLOCK


def tar_of(files: Iterable[tuple[str, int, Iterable[bytes]]]) -> Iterator[bytes]:
    """Yields the bytes of an archive.

    Args:
        files: Path, size in bytes and content of each. Sizes above 8 GiB and long paths are written as in POSIX pax.
    """
    written = 0
    for name, size, chunks in files:
        header = tarfile.TarInfo(name)
        header.size, header.mode = size, 0o644
        data = header.tobuf(tarfile.PAX_FORMAT)
        yield data
        yield from chunks
        padding = -size % _BLOCK
        yield bytes(padding)
        written += len(data) + size + padding
    yield bytes(2 * _BLOCK + -(written + 2 * _BLOCK) % _RECORD)
