"""The names that a filter can use, and the nearest name to a misspelt word."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tb_versions.query.columns import Column, Table

# Prefixes that say where to look, and the column ids they stand for.
_PREFIXES = {
    "best": "best:",
    "last": "last:",
    "metric": "m:",
    "export": "m:",
    "hp": "hp:",
    "label": "label:",
    "measured": "measured:",
    "source": "source:",
}
SYNONYMS = {
    "number": "version",
    "files": "state",
    "aliases": "alias",
    "gates": "gate",
    "runs": "run",
    "parents": "parent",
    "name": "model",
}
"""Other words for some columns."""

FIXED = (
    *(
        "version",
        "model",
        "alias",
        "approved",
        "deprecated",
        "removed",
        "gate",
        "verified",
        "signed",
        "state",
        "run",
        "step",
        "created",
        "size",
        "parameters",
        "digest",
        "framework",
    ),
    *("parent", "description"),
)
"""Columns that every version has; metrics, hyperparameters and labels come behind them."""

FLAGS = ("approved", "deprecated", "removed")
"""Columns that alone, as a word, ask whether a version is that."""

# Search order of a bare name: the fixed columns, then metrics, hyperparameters, labels.
_PLACES = ("", "m:", "hp:", "label:")
_NEEDS_QUOTES = re.compile("[\\s()=<>~!,\"'`\ufeff]")
_KEYWORD = re.compile("and|or|not|in|has|missing", re.IGNORECASE | re.ASCII)
_LONGEST_MISSPELT = 64


def quote_name(name: str) -> str:
    """Returns a name as it is written in a filter, quoted if needed."""
    return name if _is_plain(name) else "`" + re.sub(r"[\\`]", r"\\\g<0>", name) + "`"


def quote_value(value: str) -> str:
    """Returns a value as it is written in a filter, quoted if needed."""
    return value if _is_plain(value) else '"' + re.sub(r'[\\"]', r"\\\g<0>", value) + '"'


def _is_plain(text: str) -> bool:
    return bool(text) and not _NEEDS_QUOTES.search(text) and not _KEYWORD.fullmatch(text)


class Vocabulary:
    """Finds columns by the names that people write."""

    def __init__(self, table: Table) -> None:
        self._columns = table.columns
        self._folded: dict[str, Column] = {}
        for identity, column in table.columns.items():
            self._folded.setdefault(identity.lower(), column)

    def find(self, prefix: str, name: str) -> Column | None:
        """Returns the column that a name means, or None."""
        if prefix:
            return self._by_id(_PREFIXES.get(prefix.lower(), f"{prefix}:") + name)
        whole = self._bare(name)
        if whole is not None:
            return whole
        before, dot, after = name.partition(".")
        place = _PREFIXES.get(before.lower()) if dot else None
        return None if place is None else self._by_id(place + after)

    def names(self) -> list[str]:
        """Returns every name as it is written in a filter."""
        return [self._written(column) for column in self._columns.values()]

    def _by_id(self, identity: str) -> Column | None:
        return self._columns.get(identity) or self._folded.get(identity.lower())

    def _bare(self, name: str) -> Column | None:
        for place in _PLACES:
            column = self._columns.get(place + (name if place else SYNONYMS.get(name, name)))
            if column is not None:
                return column
        found = (self._by_id(place + name) for place in _PLACES)
        return next((column for column in found if column is not None), None)

    def _written(self, column: Column) -> str:
        prefix, colon, _ = column.id.partition(":")
        if not colon:
            return column.id
        short = prefix not in ("best", "last", "measured", "source") and self._bare(column.title) is column
        word = "metric" if prefix == "m" else prefix
        return quote_name(column.title) if short else f"{word}.{quote_name(column.title)}"


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Returns the candidate that a misspelt word most likely means, or None."""
    asked = word[:_LONGEST_MISSPELT].lower()
    found, least = None, max(1, len(asked) // 3) + 1
    words = list(candidates)
    for candidate in words:
        if abs(len(candidate) - len(asked)) < least:
            edits = distance(asked, candidate.lower(), below=least)
            if edits < least:
                found, least = candidate, edits
    if found is None and len(asked) > 2:
        return next((candidate for candidate in words if asked in candidate.lower()), None)
    return found


def distance(a: str, b: str, *, below: int) -> int:
    """Returns the number of edits (insert, delete, replace, swap neighbours) between two words; at most `below`."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        following = [i]
        for j, right in enumerate(b, 1):
            cost = min(row[j] + 1, following[j - 1] + 1, row[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            following.append(cost)
        if min(following) >= below and min(row) >= below:
            return below
        before, row = row, following
    return row[-1]
