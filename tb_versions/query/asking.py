"""Which columns a filter or a list of columns asks for, so that what nobody asks for is not read. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tb_versions.query import parsing
from tb_versions.query.names import FIXED, FLAGS, SYNONYMS

_STATE = "state"
_GATE = "gate"  # is stale where files changed
_WORD = "a word"  # no column's name: a bare word is looked for in the state's name too


class Asked(NamedTuple):
    """What has to be read for an answer.

    Attributes:
        states: Whether the files of versions have to be compared with their manifests.
        curves: Whether what runs logged may count.
    """

    states: bool
    curves: bool


def asked_by(text: str, columns: Iterable[str] = ()) -> Asked:
    """Returns what a filter and columns ask for.

    Args:
        text: The filter.
        columns: Names of columns.

    Raises:
        InvalidFilterError: The filter breaks the grammar.
    """
    names = names_in(text) | {SYNONYMS.get(name.lower(), name.lower()) for name in columns}
    return Asked(states=not names.isdisjoint((_STATE, _GATE, _WORD)), curves=not names <= {*FIXED, _WORD})


def names_in(text: str) -> frozenset[str]:
    """Returns the names of columns that a filter asks for, in small letters, synonyms resolved.

    Raises:
        InvalidFilterError: The filter breaks the grammar.
    """
    return frozenset(SYNONYMS.get(name.lower(), name.lower()) for name in _names(parsing.parse(text)))


def _names(node: parsing.Node | None) -> Iterator[str]:
    match node:
        case parsing.Every(parts) | parsing.Some(parts):
            for part in parts:
                yield from _names(part)
        case parsing.Not(part):
            yield from _names(part)
        case parsing.Compare(name) | parsing.In(name) | parsing.Has(name):
            yield f"{name.prefix}.{name.name}" if name.prefix else name.name
        case parsing.Word(word, quoted) if not quoted and word.lower() in FLAGS:
            yield word
        case parsing.Word():
            yield _WORD
