"""Reads the members of a comparison: each manifest once, all curves in one read."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from tb_versions.comparison import MAX_MEMBERS, MIN_MEMBERS, Comparison, Member, Sibling, compare_members
from tb_versions.comparison.seeds import Training, siblings
from tb_versions.core import arguments, codec, storage
from tb_versions.core.digest import digest_files, list_files, version_digest
from tb_versions.core.fields import check_counts
from tb_versions.core.manifest import MANIFEST_LIMIT, MANIFEST_NAME, VersionManifest, shown, visible
from tb_versions.core.metadata import training_of
from tb_versions.core.references import is_path, version_folder
from tb_versions.errors import (
    InvalidManifestError,
    InvalidQueryError,
    NotASavedModelError,
    TbVersionsError,
    VersionNotFoundError,
)
from tb_versions.read.catalog import Catalog, LinkedRun, Version
from tb_versions.read.curves.curve import RunPoints
from tb_versions.read.curves.curve_reader import CurveReader
from tb_versions.read.folders.part import Part
from tb_versions.read.folders.stores import existing_models
from tb_versions.read.manifests.goals import KnownGoal
from tb_versions.read.manifests.listing import read_listing
from tb_versions.read.manifests.recipes import recipe_of, seeds_of
from tb_versions.read.reader import open_reader
from tb_versions.read.runs.all_runs import (
    by_metric,
    found_version,
    near_runs,
    read_hyperparameters,
    run_metrics,
    runs_of,
)
from tb_versions.read.said import PRODUCTION
from tb_versions.read.values import MetricValue, metric_values
from tb_versions.savedmodel import read_saved_model

RUN = "run:"
"""What a reference to a run begins with."""

MOST_POINTS = 200_000
"""Most points of all curves of one comparison; of many curves fewer are read of each."""

MOST_BYTES = 24 << 20
"""Most bytes of all manifests that are compared for a request."""

MOST_ENTRIES = 300_000
"""Most entries of the lists and maps in these manifests: what reading and comparing them takes grows with them."""

_NO_CURVES = CurveReader(None)
_NEAR = 200
_AT_ONCE = 50
_GOALS = ("max", "min")


@dataclass(frozen=True)
class Source:
    """Where members are read from.

    Attributes:
        catalog: The versions and runs that are known.
        manifest_bytes: Reads the manifest of a version.
        curves: Reads the curves of runs.
        with_folders: Whether a reference may be a path. Never for a request.
        is_bounded: Whether manifests of one comparison are read up to `MOST_BYTES` and `MOST_ENTRIES` together.
        read_from: Folders of models and the log directory that can be read again; none and "" for a request.
    """

    catalog: Catalog
    manifest_bytes: Callable[[Version], bytes]
    curves: CurveReader = _NO_CURVES
    with_folders: bool = False
    is_bounded: bool = False
    read_from: tuple[tuple[str, ...], str] = ((), "")


def compare(
    refs: Sequence[str | os.PathLike[str]],
    *,
    models_dir: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = (),
    logdir: str | os.PathLike[str] | None = None,
    baseline: str | None = None,
    goals: Mapping[str, KnownGoal] | None = None,
) -> Comparison:
    """Compares versions, folders and runs: what differs, what is better, and whether that is beyond noise.

    Args:
        refs: 2 to 60 of `digits:3`, `digits:1.4.0`, `digits` for the newest that is there, `run:NAME` for a run that
            made no version, or a folder, as a `Path` or written with a slash.
        models_dir: Folder of models, `<models>/<model>/<number>/`, or several.
        logdir: What `tensorboard --logdir` gets; without it there are no curves and no runs.
        baseline: The member that the others are compared with; by default the first that has the alias production, or
            else the first.
        goals: Metric's name to "max" or "min", where its name does not tell and the manifests do not say.

    Returns:
        The comparison.

    Raises:
        InvalidQueryError: `refs` is no list; too few or too many members; a goal that is none; or neither folder is
            given, and not every member is a folder.
        VersionNotFoundError: There is no such version or run.
        TbVersionsError: As in `path`.
    """
    if not isinstance(refs, str) and isinstance(refs, Iterable):
        refs = [os.path.join(os.curdir, ref) if isinstance(ref, os.PathLike) else ref for ref in refs]
    spelled = arguments.texts("refs", refs)
    models_dirs = arguments.paths(models_dir or ())
    if not models_dirs and not logdir and not all(map(is_path, spelled)):
        raise InvalidQueryError("Say where to look: models_dir, logdir, or both.")
    source = open_source(models_dirs, os.fspath(logdir) if logdir else "")
    return compare_in(source, spelled, baseline=baseline, goals=goals)


def open_source(models_dirs: Sequence[str], logdir: str, *, part: Part | None = None) -> Source:
    """Returns a source over folders, everything read once.

    Args:
        models_dirs: Folders of models.
        logdir: What `tensorboard --logdir` gets, or "".
        part: Only these models; None reads all.

    Raises:
        UnreadableFolderError: A folder does not exist.
    """
    for folder in models_dirs:
        existing_models(folder)
    if logdir:
        storage.existing_folder(logdir, "The log directory")
    reader = open_reader(logdir, models_dirs, part=part)
    curves, read_from = CurveReader(reader.provider), (tuple(models_dirs), logdir)
    return Source(reader.catalog, reader.manifest_bytes, curves, with_folders=True, read_from=read_from)


def compare_in(
    source: Source,
    refs: Sequence[str],
    *,
    baseline: str | None = None,
    goals: Mapping[str, KnownGoal] | None = None,
) -> Comparison:
    """Compares members of a source; see `compare`."""
    for name, goal in (goals or {}).items():
        if goal not in _GOALS:
            raise InvalidQueryError(f"The goal of {shown(name)} must be max or min, not {shown(goal)}.")
    if len(refs) > MAX_MEMBERS:
        raise InvalidQueryError(f"{len(refs):,} members were given; at most {MAX_MEMBERS} can be compared.")
    loader = _Loader(source)
    targets = list(dict.fromkeys(loader.target(ref) for ref in refs))
    position = next((at for at, target in enumerate(targets) if _is_in_production(source.catalog, target)), 0)
    if baseline:
        chosen = loader.target(baseline)
        targets = targets if chosen in targets else [chosen, *targets]
        position = targets.index(chosen)
    if not MIN_MEMBERS <= len(targets) <= MAX_MEMBERS:
        given = _given(refs, [target.id for target in targets])
        raise InvalidQueryError(f"A comparison needs {MIN_MEMBERS} to {MAX_MEMBERS} different members; {given}.")
    compared = compare_members(loader.members(targets), baseline=position, goals=goals, problems=loader.problems)
    return replace(compared, read_from=source.read_from)


def _is_in_production(catalog: Catalog, target: _Target) -> bool:
    said = catalog.said.get(target.id) if target.version else None
    return said is not None and said.was_promoted_to(PRODUCTION)


def _given(refs: Sequence[str], different: Sequence[str]) -> str:
    if len(different) == 1:
        one = different[0]
        return f"all {len(refs):,} that were given are {one}" if len(refs) > 1 else f"only {one} was given"
    return f"{len(different):,} were given" if different else "none was given"


def load_members(source: Source, refs: Iterable[str], problems: list[str]) -> Iterator[Member]:
    """Yields any number of members for an export, some at a time, each with every point of its curves.

    Recipes become numbers, for a recipe is a digest: whoever guesses what the export leaves out could check the guess.

    Args:
        source: Where to read.
        refs: References as in `compare`; fastest if versions of one run follow one another.
        problems: Gets sentences about what could not be read.

    Raises:
        VersionNotFoundError: There is no such version or run.
    """
    loader, waiting = _Loader(source, most_points=None), iter(refs)
    loader.problems = problems
    numbers = {"": ""}
    while some := list(islice(waiting, _AT_ONCE)):
        for member in loader.members([loader.target(ref) for ref in some]):
            yield replace(member, recipe=numbers.setdefault(member.recipe, str(len(numbers))))


@dataclass(frozen=True)
class _Target:
    """What a reference names: a version, or a run or folder by its name. Equal where the ids are."""

    id: str
    version: Version | None = field(default=None, compare=False)
    run: str = field(default="", compare=False)
    folder: str = field(default="", compare=False)


class _Loader:
    """Reads the members of one comparison, each thing once."""

    def __init__(self, source: Source, *, most_points: int | None = MOST_POINTS) -> None:
        self._source = source
        self._most_points = most_points
        self._metrics: dict[str, Sequence[MetricValue]] = {}
        self._hyperparameters: dict[str, Any] = {}
        self.problems: list[str] = []
        self._bytes = self._entries = 0

    def target(self, ref: str) -> _Target:
        """Returns what a reference names; raises VersionNotFoundError and others."""
        if ref.startswith(RUN):
            name = ref.removeprefix(RUN)
            if not runs_of(name, self._source.catalog.run_names):
                raise VersionNotFoundError(
                    f"There is no run {shown(name)}. {near_runs(name, self._source.catalog)}".strip()
                )
            return _Target(ref, run=name)
        if self._source.with_folders and ref not in self._source.catalog.by_id and is_path(ref):
            return self._folder_target(ref)
        version = found_version(ref, self._source.catalog)
        return _Target(version.id, version=version)

    def _folder_target(self, ref: str) -> _Target:
        folder = os.path.realpath(storage.existing_folder(version_folder(ref), "The folder"))
        for version in self._source.catalog.versions:
            if any(os.path.realpath(place.folder) == folder for place in version.places):
                return _Target(version.id, version=version)
        return _Target(ref, folder=folder)

    def members(self, targets: Sequence[_Target]) -> list[Member]:
        """Reads everything that the targets need: first what is on disk, then all curves at once."""
        if not self._hyperparameters and any(target.run for target in targets):
            self._hyperparameters = self._tried("hyperparameters", self._read_hyperparameters)
        found = [self._member(target) for target in targets]
        # Curves are read of the members' own runs and of trainings that differ from a run in their seeds only:
        # `related` is {"run:mlp-1": ["mlp-2", "mlp-3"]}, and the training "mlp-2" has the run "mlp-2/train".
        related = {m.id: self._run_siblings(t) for t, m in zip(targets, found, strict=True) if t.run}
        names = [run.name for m in found for run in m.runs if run.known]
        names += [run for trainings in related.values() for t in trainings for run in self._runs(t)]
        runs = list(dict.fromkeys(names))
        curves: RunPoints = self._tried("curves", lambda: self._read_curves(runs))
        return [self._with_curves(member, curves, related.get(member.id, [])) for member in found]

    def _tried(self, what: str, read: Callable[[], Mapping[str, Any]]) -> Any:
        """Returns what was read; a failure becomes a problem and {}, so that it hides nothing else."""
        try:
            return read()
        except Exception as error:  # noqa: BLE001 - whatever the provider raises
            reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
            self.problems.append(f"TensorBoard's {what} could not be read: {reason}")
            return {}

    def _read_curves(self, runs: Sequence[str]) -> RunPoints:
        return self._source.curves.read_metrics(runs, at_most=self._most_points)

    def _read_hyperparameters(self) -> Mapping[str, Any]:
        provider = self._source.curves.provider
        return {} if provider is None else read_hyperparameters(provider)

    def _member(self, target: _Target) -> Member:
        if target.run:
            return self._run_member(target)
        if target.version is None:
            return _folder_member(target.id, target.folder)
        return self._version_member(target.version)

    def _version_member(self, version: Version) -> Member:
        manifest = self._manifest(version)
        listing = version.listing
        said = self._source.catalog.said.get(version.id)
        member = Member(
            id=version.id,
            kind="version",
            label=version.id.replace(":", " ", 1),
            version=version,
            manifest=manifest if isinstance(manifest, VersionManifest) else None,
            metrics=tuple(self._values(version)),
            hyperparameters=(listing.hyperparameters or version.run_hyperparameters or None) if listing else None,
            from_run=bool(version.run_hyperparameters),
            runs=version.runs,
            aliases=said.aliases if said else (),
            semantic_version=self._source.catalog.semantic_version(version),
            recipe=listing.recipe if listing else "",
            notice=manifest if isinstance(manifest, str) else "",
        )
        return replace(member, siblings=tuple(self._siblings(version)))

    def _manifest(self, version: Version) -> VersionManifest | str:
        """Returns a version's manifest, or a sentence why it can't be read."""
        try:
            data = self._source.manifest_bytes(version)
            fields = codec.load_json(data)
            self._count(len(data), check_counts(fields))
            return codec.from_fields(fields)
        except InvalidQueryError:
            raise
        except (TbVersionsError, OSError) as error:
            return str(error)

    def _count(self, size: int, entries: int) -> None:
        """Refuses a request that would take too long, before it does."""
        self._bytes += size
        self._entries += entries
        if self._source.is_bounded and (self._bytes > MOST_BYTES or self._entries > MOST_ENTRIES):
            raise InvalidQueryError(
                f"The manifests of these members hold more than {MOST_BYTES >> 20} MiB or {MOST_ENTRIES:,} entries of "
                "lists together, the most that is compared here; ask for fewer, or use the command tb-versions compare."
            )

    def _values(self, version: Version) -> Sequence[MetricValue]:
        if version.id not in self._metrics:
            self._metrics[version.id] = metric_values(version, self._source.catalog.curves)
        return self._metrics[version.id]

    def _siblings(self, version: Version) -> Iterator[Sibling]:
        of = _training(version)
        near = _near(version, self._source.catalog.by_recipe.get(of.recipe, ()))
        for found in siblings(of, map(_training, near)):
            values = self._values(self._source.catalog.by_id[found.name])
            yield Sibling(found.name, {v.kind.key: v.at_export for v in values if v.at_export is not None})

    def _run_member(self, target: _Target) -> Member:
        hyperparameters = self._hyperparameters.get(training_of(target.run))
        return Member(
            id=target.id,
            kind="run",
            label=f"run {target.run}",
            hyperparameters=hyperparameters or None,
            runs=tuple(LinkedRun(name, None, None, True) for name in self._runs(target.run)),
            recipe=recipe_of("", hyperparameters, ()),
        )

    def _runs(self, training: str) -> list[str]:
        return runs_of(training, self._source.catalog.run_names)

    def _run_siblings(self, target: _Target) -> list[str]:
        of = self._run_training(training_of(target.run))
        return [t.name for t in siblings(of, [self._run_training(name) for name in self._hyperparameters])]

    def _run_training(self, name: str) -> Training:
        known = self._hyperparameters.get(name)
        return Training(name, name, recipe_of("", known, ()), seeds_of(known, {}), None)

    def _with_curves(self, member: Member, curves: RunPoints, related: Sequence[str]) -> Member:
        if member.kind == "run":
            names = [run.name for run in member.runs]
            found = by_metric(names, curves)
            values = tuple(Sibling(RUN + name, self._lasts(name, curves)) for name in related)
            of_run = {name.key: points for name, (_, _, points) in found.items()}
            return replace(
                member,
                metrics=tuple(run_metrics(names, curves, self._source.curves.sample)),
                curves=of_run,
                siblings=values,
            )
        of_version = {}
        for value in member.metrics:
            curve = value.curve
            if curve is not None and curve.tag in curves.get(curve.run, {}):
                of_version[value.kind.key] = curves[curve.run][curve.tag]
        return replace(member, curves=of_version)

    def _lasts(self, training: str, curves: RunPoints) -> dict[str, float]:
        found = by_metric(self._runs(training), curves)
        return {name.key: float(points.values[-1]) for name, (_, _, points) in found.items()}


def _training(version: Version) -> Training:
    run = training_of(version.runs[0].name) if version.runs else version.id
    listing = version.listing
    return Training(version.id, run, listing.recipe if listing else "", listing.seeds if listing else "", version.step)


def _near(version: Version, group: Sequence[Version]) -> list[Version]:
    """Returns the versions nearest in number, for a sweep has thousands of one recipe; `group` is sorted by number."""
    position = bisect_left(group, version.number, key=lambda v: v.number)
    near = group[max(0, position - _NEAR) : position + _NEAR]
    return sorted(near, key=lambda v: abs(v.number - version.number))


def _folder_member(ref: str, folder: str) -> Member:
    """Returns a folder that was named on the command line: a version's, or any other with files in it."""
    listing, notice = None, "It has no manifest; what is shown was read from its files."
    try:
        data = storage.read_capped(os.path.join(folder, MANIFEST_NAME), MANIFEST_LIMIT)
        listing, manifest, notice = read_listing(data), codec.decode(data), ""
    except FileNotFoundError:
        manifest = _described(folder)
    except InvalidManifestError as error:
        manifest, notice = _described(folder), f"{error} What is shown was read from its files."
    return Member(
        id=ref,
        kind="folder",
        label=visible("/".join(folder.split(os.sep)[-2:])),
        manifest=manifest,
        metrics=tuple(MetricValue(m.kind, m.step, m.value) for m in listing.metrics) if listing else (),
        hyperparameters=(listing.hyperparameters or None) if listing else None,
        notice=notice,
    )


def _described(folder: str) -> VersionManifest:
    """Describes the files of a folder that has no manifest."""
    files = digest_files(folder, list_files(folder))
    try:
        saved_model = read_saved_model(folder)
    except NotASavedModelError:
        saved_model = None
    return VersionManifest(
        format="files" if saved_model is None else "saved_model",
        saved_model=saved_model,
        files=files,
        digest=version_digest(files) if files else "",
        size_bytes=sum(file.size for file in files),
    )
