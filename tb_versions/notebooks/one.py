"""One version with all that its catalog knows of it, as a person wants to read it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tb_versions import payload
from tb_versions.comparison.loading import Source
from tb_versions.core.manifest import Scalar
from tb_versions.core.scalars import scalar_text
from tb_versions.core.showing import LONGEST, ShowsItself, html_table, html_text, short, text_table
from tb_versions.core.times import minute_text, moment_or_none
from tb_versions.exports.tables.people import digits
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.values import MetricValue, is_sampled, metric_values, remarks

_MOST_METRICS = 30
_MOST_VALUES = 12
_METRIC_HEAD = ("metric", "goal", "at export", "best", "at step", "last", "from")
_METRIC_RIGHT = (2, 3, 4, 5)


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class CatalogVersion(ShowsItself):
    """A version as its catalog knows it: its manifest, its run's curves, and what was said of it later.

    Attributes:
        id: Unique reference: "digits:3".
        model: Name of the model.
        number: Its number.
        semantic_version: The one given last, or "".
        aliases: Those that it holds, `production` first.
        state: Of its files: "present", "missing" …
        notice: A sentence about it, or "".
        created: When it was made, in UTC; None where unknown.
        run: Name of the run that it was exported from, or None.
        step: Step of the export, or None.
        metrics: Name to value at export; the name has ` [dataset]` behind it where the metric is of one.
        hyperparameters: Those of the manifest, or else those that its run logged.
        labels: As they are now.
        description: First line of it, as it is now, or "".
        path: Its folder as the user knows it, or None.
        source: What it was read from.
        version: Its entry in the catalog there.
    """

    id: str
    model: str
    number: int
    semantic_version: str
    aliases: tuple[str, ...]
    state: str
    notice: str
    created: datetime.datetime | None
    run: str | None
    step: int | None
    metrics: Mapping[str, float]
    hyperparameters: Mapping[str, Scalar]
    labels: Mapping[str, str]
    description: str
    path: str | None
    source: Source
    version: Version

    @property
    def catalog(self) -> Catalog:
        """The catalog that it is from."""
        return self.source.catalog

    def to_dict(self) -> dict[str, Any]:
        """Returns its object in `tb-versions list --json`; NaN and infinities are texts there."""
        (row,) = payload.rows(self.catalog, [self.version])
        return row

    def __repr__(self) -> str:
        facts = text_table(("", ""), _facts(self), widest=LONGEST)
        values = _values(self)
        metrics = text_table(_METRIC_HEAD, map(_metric, values[:_MOST_METRICS]), right=_METRIC_RIGHT) if values else ""
        return "\n".join(filter(None, (short(self.id), facts, metrics, *_sentences(values))))

    def _repr_html_(self) -> str:
        values = _values(self)
        parts = [f"<b>{html_text(self.id)}</b>", html_table(("", ""), _facts(self), most=90_000)[0]]
        if values:
            rows = map(_metric, values[:_MOST_METRICS])
            parts.append(html_table(_METRIC_HEAD, rows, right=_METRIC_RIGHT, most=90_000)[0])
        return "".join([*parts, *(html_text(sentence, most=300, weak=True) for sentence in _sentences(values))])


def known(source: Source, version: Version) -> CatalogVersion:
    """Returns a version with all that the catalog of a source knows of it."""
    catalog = source.catalog
    listing, said = version.listing, catalog.said.get(version.id)
    values = metric_values(version, catalog.curves)
    return CatalogVersion(
        id=version.id,
        model=version.model,
        number=version.number,
        semantic_version=catalog.semantic_version(version),
        aliases=said.aliases if said else (),
        state=version.state,
        notice=version.notice,
        created=None if not listing or listing.created_ms is None else moment_or_none(listing.created_ms),
        run=version.runs[0].name if version.runs else None,
        step=version.step,
        metrics={value.kind.key: value.at_export for value in values if value.at_export is not None},
        hyperparameters=dict(version.hyperparameters),
        labels=dict(catalog.labels(version)),
        description=catalog.summary(version),
        path=version.places[0].shown if version.places else None,
        source=source,
        version=version,
    )


def minute(milliseconds: int | None) -> str:
    """A time in UTC, to the minute: "2026-11-23 08:03 UTC"; "" for None."""
    return "" if milliseconds is None else minute_text(milliseconds)


def number(value: float | None) -> str:
    """A number with six significant digits; "" for None."""
    return "" if value is None else digits(value)


def _values(of: CatalogVersion) -> list[MetricValue]:
    """Its metrics, the lead metric first."""
    lead = of.catalog.lead_metrics.get(of.model, "")
    found = metric_values(of.version, of.catalog.curves)
    return sorted(found, key=lambda value: value.kind.name != lead) if lead else found


def _metric(value: MetricValue) -> list[str]:
    guessed = " (guessed)" if value.kind.goal_source == "inferred" else ""
    return [
        value.kind.key,
        value.kind.goal + guessed,
        number(value.at_export) + (" (sample)" if is_sampled(value) else ""),
        number(value.best.value if value.best else None),
        f"{value.best.step:,}" if value.best else "",
        number(value.last.value if value.last else None),
        value.kind.source,
    ]


def _sentences(values: list[MetricValue]) -> Iterator[str]:
    for value in values[:_MOST_METRICS]:
        if value.regret:
            yield f"The run was better: {value.regret}."
        yield from remarks(value)
    if len(values) > _MOST_METRICS:
        yield f"And {len(values) - _MOST_METRICS:,} more metrics; to_dict() has all."


def _facts(of: CatalogVersion) -> list[tuple[str, str]]:
    """What a person asks first, as pairs; nothing that is not known."""
    listing, said = of.version.listing, of.catalog.said.get(of.id)
    facts = [
        ("semantic version", of.semantic_version),
        ("aliases", ", ".join(said.alias_texts) if said else ""),
        ("approved by", ", ".join(said.state.approvals_of(of.version.manifest_digest)) if said else ""),
        ("deprecated by", said.state.deprecated.actor if said and said.state.deprecated else ""),
        ("removed by", said.state.removed.actor if said and said.state.removed else ""),
        ("gates", ", ".join(now.words for now in of.catalog.gates(of.version))),
        ("files", of.state),
        ("notice", of.notice),
        ("registry", said.registry.problem if said else ""),
        ("description", of.description),
        ("created", minute(listing.created_ms) if listing else ""),
        ("run", (of.run or "") + (f", step {of.step:,}" if of.run and of.step is not None else "")),
        ("made from", ", ".join(f"{p.model}:{p.number} ({p.relation})" for p in listing.parents) if listing else ""),
        ("hyperparameters" + (" of the run" if of.version.run_hyperparameters else ""), _pairs(of.hyperparameters)),
        ("labels", _pairs(of.labels)),
        ("framework", listing.framework if listing else ""),
        ("parameters", f"{listing.parameters:,}" if listing and listing.parameters is not None else ""),
        ("size", f"{listing.size:,} bytes" if listing and listing.size is not None else ""),
        ("digest", listing.digest if listing else ""),
        ("folder", of.path or ""),
    ]
    return [(name, value) for name, value in facts if value]


def _pairs(values: Mapping[str, Scalar]) -> str:
    some = [f"{name}={scalar_text(value)}" for name, value in list(values.items())[:_MOST_VALUES]]
    more = len(values) - _MOST_VALUES
    return ", ".join(some) + (f" and {more:,} more" if more > 0 else "")
