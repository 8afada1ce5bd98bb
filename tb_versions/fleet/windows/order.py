"""Ranks by which versions are sorted as the page sorts them: absent last, before it NaN, texts by collation."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tb_versions.fleet.coded import Numbers, Prepared
from tb_versions.fleet.windows.plain_texts import order_of_short, plain_key
from tb_versions.query import collation
from tb_versions.query.columns import Cell, Column

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

NAN = 2**31 - 2
ABSENT = 2**31 - 1


def ranks_of(prepared: Prepared) -> NDArray[np.int32]:
    """Returns for each version the place of its value among all values; `NAN` and `ABSENT` are behind.

    The rules are those of frontend/src/model/sort.ts.
    """
    if isinstance(prepared, Numbers):
        return _of_numbers(prepared)
    ranks = _of_cells(prepared.column) if prepared.texts is None else _of_texts(prepared.texts)
    return ranks[prepared.codes]


def order_of(ranks: Sequence[tuple[NDArray[np.int32], bool]], rows: NDArray[np.int32]) -> NDArray[np.int32]:
    """Returns rows in order; rows that are equal in everything stay as they are.

    Args:
        ranks: Of each column, and whether it descends; the first counts first.
        rows: Of versions, ascending.
    """
    ordered = rows
    for of_column, descends in reversed(ranks):
        keys = of_column[ordered]
        if descends:
            keys = np.where(keys >= NAN, keys, -keys)
        ordered = ordered[np.argsort(keys, kind="stable")]
    return ordered


def _of_numbers(prepared: Numbers) -> NDArray[np.int32]:
    values = prepared.values
    is_number = prepared.known & ~np.isnan(values)
    ranks = np.full(len(values), ABSENT, np.int32)
    ranks[prepared.known & ~is_number] = NAN
    ranks[is_number] = np.unique(values[is_number], return_inverse=True)[1].reshape(-1)
    return ranks


def _of_texts(different: pa.StringArray) -> NDArray[np.int32]:
    """The rank of each of different texts, and of none behind them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    short = order_of_short(different)
    if short is not None:
        ranks = np.full(len(short) + 1, ABSENT, np.int32)
        ranks[short] = np.arange(len(short), dtype=np.int32)
        return ranks
    texts = different.to_pylist()
    if pc.all(pc.ascii_is_printable(different)).as_py() in (True, None):
        keys = list(map(plain_key, texts))
        order = sorted(range(len(texts)), key=keys.__getitem__)
    else:
        order = pc.index_in(pa.array(sorted_texts(set(texts)), pa.string()), value_set=different).to_pylist()
    ranks = np.full(len(texts) + 1, ABSENT, np.int32)
    ranks[np.array(order, np.int64)] = np.arange(len(texts), dtype=np.int32)
    return ranks


def _of_cells(column: Column) -> NDArray[np.int32]:
    """The rank of each of the different values of a column."""
    cells: list[Cell] = list(column.cells)
    if column.lists is not None:
        cells = [" ".join(each) if each else None for each in column.lists]
    keys = [_key(cell) for cell in cells]
    numbers = sorted({key for kind, key in keys if kind == 0 and key == key})
    truths = sorted({key for kind, key in keys if kind == 1})
    texts = sorted_texts({key for kind, key in keys if kind == 2})
    places = {
        (kind, key): place
        for place, (kind, key) in enumerate(
            [(kind, key) for kind, of_kind in enumerate((numbers, truths, texts)) for key in of_kind]
        )
    }
    found = [ABSENT if kind is None else places.get((kind, key), NAN) for kind, key in keys]
    return np.array(found or [ABSENT], np.int32)


def _key(cell: Cell) -> tuple[int | None, Any]:
    """Numbers come before truth values before texts."""
    if cell is None:
        return None, None
    if isinstance(cell, bool):
        return 1, cell
    return (2, cell) if isinstance(cell, str) else (0, float(cell))


def sorted_texts(texts: set[str]) -> list[str]:
    """Returns different texts in the order of the page: by collation, and of equal ones by their code units."""
    plain = sorted((text for text in texts if _is_plain(text)), key=plain_key)
    others = sorted((text for text in texts if not _is_plain(text)), key=_key_of)
    if not others or not plain:
        return plain or others
    found: list[str] = []
    start = 0
    for other in others:
        end = bisect_left(plain, _key_of(other), lo=start, key=_key_of)
        found += [*plain[start:end], other]
        start = end
    return found + plain[start:]


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _key_of(text: str) -> tuple[collation.Key, bytes]:
    return collation.key(text), text.encode("utf-16-be", "surrogatepass")


def whole_ranks(numbers: NDArray[np.int64]) -> NDArray[np.int32]:
    """Returns ranks of whole numbers that every version has; large ones are told apart."""
    return np.unique(numbers, return_inverse=True)[1].reshape(-1).astype(np.int32)
