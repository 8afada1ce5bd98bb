"""Compares the tables with the files, which are the truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tb_versions.core.manifest import visible
from tb_versions.errors import StorageError
from tb_versions.fleet.delta import Delta
from tb_versions.fleet.found import Here, look
from tb_versions.fleet.logs import new_events, told
from tb_versions.fleet.putting import typed_of
from tb_versions.fleet.reading import batches_of
from tb_versions.fleet.rows import aliases_table, draft_of, events_table, read_drafts, versions_table
from tb_versions.fleet.schema import Typed, versions_schema
from tb_versions.fleet.tables import ALIASES, EVENTS, VALUES, VERSIONS, table_in, tables_of
from tb_versions.fleet.values import compared
from tb_versions.read.registries import Registries

MOST_NAMED = 20
"""Most differences that are named; all are counted."""

_ROWS_AT_A_TIME = 1_000
_LONGEST_NAME = 200


@dataclass
class Checked:
    """How the tables differ from the files.

    Attributes:
        tables: Folder or URL of the tables.
        rows: Rows of versions that were compared.
        counts: Kind to number of differences: missing, extra, twice, different; of columns, of events, of aliases; of
            versions whose values of curves differ.
        named: The first differences, a sentence each.
        unread: (path, why) of versions whose manifest can't be read.
        problems: (where, why) of what could not be searched, or of runs that could not be read.
        left_values: Whether there is a table of values of curves that was not compared, for no log directory was given.
    """

    tables: str
    rows: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    named: list[str] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    left_values: bool = False

    @property
    def ok(self) -> bool:
        """Whether the tables say what the files say."""
        return not self.counts

    def differs(self, kind: str, sentence: str) -> None:
        """Notes a difference."""
        self.counts[kind] += 1
        if len(self.named) < MOST_NAMED:
            self.named.append(sentence)


def check(models_dir: str, to: str | None = None, *, logdir: str = "") -> Checked:
    """Reads every manifest and every row, and compares them. Changes nothing.

    Args:
        models_dir: Folder of models, or its URL.
        to: As of `index`.
        logdir: What `tensorboard --logdir` gets: every linked run is read, too. "" compares no values of curves.

    Returns:
        The differences.

    Raises:
        StorageError: There is no table, or it can't be read.
        TbVersionsError: As `index`.
    """
    done = Checked(tables_of(models_dir, to))
    here = look(models_dir)
    done.problems = list(here.problems)
    _check_versions(table_in(done.tables, VERSIONS), here, done)
    registries, problems = told(Registries([here.root]), here.models)
    done.problems += problems
    events = table_in(done.tables, EVENTS)
    wanted = events_table(list(new_events(registries, {})))
    _compare("events", _rows(events.columns(wanted.column_names)), _rows(wanted), done)
    aliases = aliases_table(registries)
    _compare("aliases", _rows(table_in(done.tables, ALIASES).columns(aliases.column_names)), _rows(aliases), done)
    values = table_in(done.tables, VALUES)
    if logdir:
        _check_values(values, here, logdir, done)
    done.left_values = not logdir and values.open() is not None
    return done


def _check_values(values: Delta, here: Here, logdir: str, done: Checked) -> None:
    """Compares the rows of each version with what its runs say; versions whose runs can't be read are passed by."""
    from tb_versions.fleet.runs import runs_of

    if values.open() is None:
        done.differs("values", "There is no table of the values of curves: tb-versions index --logdir makes it.")
        return
    with runs_of(logdir, here.root.shown) as runs:
        said = compared(values, read_drafts(sorted(here.versions.items()), [], []), runs)
        done.problems += runs.problems
    for name in said.unknown_columns:
        done.differs("columns", f"The column {visible(name)} of values is none that tb-versions index makes.")
    for path in said.differing:
        done.differs("values", f"The values of {visible(path)} are not those of its runs.")
    for path in filter(here.is_known, said.extra):
        done.differs("values", f"There are values of {visible(path)}, which links to no run, or is not there.")


def _check_versions(versions: Delta, here: Here, done: Checked) -> None:
    for name in _unknown_columns(versions):
        done.differs("columns", f"The column {visible(name)} is none that tb-versions index makes.")
    gone: list[str] = []
    wanted = {draft.id: draft.path for draft in read_drafts(sorted(here.versions.items()), done.unread, gone)}
    seen: Counter[str] = Counter()  # of ids that files lead to: a table may have any number of others
    for row, is_as_its_manifest in _own_rows(versions):
        done.rows += 1
        row_id, path = row["id"], row["path"]
        name = f"{_short(path)} ({_short(row['model'])}:{row['number']})"
        if not is_as_its_manifest:
            done.differs("different", f"The row of {name} does not say what its manifest says.")
        elif row_id not in wanted and here.is_known(path):
            done.differs("extra", f"The row of {name} is of a version that is not there, or of another manifest.")
        if row_id in wanted:
            seen[row_id] += 1
            if seen[row_id] == 2:
                done.differs("twice", f"{name} has more than one row.")
    for row_id, path in wanted.items():
        if row_id not in seen:
            done.differs("missing", f"{visible(path)} has no row.")


def _unknown_columns(versions: Delta) -> list[str]:
    """Columns that follow from no manifest, also because of their type."""
    table = versions.open()
    if table is None:
        return []
    known = versions_schema(typed_of(table)).names
    return [field.name for field in table.schema().fields if field.name not in known]


def _own_rows(versions: Delta) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yields each row, and whether it is what its own manifest, in the row, leads to."""
    table = versions.open()
    if table is None:
        raise StorageError(f"{versions.url} does not exist. Make it: tb-versions index.")
    with versions.explained():
        typed = typed_of(table)
        for batch in batches_of(table):
            for first in range(0, batch.num_rows, _ROWS_AT_A_TIME):
                yield from _with_verdicts(batch.slice(first, _ROWS_AT_A_TIME).to_pylist(), typed)


def _with_verdicts(rows: Sequence[dict[str, Any]], typed: Typed) -> Iterator[tuple[dict[str, Any], bool]]:
    drafts = [draft_of(row) for row in rows]
    made = iter(versions_table([draft for draft in drafts if draft is not None], typed).to_pylist())
    for row, draft in zip(rows, drafts, strict=True):
        if draft is None:
            yield row, False
        else:
            wanted = next(made)
            yield row, _plain(wanted) == _plain({name: row.get(name) for name in wanted})


def _short(text: object) -> str:
    return visible(str(text)[:_LONGEST_NAME])


def _plain(value: Any) -> str:
    """A text that is equal for equal rows, NaN included."""
    return repr(sorted(value.items()))


def _rows(table: Any) -> Counter[str]:
    return Counter(_plain(row) for row in table.to_pylist())


def _compare(what: str, rows: Counter[str], wanted: Counter[str], done: Checked) -> None:
    """Notes rows that are missing, too many, or not as the logs say."""
    missing, extra = (wanted - rows).total(), (rows - wanted).total()
    if missing or extra:
        done.counts[what] += max(missing, extra)
        done.named.append(
            f"{visible(what).capitalize()}: {missing:,} rows that the logs lead to are not in the table, and {extra:,} "
            "are there that the logs do not lead to."
        )
