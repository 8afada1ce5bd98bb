"""The order of printable ASCII texts as `query.collation` has it, by bytes: a million of them in a second or two."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_MOST_DIGITS = 254  # of one number: as many as the browser takes
_DIGITS = re.compile(rb"[0-9]+")
_NUMBER = 0x60  # behind symbols, before letters
_SYMBOLS = b" _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"
_PLACES = bytes.maketrans(_SYMBOLS + bytes(range(65, 91)), bytes(range(2, 2 + len(_SYMBOLS))) + bytes(range(97, 123)))
_CAPITALS = bytes([code if 48 <= code < 58 else 2 if 65 <= code < 91 else 1 for code in range(256)])
_LONGEST_SHORT = 24
_AT_ONCE = 65_536


def plain_key(text: str) -> bytes:
    """Returns what orders a text among others: places of its characters, numbers by length and digits, capitals.

    Args:
        text: Printable ASCII: the browser passes over control characters, but they end a number.
    """
    data = text.encode()
    places = _DIGITS.sub(_number, data.translate(_PLACES))
    capitals = _DIGITS.sub(b"\1", data.translate(_CAPITALS))
    return b"%s\0%s\0%s" % (places, capitals, data)


def _number(found: re.Match[bytes]) -> bytes:
    digits = found[0][:_MOST_DIGITS].lstrip(b"0")
    return b"%c%c%s" % (_NUMBER, len(digits) + 1, digits)


def order_of_short(texts: pa.StringArray) -> NDArray[np.int64] | None:
    """Returns the places of short texts in small letters, as digests are, in their order; None where some are not so.

    It is the order of `plain_key`, made for all texts at once.
    """
    import pyarrow as pa

    if len(texts) == 0 or texts.null_count:
        return None
    longest = int(np.diff(_offsets(texts)).max())
    if not 0 < longest <= _LONGEST_SHORT:
        return None
    first = _numbers(texts, longest, 2)
    if first is None:
        return None
    order = np.lexsort(first[::-1])  # the last counts first
    same = (first[:, order[1:]] == first[:, order[:-1]]).all(axis=0)
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))  # together with their equals
    if len(tied):
        every = _numbers(texts.take(pa.array(order[tied])), longest)
        assert every is not None
        order[tied] = order[tied][np.lexsort(every[::-1])]
    return order


def _numbers(texts: pa.StringArray, longest: int, count: int | None = None) -> NDArray[np.uint64] | None:
    """The first of the large numbers by which texts are ordered, or all; None where some texts are not short ones."""
    found: list[NDArray[np.uint64]] = []
    for first in range(0, len(texts), _AT_ONCE):
        letters = _letters(texts[first : first + _AT_ONCE], longest)
        if letters is None:
            return None
        found.append(np.concatenate([_words(_keys(letters)), _words(letters)])[:count])
    return np.concatenate(found, axis=1)


def _offsets(texts: pa.StringArray) -> NDArray[np.int32]:
    return np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]


def _letters(texts: pa.StringArray, longest: int) -> NDArray[np.uint8] | None:
    """A row of bytes for each text, zero behind its end; None where some are not as `order_of_short` takes them."""
    offsets = _offsets(texts)
    data = np.frombuffer(texts.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]]
    if ((data < 32) | (data > 126) | ((data >= 65) & (data <= 90))).any():
        return None
    letters = np.zeros((len(texts), longest), np.uint8)
    letters[np.arange(longest) < np.diff(offsets)[:, None]] = data
    return letters


def _keys(letters: NDArray[np.uint8]) -> NDArray[np.uint8]:
    count, length = letters.shape
    digits, zeros = (letters >= 48) & (letters <= 57), letters == 48
    of_number, of_zeros = np.zeros((2, length + 1, count), np.int8)
    for place in range(length - 1, -1, -1):
        of_number[place] = np.where(digits[:, place], of_number[place + 1] + 1, 0)
        of_zeros[place] = np.where(zeros[:, place], of_zeros[place + 1] + 1, 0)
    keys = np.zeros((count, 2 * length + 2), np.uint8)
    ends, skipped = np.zeros(count, np.int64), np.zeros(count, np.int8)
    table = np.frombuffer(_PLACES, np.uint8)
    for place in range(length):
        begins = digits[:, place] & (~digits[:, place - 1] if place else True)
        rows = np.flatnonzero(begins)
        leading = of_zeros[place, rows]
        keys[rows, ends[rows]] = _NUMBER
        keys[rows, ends[rows] + 1] = of_number[place, rows] - leading + 1
        ends[rows] += 2
        skipped[rows] = leading
        is_skipped = digits[:, place] & (skipped > 0)
        skipped[is_skipped] -= 1
        rows = np.flatnonzero((letters[:, place] > 0) & ~is_skipped)
        keys[rows, ends[rows]] = table[letters[rows, place]]
        ends[rows] += 1
    return keys


def _words(rows: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Rows of bytes as columns of large numbers that are in the same order."""
    whole = np.zeros((len(rows), 8 * _width(rows.shape[1])), np.uint8)
    whole[:, : rows.shape[1]] = rows
    return whole.view(">u8").astype(np.uint64).T


def _width(size: int) -> int:
    """Numbers that so many bytes take."""
    return -(-size // 8)
