"""How many versions are where, in two dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tb_versions.errors import InvalidQueryError
from tb_versions.fleet.asking import column_named
from tb_versions.fleet.coded import Numbers
from tb_versions.fleet.prepared import Columns
from tb_versions.fleet.windows.questions import Density

if TYPE_CHECKING:
    from numpy.typing import NDArray


def density_in(columns: Columns, asked: Density, shown: NDArray[np.bool_]) -> dict[str, Any]:
    """Returns the counts of versions in each bin, without empty ones.

    Args:
        columns: Those of the tables.
        asked: Which columns, bins and scales.
        shown: Which versions count.

    Raises:
        InvalidQueryError: There is no such column, or it has no numbers.
    """
    axes = [_axis(columns, name, is_log=is_log) for name, is_log in zip((asked.x, asked.y), asked.logs, strict=True)]
    counted = shown & axes[0][1] & axes[1][1]
    values = [axis[counted] for axis, _ in axes]
    if not len(values[0]):
        nothing = {"from": None, "to": None}
        return {"found": int(shown.sum()), "counted": 0, "x": nothing, "y": nothing, "bins": asked.bins, "counts": []}
    places = [_places(each, bins, is_log=log) for each, bins, log in zip(values, asked.bins, asked.logs, strict=True)]
    counts = np.bincount(places[0] * asked.bins[1] + places[1])
    full = np.flatnonzero(counts)
    return {
        "found": int(shown.sum()),
        "counted": len(values[0]),
        **{name: {"from": float(each.min()), "to": float(each.max())} for name, each in zip("xy", values, strict=True)},
        "bins": asked.bins,
        "counts": np.column_stack([full // asked.bins[1], full % asked.bins[1], counts[full]]).tolist(),
    }


def _axis(columns: Columns, name: str, *, is_log: bool) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The numbers of a column, and which versions have one that has a place on the scale."""
    prepared = column_named(columns, name)
    if not isinstance(prepared, Numbers):
        raise InvalidQueryError(f"{prepared.column.title} is no column of numbers or times: it has no density.")
    there = prepared.known & np.isfinite(prepared.values)
    return prepared.values, there & (prepared.values > 0) if is_log else there


def _places(values: NDArray[np.float64], bins: int, *, is_log: bool) -> NDArray[np.int64]:
    """The bin of each number; the greatest is in the last one."""
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.log10(values) if is_log else values / 2  # so that no difference is infinite
        low, high = scaled.min(), scaled.max()
        part = (scaled - low) / (high - low) if high > low else np.zeros(len(values))
    return np.minimum((part * bins).astype(np.int64), bins - 1)
