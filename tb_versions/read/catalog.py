"""All known versions with the runs that they link to: immutable, indexed, found by reference. Pure."""

from __future__ import annotations

import difflib
import os
import posixpath
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import semver
from msgspec import Struct
from msgspec.structs import replace

from tb_versions.core.manifest import Scalar, is_semantic_version, one_form, shown, visible
from tb_versions.core.references import Reference, parse_reference
from tb_versions.core.showing import some_of
from tb_versions.errors import AmbiguousVersionError, VersionNotFoundError
from tb_versions.read.few import Few, many
from tb_versions.read.freshness import GateNow, Surroundings, gates_now, policy_seen
from tb_versions.read.said import Said, ambiguous, first_line, resolve, said_of

if TYPE_CHECKING:  # NumPy and what reads event files come with those
    from tb_versions.read.announced import Announced
    from tb_versions.read.curves.curve import Curve
    from tb_versions.read.folders.scan import Place, Root
    from tb_versions.read.manifests.integrity import State
    from tb_versions.read.manifests.listing import ListedRun, Listing
    from tb_versions.read.registries import Known, ModelRegistry


class LinkedRun(Struct, frozen=True, gc=False):
    """A TensorBoard run that a version links to.

    Attributes:
        name: As TensorBoard calls it, or as the manifest does if TensorBoard does not know it: then with a mark
            (`tb~1a2b3c4d/train`) if that is the name of another run.
        step: Step of the export, or None.
        wall_ms: Time of the export in milliseconds since the epoch, or None.
        known: Whether TensorBoard knows the run.
    """

    name: str
    step: int | None
    wall_ms: int | None
    known: bool


class Link(NamedTuple):
    """A run that a version links to, without what the version's manifest says of it.

    Attributes:
        name: See `LinkedRun`.
        known: See `LinkedRun`.
        place: Of the run in the manifest that has its step and time; -1 where none has.
    """

    name: str
    known: bool
    place: int

    def at(self, named: Sequence[ListedRun]) -> LinkedRun:
        """Returns the run, with the step and the time that a manifest's runs have."""
        if self.place < 0:
            return LinkedRun(self.name, None, None, self.known)
        run = named[self.place]
        return LinkedRun(self.name, run.step, run.wall_ms, self.known)


class Version(Struct, frozen=True, kw_only=True, gc=False):
    """One version, from its manifest on disk, from an announcement, or from both.

    `identify` gives it its id, and `run_links` its runs.

    Attributes:
        id: Unique reference; `digits:3`, or `digits:3~1a2b3c4d` where several claim the number.
        listing: What the table shows of the manifest; None if that is damaged and no event file has a copy.
        manifest_digest: "sha256:<hex>" of the manifest's bytes; "" where damaged.
        held_in: The folder that holds this very manifest, or several, or none; see `places`.
        announcements: The announcement of this very manifest, or several, or none; see `announced`.
        kept_at: The file that keeps the manifest of a removed version, or None.
        state: Of the files.
        notice: A sentence for the user, or "".
        links: To runs, see `runs`; versions of one run share them.
        run_hyperparameters: Those that its run logged, where the manifest has none; None where there are none.
    """

    id: str = ""
    model: str
    number: int
    listing: Listing | None = None
    manifest_digest: str = ""
    held_in: Few[Place] = ()
    announcements: Few[Announced] = ()
    kept_at: Place | None = None
    state: State
    notice: str = ""
    links: tuple[Link, ...] = ()
    run_hyperparameters: Mapping[str, Scalar] | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """Folders that hold this very manifest."""
        return many(self.held_in)

    @property
    def announced(self) -> tuple[Announced, ...]:
        """Announcements of this very manifest."""
        return many(self.announcements)

    @property
    def runs(self) -> tuple[LinkedRun, ...]:
        """Linked runs; the first is the one it was exported from."""
        named = self.listing.runs if self.listing else ()
        return tuple([link.at(named) for link in self.links])

    @property
    def hyperparameters(self) -> Mapping[str, Scalar]:
        """Those of the manifest; where it has none, those that its run logged and the arguments of its command."""
        if self.listing is None or self.listing.hyperparameters:
            return self.listing.hyperparameters if self.listing else {}
        return {**(self.run_hyperparameters or {}), **self.listing.arguments}

    @property
    def step(self) -> int | None:
        """Step of the export; known even if the run is not."""
        named = self.listing.runs if self.listing else ()
        if self.links:
            return self.links[0].at(named).step
        return named[0].step if named else None

    @property
    def metrics(self) -> dict[str, float]:
        """Name to value at export, without slices; the name has ` [dataset]` behind it where the metric is of one."""
        return {metric.kind.key: metric.value for metric in self.listing.metrics} if self.listing else {}

    def __repr__(self) -> str:
        run = f", run={self.runs[0].name!r}" if self.runs else ""
        name = self.id or f"{self.model}:{self.number}"
        return f"Version({name!r}, {self.state!r}, metrics={some_of(self.metrics)}{run})"

    @property
    def from_event(self) -> bool:
        """Whether the manifest is known only from an event file."""
        return self.listing is not None and not self.kept_at and (not self.places or self.state == "damaged")


@dataclass(frozen=True, repr=False)
class Catalog:
    """Every version known, sorted by model and number.

    Attributes:
        versions: Sorted by model, then number, then id.
        roots: The allowed folders, and whether each exists.
        problems: (where, why) for everything that can't be shown.
        unregistered: Number of SavedModel folders without a manifest.
        unregistered_in: The first of these folders, as the user knows them.
        known_runs: Every run of TensorBoard, sorted.
        curves: Linked run to tag to curve.
        registries: What is known of each model beside its manifests; several where several folders hold it.
        loading: The first scan is not finished.
        judged: What results of gates are worth, by version id, where the catalog has not all that decides it: a part
            of another one, in an export.
    """

    versions: tuple[Version, ...] = ()
    roots: tuple[tuple[Root, bool], ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    unregistered: int = 0
    unregistered_in: tuple[str, ...] = ()
    known_runs: tuple[str, ...] = ()
    curves: Mapping[str, Mapping[str, Curve]] = field(default_factory=dict)
    registries: Known = field(default_factory=dict)
    loading: bool = False
    judged: Mapping[str, tuple[GateNow, ...]] | None = None

    def __repr__(self) -> str:
        counts = f"versions={len(self.versions)}, models={len(self.by_model)}, runs={len(self.known_runs)}"
        return f"Catalog({counts}, problems={len(self.problems)})"

    @cached_property
    def run_names(self) -> frozenset[str]:
        """`known_runs` as a set."""
        return frozenset(self.known_runs)

    @cached_property
    def by_id(self) -> Mapping[str, Version]:
        """Version by its id."""
        return {version.id: version for version in self.versions}

    @cached_property
    def by_model(self) -> Mapping[str, tuple[Version, ...]]:
        """Versions of each model, by ascending number."""
        groups: dict[str, list[Version]] = defaultdict(list)
        for version in self.versions:
            groups[version.model].append(version)
        return {model: tuple(versions) for model, versions in groups.items()}

    @cached_property
    def said(self) -> Mapping[str, Said]:
        """What registries say of each version that they mention, by its id."""
        return said_of(self.by_model, self.registries)

    def gates(self, version: Version) -> tuple[GateNow, ...]:
        """Returns what the results of gates that the log has for a version are worth now, by the gate's name.

        Where the log is not known to its end, nothing is: none counts as passed.
        """
        if self.judged is not None:
            return self.judged.get(version.id, ())
        said = self.said.get(version.id)
        if said is None or said.registry.kind or not said.state.gates:
            return ()
        if version.id not in self._judged:
            self._judged[version.id] = gates_now(version, self._surroundings(said.registry))
        return self._judged[version.id]

    @cached_property
    def _judged(self) -> dict[str, tuple[GateNow, ...]]:
        """What was asked for already: thousands of versions are judged for one table."""
        return {}

    @cached_property
    def _around(self) -> dict[tuple[str, str], Surroundings]:
        return {}

    def _surroundings(self, registry: ModelRegistry) -> Surroundings:
        """What decides of the results in one log, found out once."""
        key = (registry.model, registry.place.folder)
        if key not in self._around:
            policy = policy_seen(registry.state)
            self._around[key] = Surroundings(registry.model, registry.state, self.find, registry.measured, policy)
        return self._around[key]

    def semantic_version(self, version: Version) -> str:
        """Returns the semantic version that was given later, or else that of the manifest; "" where there is none."""
        said = self.said.get(version.id)
        later = said.state.semantic_version if said else ""
        return later or (version.listing.semantic_version if version.listing else "")

    def labels(self, version: Version) -> Mapping[str, str]:
        """Returns the labels of a version: those of its manifest, changed by what was set and removed later."""
        said = self.said.get(version.id)
        own = version.listing.labels if version.listing else {}
        if said is None or not said.state.labels:
            return own
        later = {visible(key): value for key, value in said.state.labels.items()}
        both = {**own, **later}
        return {key: visible(value) for key, value in both.items() if value is not None}

    def summary(self, version: Version) -> str:
        """Returns the first line of the description that was given later, or else of that in the manifest."""
        said = self.said.get(version.id)
        if said is not None and said.state.description is not None:
            return first_line(said.state.description)
        return version.listing.summary if version.listing else ""

    def without_arguments(self) -> Catalog:
        """Returns the catalog without hyperparameters that were taken from the arguments of commands."""
        return replace_fields(
            self,
            versions=tuple(
                replace(v, listing=replace(v.listing, arguments={})) if v.listing and v.listing.arguments else v
                for v in self.versions
            ),
        )

    @cached_property
    def lead_metrics(self) -> Mapping[str, str]:
        """For each model the metric that its newest version names as the lead, if any version does."""
        named = [(v.model, v.listing.lead_metric) for v in self.versions if v.listing and v.listing.lead_metric]
        return dict(named)

    @cached_property
    def children(self) -> Mapping[tuple[str, int], tuple[tuple[Version, str], ...]]:
        """For each parent (model, number) the versions that were made from it, and how."""
        groups: dict[tuple[str, int], list[tuple[Version, str]]] = defaultdict(list)
        for version in self.versions:
            for parent in version.listing.parents if version.listing else ():
                groups[(parent.model, parent.number)].append((version, parent.relation))
        return {key: tuple(found) for key, found in groups.items()}

    @cached_property
    def by_run(self) -> Mapping[str, tuple[Version, ...]]:
        """Versions that link to each run."""
        groups: dict[str, list[Version]] = defaultdict(list)
        for version in self.versions:
            for link in version.links:
                groups[link.name].append(version)
        return {run: tuple(versions) for run, versions in groups.items()}

    @cached_property
    def by_digest(self) -> Mapping[str, tuple[Version, ...]]:
        """Versions by the digest of their content."""
        groups: dict[str, list[Version]] = defaultdict(list)
        for version in self.versions:
            if version.listing and version.listing.digest:
                groups[version.listing.digest].append(version)
        return {digest: tuple(versions) for digest, versions in groups.items()}

    @cached_property
    def by_recipe(self) -> Mapping[str, tuple[Version, ...]]:
        """Versions that differ only in their seeds, by ascending number."""
        groups: dict[str, list[Version]] = defaultdict(list)
        for version in self.versions:
            if version.listing and version.listing.recipe:
                groups[version.listing.recipe].append(version)
        return {recipe: tuple(versions) for recipe, versions in groups.items()}

    def find(self, reference: str) -> Version:
        """Returns the version that a reference names.

        Args:
            reference: An id, `model` (its newest version that is there), `model:3`, `model:1.4.0`, `model@production`
                or `model@production~1`, the version that the next rollback would return to.

        Raises:
            InvalidReferenceError: It is no reference.
            VersionNotFoundError: It names no version; the message lists the nearest.
            AmbiguousVersionError: It names several.
            VersionRemovedError: Its alias names a version that was removed.
            DamagedLogError: The log is damaged, or not the one that was seen before: what its alias names is not known.
            NewerLogError: Likewise; a newer version of this package wrote in the log.
        """
        reference = one_form(reference)
        exact = self.by_id.get(reference)
        if exact is not None:
            return exact
        parsed = parse_reference(reference)
        candidates = self.candidates(parsed)
        if not candidates:
            raise VersionNotFoundError(self._not_found(parsed))
        if len(candidates) > 1 and parsed.alias:
            raise ambiguous(parsed, candidates)
        if len(candidates) > 1:
            ids = ", ".join(version.id for version in candidates[:5])
            raise AmbiguousVersionError(
                f"{shown(reference)} names {len(candidates)} versions: {ids}. Name one of them."
            )
        return candidates[0]

    def candidates(self, reference: Reference) -> list[Version]:
        """Returns the versions that a reference may mean; it names one only if that is the only one.

        Raises:
            VersionNotFoundError: It asks for an alias that names nothing.
            VersionRemovedError: See `find`.
            DamagedLogError: See `find`.
            NewerLogError: See `find`.
        """
        versions = self.by_model.get(reference.model, ())
        if reference.alias:
            registries = self.registries.get(reference.model, ())
            return resolve(reference, registries, versions) if versions or registries else []
        if reference.semantic_version:
            having = self._with_semantic_version(versions, reference.semantic_version)
            return [v for v in having if v.kept_at is None] or having
        if reference.number is None:
            readable = [v for v in versions if v.listing is not None] or versions
            kept = [v for v in readable if v.kept_at is None] or readable
            there = [v for v in kept if v.places] or kept  # an announced one that was deleted is not the newest
            newest = (in_layout(there) or there)[-1:]  # nor is one that was put elsewhere, which loading does not find
            same = [v for v in there if v.number == newest[0].number] if newest else []
        else:
            same = [v for v in versions if v.number == reference.number]
        if reference.mark:
            return [v for v in same if v.id.rpartition("~")[2].startswith(reference.mark)]
        return [v for v in same if v.id == f"{v.model}:{v.number}"] or same

    def _label(self, version: Version) -> str:
        semantic = self.semantic_version(version)
        return f"{version.number} ({semantic})" if semantic else str(version.number)

    def _with_semantic_version(self, versions: Sequence[Version], wanted: str) -> list[Version]:
        same = [v for v in versions if self.semantic_version(v) == wanted]
        # "1.0.0" names "1.0.0+cpu" too, but "1.0.0+cuda12" is another build than "1.0.0+cpu".
        if same or "+" in wanted or not is_semantic_version(wanted):
            return same
        target = semver.Version.parse(wanted)
        having = ((v, self.semantic_version(v)) for v in versions)
        return [
            v for v, semantic in having if is_semantic_version(semantic) and semver.Version.parse(semantic) == target
        ]

    def _problem_of(self, model: str, number: int | None = None) -> str:
        """What the folder of a model, or of one of its versions, suffers from, as a sentence after others; or ""."""
        return next((f" {visible(where)} {why}" for where, why in self.problems if _is_of(where, model, number)), "")

    def _not_found(self, reference: Reference) -> str:
        versions = self.by_model.get(reference.model)
        if versions is None:
            near = difflib.get_close_matches(reference.model, self.by_model, n=3, cutoff=0.5)
            near = near[:1] if len(near) == len(self.by_model) else near  # all of them are named before
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            names = f"the models are {_some(sorted(self.by_model))}" if self.by_model else "there are no versions"
            return f"There is no model {shown(reference.model)}; {names}.{hint}{self._problem_of(reference.model)}"
        wanted = reference.semantic_version or str(reference.number)
        having = _some([self._label(version) for version in reversed(versions)])
        problem = self._problem_of(reference.model, reference.number)
        return f"{reference.model} has no version {shown(wanted)}; it has {having}.{problem}"


def _is_of(where: str, model: str, number: int | None) -> bool:
    """Whether a place is the folder of a model; or of a version, if a number is given (`007` is version 7)."""
    above, _, name = where.rstrip("/").rpartition("/")
    if number is None:
        return name == model
    is_number = name.isascii() and name.isdigit() and len(name) < 40
    return is_number and int(name) == number and above.rpartition("/")[2] == model


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def identify(found: Iterable[Version]) -> list[Version]:
    """Gives every version its id; returns them sorted by model, number and id.

    Where several claim one number, the one on disk has the plain id, of several on disk the one that lies where its
    manifest says (`<model>/<number>`); else none has it. Where all are announcements only, the newest has it.
    """
    groups: dict[tuple[str, int], list[Version]] = defaultdict(list)
    for version in found:
        groups[version.model, version.number].append(version)
    versions: list[Version] = []
    for (model, number), group in sorted(groups.items()):
        versions += identify_group(f"{model}:{number}", group)
    return versions


def identify_group(name: str, group: list[Version]) -> list[Version]:
    """Gives ids to those that claim one number, as `identify` does."""
    return [_named(group[0], name)] if len(group) == 1 else _contested(name, group)


def is_in_place(version: Version) -> bool:
    """Whether a version lies in TensorFlow Serving's layout, in a folder named as its manifest says."""
    for place in version.places:
        parent, _, name = place.folder.rpartition("/")
        if name.isascii() and name.isdigit() and int(name[:40]) == version.number:
            return one_form(posixpath.basename(parent)) == version.model
    return False


def in_layout(versions: Iterable[Version]) -> list[Version]:
    """Returns the versions that lie in `<models>/<model>/<number>` of a models folder, where loading looks for them.

    Or in `<model>/<number>` where the model's own folder was given as the models folder.
    """
    names: dict[str, str] = {}

    def is_laid_out(place: Place, model: str) -> bool:
        depth = place.relative.count("/") if place.root.kind == "models_dir" and place.relative else -1
        if depth == 0 and place.root.path not in names:
            names[place.root.path] = os.path.basename(os.path.realpath(place.root.path))
        return depth == 1 or (depth == 0 and names[place.root.path] == model)

    return [v for v in versions if is_in_place(v) and any(is_laid_out(place, v.model) for place in v.places)]


def _contested(name: str, group: list[Version]) -> list[Version]:
    winner = _winner(group)
    claim = _claim(name, group)
    marked: dict[str, int] = defaultdict(int)
    versions = []
    for version in group:
        mark = (version.manifest_digest.rpartition(":")[2] or "damaged")[:8]
        marked[mark] += 1
        again = "" if marked[mark] == 1 else f"-{marked[mark]}"
        versions.append(_named(version, name if version is winner else f"{name}~{mark}{again}", claim))
    return sorted(versions, key=lambda version: version.id)


_MOST_CLAIMS = 4


def _claim(name: str, group: list[Version]) -> str:
    """What is wrong where several manifests claim to be one version, where they are, and what to do."""
    where = [v.places[0].shown if v.places else f"run {v.announced[0].run}" for v in group if v.places or v.announced]
    known = sorted(map(visible, dict.fromkeys(where)))
    more = f" and {len(known) - _MOST_CLAIMS:,} more places" if len(known) > _MOST_CLAIMS else ""
    at = f" They are in {', '.join(known[:_MOST_CLAIMS])}{more}." if known else ""
    return (
        f"{len(group)} different manifests claim {name}.{at} Each is listed under an id of its own, which names it. If "
        "one is a copy or was replaced, move its folder out of the models folder, or leave out its run."
    )


def _winner(group: list[Version]) -> Version | None:
    """The one of several claims that has the plain id."""
    on_disk = [version for version in group if version.places]
    if not on_disk:
        return max(group, key=lambda version: max((a.wall_time for a in version.announced), default=0.0))
    fitting = [version for version in on_disk if is_in_place(version)] or on_disk
    return fitting[0] if len(fitting) == 1 else None


def _named(version: Version, name: str, claim: str = "") -> Version:
    """The version with its id, and with everything that there is to say of it as its notice."""
    said: tuple[str, ...] = (version.notice, claim)
    if version.listing is not None:
        said = (*said, *version.listing.notices, moved(version))
    notice = " ".join(filter(None, said)) if any(said) else ""
    return replace(version, id=name, notice=notice) if notice else replace(version, id=name)


def moved(version: Version) -> str:
    """Returns a sentence about a version in a folder that is named by another number; "" for any other."""
    return moved_to(posixpath.basename(version.places[0].relative), version.number) if version.places else ""


def moved_to(folder: str, number: int) -> str:
    """Returns a sentence about a folder that is named by another number than its version; "" for any other."""
    if folder == str(number):
        return ""
    if folder.isascii() and folder.isdigit() and int(folder[:40]) != number:
        return f"The folder is called {folder}, but the manifest says {number}."
    return ""
