"""What of a comparison is a reason to stop: worse metrics, broken clients, things that are gone. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tb_versions.comparison import Comparison
from tb_versions.comparison.rows.row import Cell, Row

FAILURES = ("worse", "breaking", "removed")
"""What can be asked for."""

_METRICS = ("metrics", "slices")

_LISTS = (*_METRICS, "signature", "data")
"""Groups in which a row is a thing that a member may lack."""


def failures(comparison: Comparison, wanted: Collection[str]) -> tuple[str, ...]:
    """Returns a sentence for each reason to stop, of all members but the baseline.

    Args:
        comparison: Of versions and runs.
        wanted: Some of `FAILURES`. "worse" is a metric, of all data or of a slice, that is worse, unless that is within
            noise: where the noise is not known, it counts. "breaking" is a signature that breaks clients; one that is
            not known counts. "removed" is a metric, slice, signature, dataset or package that the baseline has and the
            member has not.
    """
    asked = {"worse": _worse, "breaking": _breaking, "removed": _removed}
    found = []
    for position, member in enumerate(comparison.members):
        if position != comparison.baseline:
            for name in FAILURES:
                if name in wanted:
                    found += [f"{member.label}: {text}" for text in asked[name](comparison, position)]
    return tuple(found)


def undecided(comparison: Comparison) -> tuple[str, ...]:
    """Returns the metrics that differ, of which it is not known whether that is worse; a goal would tell."""
    return tuple(row.label for row in comparison.rows if row.group in _METRICS and _is_undecided(row))


def _is_undecided(row: Row) -> bool:
    return any(cell.details.get("direction") in ("higher", "lower") for cell in row.cells)


def _worse(comparison: Comparison, position: int) -> Iterator[str]:
    for row, cell, base in _cells(comparison, position, _METRICS):
        is_worse = cell.details.get("direction") == "worse" and cell.verdict != "within noise"
        is_no_number = cell.value != cell.value and base.value == base.value
        if is_worse or is_no_number:
            why = f"; {cell.details.get('judgement', '')}" if is_worse else ""
            yield f"{row.label} is worse, {cell.text} against {base.text}{why}."


def _breaking(comparison: Comparison, position: int) -> Iterator[str]:
    for _, cell, base in _cells(comparison, position, ("signature",), key=""):
        if not (cell.known and base.known):
            yield "whether it breaks clients is not known."
        elif cell.verdict == "breaking":
            yield f"it breaks clients: {cell.reasons[0] if cell.reasons else 'the signature'}."


def _removed(comparison: Comparison, position: int) -> Iterator[str]:
    for row, cell, base in _cells(comparison, position, _LISTS):
        if row.key and cell.absent and cell.known and not base.absent:
            yield f"{row.group} {row.label} is gone."
    for row, cell, _ in _cells(comparison, position, ("environment",)):
        if cell.verdict == "removed":
            yield f"the package {row.label} is gone."


def _cells(
    comparison: Comparison, position: int, groups: Collection[str], key: str | None = None
) -> Iterator[tuple[Row, Cell, Cell]]:
    for row in comparison.rows:
        if row.group in groups and key in (None, row.key):
            yield row, row.cells[position], row.cells[comparison.baseline]
