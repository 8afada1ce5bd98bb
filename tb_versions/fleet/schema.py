"""The columns of the tables, and which metrics and hyperparameters have one of their own. Pure.

docs/table-format.md describes every column; a test holds it to this module.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tb_versions.core.manifest import Scalar
from tb_versions.read.manifests.listing import Listing

if TYPE_CHECKING:
    import pyarrow as pa

WRITER = "tb_versions"
"""What tables name as who writes them."""

SCHEMA = 1
"""Of the tables; a newer one is not written to, and not read."""

MOST_TYPED = 200
"""Most metrics, and most hyperparameters, that have a column of their own."""

COMMON = 0.01
"""Share of the versions from which on a metric or hyperparameter is common, and gets a column of its own."""

TypedKind = Literal["number", "text", "truth"]

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./:\[\]-]{0,99}")
_LARGEST_EXACT = 2**53


@dataclass(frozen=True)
class Typed:
    """Metrics and hyperparameters with a column of their own, by name; those have a kind each.

    A column is called `metric.NAME` or `hp.NAME`.
    """

    metrics: tuple[str, ...] = ()
    hyperparameters: Mapping[str, TypedKind] = field(default_factory=dict)


def versions_schema(typed: Typed) -> pa.Schema:
    """Returns the columns of `versions`."""
    import pyarrow as pa

    text, number, texts = pa.string(), pa.int64(), pa.map_(pa.string(), pa.string())
    fixed: list[tuple[str, Any]] = [
        ("id", text),
        ("path", text),
        ("model", text),
        ("number", number),
        ("semantic_version", text),
        ("created", pa.timestamp("us", "UTC")),
        ("digest", text),
        ("manifest_digest", text),
        ("size_bytes", number),
        ("parameters", number),
        ("framework", text),
        ("summary", text),
        ("lead_metric", text),
        ("run", text),
        ("step", number),
        ("labels", texts),
        ("parents", pa.list_(text)),
        ("metrics", pa.map_(text, pa.float64())),
        ("sources", texts),
        ("hyperparameters", texts),
        ("hyperparameter_kinds", texts),
        ("runs", pa.list_(text)),
        ("notices", pa.list_(text)),
        ("manifest_size", number),
        ("manifest_time", number),
        ("manifest", pa.binary()),
    ]
    kinds = {"number": pa.float64(), "text": text, "truth": pa.bool_()}
    own = [(f"metric.{name}", pa.float64()) for name in typed.metrics]
    own += [(f"hp.{name}", kinds[kind]) for name, kind in typed.hyperparameters.items()]
    return pa.schema([*fixed, *own])


def events_schema() -> pa.Schema:
    """Returns the columns of `events`."""
    import pyarrow as pa

    text, number = pa.string(), pa.int64()
    return pa.schema(
        [
            ("path", text),
            ("model", text),
            ("number", number),
            ("id", text),
            ("kind", text),
            ("version", number),
            ("manifest_digest", text),
            ("actor", text),
            ("reason", text),
            ("time", pa.timestamp("us", "UTC")),
            ("data", text),
            ("digest", text),
            ("event", pa.binary()),
        ]
    )


def aliases_schema() -> pa.Schema:
    """Returns the columns of `aliases`."""
    import pyarrow as pa

    text, number = pa.string(), pa.int64()
    return pa.schema(
        [
            ("path", text),
            ("model", text),
            ("alias", text),
            ("number", number),
            ("event", number),
            ("by", text),
            ("since", pa.timestamp("us", "UTC")),
        ]
    )


def unread_schema() -> pa.Schema:
    """Returns the columns of `unread`."""
    import pyarrow as pa

    return pa.schema([("path", pa.string()), ("why", pa.string())])


def values_schema() -> pa.Schema:
    """Returns the columns of `values`."""
    import pyarrow as pa

    text, number, double = pa.string(), pa.int64(), pa.float64()
    return pa.schema(
        [
            ("id", text),
            ("path", text),
            ("model", text),
            ("number", number),
            ("metric", text),
            ("source", text),
            ("goal", text),
            ("goal_source", text),
            ("run", text),
            ("tag", text),
            ("at_export", double),
            ("at_export_step", number),
            ("best", double),
            ("best_step", number),
            ("last", double),
            ("last_step", number),
            ("sample", number),
            ("why_not", text),
            ("other_life", pa.bool_()),
            ("regret", text),
            ("runs_read", text),
        ]
    )


def typed_in(names: Iterable[str], kinds: Mapping[str, str]) -> Typed:
    """Returns the typed columns that a table has.

    Args:
        names: Of all its columns.
        kinds: Name to the type of each, as Arrow calls it.
    """
    known: dict[str, TypedKind] = {"double": "number", "string": "text", "bool": "truth"}
    mine = list(names)
    return Typed(
        tuple(name.removeprefix("metric.") for name in mine if name.startswith("metric.")),
        {
            name.removeprefix("hp."): known[kinds[name]]
            for name in mine
            if name.startswith("hp.") and kinds[name] in known
        },
    )


class Census:
    """Counts metrics and hyperparameters, to find the common ones."""

    def __init__(self) -> None:
        """Counts nothing yet."""
        self._versions = 0
        self._metrics: Counter[str] = Counter()
        self._hyperparameters: Counter[str] = Counter()
        self._kinds: dict[str, set[TypedKind | None]] = {}

    def add(self, metrics: Iterable[str], hyperparameters: Mapping[str, Scalar]) -> None:
        """Counts those of one version."""
        self._versions += 1
        self._metrics.update(set(metrics))
        self._hyperparameters.update(hyperparameters.keys())
        for name, value in hyperparameters.items():
            self._kinds.setdefault(name, set()).add(kind_of(value))

    def typed(self) -> Typed:
        """Returns the common ones, the commonest first; of names that differ by case only the first."""
        of_one_kind = {
            name: next(iter(kinds)) for name, kinds in self._kinds.items() if len(kinds) == 1 and None not in kinds
        }
        settings = self._common(self._hyperparameters)
        return Typed(
            tuple(self._common(self._metrics)),
            {name: kind for name in settings if (kind := of_one_kind.get(name)) is not None},
        )

    def _common(self, counts: Counter[str]) -> list[str]:
        found: dict[str, str] = {}  # engines do not tell Loss from loss
        for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
            if count >= max(1, COMMON * self._versions) and _NAME.fullmatch(name):
                found.setdefault(name.lower(), name)
        return list(found.values())[:MOST_TYPED]


def kind_of(value: Scalar) -> TypedKind | None:
    """Returns the kind of a value; None of a whole number that a column of numbers can't hold exactly."""
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, str):
        return "text"
    return "number" if isinstance(value, float) or abs(value) <= _LARGEST_EXACT else None


def settings_of(listing: Listing) -> Mapping[str, Scalar]:
    """Returns the hyperparameters of a manifest; where it has none, the options of the command that made it."""
    return listing.hyperparameters or listing.arguments
