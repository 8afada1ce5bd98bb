"""What a prepared column is: numbers, or the different values and for each version a code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tb_versions.fleet.lists import Made
from tb_versions.query.columns import Cell, Column

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

TITLES = {
    "version": "Version", "model": "Model", "alias": "Aliases", "approved": "Approved", "deprecated": "Deprecated",
    "run": "Run", "step": "Step", "created": "Created", "size": "Size", "parameters": "Parameters", "digest": "Digest",
    "framework": "Framework", "parent": "Parents", "description": "Description", "sources": "Sources",
    "verified": "Verified", "signed": "Signed",
}  # fmt: skip
"""The columns that every version has, and that the tables know."""

_BYTES_A_CELL = 24
_AT_ONCE = 4_096


class Coded(NamedTuple):
    """A column of texts, lists, or values of several kinds.

    Attributes:
        column: Its different values, as a column.
        codes: The position of each version's value among them.
        texts: The different values, where they are texts as a table has them; behind them is nothing, for versions that
            have none.
    """

    column: Column
    codes: NDArray[np.int32]
    texts: pa.StringArray | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no version has a value."""
        return all(self.column.is_absent(code) for code in np.unique(self.codes).tolist())


class Numbers(NamedTuple):
    """A column of numbers.

    Attributes:
        column: Its name and role; it has no cells.
        values: A number for each version.
        known: Whether it has one.
    """

    column: Column
    values: NDArray[np.float64]
    known: NDArray[np.bool_]

    @property
    def is_empty(self) -> bool:
        """Whether no version has a value."""
        return not self.known.any()

    def coded(self) -> Coded:
        """Returns the same column by its different values."""
        different, codes = np.unique(self.values, return_inverse=True)
        cells: list[Cell] = [*different.tolist(), None]
        places = np.where(self.known, codes.reshape(-1), len(different))
        return Coded(self.column_of(cells), places.astype(np.int32))

    def column_of(self, cells: Sequence[Cell]) -> Column:
        """Returns a column of other cells that is like this one."""
        return Column(self.column.id, self.column.title, self.column.role, True, cells)


Prepared = Coded | Numbers


class Trainings(NamedTuple):
    """The trainings that each version is linked to, each once; the one that it was exported from first.

    Attributes:
        names: Of all trainings.
        starts: Where those of each version begin in `codes`, and behind the last where they end.
        codes: Positions in `names`.
    """

    names: Sequence[str]
    starts: NDArray[np.int64]
    codes: NDArray[np.int32]

    @property
    def rows(self) -> NDArray[np.int64]:
        """The version of each of `codes`."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    @property
    def first(self) -> NDArray[np.int32]:
        """Of each version the first of its codes; -1 where it has none."""
        has = self.starts[:-1] < self.starts[1:]
        found = np.full(len(has), -1, np.int32)
        found[has] = self.codes[self.starts[:-1][has]]
        return found


def list_column(identity: str, lists: Sequence[tuple[str, ...]], codes: NDArray[np.int32]) -> Coded:
    """Returns a column of lists, by its different ones and the position of each version's among them."""
    role = "run" if identity == "run" else "list"
    return Coded(Column(identity, TITLES[identity], role, False, (), lists), codes)  # type: ignore[arg-type]


def changed(coded: Coded, changes: Mapping[int, Cell]) -> Coded:
    """Returns the column with other values of some versions."""
    if not changes:
        return coded
    before = coded.column.cells
    places: dict[Cell, int] = {}
    codes = coded.codes.copy()
    for row, cell in changes.items():
        codes[row] = places.setdefault(cell, len(before) + len(places))
    later = list(places)
    end = len(before)

    def made(first: int, last: int) -> list[Cell]:
        return [*before[first : min(last, end)], *later[max(0, first - end) : max(0, last - end)]]

    return Coded(text_column(coded.column.id, Made(end + len(later), made)), codes)


def cells_of(different: pa.StringArray) -> Sequence[Cell]:
    """Returns different texts, and behind them nothing, for versions that have none."""
    count = len(different)

    def made(first: int, last: int) -> list[Cell]:
        return [*different[first : min(last, count)].to_pylist(), *([None] if last > count else [])]

    return Made(count + 1, made)


def each_of(different: pa.StringArray) -> Iterator[str]:
    """Yields many texts, some thousand of which are objects of Python at a time."""
    for first in range(0, len(different), _AT_ONCE):
        yield from different[first : first + _AT_ONCE].to_pylist()


def size_of(prepared: Prepared) -> int:
    """Returns the bytes that a column takes, about."""
    if isinstance(prepared, Numbers):
        return prepared.values.nbytes + prepared.known.nbytes
    return prepared.codes.nbytes + _BYTES_A_CELL * len(prepared.column.cells or prepared.column.lists or ())


def text_column(identity: str, cells: Sequence[Cell]) -> Column:
    """Returns a column of texts by its different ones."""
    _, colon, name = identity.partition(":")
    return Column(identity, name if colon else TITLES.get(identity, identity), "text", False, cells)
