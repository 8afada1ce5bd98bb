"""A table in blocks as one: each column from the first row to the last. Pure; tables.ts does the same for the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from tb_versions.payload.columns import coded
from tb_versions.payload.tables import sealed, table_payload
from tb_versions.read.catalog import Catalog

_OF_METRICS = ("at_export", "source", "best", "best_step", "last", "regret", "why_not", "sample")

Column = list[Any]


def versions_payload(catalog: Catalog) -> dict[str, Any]:
    """Returns the whole table, each column as one."""
    return whole(sealed(table_payload(catalog)))


def whole(table: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a table with each column as one; a table of an earlier release has no blocks and stays as it is.

    Args:
        table: As it travels.

    Raises:
        KeyError: A part is missing.
        ValueError: A column does not have as many rows as its block.
    """
    if "blocks" not in table:
        return dict(table)
    parts = {part["digest"]: part for part in table["parts"]}
    blocks = [_Block(block["rows"], [parts[digest] for digest in block["parts"]]) for block in table["blocks"]]
    columns: dict[str, Column] = {}
    for name in dict.fromkeys(chain(_ALWAYS, *(block.columns for block in blocks))):
        columns[name] = list(chain.from_iterable(block.columns.get(name) or [None] * block.rows for block in blocks))
    runs = sorted({run for linked in columns["runs"] for run in linked})
    datasets = [dict(data) for data in dict.fromkeys(chain.from_iterable(columns["datasets"]))]
    return {
        **{name: value for name, value in table.items() if name not in ("blocks", "parts")},
        "runs": runs,
        "datasets": datasets,
        "columns": _coded(columns, runs, datasets, _CODED.union(*(block.coded for block in blocks))),
        "metrics": [{**metric, **_metric(metric["key"], blocks)} for metric in table["metrics"]],
        **{
            kind: [{**column, "values": _joined(blocks, kind, column["name"], "values")} for column in table[kind]]
            for kind in ("hyperparameters", "labels")
        },
    }


_ALWAYS = (
    *("id", "model", "number", "semantic_version", "description", "created", "size", "parameters", "digest"),
    *("parents", "relations", "recipe", "seeds", "framework", "lead_metric", "sources", "datasets", "state", "notice"),
    *("run", "runs", "run_known", "step"),
)
_CODED = frozenset({"model", "state", "framework", "lead_metric", "sources"})


class _Block:
    """The columns of some rows, with names in the place of positions."""

    def __init__(self, rows: int, parts: Sequence[Mapping[str, Any]]) -> None:
        self.rows = rows
        self.columns: dict[str, Column] = {}
        self.named: dict[tuple[str, str, str], Column] = {}
        self.coded: set[str] = set()
        for part in parts:
            self._add(part)
        if any(len(column) != rows for column in (self.columns["id"], *self.columns.values(), *self.named.values())):
            raise ValueError("A column of the table does not have as many rows as its block.")

    def _add(self, part: Mapping[str, Any]) -> None:
        runs, datasets = part.get("runs", ()), [tuple(data.items()) for data in part.get("datasets", ())]
        self.columns.update((name, plain(column)) for name, column in part["columns"].items())
        self.coded.update(name for name, column in part["columns"].items() if isinstance(column, Mapping))
        if "run" in part["columns"]:
            self.columns["run"] = [runs[run] if run >= 0 else None for run in self.columns["run"]]
            self.columns["runs"] = [[runs[run] for run in linked] for linked in self.columns["runs"]]
        if "datasets" in part["columns"]:
            self.columns["datasets"] = [[datasets[data] for data in named] for named in self.columns["datasets"]]
        for kind, key in (("metrics", "key"), ("hyperparameters", "name"), ("labels", "name")):
            for column in part.get(kind, ()):
                for field in (*_OF_METRICS, "values"):
                    if field in column:
                        self._add_column((kind, column[key], field), _spread(column, field))

    def _add_column(self, name: tuple[str, str, str], column: Column) -> None:
        """What a part of the same block says stays: a manifest knows its own numbers best."""
        known = self.named.get(name, column)
        self.named[name] = [more if said is None else said for said, more in zip(known, column, strict=True)]


def plain(column: Column | Mapping[str, Any]) -> Column:
    """Returns a column's values; where it has each value once and a number per row, the rows' values."""
    if isinstance(column, Mapping):
        return [column["values"][code] if code >= 0 else None for code in column["codes"]]
    return column


def _spread(column: Mapping[str, Any], field: str) -> Column:
    """The values of a field; one source stands for all rows that have a number."""
    values = column[field]
    if isinstance(values, str):
        return [None if number is None else values for number in column["at_export"]]
    return plain(values)


def _joined(blocks: Iterable[_Block], kind: str, key: str, field: str) -> Column:
    return list(chain.from_iterable(block.named.get((kind, key, field), [None] * block.rows) for block in blocks))


def _metric(key: str, blocks: Sequence[_Block]) -> dict[str, Any]:
    there = [field for field in _OF_METRICS if any(("metrics", key, field) in block.named for block in blocks)]
    columns: dict[str, Any] = {field: _joined(blocks, "metrics", key, field) for field in there}
    return {**columns, "source": coded(source or "" for source in columns["source"])}


def _coded(
    columns: Mapping[str, Column], runs: Sequence[str], datasets: Sequence[Any], coded_ones: Iterable[str]
) -> dict[str, Any]:
    """The columns with positions, and with numbers for what is equal."""
    of_run: dict[str | None, int] = {None: -1}
    of_run.update((run, at) for at, run in enumerate(runs))
    of_data = {tuple(data.items()): at for at, data in enumerate(datasets)}
    wire: dict[str, Any] = {**columns, **{name: coded(text or "" for text in columns[name]) for name in coded_ones}}
    wire["run"] = [of_run[run] for run in columns["run"]]
    wire["runs"] = [[of_run[run] for run in linked] for linked in columns["runs"]]
    wire["datasets"] = [[of_data[data] for data in named] for named in columns["datasets"]]
    for name in ("recipe", "seeds"):
        numbers: dict[int, int] = {-1: -1}
        wire[name] = [numbers.setdefault(number, len(numbers) - 1) for number in columns[name]]
    return wire
