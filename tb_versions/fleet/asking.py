"""Filters of the tab, answered by DuckDB over the tables.

A filter becomes SQL that names only columns of ours, `c0`, `c1` and so on; all that a user or a manifest wrote is a
parameter. The engine runs in this process, without files, extensions or the network.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NoReturn, get_args

import numpy as np

from tb_versions.core.manifest import shown, visible
from tb_versions.errors import InvalidFilterError, InvalidQueryError
from tb_versions.fleet.coded import TITLES, Coded, Numbers, Prepared
from tb_versions.fleet.engine import Engine
from tb_versions.fleet.prepared import UNKNOWN, Columns
from tb_versions.fleet.standing import Standing
from tb_versions.query import parsing
from tb_versions.query.asking import names_in
from tb_versions.query.columns import Column, Table
from tb_versions.query.compiling import Compiler, asked_number, asked_span
from tb_versions.query.hidden import SHOWING
from tb_versions.query.names import FIXED, FLAGS, SYNONYMS, Vocabulary, nearest
from tb_versions.query.parsing import Operator, Value
from tb_versions.query.sorting import is_empty, sort_key
from tb_versions.read.manifests.integrity import State

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_SHOWN, _DEPRECATED, _REMOVED = 0, 1, 2
_STATES: tuple[str, ...] = get_args(State)
_ORDERS: dict[str, str] = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_METRIC = ("metric", "export")
_NAMED = 10
_MOST_DIGITS = 20


@dataclass(frozen=True)
class Question:
    """What is asked of the tables.

    Attributes:
        wanted: A filter of the tab; "" passes every version.
        sort: Name of a column; `-NAME` sorts descending; "" leaves the order of `list`.
        limit: Most versions, or None.
        everything: Whether deprecated and removed versions are among them.
        among: Positions of the only versions that count, or None.
        now: What "7d" counts back from, in milliseconds since the epoch; the present by default.
    """

    wanted: str = ""
    sort: str = ""
    limit: int | None = None
    everything: bool = False
    among: Sequence[int] | None = None
    now: float | None = None


@dataclass(frozen=True)
class Answer:
    """What the engine found.

    Attributes:
        rows: Positions of versions in `Standing.order`, in the order that was asked for.
        found: How many there are without the limit.
        hidden: What was left out: "2 deprecated"; or "".
    """

    rows: tuple[int, ...]
    found: int
    hidden: str = ""


def ask(
    standing: Standing, question: Question, *, columns: Columns | None = None, engine: Engine | None = None
) -> Answer:
    """Returns the versions that pass a filter, by the tables.

    Args:
        standing: The tables.
        question: What is asked.
        columns: Those of the tables, if some are prepared already.
        engine: One that was started already.

    Raises:
        InvalidFilterError: The filter is wrong, or asks for what the tables do not know.
        InvalidQueryError: There is no column to sort by.
        MissingDependencyError: DuckDB is not installed.
        StorageError: A table can't be read, or is too large for the engine's memory.
    """
    query = _Query(standing, columns or Columns(standing), question)
    test, values = query.test()
    order = query.order()
    asks = not names_in(question.wanted).isdisjoint(SHOWING)
    with_hidden = question.everything or asks
    if (asks or (question.everything and question.among is None)) and standing.removed:
        removed = "1 version was" if standing.removed == 1 else f"{standing.removed:,} versions were"
        raise InvalidQueryError(
            f"{removed} removed, and the table does not know {UNKNOWN['removed']}. {query.columns.remedy}".rstrip()
        )
    engine = engine or Engine()
    engine.look_at(query.relation())
    # Columns are named by this module, and what anybody wrote is a parameter.
    counting = f"SELECT hidden, count(*) FROM versions WHERE {test} GROUP BY ALL"  # noqa: S608
    choosing = f"SELECT place FROM versions WHERE {test} AND hidden <= ? ORDER BY {order} place LIMIT ?"  # noqa: S608
    counts = Counter(dict(engine.rows(counting, values)))
    most = _REMOVED if with_hidden else _SHOWN
    rows = engine.rows(choosing, [*values, most, question.limit or len(standing)])
    if with_hidden:
        return Answer(tuple(row for (row,) in rows), counts.total())
    said = ((counts[_DEPRECATED], "deprecated"), (counts[_REMOVED], "removed"))
    hidden = ", ".join(f"{count:,} {what}" for count, what in said if count)
    return Answer(tuple(row for (row,) in rows), counts[_SHOWN], hidden)


def passing(columns: Columns, engine: Engine, wanted: str, *, now: float | None = None) -> NDArray[np.bool_]:
    """Returns whether each version passes a filter; deprecated ones too.

    Args:
        columns: Those of the tables.
        engine: Finds them.
        wanted: A filter of the tab.
        now: What "7d" counts back from, in milliseconds since the epoch; the present by default.

    Raises:
        InvalidFilterError, StorageError: As `ask`.
    """
    standing = columns.standing
    query = _Query(standing, columns, Question(wanted, now=now))
    test, values = query.test()
    found = np.zeros(len(standing), np.bool_)
    engine.look_at(query.relation())
    found[engine.numbers(f"SELECT place FROM versions WHERE {test}", values)] = True  # noqa: S608 - names are ours
    engine.look_away()
    return found


def shown_column(columns: Columns, name: str, rows: Sequence[int]) -> Column:
    """Returns what a column has of some versions.

    Args:
        columns: Those of the tables.
        name: Of the column, as `Question.sort` names it.
        rows: Positions of the versions.

    Raises:
        InvalidQueryError: There is no such column, or the tables do not know it.
    """
    prepared = column_named(columns, name)
    at = list(rows)
    if isinstance(prepared, Numbers):
        values, known = prepared.values[at].tolist(), prepared.known[at].tolist()
        return prepared.column_of([value if has else None for value, has in zip(values, known, strict=True)])
    column, codes = prepared.column, prepared.codes[at].tolist()
    if column.lists is None:
        return replace(column, cells=[column.cells[code] for code in codes])
    return replace(column, lists=[column.lists[code] for code in codes])


def column_named(columns: Columns, name: str) -> Prepared:
    """Returns a column by the name that `--sort` and `--columns` give it; raises InvalidQueryError."""
    resolved = SYNONYMS.get(name, name)
    if resolved in ("sources", *UNKNOWN):
        raise _not_known(columns, resolved)
    if resolved in TITLES:
        return columns.get(resolved)
    if resolved not in FIXED and columns.has_typed(name):  # so that not all names of the tables have to be read
        return columns.get(f"m:{name}")
    vocabulary = Vocabulary(Table((), columns.names, ()))
    column = vocabulary.find("", name)
    if column is not None:
        if column.id in UNKNOWN:
            raise _not_known(columns, column.id)
        prepared = columns.get(column.id)
        if column.id in TITLES or not prepared.is_empty:
            return prepared
    prefix, dot, _ = name.partition(".")
    if dot and prefix.lower() in UNKNOWN:
        raise _not_known(columns, prefix.lower())
    names = vocabulary.names()
    near = nearest(name, names)
    hint = f" Did you mean {near}?" if near else f" Columns are {', '.join(map(visible, names[:_NAMED]))} and more."
    raise InvalidQueryError(f"There is no column {shown(name)}.{hint}")


def _not_known(columns: Columns, name: str) -> InvalidQueryError:
    what = UNKNOWN.get(name, UNKNOWN["measured"])
    return InvalidQueryError(f"The table does not know {what}. {columns.remedy}".rstrip())


@dataclass
class _Query:
    standing: Standing
    columns: Columns
    question: Question
    _relation: dict[str, Any] = field(default_factory=dict)
    _values: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._now = time.time() * 1000 if self.question.now is None else self.question.now
        self._gone: set[str] = set()

    def relation(self) -> pa.Table:
        """The columns that the SQL names, in Arrow."""
        import pyarrow as pa

        count = len(self.standing)
        hidden = np.zeros(count, np.int8)
        for row, said in self.standing.said.items():
            if said.state.removed is not None:
                hidden[row] = _REMOVED
            elif said.state.deprecated is not None:
                hidden[row] = _DEPRECATED
        return pa.table({"place": pa.array(np.arange(count)), "hidden": pa.array(hidden), **self._relation})

    def test(self) -> tuple[str, list[Any]]:
        """The condition in SQL, and its parameters."""
        node = parsing.parse(self.question.wanted)
        sql = "TRUE" if node is None else self._sql(node)
        if self.question.among is not None:
            chosen = np.zeros(len(self.standing), np.bool_)
            chosen[list(self.question.among)] = True
            sql = f"{self._column(chosen)} AND ({sql})"
        values, self._values = self._values, []
        return f"({sql})", values

    def order(self) -> str:
        """What sorts the rows before their place does, with a comma behind it."""
        if not self.question.sort:
            return ""
        prepared = column_named(self.columns, self.question.sort.removeprefix("-"))
        if isinstance(prepared, Numbers):
            ranks, is_last = prepared.values, ~prepared.known | np.isnan(prepared.values)
        else:
            column = prepared.column
            lists = None if column.lists is None else list(column.lists)
            column = replace(column, cells=list(column.cells), lists=lists)
            last = np.array([is_empty(column, code) for code in range(_size(column))], np.bool_)
            keys = [(0, 0.0, "") if last[code] else sort_key(column, code) for code in range(len(last))]
            rank = {key: place for place, key in enumerate(sorted(set(keys)))}
            ranks = np.array([rank[key] for key in keys], np.float64)[prepared.codes]
            is_last = last[prepared.codes]
        direction = "DESC" if self.question.sort.startswith("-") else "ASC"
        return f"{self._column(is_last)}, {self._column(np.where(is_last, 0.0, ranks))} {direction},"

    def _column(self, values: NDArray[Any], known: NDArray[np.bool_] | None = None) -> str:
        """The name under which the SQL knows a column."""
        import pyarrow as pa

        name = f"c{len(self._relation)}"
        self._relation[name] = pa.array(values, mask=None if known is None else ~known)
        return name

    def _sql(self, node: parsing.Node) -> str:
        match node:
            case parsing.Every(parts):
                return f"({' AND '.join([self._sql(part) for part in parts])})"
            case parsing.Some(parts):
                return f"({' OR '.join([self._sql(part) for part in parts])})"
            case parsing.Not(part):
                return f"(NOT {self._sql(part)})"
            case parsing.Compare(name) | parsing.In(name) | parsing.Has(name):
                return self._condition(self._resolve(name), node)
            case parsing.Word(word, quoted) if not quoted and word.lower() in FLAGS:
                if word.lower() in UNKNOWN:
                    self._refuse(word.lower(), 0, len(self.question.wanted))
                return self._codes(self.columns.get(word.lower()), node)
            case parsing.Word(word):
                return self._word(word)

    def _condition(self, prepared: Prepared, node: parsing.Compare | parsing.In | parsing.Has) -> str:
        column = prepared.column
        if column.id == "sources":
            self._check_sources(node)
        if isinstance(prepared, Coded):
            return self._codes(prepared, node)
        name = self._column(prepared.values, prepared.known)
        match node:
            case parsing.Has(_, wanted):
                return f"({name} IS {'NOT ' if wanted else ''}NULL)"
            case parsing.Compare(_, op, value) if column.role == "version" and op in ("=", "!="):
                found = self._versions([value])
                return found if op == "=" else f"(NOT {found})"
            case parsing.Compare(_, op, value):
                if op == "~":
                    return self._codes(prepared.coded(), node)
                is_date = column.role == "date"
                return self._span(name, op, value) if is_date else self._number(name, op, asked_number(column, value))
            case parsing.In(_, values) if column.role == "version":
                return self._versions(values)
            case parsing.In(_, values) if column.role == "date":
                return f"({' OR '.join([self._span(name, '=', value) for value in values])})"
            case parsing.In(_, values):
                numbers = [asked_number(column, value) for value in values]
                return f"({' OR '.join([self._number(name, '=', number) for number in numbers])})"

    def _number(self, name: str, op: Operator, asked: float) -> str:
        """NaN is equal to NaN and to nothing else; an absent value satisfies nothing."""
        if asked != asked:
            return {"=": f"coalesce(isnan({name}), FALSE)", "!=": f"coalesce(NOT isnan({name}), FALSE)"}.get(
                op, "FALSE"
            )
        self._values.append(asked)
        and_number = "" if op == "!=" else f" AND NOT isnan({name})"
        return f"coalesce({name} {_ORDERS[op]} ?::DOUBLE{and_number}, FALSE)"

    def _span(self, name: str, op: Operator, value: Value) -> str:
        start, end = asked_span(value, self._now)
        if op in ("=", "!="):
            self._values += [start, end]
            inside = f"{name} >= ?::DOUBLE AND {name} <= ?::DOUBLE"
            return f"coalesce({inside if op == '=' else f'NOT ({inside})'}, FALSE)"
        self._values.append(end if op in ("<=", ">") else start)
        return f"coalesce({name} {_ORDERS[op]} ?::DOUBLE, FALSE)"

    def _versions(self, values: Iterable[Value]) -> str:
        """Versions by number, id or semantic version."""
        texts = {value.text for value in values}
        standing, semantic = self.standing, self.columns.semantic
        found = np.array([cell in texts for cell in semantic.column.cells], np.bool_)[semantic.codes]
        numbers, codes = standing.numbers, standing.model_codes
        found |= np.isin(numbers, _whole(texts))
        models = {name: code for code, name in enumerate(standing.models.to_pylist())}
        contested = standing.contested
        for text in texts:
            model, _, number = text.rpartition(":")
            for own in _whole([number]) if model in models else ():
                mine = (codes == models[model]) & (numbers == own)
                mine[list(contested)] = False
                found |= mine
        for row, version in contested.items():
            found[row] |= version.id in texts
        return self._column(found)

    def _codes(self, prepared: Prepared, node: parsing.Node) -> str:
        """The condition is asked of the different values; versions are found by those that pass."""
        assert isinstance(prepared, Coded)
        column = prepared.column
        lists = None if column.lists is None else list(column.lists)
        column = replace(column, cells=list(column.cells), lists=lists)  # made once, not for each question of a cell
        test = Compiler(Table((), {column.id: column}, ()), self._now).test(node)
        passing = np.array([test(code) for code in range(_size(column))], np.bool_)
        return self._column(passing[prepared.codes] if len(passing) else np.zeros(len(prepared.codes), np.bool_))

    def _word(self, word: str) -> str:
        asked = word.lower()
        if not asked:
            return "TRUE"
        whole = len(self.question.wanted)
        if "\n" in asked:
            raise InvalidFilterError("The table can't look for a word of several lines.", at=0, end=whole)
        if any(asked in state for state in _STATES):
            reason = f"{shown(word)} may mean the state of files, which the table does not know"
            raise InvalidFilterError(f"{reason}. {self.columns.remedy}".rstrip(), at=0, end=whole)
        return self._column(self.columns.containing(asked))

    def _resolve(self, name: parsing.Name) -> Prepared:
        """The column that a name means, among those that some version has."""
        quick = self._quickly(name)
        if quick is not None:
            return quick
        token = name.token
        while True:
            there = {each: column for each, column in self.columns.names.items() if each not in self._gone}
            table = Table((), there, ())
            column = Vocabulary(table).find(name.prefix, name.name)
            prefix = name.prefix or name.name.partition(".")[0]
            if column is None and prefix.lower() in UNKNOWN:
                self._refuse(prefix.lower(), token.at, token.end)
            column = column or Compiler(table, self._now).resolve(name)  # raises, and says what is near
            if column.id in UNKNOWN:
                self._refuse(column.id, token.at, token.end)
            prepared = self.columns.get(column.id)
            if not prepared.is_empty or column.id in TITLES:
                return prepared
            self._gone.add(column.id)

    def _quickly(self, name: parsing.Name) -> Prepared | None:
        """The column of a name that no other could mean, so that not all names of the tables have to be read."""
        if name.prefix and name.prefix.lower() not in _METRIC:
            return None
        fixed = SYNONYMS.get(name.name, name.name)
        if not name.prefix and fixed in TITLES:
            return self.columns.get(fixed)
        if not name.prefix and (fixed in UNKNOWN or fixed in FLAGS):
            return None
        return self.columns.get(f"m:{name.name}") if self.columns.has_typed(name.name) else None

    def _refuse(self, word: str, at: int, end: int) -> NoReturn:
        reason = f"The table does not know {UNKNOWN[word]}. {self.columns.remedy}".rstrip()
        raise InvalidFilterError(reason, at=at, end=end)

    def _check_sources(self, node: parsing.Compare | parsing.In | parsing.Has) -> None:
        """Raises where the answer depends on what was measured later."""
        match node:
            case parsing.Compare(_, "=", value):
                depends = value.text == "measured"
            case parsing.Compare(_, "~", value):
                depends = value.text.lower() in "measured"
            case parsing.In(_, values):
                depends = any(value.text == "measured" for value in values)
            case _:
                depends = True
        if depends:
            self._refuse("measured", node.name.token.at, node.name.token.end)


def _size(column: Column) -> int:
    return len(column.cells if column.lists is None else column.lists)


def _whole(texts: Iterable[str]) -> list[int]:
    """The numbers that texts spell as a version's number is spelt."""
    found = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS]
    return [number for number in found if number < 2**63 and str(number) in texts]
