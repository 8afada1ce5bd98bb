"""Brings the tables up to date with the models folder: what is new is added, what is gone is taken away."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from tb_versions.core.manifest import visible
from tb_versions.core.storage import is_remote
from tb_versions.fleet.delta import Delta, replaced
from tb_versions.fleet.found import Here, Shard, here_of, look
from tb_versions.fleet.kept_names import Key, kept_names
from tb_versions.fleet.last_look import LastLook
from tb_versions.fleet.logs import index_events, told
from tb_versions.fleet.paths import Paths
from tb_versions.fleet.putting import (
    Entries,
    fresh_paths,
    known_rows,
    put,
    take_away_doubled,
    take_away_gone,
    take_away_paths,
    typed_of,
)
from tb_versions.fleet.reading import table_of
from tb_versions.fleet.rows import (
    Draft,
    aliases_table,
    in_order,
    read_drafts,
    unread_table,
    versions_table,
)
from tb_versions.fleet.schema import (
    Census,
    Typed,
    settings_of,
    versions_schema,
)
from tb_versions.fleet.tables import ALIASES, EVENTS, UNREAD, VALUES, VERSIONS, table_in, tables_of
from tb_versions.fleet.values import Valued, index_values
from tb_versions.read.folders.scan import Place
from tb_versions.read.registries import ModelRegistry, Registries

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

ROWS_A_COMMIT = 20_000
"""Versions that are read, and written in one commit, at a time."""

_FEWEST_COUNTED = 100  # of fewer versions everything would be common
_MOST_COUNTED = 20_000  # versions of which the common metrics are found, spread over all


@dataclass
class Indexed:
    """What an index run did.

    Attributes:
        tables: Folder or URL of the tables.
        versions: Rows of versions afterwards.
        added: Versions that were added.
        removed: Versions that were taken away.
        events: Events that were added.
        unread: (path, why) of versions whose manifest can't be read; they have no row.
        problems: (where, why) of folders that could not be searched, and of runs that could not be read; rows of what
            is below them, or links to these runs, stay as they are.
        untyped: Common metrics and hyperparameters without a column of their own, which only a rebuild makes.
        values: What became of the values of curves; None if no log directory was given, or another share does them.
        left_values: Whether there is a table of them, which stays as it is, for no log directory was given.
        by_names: Whether only what changed in folders since the last run was looked at.
    """

    tables: str
    versions: int = 0
    added: int = 0
    removed: int = 0
    events: int = 0
    unread: list[tuple[str, str]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    untyped: tuple[str, ...] = ()
    values: Valued | None = None
    left_values: bool = False
    by_names: bool = False


class Reading(Protocol):
    """Reads manifests, and gives each version its row."""

    def __call__(self, tables: str, here: Here, paths: Sequence[str], /) -> Read:
        """Reads them.

        Args:
            tables: Folder or URL of the tables.
            here: The models folder.
            paths: Of the versions.
        """


@dataclass
class Read:
    """What became of manifests that were read.

    Attributes:
        added: Rows that were added.
        removed: Rows of other manifests at the same paths that were taken away.
        unread: (path, why) of those that can't be read.
        gone: Paths of those that were removed meanwhile.
        keys: Of those that were read here, size and time of each manifest by its path.
        common: Metrics and hyperparameters that are common among them.
    """

    added: int = 0
    removed: int = 0
    unread: list[tuple[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    keys: dict[str, Key] = field(default_factory=dict)
    common: Typed = field(default_factory=Typed)


def read_here(tables: str, here: Here, paths: Sequence[str], /) -> Read:
    """Reads manifests in this process; see `Reading`."""
    return _read(table_in(tables, VERSIONS), here, paths)


def _read(versions: Delta, here: Here, paths: Sequence[str], absent: tuple[int, Collection[str]] = (-1, ())) -> Read:
    done, census = Read(), Census()
    for drafts in _several(read_drafts(((path, here.versions[path]) for path in paths), done.unread, done.gone)):
        for draft in drafts:
            _count(census, draft)
            done.keys[draft.path] = draft.key
        added, removed = put(versions, drafts, absent=absent)
        done.added += added
        done.removed += removed
    done.common = census.typed()
    return done


def index(
    models_dir: str,
    to: str | None = None,
    *,
    full: bool = False,
    rebuild: bool = False,
    shard: Shard | None = None,
    reading: Reading | None = None,
    logdir: str = "",
) -> Indexed:
    """Brings the tables up to date. Files of models are not looked at, and nothing is loaded.

    Several may run at once. Where one is interrupted, the next completes it.

    Where the last run of this user on this machine left the tables as they are, and nothing is gone since, only folders
    that changed are listed, and only manifests in them are looked at: what was replaced in place elsewhere is not seen.

    Args:
        models_dir: Folder of models, or its URL.
        to: Folder or URL of the tables; by default `.index` in the models folder.
        full: Whether every manifest and log is looked at.
        rebuild: Whether all rows are made anew, with columns for the metrics that are common now.
        shard: Only these versions; events, aliases and values are done by the first. All by default.
        reading: What reads the manifests; by default this process, and a new table's in one commit.
        logdir: What `tensorboard --logdir` gets, for the values of curves; "" leaves those as they are.

    Returns:
        What was done.

    Raises:
        MissingDependencyError: deltalake or pyarrow is not installed.
        StorageError: A table can't be read or written, or is of a newer version.
        TbVersionsError: The models folder or the log directory can't be read.
    """
    share = shard or Shard()
    done = Indexed(tables_of(models_dir, to))
    is_whole = share.count == 1 and reading is None
    last = None if is_remote(models_dir) else LastLook(os.path.abspath(os.path.expanduser(models_dir)), done.tables)
    if last is None or full or rebuild or not is_whole or not _went_on(last, models_dir, done):
        began = time.time_ns()
        heads = _whole(models_dir, done, rebuild=rebuild, share=share, reading=reading)
        if last is not None and is_whole:
            _remember(last, done, heads, began)
    done.versions = table_in(done.tables, VERSIONS).count()
    values = table_in(done.tables, VALUES)
    if logdir and share.index == 1:
        from tb_versions.fleet.runs import runs_of  # what reads event files

        with runs_of(logdir, models_dir) as runs:
            done.values = index_values(values, table_in(done.tables, VERSIONS), runs, rebuild=rebuild)
            done.problems += runs.problems
    done.left_values = not logdir and values.open() is not None
    return done


def _whole(models_dir: str, done: Indexed, *, rebuild: bool, share: Shard, reading: Reading | None) -> dict[str, int]:
    """Looks at everything; returns of each log the number of the last event that is in the tables, or of one before."""
    versions, events, aliases = (table_in(done.tables, name) for name in (VERSIONS, EVENTS, ALIASES))
    # The table is read before the folder: a row that another adds later can't be one of a version that was not seen.
    known = None
    if not rebuild and versions.open() is not None:
        known = known_rows(versions)
        doubled = take_away_doubled(versions, known)
        if doubled:
            done.removed += doubled
            known = known_rows(versions)
    here = look(models_dir)
    if known is None:
        is_shared = share.count > 1 or reading is not None
        is_whole = _build(versions, here, done, rebuild=rebuild, is_shared=is_shared)
        known = known_rows(versions)
        here = here if is_whole and not rebuild else look(models_dir)
    _update(versions, here, done, known=known, share=share, reading=reading or read_here)

    def old(table: DeltaTable | None) -> DeltaTable | None:
        return None if rebuild else table  # of which files may be gone

    table_in(done.tables, UNREAD).change(
        lambda table: _unless_same(old(table), _unread_of(old(table), done.unread, share))
    )
    done.problems += here.problems
    found: list[ModelRegistry] = []
    if share.index == 1:
        logs = Registries([here.root])
        found, problems = told(logs, here.models)
        done.problems += problems
        done.events = index_events(events, found, here, rebuild=rebuild)
        # Read again after the table, so that no older state takes the place of a newer one.
        aliases.change(lambda table: _unless_same(old(table), aliases_table(told(logs, here.models)[0])))
    return _heads(found)


def _went_on(last: LastLook, models_dir: str, done: Indexed) -> bool:
    """Looks at what changed since the last run; returns whether that is all there is to look at."""
    versions, events, aliases = (table_in(done.tables, name) for name in (VERSIONS, EVENTS, ALIASES))
    before, of_logs = versions.open(), [table for table in (events.open(), aliases.open()) if table is not None]
    if before is None or len(of_logs) < 2:
        return False
    news = last.news(before, of_logs)
    if news is None:
        return False
    done.by_names = True
    here = here_of(models_dir, paths=[*news.new, *news.replaced], models=news.models)
    read = _read(versions, here, sorted(here.versions), (before.version(), frozenset(news.new)))
    done.added, done.unread = read.added, read.unread
    done.removed = read.removed + take_away_paths(versions, news.gone)
    if read.added >= _FEWEST_COUNTED:
        done.untyped = _untyped(versions, read.common)
    table_in(done.tables, UNREAD).change(lambda table: _unless_same(table, _unread_of(table, done.unread, Shard())))
    heads: dict[str, int] = {}
    if news.logs:
        heads = _add_events(here, frozenset(news.logs), done)
        of_logs = [events.existing(), aliases.existing()]
    after = versions.existing()
    unread = {path for path, _ in done.unread}
    has_other_rows = not {*unread, *read.gone}.isdisjoint(news.replaced)
    if done.problems or has_other_rows or after.version() != before.version() + versions.commits:
        last.forget()
    else:
        last.went_on(after, of_logs, added=read.keys, gone=news.gone, heads=heads)
    return True


def _add_events(here: Here, folders: Collection[str], done: Indexed) -> dict[str, int]:
    """Adds the events of logs that went on; returns the number of the last of each."""
    logs = Registries([here.root])
    some = [place for place in here.models if place.relative in folders]
    found, problems = told(logs, some, complete=False)
    done.problems += problems
    done.events = index_events(table_in(done.tables, EVENTS), found, here, rebuild=False)

    def change(table: DeltaTable | None) -> Any:
        again = told(logs, some, complete=False)[0]
        return _unless_same(table, _aliases_with(table, again, some))

    table_in(done.tables, ALIASES).change(change)
    return _heads(found)


def _heads(registries: Iterable[ModelRegistry]) -> dict[str, int]:
    return {visible(said.place.relative): said.state.head.number for said in registries}


def _aliases_with(table: DeltaTable | None, registries: Sequence[ModelRegistry], some: Sequence[Place]) -> pa.Table:
    """The aliases that the logs of some models say now, and of all other models those that a table has."""
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = aliases_table(registries)
    if table is None:
        return rows
    there = table_of(table).select(rows.column_names)
    own = pa.array([visible(place.relative) for place in some], pa.string())
    others = there.filter(pc.invert(pc.is_in(there.column("path"), value_set=own)))
    return pa.concat_tables([others.cast(rows.schema), rows])


def _remember(last: LastLook, done: Indexed, heads: Mapping[str, int], began: int) -> None:
    """Keeps what is there for the next run; where not all could be looked at, that run looks at everything."""
    versions, *others = (table_in(done.tables, name).existing() for name in (VERSIONS, EVENTS, ALIASES))
    rows = table_of(versions, ["path", "manifest_size", "manifest_time"])
    column = rows.column("path")
    if done.problems or _is_one_in(column, [visible(path) for path, _ in done.unread]):
        last.forget()
    else:
        kept = kept_names(Paths(column), rows.column("manifest_size"), rows.column("manifest_time"))
        last.began(versions, kept, others, heads, began=began)


def _is_one_in(column: pa.ChunkedArray, texts: Sequence[str]) -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    return bool(texts) and bool(pc.any(pc.is_in(column, value_set=pa.array(texts, pa.string()))).as_py())


def _build(versions: Delta, here: Here, done: Indexed, *, rebuild: bool, is_shared: bool) -> bool:
    """Makes all rows in one commit, some thousand in memory at a time; for shards an empty table.

    Returns:
        Whether all rows were made here; False if another made the table meanwhile.
    """
    typed = _common(here)
    is_whole = False

    def change(table: DeltaTable | None) -> Any:
        nonlocal is_whole
        is_whole = not is_shared and (table is None or rebuild)
        if table is not None and not rebuild:
            return None  # another made it meanwhile
        done.added = 0
        done.unread.clear()
        return replaced(versions_schema(typed).empty_table() if is_shared else _stream(here, done, typed))

    versions.change(change)
    return is_whole


def _stream(here: Here, done: Indexed, typed: Typed) -> pa.RecordBatchReader:
    import pyarrow as pa

    def batches() -> Iterator[pa.RecordBatch]:
        for drafts in _several(read_drafts(sorted(here.versions.items()), done.unread, [])):
            done.added += len(drafts)
            yield from versions_table(in_order(drafts), typed).to_batches()

    return pa.RecordBatchReader.from_batches(versions_schema(typed), batches())


def _common(here: Here) -> Typed:
    """The metrics and hyperparameters that are common, by some thousand versions spread over all."""
    places = sorted(here.versions.items())
    census = Census()
    for draft in read_drafts(places[:: 1 + len(places) // _MOST_COUNTED], [], []):
        _count(census, draft)
    return census.typed()


def _count(census: Census, draft: Draft) -> None:
    census.add((metric.kind.key for metric in draft.listing.metrics), settings_of(draft.listing))


def _update(
    versions: Delta, here: Here, done: Indexed, *, known: dict[str, Entries], share: Shard, reading: Reading
) -> None:
    """Adds the rows that are missing, then takes away those of what is gone."""
    unread = {path for path, _ in done.unread}
    fresh = [path for path in fresh_paths(here, known, share) if path not in unread]
    read = reading(done.tables, here, fresh) if fresh else Read()
    done.added += read.added
    done.unread += read.unread
    done.removed += read.removed + take_away_gone(versions, here, known, share=share, gone=read.gone)
    if read.added >= _FEWEST_COUNTED:
        done.untyped = _untyped(versions, read.common)


def _unread_of(table: DeltaTable | None, unread: Iterable[tuple[str, str]], share: Shard) -> pa.Table:
    """The rows of `unread`: those of other shares as they are, and those of this one."""
    kept = [] if table is None else table_of(table).to_pylist()
    others = [(row["path"], row["why"]) for row in kept if not share.has(row["path"])]
    return unread_table(sorted({*others, *((visible(path), visible(why)) for path, why in unread)}))


def _untyped(versions: Delta, wanted: Typed) -> tuple[str, ...]:
    """What is common among the versions that were read, and has no column."""
    table = versions.open()
    assert table is not None
    has = typed_of(table)
    return tuple(name for name in wanted.metrics if name not in has.metrics) + tuple(
        name for name in wanted.hyperparameters if name not in has.hyperparameters
    )


def _unless_same(table: DeltaTable | None, rows: pa.Table) -> Any:
    """The change that puts rows in the place of all; None where they are there already."""
    order = [(name, "ascending") for name in rows.column_names]
    if table is None:
        return replaced(rows)
    there = table_of(table).select(rows.column_names)
    return None if there.sort_by(order).equals(rows.sort_by(order)) else replaced(rows)


def _several(drafts: Iterator[Draft]) -> Iterator[list[Draft]]:
    while some := list(islice(drafts, ROWS_A_COMMIT)):
        yield some
