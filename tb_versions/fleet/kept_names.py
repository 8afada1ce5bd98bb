"""The versions of a table by the folder above each, with size and time of each manifest: a million in 20 MB."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from tb_versions.fleet.paths import Paths

Key = tuple[int, int]
"""Size and time of change (nanoseconds) of a manifest, as `found.manifest_key` has them."""

_KEY = struct.Struct("<qq")


class KeptNames(Struct):
    """What `names.Names` compares a folder with; rows are counted in each folder.

    Attributes:
        packed: Of each folder, the names in it with "/" between, and their keys.
    """

    packed: dict[str, tuple[str, bytes]]

    @property
    def folders(self) -> list[str]:
        """The folders above them, as the table has them."""
        return list(self.packed)

    def names(self, folder: str) -> list[str]:
        """Returns the names that the table has in a folder."""
        found = self.packed.get(folder)
        # Of the models folder itself, as a version, the name is empty.
        return [] if found is None else found[0].split("/")

    def rows(self, folder: str) -> NDArray[np.int64]:
        """Returns the place of each of `names` among them."""
        return np.arange(len(self.names(folder)))

    def entries(self, folder: str) -> list[tuple[str, Key]]:
        """Returns the names that the table has in a folder, and the key of each manifest."""
        found = self.packed.get(folder)
        keys: list[Key] = [] if found is None else list(_KEY.iter_unpack(found[1]))
        return list(zip(self.names(folder), keys, strict=True))

    def change(self, added: Mapping[str, Key], gone: Iterable[str]) -> set[str]:
        """Adds versions, and takes others away, by their paths as the table has them; returns the folders above."""
        changes: dict[str, dict[str, Key | None]] = defaultdict(dict)
        for path, key in (*dict.fromkeys(gone).items(), *added.items()):
            above, _, name = path.rpartition("/")
            changes[above][name] = key
        for above, of_folder in changes.items():
            entries = {**dict(self.entries(above)), **of_folder}
            left = {name: key for name, key in entries.items() if key is not None}
            if left:
                self.packed[above] = "/".join(left), b"".join(_KEY.pack(*key) for key in left.values())
            else:
                self.packed.pop(above, None)
        return set(changes)


def kept_names(paths: Paths, sizes: pa.ChunkedArray, times: pa.ChunkedArray) -> KeptNames:
    """Returns the names of a table.

    Args:
        paths: Of the table.
        sizes: Of the manifest of each row, bytes.
        times: Of its last change, nanoseconds since 1970.
    """
    keys = np.stack([_numbers(sizes), _numbers(times)], axis=1)
    return KeptNames(
        {folder: ("/".join(paths.names(folder)), keys[paths.rows(folder)].tobytes()) for folder in paths.folders}
    )


def _numbers(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Whole numbers in the order of bytes that `_KEY` has; -1 for none, which no manifest has."""
    found: NDArray[np.int64] = column.fill_null(-1).to_numpy().astype("<i8")
    return found
