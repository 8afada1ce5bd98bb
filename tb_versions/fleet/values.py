"""The table of values of curves: a row for each metric of each version that links to a run.

A version's rows are replaced together, in one commit, where its runs changed; the table itself keeps what their event
files were, so that a run that did not change is not read again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from tb_versions.core.manifest import visible
from tb_versions.errors import StorageError
from tb_versions.fleet.delta import IDS_AT_A_TIME, Delta, appended, deleted, exchanged, replaced
from tb_versions.fleet.reading import batches_of, matching, schema_of
from tb_versions.fleet.rows import Draft, draft_of
from tb_versions.fleet.schema import values_schema
from tb_versions.read.catalog import Version
from tb_versions.read.values import MetricValue

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

    from tb_versions.fleet.runs import LinkedRuns, Links

VERSIONS_A_COMMIT = 20_000
"""Versions whose rows are written in one commit."""

VERSIONS_AT_A_TIME = 2_000
"""Versions whose runs are read at a time: their curves are in memory together."""

BYTES_AT_A_TIME = 512 << 20
"""Bytes of event files that are read at a time; a larger run is read alone."""

_OF_MANIFEST = ("id", "path", "manifest_size", "manifest_time", "manifest")
_KNOWN = ("id", "runs_read")


@dataclass
class Valued:
    """What became of the table of values.

    Attributes:
        rows: That it has afterwards.
        read: Versions whose runs were read, for they changed or were not read to their ends before.
        changed: Versions whose rows are others than before, or new.
        removed: Versions whose rows were taken away: they are gone, or no run is that they link to.
    """

    rows: int = 0
    read: int = 0
    changed: int = 0
    removed: int = 0


class Row(NamedTuple):
    """A version on its way into the table.

    Attributes:
        id: Of its row in the table of versions.
        path: Of its folder, below the models folder.
        version: With its runs.
        seen: What its runs' files were before they were read; see `LinkedRuns.seen`.
    """

    id: str
    path: str
    version: Version
    seen: str | None


class _Ready(NamedTuple):
    """Versions whose runs were read."""

    links: dict[str, Links]
    rows: pa.Table


def index_values(values: Delta, versions: Delta, runs: LinkedRuns, *, rebuild: bool) -> Valued:
    """Brings the table up to date with the runs that its versions link to.

    Several may run at once: of two who read the same runs, the one counts who read them as they are now.

    Args:
        values: The table.
        versions: That of versions, whose manifests say which runs they link to.
        runs: Those of the log directory.
        rebuild: Whether all rows are made anew.

    Raises:
        StorageError: A table can't be read or written.
    """
    done = Valued()
    if rebuild:
        values.change(lambda table: None if table is None else replaced(values_table([])))
    if values.open() is None:
        values.change(lambda table: None if table is not None else replaced(values_table([])))
    # This table is read before that of versions: rows that another adds later are of no version that was not seen.
    known = known_values(values)
    unseen = set(known)
    for ready in _read(_stale(versions, runs, known, unseen), runs, done):
        done.changed += _put(values, ready, runs, known)
    _take_away(values, unseen, known, done)
    done.rows = values.columns(["id"]).num_rows
    return done


@dataclass
class Compared:
    """How the table differs from the runs.

    Attributes:
        differing: Paths of versions whose rows are not what their runs say, or are missing.
        extra: Paths of rows that no version with a run has.
        unknown_columns: Columns that are none of this table.
    """

    differing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)


def compared(values: Delta, drafts: Iterable[Draft], runs: LinkedRuns) -> Compared:
    """Reads every run, and compares what it says with the table. Changes nothing.

    Args:
        values: The table.
        drafts: Every version.
        runs: Those of the log directory.

    Raises:
        StorageError: The table can't be read.
    """
    wanted: dict[str, tuple[str, int]] = {}
    passed_by: set[str] = set()
    for part in in_parts(_with_known_runs(drafts, runs, passed_by), runs):
        rows = dict(rows_of(part, runs))
        passed_by.update(row.id for row in part if row.id not in rows)
        for row in part:
            if row.id in rows:
                wanted[row.id] = visible(row.path), sum(map(_number_of, values_table(rows[row.id]).to_pylist()))
    there, unknown = _there(values)
    return Compared(
        differing=[path for row, (path, total) in wanted.items() if there.get(row, ("", 0))[1] != total],
        extra=[path for row, (path, _) in there.items() if row not in wanted and row not in passed_by],
        unknown_columns=unknown,
    )


def _there(values: Delta) -> tuple[dict[str, tuple[str, int]], list[str]]:
    """Path and numbers of the rows that the table has of each version, and the columns that are none of this table."""
    names = values_schema().names
    table = values.existing()
    there: dict[str, tuple[str, int]] = {}
    with values.explained():
        for batch in batches_of(table, names):
            for row in batch.to_pylist():
                there[row["id"]] = str(row["path"]), there.get(row["id"], ("", 0))[1] + _number_of(row)
    return there, [name for name in schema_of(table).names if name not in names]


def _number_of(row: Mapping[str, Any]) -> int:
    """A number, equal for equal rows whatever their `runs_read`; a sum of them does not depend on the order."""
    told = repr(sorted((name, value) for name, value in row.items() if name != "runs_read"))
    return int.from_bytes(hashlib.blake2b(told.encode("utf-8", "backslashreplace"), digest_size=16).digest(), "big")


def known_values(values: Delta) -> dict[str, str | None]:
    """Returns the id of each version that has rows, with what its runs were; None if its rows do not agree on that.

    Raises:
        StorageError: The table can't be read, or has rows without an id.
    """
    pairs = values.columns(_KNOWN).group_by(list(_KNOWN), use_threads=False).aggregate([])
    if pairs.column("id").null_count:
        raise StorageError(f"{values.url} has rows without an id. Make it anew with --rebuild.")
    known: dict[str, str | None] = {}
    for row, seen in zip(*(pairs.column(name).to_pylist() for name in _KNOWN), strict=True):
        known[row] = None if row in known else seen
    return known


def drafts_in(versions: Delta) -> Iterator[Draft]:
    """Yields the versions of the table, some at a time; what does not say what its manifest says is left out."""
    table = versions.existing()
    with versions.explained():
        for batch in batches_of(table, _OF_MANIFEST):
            for row in batch.to_pylist():
                draft = draft_of(row)
                if draft is not None and draft.id == row["id"]:
                    yield draft


def _stale(versions: Delta, runs: LinkedRuns, known: Mapping[str, str | None], unseen: set[str]) -> Iterator[Row]:
    """Yields the versions whose runs must be read; takes out of `unseen` those that keep their rows, or get others."""
    unsearched: set[str] = set()
    for row in _with_known_runs(drafts_in(versions), runs, unsearched):
        unseen.discard(row.id)
        if row.seen is None or known.get(row.id) != row.seen:
            yield row
    unseen -= unsearched


def _with_known_runs(drafts: Iterable[Draft], runs: LinkedRuns, unsearched: set[str]) -> Iterator[Row]:
    """Yields the versions that link to runs of the log directory.

    Args:
        drafts: Every version.
        runs: Those of the log directory.
        unsearched: Gets the ids of others, whose runs may be where nobody could look.
    """
    for draft in drafts:
        version = runs.link(draft)
        if any(link.known for link in version.links):
            yield Row(draft.id, draft.path, version, runs.seen(version.links))
        elif not runs.is_whole:
            unsearched.add(draft.id)


def _read(stale: Iterable[Row], runs: LinkedRuns, done: Valued) -> Iterator[_Ready]:
    """Yields the versions of one commit at a time, whose runs were read."""
    import pyarrow as pa

    links: dict[str, Links] = {}
    tables = [values_table([])]
    for part in in_parts(stale, runs):
        done.read += len(part)
        found = dict(rows_of(part, runs))
        links.update({row.id: row.version.links for row in part if row.id in found})
        tables.append(values_table([each for rows in found.values() for each in rows]))
        if len(links) >= VERSIONS_A_COMMIT:
            yield _Ready(links, pa.concat_tables(tables))
            links, tables = {}, [values_table([])]
    if links:
        yield _Ready(links, pa.concat_tables(tables))


def in_parts(rows: Iterable[Row], runs: LinkedRuns) -> Iterator[list[Row]]:
    """Yields versions whose runs are read together: some thousand, or as many as have a limit of bytes."""
    part: list[Row] = []
    named: set[str] = set()
    size = 0
    for row in rows:
        new = {link.name for link in row.version.links if link.known} - named
        more = sum(map(runs.size, new))
        if part and (len(part) == VERSIONS_AT_A_TIME or size + more > BYTES_AT_A_TIME):
            yield part
            part, named, size = [], set(), 0
            new = {link.name for link in row.version.links if link.known}
            more = sum(map(runs.size, new))
        part.append(row)
        named |= new
        size += more
    if part:
        yield part


def _put(values: Delta, ready: _Ready, runs: LinkedRuns, known: Mapping[str, str | None]) -> int:
    """Puts rows of versions in the place of those that they had; returns how many versions have others than before."""
    changed = 0

    def change(table: DeltaTable | None) -> Any:
        nonlocal changed
        assert table is not None
        mine, have_rows = _changed(table, ready, runs, known)
        changed = len(mine)
        rows = _only(ready.rows, mine)
        return exchanged(rows, mine) if have_rows else appended(rows)

    values.change(change)
    return changed


def rows_of(part: Sequence[Row], runs: LinkedRuns) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yields the id and the rows of each version whose runs could be read."""
    for row, told in zip(part, runs.values([each.version for each in part]), strict=True):
        if told.values is not None:
            seen = row.seen if told.is_whole else None
            yield row.id, [_row(row, value, seen) for value in told.values]


def _changed(
    table: DeltaTable, ready: _Ready, runs: LinkedRuns, known: Mapping[str, str | None]
) -> tuple[list[str], bool]:
    """The versions whose rows are to be replaced in the table as it is now, and whether any of them has some."""
    found = matching(table, "id", list(ready.links), _KNOWN)
    now = dict(zip(*(found.column(name).to_pylist() for name in _KNOWN), strict=True))

    def is_newer(row: str) -> bool:
        """Whether another has put rows of the version there meanwhile, who read its runs as they are."""
        seen = now.get(row)
        return seen is not None and seen != known.get(row) and seen == runs.seen(ready.links[row], again=True)

    mine = [row for row in ready.links if not is_newer(row)]
    there = [row for row in mine if row in now]
    names = ready.rows.column_names
    before = plain_rows(matching(table, "id", there, names)) if there else {}
    wanted = plain_rows(_only(ready.rows, there)) if there else {}
    with_rows = set(ready.rows.column("id").to_pylist())
    mine = [row for row in mine if (before.get(row) != wanted.get(row) if row in now else row in with_rows)]
    return mine, any(row in now for row in mine)


def _take_away(values: Delta, unseen: Iterable[str], known: Mapping[str, str | None], done: Valued) -> None:
    """Takes away the rows of versions, where these did not change meanwhile."""
    left = sorted(unseen)
    while left:
        some, left = left[:IDS_AT_A_TIME], left[IDS_AT_A_TIME:]
        there: list[str] = []

        def change(table: DeltaTable | None, some: Sequence[str] = some, there: list[str] = there) -> Any:
            assert table is not None
            found = matching(table, "id", some, _KNOWN).to_pylist()
            there[:] = sorted({row["id"] for row in found if known[row["id"]] in (None, row["runs_read"])})
            return deleted(there)

        values.change(change)
        done.removed += len(there)


def _only(rows: pa.Table, ids: Sequence[str]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    return rows.filter(pc.is_in(rows.column("id"), pa.array(list(ids), pa.string())))


def plain_rows(rows: pa.Table) -> dict[str, list[str]]:
    """Returns the rows of each id as texts in order, which are equal for equal rows, NaN included."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows.to_pylist():
        found[row["id"]].append(repr(sorted(row.items())))
    return {each: sorted(texts) for each, texts in found.items()}


def values_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Returns rows of `values`."""
    import pyarrow as pa

    return pa.Table.from_pylist(list(rows), schema=values_schema())


def _row(row: Row, value: MetricValue, seen: str | None) -> dict[str, Any]:
    curve = value.curve
    return {
        "id": row.id,
        "path": visible(row.path),
        "model": row.version.model,
        "number": row.version.number,
        "metric": visible(value.kind.key),
        "source": value.kind.source,
        "goal": value.kind.goal,
        "goal_source": value.kind.goal_source,
        "run": visible(curve.run) if curve else None,
        "tag": visible(curve.tag) if curve else None,
        "at_export": value.at_export,
        "at_export_step": value.step,
        "best": value.best.value if value.best else None,
        "best_step": value.best.step if value.best else None,
        "last": value.last.value if value.last else None,
        "last_step": value.last.step if value.last else None,
        "sample": value.sample or None,
        "why_not": visible(value.why_not) or None,
        "other_life": value.is_other_life,
        "regret": visible(value.regret or "") or None,
        "runs_read": seen,
    }
