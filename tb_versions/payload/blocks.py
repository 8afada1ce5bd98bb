"""Which rows of the table are one block. Pure."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence

from tb_versions.read.catalog import Version

LEAST_ROWS = 128
"""Fewest versions of a block, but for the last one."""

MOST_ROWS = 2_048
"""Most versions of a block."""

_ONE_IN = 512


def blocks_of(versions: Sequence[Version]) -> Iterator[slice]:
    """Yields the rows of each block.

    Where a block ends follows from the names of the versions alone, not from their positions: of 100,000 versions, one
    that comes or goes changes the block that it is in, and all others stay what they are.
    """
    start = 0
    for row, version in enumerate(versions):
        rows = row - start
        if rows >= LEAST_ROWS and (rows >= MOST_ROWS or _begins_a_block(version.id)):
            yield slice(start, row)
            start = row
    if start < len(versions):
        yield slice(start, len(versions))


def _begins_a_block(version_id: str) -> bool:
    # A name may hold half of a surrogate pair.
    return zlib.crc32(version_id.encode("utf-8", "surrogatepass")) % _ONE_IN == 0
