"""Whether rows of the table say what manifests say: those in the rows themselves, or in files.

A version that was found by a value which its manifest does not have is no answer. Rows that were not found are not
looked at: `checking` compares all of them, and with the files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tb_versions.core.manifest import MANIFEST_LIMIT, visible
from tb_versions.errors import StorageError, TbVersionsError
from tb_versions.fleet.rows import Draft, versions_table
from tb_versions.fleet.schema import versions_schema
from tb_versions.fleet.standing import Standing
from tb_versions.read.manifests.listing import read_listing

_NOT_COMPARED = ("manifest", "manifest_size", "manifest_time")  # the first by its digest, the others are of a file
_AT_A_TIME = 2_000


def prove(standing: Standing, positions: Sequence[int], manifests: Mapping[int, bytes] | None = None) -> None:
    """Raises where a row is not what a manifest leads to.

    Args:
        standing: The tables.
        positions: Of the versions.
        manifests: The bytes of each one's manifest; by default those in the rows.

    Raises:
        StorageError: A row does not say what its manifest says.
    """
    for first in range(0, len(positions), _AT_A_TIME):
        _prove(standing, positions[first : first + _AT_A_TIME], manifests)


def manifests_of(standing: Standing, positions: Sequence[int]) -> dict[int, bytes]:
    """Returns the manifest's bytes in the rows of versions, by their positions. Raises StorageError."""
    found: dict[int, bytes] = {}
    for first in range(0, len(positions), _AT_A_TIME):
        some = positions[first : first + _AT_A_TIME]
        data = standing.few(("manifest",), some).column(0).to_pylist()
        found.update((row, each or b"") for row, each in zip(some, data, strict=True))
    return found


def _prove(standing: Standing, positions: Sequence[int], manifests: Mapping[int, bytes] | None) -> None:
    names = [name for name in versions_schema(standing.typed).names if name not in _NOT_COMPARED]
    rows = standing.few(names if manifests is not None else [*names, "manifest"], positions).to_pylist()
    drafts = [
        _draft(standing, row["path"], row["manifest"] if manifests is None else manifests[position])
        for position, row in zip(positions, rows, strict=True)
    ]
    for row, wanted in zip(rows, versions_table(drafts, standing.typed).to_pylist(), strict=True):
        if any(_plain(row[name]) != _plain(wanted[name]) for name in names):
            raise _lies(standing, row["path"])


def _draft(standing: Standing, path: str | None, data: bytes | None) -> Draft:
    try:
        if path is not None and data is not None and len(data) <= MANIFEST_LIMIT:
            return Draft(path, read_listing(data), data, (0, 0))
    except TbVersionsError:
        pass
    raise _lies(standing, path)


def _lies(standing: Standing, path: str | None) -> StorageError:
    return StorageError(
        f"The row of {visible(path or '')} in {visible(standing.tables)} does not say what its manifest says. "
        "tb-versions index --check says more, --rebuild makes the tables anew."
    )


def _plain(value: Any) -> str:
    """A text that is equal for equal values, NaN included; a map has no order."""
    return repr(sorted(value) if isinstance(value, list) else value)
