"""Which versions have a word in their names and texts, small and capital letters alike, as Python tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from tb_versions.fleet.maps import items
from tb_versions.fleet.standing import Standing
from tb_versions.query.columns import Column
from tb_versions.read.catalog import moved_to

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_AT_ONCE = 65_536
_MOST_VALUES = 10_000


class Values(Protocol):
    """A column by its different values."""

    @property
    def column(self) -> Column:
        """The values."""

    @property
    def texts(self) -> pa.StringArray | None:
        """The values but for the last, which is none, where they are texts."""


def with_word(values: Values, asked: str) -> NDArray[np.bool_]:
    """Returns whether each of the different values of a column contains a word in small letters."""
    if values.texts is not None:
        return np.append(containing(values.texts, asked), False)
    column = values.column
    if column.lists is not None:
        return np.array([any(asked in text.lower() for text in each) for each in column.lists], np.bool_)
    return np.array([isinstance(cell, str) and asked in cell.lower() for cell in column.cells], np.bool_)


def containing(texts: pa.StringArray, asked: str) -> NDArray[np.bool_]:
    """Returns whether each of many texts contains a word in small letters. Only those that are not ASCII are slow."""
    import pyarrow.compute as pc

    is_plain = pc.string_is_ascii(texts)
    found = pc.match_substring(pc.ascii_lower(texts), asked).fill_null(False).to_numpy(zero_copy_only=False).copy()
    others = pc.indices_nonzero(pc.invert(is_plain).fill_null(False))
    for place, text in zip(others.to_pylist(), texts.take(others).to_pylist(), strict=True):
        found[place] = asked in text.lower()
    return np.asarray(found, np.bool_)


def ids_with(standing: Standing, asked: str) -> NDArray[np.bool_]:
    """Returns whether a word is in the id of each version."""
    import pyarrow as pa
    import pyarrow.compute as pc

    models = pa.array([name.lower() for name in standing.models.to_pylist()], pa.string())
    codes, numbers = standing.model_codes, standing.numbers
    found = np.zeros(len(codes), np.bool_)
    for first in range(0, len(codes), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        names = models.take(pa.array(codes[some]))
        ids = pc.binary_join_element_wise(names, pa.array(numbers[some]).cast(pa.string()), ":")
        found[some] = pc.match_substring(ids, asked).to_numpy(zero_copy_only=False)
    for row, version in standing.contested.items():
        found[row] = asked in version.id.lower()
    return found


def notices_of(standing: Standing) -> dict[int, str]:
    """Returns what is to be said of versions, in small letters: what is odd in their manifests, or in their folders."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found: dict[int, str] = {}
    for first, batch in standing.pieces(["path", "number", "notices"]):
        path, number, notices = batch.columns
        folders = pc.replace_substring_regex(path, r"(?s)^.*/", "")
        is_moved = pc.not_equal(folders, number.cast(pa.string()))
        is_odd = pc.or_kleene(is_moved, pc.greater(pc.list_value_length(notices), 0))
        for at in pc.indices_nonzero(is_odd.fill_null(True)).to_pylist():
            position = standing.position(first + at)
            if position >= 0:
                folder = (path[at].as_py() or "").rpartition("/")[2]
                words = " ".join(filter(None, [*(notices[at].as_py() or ()), moved_to(folder, number[at].as_py())]))
                found[position] = words.lower()
    return {**found, **{row: version.notice.lower() for row, version in standing.contested.items()}}


def few_values(standing: Standing, name: str) -> frozenset[str] | None:
    """Returns the different values that a map has for all versions, in small letters; None where they are many."""
    found: set[str] = set()
    for _, batch in standing.pieces([name]):
        values = items(batch.column(0))[1].dictionary_encode().dictionary
        if len(values) + len(found) > _MOST_VALUES:
            return None
        found.update(text.lower() for text in values.to_pylist() if text is not None)
    return frozenset(found)


def among(standing: Standing, name: str, asked: str, *, kinds: str = "") -> NDArray[np.bool_]:
    """Returns whether one of the values that a map has for each version contains a word.

    Args:
        standing: The tables.
        name: Of the map.
        asked: The word in small letters.
        kinds: Another map with the kind of each value: only texts count.
    """
    found: list[NDArray[np.bool_]] = [np.zeros(0, np.bool_)]
    for _, batch in standing.pieces([name, *([kinds] if kinds else [])]):
        rows, values = items(batch.column(0))
        encoded = values.dictionary_encode()
        passing = np.array(
            [text is not None and asked in text.lower() for text in encoded.dictionary.to_pylist()], np.bool_
        )
        of_batch = np.zeros(batch.num_rows, np.bool_)
        if len(passing):
            hits = passing[encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)]
            if kinds:
                of_kinds = items(batch.column(1))[1]
                hits &= np.array([kind == "text" for kind in of_kinds.to_pylist()], np.bool_)
            of_batch[rows[hits]] = True
        found.append(of_batch)
    return np.concatenate(found)[standing.order]
