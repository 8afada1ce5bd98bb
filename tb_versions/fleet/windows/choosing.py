"""Which rows of the tables a page shows: by filter, sidebar, charts, and whether somebody advised against them.

The rules are those of the page over a whole table: frontend/src/model/rows.ts, registry/hiding.ts and explore/brush.ts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tb_versions.core.metadata import training_of
from tb_versions.fleet.asking import passing
from tb_versions.fleet.coded import TITLES, Coded, Prepared
from tb_versions.fleet.engine import Engine
from tb_versions.fleet.prepared import Columns
from tb_versions.fleet.standing import Standing
from tb_versions.fleet.windows.questions import Brush, Wanted
from tb_versions.query.asking import names_in
from tb_versions.query.columns import Cell, number_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

DEPRECATED, REMOVED = 1, 2
STATE = "unchecked"
"""The state of every version's files: the tables do not know it."""


class Chosen(NamedTuple):
    """What passes each kind of filter; None where all versions pass.

    Attributes:
        query: The filter.
        model: The sidebar's ticks; so are `alias`, `run` and `state`.
        brush: The ranges of charts.
        hidden: Why a version is hidden, `DEPRECATED` or `REMOVED`; 0 where it is not.
        total: Number of versions.
    """

    query: Mask | None
    model: Mask | None
    alias: Mask | None
    run: Mask | None
    state: Mask | None
    brush: Mask | None
    hidden: NDArray[np.int8] | None
    total: int

    def without(self, *left_out: str) -> Mask:
        """Returns which versions pass all but some kinds of filters, hidden ones among them."""
        found = np.ones(self.total, np.bool_)
        for name in ("query", "model", "alias", "run", "state", "brush"):
            mask = getattr(self, name)
            if mask is not None and name not in left_out:
                found &= mask
        return found

    def shown(self, *left_out: str) -> Mask:
        """Returns which versions pass all but some kinds of filters, and are not hidden."""
        found = self.without(*left_out)
        return found if self.hidden is None else found & (self.hidden == 0)

    def counts_hidden(self) -> tuple[int, int]:
        """Returns how many are hidden though they pass: deprecated and removed ones."""
        if self.hidden is None:
            return 0, 0
        reasons = self.hidden[self.without("brush")]
        return int((reasons == DEPRECATED).sum()), int((reasons == REMOVED).sum())


class Choosing:
    """Chooses rows of the tables as they are."""

    def __init__(self, standing: Standing, columns: Columns, engine: Engine) -> None:
        """Reads nothing yet.

        Args:
            standing: The tables.
            columns: Theirs.
            engine: Finds rows.
        """
        self._standing = standing
        self._columns = columns
        self._engine = engine

    def chosen(self, wanted: Wanted, *, now: float | None = None) -> Chosen:
        """Returns which versions count.

        Args:
            wanted: Which are asked for.
            now: What "7d" counts back from, in milliseconds since the epoch; the present by default.

        Raises:
            InvalidFilterError, StorageError: As `ask`.
        """
        return Chosen(
            query=passing(self._columns, self._engine, wanted.filter, now=now) if wanted.filter.strip() else None,
            model=self._ticked("model", wanted.models),
            alias=self._ticked("alias", wanted.aliases),
            run=self._of_trainings(wanted.runs),
            state=None if not wanted.states or STATE in wanted.states else np.zeros(len(self._standing), np.bool_),
            brush=self._brushed(wanted.brush),
            hidden=self._hidden(wanted),
            total=len(self._standing),
        )

    def _ticked(self, name: str, ticks: Sequence[str]) -> Mask | None:
        if not ticks:
            return None
        coded, asked = self._columns.get(name), set(ticks)
        assert isinstance(coded, Coded)
        column = coded.column
        if column.lists is not None:
            return np.array([not asked.isdisjoint(each) for each in column.lists], np.bool_)[coded.codes]
        return np.array([cell in asked for cell in column.cells], np.bool_)[coded.codes]

    def _of_trainings(self, ticks: Sequence[str]) -> Mask | None:
        if not ticks:
            return None
        asked, trainings = set(map(training_of, ticks)), self._columns.trainings
        found = np.zeros(len(self._standing), np.bool_)
        wanted = np.array([name in asked for name in trainings.names], np.bool_)
        if len(wanted):
            found[trainings.rows[wanted[trainings.codes]]] = True
        return found

    def _hidden(self, wanted: Wanted) -> NDArray[np.int8] | None:
        """Whoever names deprecated versions in the filter wants to see them. What holds an alias is never hidden."""
        if wanted.everything or not self._standing.said:
            return None
        asks = "deprecated" in names_in(wanted.filter)
        hidden = np.zeros(len(self._standing), np.int8)
        for row, said in self._standing.said.items():
            if said.aliases or said.registry.kind:
                continue
            if said.state.removed is not None:
                hidden[row] = REMOVED
            elif said.state.deprecated is not None and not asks:
                hidden[row] = DEPRECATED
        return hidden

    def _brushed(self, brushes: Sequence[Brush]) -> Mask | None:
        """None where no range applies; one on a column that the tables do not have is passed over."""
        found: Mask | None = None
        for brush in brushes:
            prepared = self._column(brush.id)
            if prepared is not None:
                mask = _inside(prepared, brush)
                found = mask if found is None else found & mask
        return found

    def _column(self, identity: str) -> Prepared | None:
        """A column by its id, where charts can have a range on it."""
        if identity == "run":
            trainings = self._columns.trainings
            cells: list[Cell] = [*trainings.names, None]
            return self._columns.texts("run", cells, trainings.first)
        if identity not in TITLES and not self._columns.has(identity):
            return None
        prepared = self._columns.get(identity)
        return None if isinstance(prepared, Coded) and prepared.column.lists is not None else prepared


def _inside(prepared: Prepared, brush: Brush) -> Mask:
    if isinstance(prepared, Coded):
        cells = prepared.column.cells
        passes = [("none" in brush.specials) if cell is None else _text(cell) in brush.texts for cell in cells]
        return np.array(passes, np.bool_)[prepared.codes]
    values, known = prepared.values, prepared.known
    low, high = brush.range or (np.inf, -np.inf)
    with np.errstate(invalid="ignore"):
        found = np.isfinite(values) & (values >= low) & (values <= high) & known
    for name, those in (
        ("none", ~known),
        ("nan", known & np.isnan(values)),
        ("low", known & np.isneginf(values)),
        ("high", known & np.isposinf(values)),
    ):
        if name in brush.specials:
            found |= those
    return np.asarray(found, np.bool_)


def _text(cell: Cell) -> str:
    """As JavaScript makes a text of it."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return number_text(float(cell)) if isinstance(cell, (int, float)) else str(cell)
