"""The counts of the sidebar: how many versions a click on each value would show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_versions.fleet.coded import Coded
from tb_versions.fleet.prepared import Columns
from tb_versions.fleet.windows.choosing import STATE, Chosen

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_VALUES = 1_000
"""Most values of a facet that travel: those with most versions."""


def facets_of(columns: Columns, chosen: Chosen) -> dict[str, Any]:
    """Returns the counts of each facet's values: all filters count but the facet's own.

    Args:
        columns: Those of the tables.
        chosen: What passes each filter.
    """
    states = int(chosen.shown("state").sum())
    return {
        "models": _facet(*_of_model(columns, chosen.shown("model"))),
        "aliases": _facet(*_of_aliases(columns, chosen.shown("alias"))),
        "runs": _facet(*_of_trainings(columns, chosen.shown("run"))),
        "states": {"values": [[STATE, states]] if chosen.total else [], "left_out": 0},
    }


def _of_model(columns: Columns, shown: NDArray[np.bool_]) -> tuple[list[str], NDArray[np.int64]]:
    coded = columns.get("model")
    assert isinstance(coded, Coded)
    names = [str(cell) for cell in coded.column.cells[:-1]]
    return names, np.bincount(coded.codes[shown], minlength=len(names) + 1)[: len(names)]


def _of_aliases(columns: Columns, shown: NDArray[np.bool_]) -> tuple[list[str], NDArray[np.int64]]:
    coded = columns.get("alias")
    assert isinstance(coded, Coded)
    lists = coded.column.lists or []
    counts: dict[str, int] = {}
    for of_list, count in zip(lists, np.bincount(coded.codes[shown], minlength=len(lists)).tolist(), strict=True):
        for name in of_list:
            counts[name] = counts.get(name, 0) + count
    return list(counts), np.array(list(counts.values()), np.int64)


def _of_trainings(columns: Columns, shown: NDArray[np.bool_]) -> tuple[list[str], NDArray[np.int64]]:
    trainings = columns.trainings
    codes = trainings.codes[np.repeat(shown, np.diff(trainings.starts))]
    return list(trainings.names), np.bincount(codes, minlength=len(trainings.names))


def _facet(names: list[str], counts: NDArray[np.int64]) -> dict[str, Any]:
    """The values with most versions; of equal ones the first."""
    first = np.argsort(-counts, kind="stable")[:MOST_VALUES]
    kept = np.sort(first).tolist()
    return {
        "values": [[names[place], int(counts[place])] for place in kept],
        "left_out": len(names) - len(kept),
    }
