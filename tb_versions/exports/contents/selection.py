"""Which versions and runs an export holds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tb_versions.core.manifest import shown
from tb_versions.core.metadata import CHILD_RUN
from tb_versions.errors import InvalidReferenceError, VersionNotFoundError
from tb_versions.query import compile_filter
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.runs import found_version, near_runs, runs_of, training_of

RUN = "run:"
"""What a reference to a run begins with."""

MOST_OTHER_RUNS = 200
"""Most runs without a version that come along unasked: each of them is read whole, to be compared."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked for: all that any of these names, and of that what the filter passes; nothing asks for all.

    Attributes:
        refs: References to versions; `run:NAME` to a run.
        models: Names of models.
        runs: Names of runs: their versions, and the runs themselves where there are none.
        aliases: Aliases; none exist today.
        filter: In the language of the tab, or "".
    """

    refs: Sequence[str] = ()
    models: Sequence[str] = ()
    runs: Sequence[str] = ()
    aliases: Sequence[str] = ()
    filter: str = ""


@dataclass(frozen=True)
class Selection:
    """What an export holds.

    Attributes:
        catalog: The catalog of these versions alone; what they say of others stays.
        runs: Runs that made no version, sorted: those that were asked for; where nothing was, the first 200.
        is_whole: Whether no version was left out.
        runs_left_out: How many runs that made no version were left out for there are so many.
    """

    catalog: Catalog
    runs: tuple[str, ...] = ()
    is_whole: bool = True
    runs_left_out: int = 0

    @property
    def versions(self) -> tuple[Version, ...]:
        """The versions, sorted by model and number."""
        return self.catalog.versions


def select(catalog: Catalog, wanted: Wanted) -> Selection:
    """Returns what is asked for.

    Raises:
        VersionNotFoundError: A name names nothing, or nothing is left; the message says what there is.
        InvalidReferenceError, AmbiguousVersionError, InvalidFilterError: As they say.
    """
    if wanted.aliases:
        raise InvalidReferenceError(
            f"--alias {shown(wanted.aliases[0])} asks for an alias; this version of tb_versions has none."
        )
    names = [*wanted.runs, *(ref.removeprefix(RUN) for ref in wanted.refs if ref.startswith(RUN))]
    refs = [ref for ref in wanted.refs if not ref.startswith(RUN)]
    chosen = set(_named(catalog, refs, wanted.models, names))
    others: list[str] = []
    if not (names or refs or wanted.models):
        chosen = {version.id for version in catalog.versions}
        others = [] if wanted.filter else _without_version(catalog)
    passes = compile_filter(wanted.filter, catalog)
    kept = tuple(v for v in catalog.versions if v.id in chosen and passes(v))
    runs = tuple(sorted({name for name in names if not _versions_of(catalog, name)})) or tuple(others[:MOST_OTHER_RUNS])
    left = len(others[MOST_OTHER_RUNS:])
    if not kept and not runs:
        raise VersionNotFoundError(_nothing(catalog, wanted, len(chosen)))
    if len(kept) == len(catalog.versions):
        return Selection(replace(catalog, roots=()), runs, runs_left_out=left)
    return Selection(replace(catalog, versions=kept, roots=(), problems=(), unregistered=0), runs, is_whole=False)


def _named(catalog: Catalog, refs: Iterable[str], models: Iterable[str], runs: Iterable[str]) -> Iterator[str]:
    for ref in refs:
        yield found_version(ref, catalog).id
    for model in models:
        if model not in catalog.by_model:
            catalog.find(model)  # raises, naming the models there are
        yield from (version.id for version in catalog.by_model[model])
    for run in runs:
        versions = _versions_of(catalog, run)
        if not versions and not runs_of(run, catalog.run_names):
            raise VersionNotFoundError(f"There is no run {shown(run)}. {near_runs(run, catalog)}".strip())
        yield from (version.id for version in versions)


def _without_version(catalog: Catalog) -> list[str]:
    """The trainings that made no version, by name; what only announces is no training."""
    made = {training_of(run) for run in catalog.by_run}
    names = {training_of(run) for run in catalog.known_runs if run.rpartition("/")[2] != CHILD_RUN}
    return sorted(names - made - {"."})


def _versions_of(catalog: Catalog, run: str) -> list[Version]:
    names = {run, *runs_of(run, catalog.run_names)}
    return [version for name in sorted(names) for version in catalog.by_run.get(name, ())]


def _nothing(catalog: Catalog, wanted: Wanted, chosen: int) -> str:
    if wanted.filter and chosen:
        return f"No version passes the filter {shown(wanted.filter)}; there are {chosen:,} that it was asked about."
    places = ", ".join(root.shown for root, _ in catalog.roots)
    return f"There are no versions to export in {places}." if places else "There are no versions to export."
