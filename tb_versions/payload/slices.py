"""The slices of one version, in columns by metric: `SliceGroup` in types.ts. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tb_versions.comparison.rows.data import Measured
from tb_versions.comparison.rows.row import short_digest
from tb_versions.core.manifest import VersionManifest
from tb_versions.payload.wire import wire_integer, wire_number
from tb_versions.read.sliced import Sliced, SliceValue, sliced_metrics


def slices_payload(manifest: VersionManifest) -> list[dict[str, Any]]:
    """Returns what a manifest says of slices, by metric and dataset; of the whole dataset first, where it is known."""
    measured = Measured(manifest)
    return [_group(group, measured) for group in sliced_metrics(manifest)]


def _group(group: Sliced, measured: Measured) -> dict[str, Any]:
    values = list(filter(None, (group.whole, *group.slices.values())))
    first = values[0].kind
    return {
        "name": group.name,
        "dataset": group.dataset,
        "digest": short_digest(measured.on(group.name, group.dataset)),
        "goal": first.goal,
        "goal_source": first.goal_source,
        "slice": [value.kind.slice for value in values],
        "value": [wire_number(value.value) for value in values],
        "source": _column(value.kind.source for value in values),
        "lower": _column(value.lower for value in values),
        "upper": _column(value.upper for value in values),
        "confidence": _column(value.confidence for value in values),
        "examples": _column(_examples(value) for value in values),
    }


def _examples(value: SliceValue) -> int | str | None:
    return None if value.examples is None else wire_integer(value.examples)


def _column(values: Iterable[Any]) -> Any:
    """A column, or one value where all are equal, as sources and confidences nearly always are."""
    column = list(values)
    return column[0] if column.count(column[0]) == len(column) else column
