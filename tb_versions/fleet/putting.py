"""Rows of versions in their table: which there are, which are missing, which are of what is gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tb_versions.core.manifest import visible
from tb_versions.fleet.delta import IDS_AT_A_TIME, Delta, appended, deleted
from tb_versions.fleet.found import Here, Shard, manifest_key
from tb_versions.fleet.reading import matching, schema_of
from tb_versions.fleet.rows import (
    Draft,
    in_order,
    versions_table,
)
from tb_versions.fleet.schema import (
    Typed,
    typed_in,
)
from tb_versions.read.folders.scan import Place

if TYPE_CHECKING:
    from deltalake import DeltaTable


Entries = Sequence[tuple[str, tuple[int, int]]]
"""Of one path: the id of each row, with size and time of its manifest."""


def known_rows(versions: Delta) -> dict[str, Entries]:
    """Returns what the table has of each path."""
    columns = ("path", "id", "manifest_size", "manifest_time")
    known: dict[str, list[tuple[str, tuple[int, int]]]] = {}
    rows = versions.columns(columns).select(columns)
    for path, row, size, changed in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        known.setdefault(path or "", []).append((row, (size, changed)))
    return dict(known)


def take_away_doubled(versions: Delta, known: Mapping[str, Entries]) -> int:
    """Takes away all rows of each id that several rows have, as no run of ours leaves any; returns how many ids.

    Rows go by their id, so a row that was planted would take the right one with it. That one comes again: its version
    has no row then.
    """
    counts = Counter(row for entries in known.values() for row, _ in entries)
    return _take_away(versions, [row for row, count in counts.items() if count > 1 and row is not None])


def fresh_paths(here: Here, known: dict[str, Entries], share: Shard) -> list[str]:
    """Returns the paths of a share whose manifests must be read: all that have not one row, of a manifest as it is."""
    return [
        path
        for path, place in here.versions.items()
        if share.has(visible(path)) and not _is_known(known.get(visible(path), ()), place)
    ]


def _is_known(entries: Entries, place: Place) -> bool:
    """Whether a path has one row, of a manifest of this size and time."""
    if len(entries) != 1:
        return False
    try:
        return manifest_key(place) == entries[0][1]
    except OSError:
        return False  # reading it says why


def put(versions: Delta, drafts: Sequence[Draft], *, absent: tuple[int, Collection[str]] = (-1, ())) -> tuple[int, int]:
    """Gives each draft its row: adds those that have none, then takes away other rows of the same paths.

    Args:
        versions: The table.
        drafts: Of versions.
        absent: A version of the table, and paths of which it has no row: they are not looked for.

    Returns:
        How many were added, and how many taken away.
    """
    wanted = {draft.id: draft for draft in drafts}
    added = 0
    others: list[str] = []

    def change(table: DeltaTable | None) -> Any:
        nonlocal added
        assert table is not None
        is_absent = absent[1] if table.version() == absent[0] else ()
        there = _ids(table, "path", [visible(draft.path) for draft in drafts if draft.path not in is_absent])
        others[:] = [row for row in there if row not in wanted]
        missing = [draft for row, draft in wanted.items() if row not in there]
        added = len(missing)
        return appended(versions_table(in_order(missing), typed_of(table)))

    versions.change(change)
    return added, _take_away(versions, others)


def _ids(table: DeltaTable, column: str, values: Sequence[str]) -> set[str]:
    """The ids of the rows that have one of some values in a column."""
    if not values:
        return set()
    return set(matching(table, column, values, ["id"]).column("id").to_pylist())


def take_away_gone(versions: Delta, here: Here, known: dict[str, Entries], *, share: Shard, gone: Iterable[str]) -> int:
    """Takes away the rows of a share whose versions are not there any more; returns how many there were."""
    there = {visible(path) for path in here.versions} - {visible(path) for path in gone}
    lost = [path for path in known if path not in there and share.has(path) and here.is_known(path)]
    return _take_away(versions, [row for path in lost for row, _ in known[path]])


def take_away_paths(versions: Delta, paths: Sequence[str]) -> int:
    """Takes away the rows of some paths, as the table has them; returns how many there were."""
    table = versions.existing() if paths else None
    if table is None:
        return 0
    with versions.explained():
        rows = _ids(table, "path", paths)
    return _take_away(versions, sorted(rows))


def _take_away(versions: Delta, rows: Iterable[str]) -> int:
    """Takes rows away, and returns how many there were: of what another took away already none is left."""
    left = list(dict.fromkeys(rows))
    removed = 0
    while left:
        some, left = left[:IDS_AT_A_TIME], left[IDS_AT_A_TIME:]
        there: list[str] = []

        def change(table: DeltaTable | None, some: Sequence[str] = some, there: list[str] = there) -> Any:
            assert table is not None
            there[:] = _ids(table, "id", some)
            return deleted(there)

        versions.change(change)
        removed += len(there)
    return removed


def typed_of(table: DeltaTable) -> Typed:
    """Returns the columns of a table that are of one metric or hyperparameter."""
    schema = schema_of(table)
    return typed_in(schema.names, {name: str(schema.field(name).type) for name in schema.names})
