"""The columns of a catalog as a filter sees them. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from tb_versions.core.manifest import Scalar, visible
from tb_versions.core.metadata import training_of
from tb_versions.payload.registry import kind_of, measured_key
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.freshness import GateNow
from tb_versions.read.said import Said
from tb_versions.read.sources import in_order
from tb_versions.read.values import MetricValue, metric_values
from tb_versions.registry.checked import files_word, signature_now, trusted_keys
from tb_versions.registry.state import By

Role = Literal["version", "state", "run", "count", "size", "date", "text", "list"]
Cell = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        id: "created", "m:val_loss", "best:val_loss", "last:val_loss", "hp:optimizer", "label:team",
            "measured:accuracy", "measured:accuracy [2026-11] (monitoring)", "source:val_loss".
        title: As its header says.
        role: What its values are; "count" for any number.
        numbers: Whether every cell is a number or None.
        cells: One value per version; None where absent.
        lists: One list of texts per version instead, or None.
    """

    id: str
    title: str
    role: Role
    numbers: bool
    cells: Sequence[Cell]
    lists: Sequence[Sequence[str]] | None = None

    def is_absent(self, row: int) -> bool:
        """Whether a version has no value here."""
        return not self.lists[row] if self.lists is not None else self.cells[row] is None


@dataclass(frozen=True, slots=True)
class Table:
    """A catalog's versions, one per row, and their columns by id, in the order of the page's table.

    Attributes:
        spellings: The ways to write each version: "3", "digits:3" and, if it has one, its semantic version "1.4.0".
    """

    versions: Sequence[Version]
    columns: Mapping[str, Column]
    spellings: Sequence[tuple[str, ...]]


def table_of(catalog: Catalog, *, whole: bool = True) -> Table:
    """Returns the columns of a catalog: those of the page's table, and those that are too rare to be shown there.

    Args:
        catalog: Has the versions.
        whole: False leaves out metrics, hyperparameters and labels, of which there are hundreds.
    """
    versions = catalog.versions
    columns = _fixed(catalog)
    if whole:
        values = [metric_values(version, catalog.curves) for version in versions]
        columns += [
            _lists("sources", "Sources", [_sources(*each) for each in zip(values, _said_of(catalog), strict=True)]),
            *_metrics(values),
            *_named("hp", [v.hyperparameters for v in versions]),
            *_named("label", [catalog.labels(v) for v in versions]),
            *_measured(catalog),
            *_sources_of_metrics(values),
        ]
    return Table(versions, {column.id: column for column in columns}, [_spellings(catalog, v) for v in versions])


def _spellings(catalog: Catalog, version: Version) -> tuple[str, ...]:
    semantic = catalog.semantic_version(version)
    return (str(version.number), version.id, semantic) if semantic else (str(version.number), version.id)


def _fixed(catalog: Catalog) -> list[Column]:
    versions = catalog.versions
    listings = [version.listing for version in versions]
    said = _said_of(catalog)
    known = [(v, None if x is None or x.registry.kind else x) for v, x in zip(versions, said, strict=True)]
    return [
        _numbers("version", "Version", [v.number for v in versions], role="version"),
        _texts("model", "Model", [v.model or None for v in versions]),
        _lists("alias", "Aliases", [x.aliases if x else () for x in said]),
        # Who approved it, who deprecated it, and what asked for its removal.
        _lists("approved", "Approved", [_approved(v, x) if x else [] for v, x in zip(versions, said, strict=True)]),
        _lists("deprecated", "Deprecated", [_actor(x.state.deprecated) if x else [] for x in said]),
        _lists("removed", "Removed", [_removed(v, x) for v, x in zip(versions, said, strict=True)]),
        _texts("gate", "Gates", [gate_word(catalog.gates(v)) for v in versions]),
        # What was recorded of the manifest that is there now.
        _texts(
            "verified", "Verified", [files_word(x.state, v.manifest_digest) or None if x else None for v, x in known]
        ),
        _texts("signed", "Signed", [_signed(v, x) if x else None for v, x in known]),
        _texts("state", "Files", [v.state for v in versions], role="state"),
        # All linked runs count, and the trainings that they are parts of: "mlp" for "mlp/train".
        _lists("run", "Run", [_with_trainings(run.name for run in v.runs) for v in versions], role="run"),
        _numbers("step", "Step", [v.step for v in versions]),
        _numbers("created", "Created", [x.created_ms if x else None for x in listings], role="date"),
        _numbers("size", "Size", [x.size if x else None for x in listings], role="size"),
        _numbers("parameters", "Parameters", [x.parameters if x else None for x in listings]),
        _texts("digest", "Digest", [(x.digest[7:19] or None) if x else None for x in listings]),
        _texts("framework", "Framework", [(x.framework or None) if x else None for x in listings]),
        _lists("parent", "Parents", [[f"{p.model}:{p.number}" for p in x.parents] if x else [] for x in listings]),
        _texts("description", "Description", [catalog.summary(v) or None for v in versions]),
    ]


def _signed(version: Version, said: Said) -> str | None:
    return signature_now(said.state, version.manifest_digest, trusted_keys(said.registry.state))[0] or None


def gate_word(gates: Sequence[GateNow]) -> str | None:
    """Returns what all gates of a version come to: "failed", else "stale", else "passed"; None without any."""
    verdicts = {now.verdict for now in gates}
    return next((word for word in ("failed", "stale", "passed") if word in verdicts), None)


def _approved(version: Version, said: Said) -> list[str]:
    """Who approved the manifest that is there."""
    return [visible(name) for name in said.state.approvals_of(version.manifest_digest)]


def _actor(by: By | None) -> list[str]:
    return [] if by is None else [visible(by.actor)]


def _removed(version: Version, said: Said | None) -> list[str]:
    if said is not None and said.state.removed is not None:
        return [visible(said.state.removed_by)]
    return ["remove"] if version.kept_at is not None else []


def _measured(catalog: Catalog) -> Iterator[Column]:
    """The latest value of each metric measured later: of the name as a whole, and of each data and source."""
    found: dict[str, dict[int, float]] = {}
    for row, version in enumerate(catalog.versions):
        said = catalog.said.get(version.id)
        for measured in said.measured if said else ():
            for value in measured.values:
                for key in (value.name, measured_key(kind_of(measured, value))):
                    found.setdefault(visible(key), {})[row] = value.number
    for key in sorted(found):
        yield _metric("measured", key, found[key], len(catalog.versions))


def _said_of(catalog: Catalog) -> list[Said | None]:
    return [catalog.said.get(version.id) for version in catalog.versions]


def _sources(values: Iterable[MetricValue], said: Said | None) -> tuple[str, ...]:
    """Where the numbers of a version are from: values at export, those measured later, and what a replay found."""
    found = {value.kind.source for value in values if value.at_export is not None}
    if said is not None and said.measured:
        found.add("measured")
    if said is not None and said.state.replayed is not None:
        found.add("replayed")
    return in_order(found)


def _sources_of_metrics(of_rows: Sequence[Sequence[MetricValue]]) -> Iterator[Column]:
    """Where each value at export is from."""
    for key, values in _by_key(of_rows):
        cells: list[Cell] = [None] * len(of_rows)
        for row, value in values.items():
            cells[row] = None if value.at_export is None else value.kind.source
        yield _texts(f"source:{key}", key, cells)


def _by_key(of_rows: Sequence[Sequence[MetricValue]]) -> Iterator[tuple[str, dict[int, MetricValue]]]:
    """Each metric with its value of each row; what an author recorded comes before what only the curves have."""
    found: dict[str, dict[int, MetricValue]] = {}
    for row, values in enumerate(of_rows):
        for value in values:
            found.setdefault(value.kind.key, {})[row] = value
    for key in sorted(found, key=lambda key: all(value.kind.source == "run" for value in found[key].values())):
        yield key, found[key]


def _metrics(of_rows: Sequence[Sequence[MetricValue]]) -> Iterator[Column]:
    for key, values in _by_key(of_rows):
        count = len(of_rows)
        yield _metric("m", key, {row: value.at_export for row, value in values.items()}, count)
        joined = {row: value for row, value in values.items() if value.curve}
        if joined:
            yield _metric("best", key, {row: v.best.value if v.best else None for row, v in joined.items()}, count)
            yield _metric("last", key, {row: v.last.value if v.last else None for row, v in joined.items()}, count)


def _metric(prefix: str, key: str, values: Mapping[int, float | None], count: int) -> Column:
    """Values are compared as the page has them: `= 0.912345679` must find what the page shows as that."""
    import numpy as np  # nobody needs it who asks for no metric

    from tb_versions.payload.columns import nine_digits

    numbers = nine_digits(np.array([math.nan if v is None else v for v in values.values()], np.float64)).tolist()
    cells: list[Cell] = [None] * count
    for (row, value), number in zip(values.items(), numbers, strict=True):
        cells[row] = None if value is None else number
    return Column(f"{prefix}:{key}", key, "count", True, cells)


def _named(prefix: str, rows: Sequence[Mapping[str, Scalar]]) -> Iterator[Column]:
    """One column for each name that any row has."""
    for name in dict.fromkeys(name for row in rows for name in row):
        cells = [row.get(name) for row in rows]
        make = _numbers if all(_is_number(cell) for cell in cells if cell is not None) else _texts
        yield make(f"{prefix}:{name}", name, cells)


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _numbers(identity: str, title: str, cells: Sequence[Any], *, role: Role = "count") -> Column:
    return Column(identity, title, role, True, [None if cell is None else float(cell) for cell in cells])


def _texts(identity: str, title: str, cells: Sequence[Cell], *, role: Role = "text") -> Column:
    return Column(identity, title, role, False, cells)


def _with_trainings(runs: Iterable[str]) -> list[str]:
    names = list(runs)
    return list(dict.fromkeys([*names, *map(training_of, names)]))


def _lists(identity: str, title: str, lists: Sequence[Sequence[str]], *, role: Role = "list") -> Column:
    return Column(identity, title, role, False, (), lists)


def number_text(value: float) -> str:
    """Returns a number as JavaScript prints it: 32, 0.001, 1e-7, 1e+21, NaN."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0"
    # Both languages print the shortest digits that give the number back.
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    return "-" * sign + _placed("".join(map(str, digits)), len(digits) + int(exponent))


def _placed(digits: str, point: int) -> str:
    """Digits with the decimal point after the first `point` of them: ("123", 1) gives 1.23."""
    count = len(digits)
    if count <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{digits[0]}{fraction}e{point - 1:+d}"
