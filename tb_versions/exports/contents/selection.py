"""Which versions and runs an export holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tb_versions.core.manifest import shown, visible
from tb_versions.core.metadata import CHILD_RUN, training_of
from tb_versions.errors import VersionNotFoundError
from tb_versions.query import compile_filter
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.freshness import GateNow
from tb_versions.read.runs.all_runs import found_version, near_runs, runs_of

RUN = "run:"
"""What a reference to a run begins with."""

_NAMED = 8

MOST_OTHER_RUNS = 200
"""Most runs without a version in an export of everything: all points of their curves are read, for comparisons."""


@dataclass(frozen=True, kw_only=True)
class Selector:
    """Selects the versions and runs that any field names, if they pass the filter; an empty selector selects all.

    Attributes:
        refs: References to versions; `run:NAME` to a run.
        models: Names of models.
        runs: Names of runs: their versions, and the runs themselves where there are none.
        aliases: Aliases: the versions that hold one of them.
        filter: In the language of the tab, or "".
        among: Ids of the only versions that pass the filter, where that was found out before; None asks it here.
        of_part: Whether there are more versions than those of the catalog.
    """

    refs: Sequence[str] = ()
    models: Sequence[str] = ()
    runs: Sequence[str] = ()
    aliases: Sequence[str] = ()
    filter: str = ""
    among: frozenset[str] | None = None
    of_part: bool = False


@dataclass(frozen=True)
class Selection:
    """What an export holds.

    Attributes:
        catalog: The catalog with these versions only; their references to others stay.
        runs: Runs that made no version, sorted: those that were named, or else the first 200.
        is_whole: Whether no version was left out.
        runs_left_out: Number of runs without a version beyond these 200.
    """

    catalog: Catalog
    runs: tuple[str, ...] = ()
    is_whole: bool = True
    runs_left_out: int = 0

    @property
    def versions(self) -> tuple[Version, ...]:
        """The versions, sorted by model and number."""
        return self.catalog.versions

    def without_arguments(self) -> Selection:
        """Returns it without hyperparameters that were taken from the arguments of commands."""
        return replace(self, catalog=self.catalog.without_arguments())


def select(catalog: Catalog, selector: Selector) -> Selection:
    """Returns what a selector selects.

    Raises:
        VersionNotFoundError: A name is not known, or nothing is selected; the message says what there is.
        InvalidReferenceError, AmbiguousVersionError, InvalidFilterError: A reference or the filter is wrong.
    """
    names = [*selector.runs, *(ref.removeprefix(RUN) for ref in selector.refs if ref.startswith(RUN))]
    refs = [ref for ref in selector.refs if not ref.startswith(RUN)]
    chosen = {*_named(catalog, refs, selector.models, names), *_holders(catalog, selector.aliases)}
    others: list[str] = []
    if not (names or refs or selector.models or selector.aliases):
        chosen = {version.id for version in catalog.versions}
        others = [] if selector.filter else _without_version(catalog)
    if selector.among is None:
        passes = compile_filter(selector.filter, catalog)
        kept = tuple(v for v in catalog.versions if v.id in chosen and passes(v))
    else:
        kept = tuple(v for v in catalog.versions if v.id in chosen & selector.among)
    runs = tuple(sorted({name for name in names if not _versions_of(catalog, name)})) or tuple(others[:MOST_OTHER_RUNS])
    left = len(others[MOST_OTHER_RUNS:])
    if not kept and not runs:
        raise VersionNotFoundError(_nothing(catalog, selector, len(chosen)))
    if not selector.of_part and len(kept) == len(catalog.versions):
        whole = replace(catalog, roots=(), unregistered_in=(), judged=_judged(catalog, kept))
        return Selection(whole, runs, runs_left_out=left)
    judged = _judged(catalog, kept)
    part = replace(catalog, versions=kept, roots=(), problems=(), unregistered=0, unregistered_in=(), judged=judged)
    return Selection(part, runs, is_whole=False)


def _judged(catalog: Catalog, versions: Iterable[Version]) -> Mapping[str, tuple[GateNow, ...]]:
    """What gates say of versions by all that is known, which the export will not have."""
    return {version.id: gates for version in versions if (gates := catalog.gates(version))}


def _named(catalog: Catalog, refs: Iterable[str], models: Iterable[str], runs: Iterable[str]) -> Iterator[str]:
    for ref in refs:
        yield found_version(ref, catalog).id
    for model in models:
        if model not in catalog.by_model:
            version = catalog.find(model)  # raises, naming the models there are
            raise VersionNotFoundError(f"{shown(model)} is no model but the version {version.id}: give it as REF.")
        yield from (version.id for version in catalog.by_model[model])
    for run in runs:
        versions = _versions_of(catalog, run)
        if not versions and not runs_of(run, catalog.run_names):
            raise VersionNotFoundError(f"There is no run {shown(run)}. {near_runs(run, catalog)}".strip())
        yield from (version.id for version in versions)


def _holders(catalog: Catalog, aliases: Iterable[str]) -> Iterator[str]:
    """The versions that hold an alias, of whatever model; a log that is not known to its end is refused."""
    for registry in (registry for group in catalog.registries.values() for registry in group) if aliases else ():
        registry.check_known()
    for alias in aliases:
        holders = [name for name, said in catalog.said.items() if alias in said.aliases]
        if not holders:
            having = sorted({name for said in catalog.said.values() for name in said.aliases})
            known = f"there are {', '.join(having[:_NAMED])}" if having else "there are no aliases"
            raise VersionNotFoundError(f"No version has the alias {shown(alias)}; {known}.")
        yield from holders


def _without_version(catalog: Catalog) -> list[str]:
    """Names of trainings that made no version; a run that holds announcements only is no training."""
    made = {training_of(run) for run in catalog.by_run}
    names = {training_of(run) for run in catalog.known_runs if run.rpartition("/")[2] != CHILD_RUN}
    return sorted(names - made - {"."})


def _versions_of(catalog: Catalog, run: str) -> list[Version]:
    names = {run, *runs_of(run, catalog.run_names)}
    return [version for name in sorted(names) for version in catalog.by_run.get(name, ())]


def _nothing(catalog: Catalog, selector: Selector, chosen: int) -> str:
    if selector.filter and chosen:
        return f"No version passes the filter {shown(selector.filter)}; there are {chosen:,} that it was asked about."
    places = ", ".join(root.shown for root, _ in catalog.roots)
    problems = "".join(f" {visible(where)}: {why}" for where, why in catalog.problems[:1])
    return f"There are no versions to export{places and f' in {places}'}.{problems}"
