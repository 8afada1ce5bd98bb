"""Values that a tracker recorded after a version was brought: measured values beside its manifest, which stays."""

from __future__ import annotations

import math
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence

from tb_versions.core.codec import manifest_digest
from tb_versions.core.layout import PRIVATE_FOLDER
from tb_versions.core.manifest import Metric, shown
from tb_versions.core.store import LocalStore
from tb_versions.interop.importing import cleaning
from tb_versions.interop.importing.cleaning import Notes
from tb_versions.interop.importing.telling import Here, Told
from tb_versions.registry import measured
from tb_versions.registry.measured import PRECISION, MeasuredReader, Value

_Key = tuple[str, str, str]


def measure(models_dir: str, versions: Sequence[Here], *, actor: str, dry_run: bool = False) -> Iterator[Told]:
    """Records metrics that are new or other in the tracker since its versions were brought.

    Args:
        models_dir: Real path of the models folder.
        versions: Versions of one model.
        actor: Who imports.
        dry_run: Whether to write nothing.

    Yields:
        A sentence for each version with news.

    Raises:
        TbVersionsError: Reading or writing failed.
    """
    if all(here.is_new for here in versions):
        return
    model = versions[0].version.model
    store = LocalStore(os.path.join(models_dir, model, PRIVATE_FOLDER), within=models_dir)
    later = _measured(store, versions[0].foreign.tracker)
    for here in versions:
        if here.is_new or here.version.removed:
            continue
        known = {_key(metric): metric.value for metric in here.version.manifest.metrics}
        known |= later.get(here.version.number, {})
        news = [m for m in cleaning.metrics_of(here.foreign.metrics, Notes()) if not _same(known.get(_key(m)), m.value)]
        if news and not dry_run:
            _record(store, here, news, actor=actor)
        if news:
            names = ", ".join(shown(metric.name) for metric in news[:3]) + (" …" if len(news) > 3 else "")
            yield Told(f"{model}:{here.version.number}: measured since: {names}")
        yield from _not_taken_over(here)


def _not_taken_over(here: Here) -> Iterator[Told]:
    """What a manifest, which does not change, can't take over any more."""
    manifest, reference = here.version.manifest, f"{here.version.model}:{here.version.number}"
    now = cleaning.hyperparameters_of(here.foreign.hyperparameters, Notes())
    added = now.keys() - manifest.hyperparameters.keys()
    if added:
        names = ", ".join(map(shown, sorted(added)[:3]))
        yield Told(f"{reference}: hyperparameters since the import are not taken over: {names}.", is_refused=True)
    if manifest.imported and manifest.imported.files == "absent" and here.foreign.folder:
        yield Told(
            f"{reference} was brought without its files, which are at hand now; its manifest does not change. "
            "Import into another models folder to have them.",
            is_refused=True,
        )


def _measured(store: LocalStore, tracker: str) -> dict[int, dict[_Key, float]]:
    """The last value that imports from a tracker brought, by version."""
    found: dict[int, dict[_Key, float]] = defaultdict(dict)
    for one in sorted(MeasuredReader(store).refresh(), key=lambda one: one.recorded):
        if one.source == tracker:
            found[one.version] |= {(value.name, one.dataset, one.slice): value.number for value in one.values}
    return found


def _record(store: LocalStore, here: Here, metrics: Sequence[Metric], *, actor: str) -> None:
    groups: dict[tuple[str, str], list[Value]] = defaultdict(list)
    for metric in metrics:
        precision = {name: getattr(metric, name) for name in PRECISION}
        groups[metric.dataset, metric.slice].append(Value(metric.name, metric.value, metric.goal, **precision))
    for (dataset, part), values in groups.items():
        digest = manifest_digest(here.version.data)
        found = measured.new(
            tuple(values),
            version=here.version.number,
            actor=actor,
            manifest=digest,
            dataset=dataset,
            part=part,
            source=here.foreign.tracker,
        )
        measured.record(store, found)


def _key(metric: Metric) -> _Key:
    return metric.name, metric.dataset, metric.slice


def _same(known: float | None, value: float) -> bool:
    return known is not None and (known == value or (math.isnan(known) and math.isnan(value)))
