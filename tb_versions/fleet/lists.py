"""Columns of lists of texts, and of many different texts, without an object of Python for each row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

import numpy as np

from tb_versions.fleet.standing import Standing
from tb_versions.fleet.stored import text_of

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_AT_ONCE = 4_096
_Item = TypeVar("_Item")


class Made(Sequence[_Item]):
    """A sequence whose items are made some thousand at a time, when somebody asks for one of them."""

    def __init__(self, count: int, make: Callable[[int, int], list[_Item]]) -> None:
        """Makes nothing yet.

        Args:
            count: Number of items.
            make: Returns those from one position to another.
        """
        self._count = count
        self._make = make
        self._first, self._some = 0, list[_Item]()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[_Item]:
        for first in range(0, self._count, _AT_ONCE):
            yield from self._make(first, min(first + _AT_ONCE, self._count))

    @overload
    def __getitem__(self, place: int) -> _Item: ...
    @overload
    def __getitem__(self, place: slice) -> list[_Item]: ...
    def __getitem__(self, place: int | slice) -> _Item | list[_Item]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(self._count))]
        if place < 0:
            place += self._count
        if not 0 <= place < self._count:
            raise IndexError(place)
        if not self._first <= place < self._first + len(self._some):
            self._first = place - place % _AT_ONCE
            self._some = self._make(self._first, min(self._first + _AT_ONCE, self._count))
        return self._some[place - self._first]


class Ragged(NamedTuple):
    """A list of texts for each version.

    Attributes:
        different: The different texts.
        starts: Where the list of each version begins in `codes`, and behind the last where it ends.
        codes: Positions in `different`.
    """

    different: pa.StringArray
    starts: NDArray[np.int64]
    codes: NDArray[np.int32]

    @property
    def rows(self) -> NDArray[np.int64]:
        """The version of each of `codes`."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


def ragged_of(standing: Standing, name: str) -> Ragged:
    """Returns a column of lists; raises StorageError."""
    import pyarrow.compute as pc

    lengths: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]

    def texts() -> Iterator[pa.Array]:
        for _, batch in standing.pieces([name]):
            column = batch.column(0)
            lengths.append(pc.list_value_length(column).fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64))
            yield column.flatten().fill_null("")

    found = text_of(texts())
    counts = np.concatenate(lengths)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    mine = counts[standing.order]
    own = np.concatenate([[0], np.cumsum(mine)]).astype(np.int64)
    at = np.repeat(starts[:-1][standing.order] - own[:-1], mine) + np.arange(own[-1])
    return Ragged(found.different, own, found.codes[at])


def different_lists(
    ragged: Ragged, make: Callable[[Sequence[str]], tuple[str, ...]]
) -> tuple[Sequence[tuple[str, ...]], NDArray[np.int32]]:
    """Returns the different lists of a column, and the position of each version's among them.

    Args:
        ragged: The column.
        make: What becomes of a list.
    """
    counts = np.diff(ragged.starts)
    single = len(ragged.different)
    keys = np.zeros(len(counts), np.int64)  # 0 for none, 1 + code for one text, and behind these lists of several
    keys[counts == 1] = 1 + ragged.codes[ragged.starts[:-1][counts == 1]]
    several: dict[bytes, int] = {}
    for row in np.flatnonzero(counts > 1).tolist():
        codes = ragged.codes[ragged.starts[row] : ragged.starts[row + 1]].tobytes()
        keys[row] = several.setdefault(codes, 1 + single + len(several))
    used, places = np.unique(keys, return_inverse=True)
    of_several = [np.frombuffer(codes, np.int32) for codes in several]

    def made(first: int, end: int) -> list[tuple[str, ...]]:
        keys = used[first:end]
        is_single = (keys > 0) & (keys <= single)
        texts = iter(ragged.different.take(_indices(keys[is_single] - 1)).to_pylist())
        return [
            make([next(texts)]) if alone else make(_texts(ragged, of_several[key - 1 - single])) if key else make([])
            for key, alone in zip(keys.tolist(), is_single.tolist(), strict=True)
        ]

    return Made(len(used), made), places.reshape(-1).astype(np.int32)


def _texts(ragged: Ragged, codes: NDArray[np.int32]) -> list[str]:
    found: list[str] = ragged.different.take(_indices(codes)).to_pylist()
    return found


def _indices(codes: NDArray[Any]) -> pa.Array:
    import pyarrow as pa

    return pa.array(codes.astype(np.int64), pa.int64())
