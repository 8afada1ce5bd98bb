"""Where a number came from: a word for each source, its mark and what it means. Pure.

`frontend/src/model/sources.ts` has the same; tests/contract/test_sources.py holds them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple


class Source(NamedTuple):
    """A source of numbers.

    Attributes:
        mark: One character, shown beside the number.
        words: A few words, as in a table.
        meaning: A sentence or two for the legend.
    """

    mark: str
    words: str
    meaning: str


SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        "typed": Source(
            "✎",
            "typed in, or not said",
            "The author gave the number, or a manifest does not say where it is from. Nothing checked it.",
        ),
        "log": Source("≡", "training log", "Copied from the training log when the version was published."),
        "evaluated": Source("◆", "evaluated on the export", "The exported weights were evaluated for this version."),
        "run": Source("∿", "from the run", "Not in the manifest: read from the run's curve. Best and last always are."),
        "inferred": Source(
            "∴", "inferred", "Nobody stated it. It was found in a log or a file; the details name the evidence."
        ),
        "imported": Source(
            "↧", "imported", "As another tracker recorded it, which does not say that it is the value of the export."
        ),
        "measured": Source("◷", "measured later", "Measured after publishing, and recorded beside the model."),
        "replayed": Source(
            "↻",
            "replayed",
            "The version was loaded again, maybe elsewhere, and its answers were compared with the golden ones.",
        ),
    }
)
"""By the word that a filter uses; in the order of the legend."""


def in_order(sources: Iterable[str]) -> tuple[str, ...]:
    """Returns each source once, in the order of the legend."""
    found = frozenset(sources)
    return tuple([name for name in SOURCES if name in found])
