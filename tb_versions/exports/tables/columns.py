"""The columns of an exported table: every version a row, every value at full precision. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from tb_versions.core.manifest import shown
from tb_versions.payload.registry import latest_measured, measured_key
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.manifests.listed_metrics import MetricKind
from tb_versions.read.said import Said
from tb_versions.read.values import MetricValue, is_sampled, metric_values
from tb_versions.registry.state import By, VersionState

Kind = Literal["text", "integer", "number", "truth", "time", "texts", "mixed"]
"""What the values of a column are; "mixed" ones are texts, numbers and truth values."""

Origin = Literal["version", "metric", "best", "last", "hp", "label", "measured"]
"""Where a column comes from; also the prefix that its name gets where it would not be unique."""

MAX_COLUMNS = 16_000
"""Most columns of a table: a spreadsheet has 16,384."""

MAX_CELLS = 20_000_000
"""Most cells of a table; with more, the rarest columns are left out."""

ALWAYS = 500
"""Number of columns that are always kept, however many versions there are."""

Redact = Callable[[Any, str], Any]
"""Redacts a text, or an object or list of texts, by the field that holds it: `Redactor.tree`."""

_NAMED = 3
_PREFIXED = ("best", "last", "measured")
_PREFIXES = ("metric.", "best.", "last.", "hp.", "label.", "measured.")


def as_it_is(value: Any, _field: str) -> Any:
    """Returns the value unchanged."""
    return value


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Unique in its table.
        values: One per version; None where absent. Times are milliseconds since the epoch, "texts" are tuples.
        goal: Of a metric: "max", "min" or "unknown"; else "".
        is_guess: Whether the goal was guessed from the metric's name.
    """

    name: str
    kind: Kind
    values: tuple[Any, ...]
    origin: Origin = "version"
    goal: str = ""
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Versions as rows.

    Attributes:
        count: Number of rows.
        left_out: Sentences: what the table does not hold, and why.
    """

    columns: tuple[Column, ...]
    count: int
    left_out: tuple[str, ...] = ()

    def rows(self) -> Iterable[tuple[Any, ...]]:
        """The values of each version, in the order of the columns."""
        return zip(*(column.values for column in self.columns), strict=True)


def table_of(
    catalog: Catalog,
    versions: Sequence[Version] | None = None,
    *,
    best_and_last: bool = False,
    redact: Redact = as_it_is,
) -> Table:
    """Returns the table of versions.

    Args:
        catalog: Holds the curves.
        versions: The rows, in this order; all versions by default.
        best_and_last: Whether each metric has columns with its best and its last value beside that at export.
        redact: Redacts names and texts.
    """
    rows = catalog.versions if versions is None else versions
    drafts = _Drafts(len(rows))
    for row, version in enumerate(rows):
        for value in metric_values(version, catalog.curves):
            drafts.add_metric(row, value, redact(value.kind.key, "key"), best_and_last=best_and_last)
        if version.listing:
            drafts.add(row, "hp", redact(dict(version.hyperparameters), "hyperparameters"))
        drafts.add(row, "label", redact(dict(catalog.labels(version)), "labels"))
        said = catalog.said.get(version.id)
        if said is not None and said.measured:
            latest = latest_measured(said.measured)
            later = {redact(measured_key(kind), "key"): value.number for kind, (_, value) in latest.items()}
            drafts.add(row, "measured", later)
    fixed = _fixed(catalog, rows, redact)
    kept, left_out = drafts.kept(len(fixed))
    # The parents stand last: they are lists.
    columns = [*fixed[:-1], *_named(kept, {column.name for column in fixed}), fixed[-1]]
    return Table(tuple(columns), len(rows), left_out)


def _fixed(catalog: Catalog, versions: Sequence[Version], redact: Redact) -> list[Column]:
    def column(name: str, kind: Kind, of: Callable[[Version], Any]) -> Column:
        return Column(name, kind, tuple(map(of, versions)))

    def named(name: str, of: Callable[[Version], str | None], field: str = "") -> Column:
        texts = map(of, versions)
        return Column(name, "text", tuple(None if text is None else redact(text, field or name) for text in texts))

    return [
        named("version", lambda v: v.id, "id"),
        named("model", lambda v: v.model),
        column("number", "integer", lambda v: v.number),
        named("semantic_version", lambda v: catalog.semantic_version(v) or None),
        *_said(catalog, versions, redact),
        named("run", lambda v: v.runs[0].name if v.runs else None),
        column("step", "integer", lambda v: v.step),
        column("created", "time", lambda v: v.listing.created_ms if v.listing else None),
        column("state", "text", lambda v: v.state),
        column("digest", "text", lambda v: (v.listing and v.listing.digest) or None),
        column("size", "integer", lambda v: v.listing.size if v.listing else None),
        column("parameters", "integer", lambda v: v.listing.parameters if v.listing else None),
        column("parents", "texts", lambda v: tuple(redact(_parents(v), "parents"))),
    ]


def _said(catalog: Catalog, versions: Sequence[Version], redact: Redact) -> list[Column]:
    """What logs say, where they say anything: most tables have none of these."""
    if not catalog.registries:
        return []
    said = [catalog.said.get(version.id) for version in versions]

    def times(of: Callable[[VersionState], By | None]) -> tuple[int | None, ...]:
        found = [of(x.state) if x else None for x in said]
        return tuple(by.ms if by else None for by in found)

    def aliases(name: str, of: Callable[[Said], Sequence[str]]) -> Column:
        return Column(name, "texts", tuple(tuple(redact(list(of(x)), "aliases")) if x else () for x in said))

    of_another = aliases("aliases_of_another_manifest", lambda x: x.aliases_of_another_manifest)
    approvers = [
        tuple(redact(list(x.state.approvals_of(version.manifest_digest)), "actor")) if x else ()
        for version, x in zip(versions, said, strict=True)
    ]
    return [
        aliases("aliases", lambda x: x.aliases),
        *([of_another] if any(of_another.values) else []),
        Column("approved_by", "texts", tuple(approvers)),
        Column("deprecated", "time", times(lambda state: state.deprecated)),
        Column("removed", "time", times(lambda state: state.removed)),
        Column("notes", "integer", tuple(x.state.notes if x else 0 for x in said)),
    ]


def _parents(version: Version) -> list[str]:
    return [f"{p.model}:{p.number}" for p in version.listing.parents] if version.listing else []


class _Drafts:
    """Collects the columns: for each a dictionary from row to value."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._cells: dict[tuple[Origin, str], dict[int, Any]] = {}
        self._goals: dict[str, MetricKind] = {}
        self._sampled: set[str] = set()

    def add(self, row: int, origin: Origin, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self._cells.setdefault((origin, name), {})[row] = value

    def add_metric(self, row: int, value: MetricValue, key: str, *, best_and_last: bool) -> None:
        known = self._goals.get(key)
        if known is None or known.goal == "unknown":
            self._goals[key] = value.kind
        cells = self._cells.setdefault(("metric", key), {})
        if is_sampled(value) or (best_and_last and value.sample):
            self._sampled.add(key)
        if value.at_export is not None and not is_sampled(value):
            cells[row] = value.at_export
        if best_and_last and not value.sample:
            for origin, point in (("best", value.best), ("last", value.last)):
                if point:
                    self.add(row, origin, {key: point.value})  # type: ignore[arg-type]

    def kept(self, fixed: int) -> tuple[list[Column], tuple[str, ...]]:
        """Returns the columns, best and last behind their metric, without the rarest ones if there are too many.

        The second value is sentences about what is left out.
        """
        told = (_sampled_in_words(self._sampled),) if self._sampled else ()
        most = min(MAX_COLUMNS, max(ALWAYS, MAX_CELLS // max(1, self._count))) - fixed
        keys = [key for origin in ("metric", "hp", "label", "measured") for key in self._of(origin)]
        if len(keys) > most:
            ranked = sorted(keys, key=lambda key: (-len(self._cells[key]), key))
            kept = set(ranked[:most])
            sentence = f"The {len(keys) - most:,} rarest metrics, hyperparameters and labels have no column."
            return [self._column(key) for key in keys if key in kept], (sentence, *told)
        return [self._column(key) for key in keys], told

    def _of(self, origin: str) -> Iterable[tuple[Origin, str]]:
        for found, name in self._cells:
            if found == origin:
                yield found, name
                if origin == "metric":
                    more: tuple[Origin, ...] = ("best", "last")
                    yield from ((each, name) for each in more if (each, name) in self._cells)

    def _column(self, key: tuple[Origin, str]) -> Column:
        origin, name = key
        cells = self._cells[key]
        values = tuple(cells.get(row) for row in range(self._count))
        if origin in ("hp", "label", "measured"):
            return Column(name, _kind(cells.values()), values, origin)
        kind = self._goals[name]
        return Column(name, "number", values, origin, kind.goal, is_guess=kind.goal_source == "inferred")


def _sampled_in_words(keys: Collection[str]) -> str:
    names = ", ".join(shown(key) for key in sorted(keys)[:_NAMED])
    more = f" and {len(keys) - _NAMED:,} more" if len(keys) > _NAMED else ""
    return f"Numbers of {names}{more} that are known only from samples of the runs' curves, so they may be wrong."


def _kind(values: Iterable[Any]) -> Kind:
    types = {type(value) for value in values}
    if types == {str}:
        return "text"
    if types == {bool}:
        return "truth"
    if types == {int}:
        return "integer"
    return "number" if types <= {int, float} else "mixed"


def _named(columns: Iterable[Column], taken: set[str]) -> list[Column]:
    """Prefixes the names that would not be unique, best and last always: "metric.step", "best.val_loss"."""
    drafts = list(columns)
    uses = Counter(column.name for column in drafts if column.origin not in _PREFIXED)

    def name(column: Column) -> str:
        bare = column.name
        clear = uses[bare] == 1 and bare not in taken and not bare.startswith(_PREFIXES)
        return bare if clear and column.origin not in _PREFIXED else f"{column.origin}.{bare}"

    return [replace(c, name=name(c)) for c in drafts]
