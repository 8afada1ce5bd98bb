"""Which metrics, hyperparameters and labels the rows have, and how many rows have each: read from the keys of the maps.

A file of the table never changes, so what was counted in it is remembered for the next version of the table.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING

from tb_versions.fleet.standing import Standing

if TYPE_CHECKING:
    import pyarrow as pa

MAPS = ("metrics", "hyperparameters", "labels")

Counts = dict[str, Counter[str]]

_MOST_FILES = 10_000
_known: OrderedDict[str, Counts] = OrderedDict()


def counted(standing: Standing) -> Counts:
    """Returns the names in each map of all rows, those of what is gone too, and how many rows have each.

    Raises:
        StorageError: The table can't be read.
    """
    found: Counts = {name: Counter() for name in MAPS}
    for path, pieces in standing.stored.files(MAPS):
        if path not in _known:
            counts: Counts = {name: Counter() for name in MAPS}
            for batch in pieces:
                _add(counts, batch)
            _known[path] = counts
        _known.move_to_end(path)
        for name in MAPS:
            found[name].update(_known[path][name])
    while len(_known) > _MOST_FILES:
        _known.popitem(last=False)
    if standing.overlay.rows is not None:
        for batch in standing.overlay.rows.select(list(MAPS)).combine_chunks().to_batches():
            _add(found, batch)
    return found


def _add(counts: Counts, batch: pa.RecordBatch) -> None:
    import pyarrow.compute as pc

    for name in MAPS:
        column = batch.column(batch.schema.get_field_index(name))
        start, end = (column.offsets[place].as_py() for place in (0, -1))
        each = pc.value_counts(column.keys.slice(start, end - start))
        counts[name].update(dict(zip(each.field(0).to_pylist(), each.field(1).to_pylist(), strict=True)))
