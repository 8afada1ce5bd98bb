"""Makes an answer fit: whole entries are left out, texts are cut, and what is missing is told. Pure.

No number is rounded, and nothing is replaced by null, which would mean "not known".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from tb_versions.errors import InvalidQueryError

_LEAST = 32
"""Bytes for each entry of an object, without which only its first are kept."""

CUT = "… (cut)"
"""End of a text of which the rest is left out."""


class LeftOut(NamedTuple):
    """A part of an answer of which not all is there.

    Attributes:
        part: Keys and positions that lead to it.
        kept: How many of its entries or characters are there.
        of: How many there are.
        what: What these are, in words.
    """

    part: tuple[str, ...]
    kept: int
    of: int
    what: str


class Cutter:
    """Cuts one answer.

    Attributes:
        left_out: What is not there, in the order of the answer.
    """

    def __init__(
        self, *, dump: Callable[[Any], str], is_newest_last: bool = False, expendable: Sequence[str] = ()
    ) -> None:
        """Cuts nothing yet.

        Args:
            dump: Returns a value's JSON.
            is_newest_last: Whether of lists the end is kept.
            expendable: Keys that are left out before anything else.
        """
        self._dump = dump
        self._is_newest_last = is_newest_last
        self._expendable = expendable
        self.left_out: list[LeftOut] = []

    def cut(self, value: Any, most: int, part: tuple[str, ...] = ()) -> Any:
        """Returns as much of a value as its JSON may have bytes; more only where hardly anything is left."""
        if self._size(value) <= most:
            return value
        if isinstance(value, str):
            return self._text(value, most, part)
        if isinstance(value, list):
            return self._list(value, most, part)
        return self._object(value, most, part) if isinstance(value, dict) else value

    def _size(self, value: Any) -> int:
        return len(self._dump(value).encode())

    def _text(self, text: str, most: int, part: tuple[str, ...]) -> str:
        low, high = 0, len(text)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self._size(text[:middle] + CUT) <= most else (low, middle - 1)
        self.left_out.append(LeftOut(part, low, len(text), "characters"))
        return text[:low] + CUT

    def _list(self, whole: list[Any], most: int, part: tuple[str, ...]) -> list[Any]:
        which = "entries, the last ones" if self._is_newest_last else "entries, the first ones"
        order = range(len(whole) - 1, -1, -1) if self._is_newest_last else range(len(whole))
        kept = self._fitting((self._size(whole[at]) + 1 for at in order), most - 2)
        if kept == 0:  # one of them, cut, tells more than none
            first = order[0]
            if most > 5 * _LEAST and isinstance(whole[first], (dict, list, str)):
                self.left_out.append(LeftOut(part, 1, len(whole), which))
                return [self.cut(whole[first], most - 2, (*part, str(first)))]
        self.left_out.append(LeftOut(part, kept, len(whole), which))
        return whole[len(whole) - kept :] if self._is_newest_last else whole[:kept]

    def _object(self, whole: dict[str, Any], most: int, part: tuple[str, ...]) -> dict[str, Any]:
        for key in self._expendable:
            if not part and key in whole:
                self.left_out.append(LeftOut((key,), 0, len(whole[key]), "characters"))
                rest: dict[str, Any] = self.cut({name: whole[name] for name in whole if name != key}, most, part)
                return rest
        sizes = {key: self._size(value) + self._size(key) + 2 for key, value in whole.items()}
        if len(whole) * _LEAST > most:
            kept = self._fitting(sizes.values(), most - 2)
            self.left_out.append(LeftOut(part, kept, len(whole), "entries, the first ones"))
            return dict(list(whole.items())[:kept])
        shares = _shares(sizes, most - 2)
        return {key: self.cut(value, shares[key] - self._size(key) - 2, (*part, key)) for key, value in whole.items()}

    @staticmethod
    def _fitting(sizes: Iterable[int], most: int) -> int:
        """How many of the first fit together."""
        total = count = 0
        for size in sizes:
            total += size
            if total > most:
                break
            count += 1
        return count


def _shares(sizes: dict[str, int], most: int) -> dict[str, int]:
    """Divides bytes: who needs little gets it, and the others share the rest alike."""
    shares: dict[str, int] = {}
    rest = most
    for place, key in enumerate(sorted(sizes, key=sizes.__getitem__)):
        shares[key] = min(sizes[key], rest // (len(sizes) - place))
        rest -= shares[key]
    return shares


def part_of(value: Any, part: Sequence[str]) -> Any:
    """Returns a part of an answer.

    Args:
        value: The answer.
        part: Keys, and positions in lists: `["rows", "3"]`, `["rows", "20:40"]`.

    Raises:
        InvalidQueryError: It has no such part; says what there is.
    """
    for depth, step in enumerate(part):
        where = " → ".join(part[:depth]) or "the answer"
        if isinstance(value, dict):
            if step not in value:
                raise InvalidQueryError(f"There is no {step!r} in {where}; there are {', '.join(list(value)[:30])}.")
            value = value[step]
        elif isinstance(value, list):
            start, colon, end = step.partition(":")
            if not all(number.isascii() and number.isdigit() and len(number) < 10 for number in (start, end or "0")):
                raise InvalidQueryError(f"{where} is a list: write a position like 3, or 20:40, not {step!r}.")
            if not colon and int(start) >= len(value):
                raise InvalidQueryError(f"{where} has {len(value):,} entries, counted from 0.")
            value = value[int(start) : int(end) if end else None] if colon else value[int(start)]
        else:
            raise InvalidQueryError(f"{where} has no parts.")
    return value
