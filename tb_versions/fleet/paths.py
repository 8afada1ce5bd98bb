"""The paths of a table by the folder above each, so that a folder is compared with what the table has of it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


class Paths:
    """A million paths in some ten megabytes: no path is a text of Python until somebody asks for its folder.

    Attributes:
        folders: The folders above them, as the table has them; "" for the models folder itself.
    """

    def __init__(self, paths: pa.ChunkedArray) -> None:
        """Sorts them by folder.

        Args:
            paths: As the table has them, below the models folder.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        parts = pc.extract_regex(paths, r"(?s)^(?P<above>.*/)?(?P<name>[^/]*)$")
        above = pc.struct_field(parts, "above").combine_chunks().dictionary_encode()
        above = above.combine_chunks() if isinstance(above, pa.ChunkedArray) else above
        codes = above.indices.to_numpy(zero_copy_only=False)
        self._rows: NDArray[np.int64] = np.argsort(codes, kind="stable")
        self._names = pc.struct_field(parts, "name").combine_chunks().take(pa.array(self._rows))
        folders = [each[:-1] for each in above.dictionary.to_pylist()]
        self._starts = np.searchsorted(codes[self._rows], np.arange(len(folders) + 1))
        self._codes = {folder: code for code, folder in enumerate(folders)}

    @property
    def folders(self) -> list[str]:
        """The folders above them."""
        return list(self._codes)

    def names(self, folder: str) -> list[str]:
        """Returns the names that the table has in a folder; a name may come twice, as its rows do."""
        code = self._codes.get(folder)
        if code is None:
            return []
        start, end = self._starts[code], self._starts[code + 1]
        found: list[str] = self._names[int(start) : int(end)].to_pylist()
        return found

    def rows(self, folder: str) -> NDArray[np.int64]:
        """Returns the row of each of `names`, as a position in the table."""
        code = self._codes.get(folder)
        if code is None:
            return np.zeros(0, np.int64)
        return self._rows[self._starts[code] : self._starts[code + 1]]
