"""Answers of one state of the tables: windows, densities, ids, and what /versions says."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tb_versions.core.manifest import visible
from tb_versions.core.showing import counted
from tb_versions.errors import InvalidQueryError
from tb_versions.fleet.asking import column_named
from tb_versions.fleet.coded import Numbers
from tb_versions.fleet.engine import Engine
from tb_versions.fleet.prepared import Columns
from tb_versions.fleet.standing import Standing
from tb_versions.fleet.windows.choosing import Choosing, Chosen
from tb_versions.fleet.windows.densities import density_in
from tb_versions.fleet.windows.facets import facets_of
from tb_versions.fleet.windows.order import order_of, ranks_of, whole_ranks
from tb_versions.fleet.windows.questions import Density, Wanted, Window
from tb_versions.fleet.windows.tables import names_of, table_of, versions_at
from tb_versions.payload.columns import Named, NamedMetric
from tb_versions.payload.parts import Kept, Rows
from tb_versions.payload.tables import head
from tb_versions.payload.wire import revision_of
from tb_versions.read.catalog import Catalog

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_GROUPS = 20_000
"""Most groups of a window."""

_KEPT = 4
_SLOW = ("digest", "run")  # many different texts: their ranks take seconds, and are kept
_SAMPLE = 30
_MINUTE_MS = 60_000
_Made = TypeVar("_Made")


class Answers:
    """Answers questions of the tables as they are; keeps what the next window needs too."""

    def __init__(self, standing: Standing, engine: Engine, *, before: Answers | None = None) -> None:
        """Reads nothing yet.

        Args:
            standing: The tables.
            engine: Finds rows.
            before: Answers of an earlier state, from which names of columns are taken where the table is the same.
        """
        self.standing = standing
        self.columns = Columns(standing, remedy="")
        self._choosing = Choosing(standing, self.columns, engine)
        self._chosen: OrderedDict[Hashable, Chosen] = OrderedDict()
        self._ordered: OrderedDict[Hashable, tuple[NDArray[np.int32], list[dict[str, Any]]]] = OrderedDict()
        self._ranks: OrderedDict[Hashable, NDArray[np.int32]] = OrderedDict()
        is_same = before is not None and before.standing.table_version == standing.table_version
        self._kept: Kept | None = before._kept if before is not None and is_same else None
        self._slow: dict[str, NDArray[np.int32]] = {}
        self._is_warm = False

    @cached_property
    def revision(self) -> str:
        """The same as long as answers are: of every question, and in another process too."""
        standing = self.standing
        table = f"{standing.table_version} {standing.changed} ".encode()
        return revision_of(table + standing.overlay.content)

    def told(self) -> dict[str, Any]:
        """Returns what is said of the tables with every answer: `window` in docs/http-api.md."""
        standing = self.standing
        overlay = standing.overlay
        problems = [overlay.problem] if overlay.problem else []
        if standing.unread:
            problems.append(f"{counted(standing.unread, 'manifest')} could not be read when the table was made")
        if overlay.unread:
            problems.append(f"of those that came since {counted(len(overlay.unread), 'manifest')} can't be read")
        if self._is_warm and standing.removed:
            problems.append(f"not in the table: {counted(standing.removed, 'removed version')}")
        return {
            "rows": len(standing),
            "indexed": None if standing.changed is None else int(standing.changed.timestamp() * 1_000),
            "newer": overlay.newer,
            "gone": len(overlay.gone),
            "looked": overlay.looked_ms,
            "problem": "; ".join(problems),
        }

    def warm(self) -> Iterator[None]:
        """Reads what most questions need, and what not every answer waits for, a part at a time."""
        _ = self.kept
        yield
        _ = self.standing.said
        self._is_warm = True
        yield
        _ = self.columns.names
        yield
        _ = self.columns.trainings
        for name in _SLOW:
            yield
            self._slow[name] = self._made_ranks(name)
        yield
        self.columns.prepare_words()

    def head(self) -> dict[str, Any]:
        """Returns what /versions says without rows: the heads of all columns that the tables have as their own."""
        catalog = Catalog(versions=(), roots=((self.standing.root, True),))
        return {**head(catalog, self.kept, {}), "status": "windowed"}

    @property
    def kept(self) -> Kept:
        """The metrics, hyperparameters and labels that have columns."""
        if self._kept is None:
            self._kept = self._find_names()
        return self._kept

    def window(self, asked: Window) -> dict[str, Any]:
        """Returns some rows, and the counts around them.

        Raises:
            InvalidFilterError: The filter is wrong.
            InvalidQueryError: There is no such column to sort by, or there are too many groups.
            StorageError: A table can't be read, or does not say what its manifests say.
        """
        chosen = self._choose(asked.wanted)
        rows, groups = self._in_order(asked, chosen)
        deprecated, removed = chosen.counts_hidden()
        some = rows[asked.first : asked.first + asked.count].tolist()
        return {
            "found": len(rows),
            "hidden": {"deprecated": deprecated, "removed": removed},
            "first": asked.first,
            **({"groups": groups} if asked.group else {}),
            **({"facets": facets_of(self.columns, chosen)} if asked.facets else {}),
            "table": table_of(self.standing, some, self.kept),
        }

    def ids(self, asked: Window) -> dict[str, Any]:
        """Returns the ids of versions, in order; raises as `window`."""
        rows, _ = self._in_order(asked, self._choose(asked.wanted))
        some = rows[asked.first : asked.first + asked.count].tolist()
        return {"found": len(rows), "ids": self.standing.ids_of(some)}

    def density(self, asked: Density) -> dict[str, Any]:
        """Returns how many versions are where; raises as `window`."""
        return density_in(self.columns, asked, self._choose(asked.wanted).shown())

    def _choose(self, wanted: Wanted) -> Chosen:
        now = time.time() * 1_000
        key = (wanted, int(now / _MINUTE_MS) if wanted.filter else 0)
        return _remembered(self._chosen, key, lambda: self._choosing.chosen(wanted, now=now))

    def _in_order(self, asked: Window, chosen: Chosen) -> tuple[NDArray[np.int32], list[dict[str, Any]]]:
        key = (asked.wanted, asked.sort, asked.group)
        return _remembered(self._ordered, key, lambda: self._order(asked, chosen))

    def _order(self, asked: Window, chosen: Chosen) -> tuple[NDArray[np.int32], list[dict[str, Any]]]:
        rows = np.flatnonzero(chosen.shown()).astype(np.int32)
        rows = order_of([(self._ranks_of(name), descends) for name, descends in asked.sort], rows)
        if not asked.group:
            return rows, []
        names, codes = self._groups(asked.group)
        mine = codes[rows]
        there, first, places = np.unique(mine, return_index=True, return_inverse=True)
        if len(there) > MOST_GROUPS:
            raise InvalidQueryError(
                f"There are {len(there):,} groups; at most {MOST_GROUPS:,} are shown. Filter, or group by model."
            )
        ranks = np.empty(len(there), np.int64)
        ranks[np.argsort(first)] = np.arange(len(there))
        of_row = ranks[places.reshape(-1)]
        counts = np.bincount(of_row, minlength=len(there)).tolist()
        ordered = there[np.argsort(first)].tolist()
        groups = [
            {"name": None if code < 0 else visible(name), "count": count}
            for code, name, count in zip(ordered, names(ordered), counts, strict=True)
        ]
        return rows[np.argsort(of_row, kind="stable")], groups

    def _groups(self, group: str) -> tuple[Callable[[Sequence[int]], list[str]], NDArray[np.int32]]:
        """What names groups by their codes, and the code of each version's; what has none has -1, and any name."""
        import pyarrow as pa

        if group == "model":
            models = self.standing.models
            return (lambda codes: models.take(pa.array(codes, pa.int64())).to_pylist()), self.standing.model_codes
        names = self.columns.trainings.names
        return (lambda codes: [names[code] if code >= 0 else "" for code in codes]), self.columns.trainings.first

    def _ranks_of(self, name: str) -> NDArray[np.int32]:
        found = self._slow.get(name)
        return _remembered(self._ranks, name, lambda: self._made_ranks(name)) if found is None else found

    def _made_ranks(self, name: str) -> NDArray[np.int32]:
        prepared = column_named(self.columns, name)
        if prepared.column.id == "version":
            return whole_ranks(self.standing.numbers)
        if prepared.column.id == "run":
            trainings = self.columns.trainings
            return ranks_of(self.columns.texts("run", [*trainings.names, None], trainings.first))
        return ranks_of(prepared)

    def _find_names(self) -> Kept:
        """Names of columns of the tables' own, with what some versions, spread over all, say of them."""
        standing = self.standing
        count = len(standing)
        sample = sorted({*range(0, count, max(1, count // _SAMPLE)), *range(max(0, count - _SAMPLE), count)})
        named = self._named(sample)
        typed = standing.typed
        metrics: dict[str, NamedMetric] = {}
        for name in typed.metrics:
            if name not in named.metrics:
                column = self.columns.get(f"m:{name}")
                assert isinstance(column, Numbers)
                named.add(self._named(np.flatnonzero(column.known)[:1].tolist()))
            if name in named.metrics:
                metrics[name] = named.metrics[name]
        settings = dict.fromkeys([*typed.hyperparameters, *named.hyperparameters])
        return Kept({**metrics, **named.metrics}, settings, dict.fromkeys(named.labels))

    def _named(self, rows: list[int]) -> Named:
        return names_of([Rows(versions_at(self.standing, rows), {})])


def _remembered(kept: OrderedDict[Hashable, _Made], key: Hashable, make: Callable[[], _Made]) -> _Made:
    """What was made for a key, made now if it was not; the last few are kept."""
    if key in kept:
        kept.move_to_end(key)
        return kept[key]
    made = kept[key] = make()
    while len(kept) > _KEPT:
        kept.popitem(last=False)
    return made
